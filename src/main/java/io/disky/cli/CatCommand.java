package io.disky.cli;

import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordRange;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints records. */
@Command(
    name = "cat",
    header = "Prints records.",
    description = {
      "",
      "Prints the records of all FILEs, in order. At the first failure it stops, after every record"
          + " before."
    },
    sortOptions = false)
final class CatCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = ConstantConverter.Formats.class,
      description = {
        "lines (default): each record as it is, and a line feed;",
        "hex, base64: a line for each record;",
        "length-prefixed: the record's length as a 4-byte little-endian number, then the record."
      })
  private RecordFormat format = RecordFormat.LINES;

  @Option(
      names = "--skip",
      paramLabel = "N",
      description = "Leave out the first N records of all FILEs together.")
  private long skip;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print at most N records of all FILEs together.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--record",
      paramLabel = "N",
      split = ",",
      description = {
        "Print only record N of all FILEs together, counted from 0; several as N,N or by several"
            + " options, in the order given. Not with --skip, --limit, --follow and --recover."
      })
  private List<Long> records = new ArrayList<>();

  @Option(
      names = "--follow",
      description = {
        "Go on at the end of FILE: wait for records that are appended, and print them as they come,"
            + " until interrupted. One FILE only, and not standard input; not with --recover."
      })
  private boolean follow;

  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private RecordFiles files = new RecordFiles();
  @Spec private CommandSpec spec;

  CatCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    checkNotNegative("--skip", skip);
    checkNotNegative("--limit", limit);
    if (follow) {
      checkCanBeFollowed();
    }
    OutputBuffer buffer = new OutputBuffer(streams.out());
    try {
      if (!records.isEmpty()) {
        checkOnlyRecords();
        printRecords(new ArrayList<>(), buffer);
        return ExitCode.OK;
      }
      for (FileArgument file : files.all()) {
        if (limit > 0) {
          RecordFile.use(file, streams.in(), named -> print(named, buffer));
        }
      }
    } finally {
      buffer.flush();
    }
    return ExitCode.OK;
  }

  private void checkNotNegative(String option, long value) {
    if (value < 0) {
      throw new ParameterException(spec.commandLine(), option + " is negative: " + value);
    }
  }

  private void checkCanBeFollowed() {
    if (files.all().size() != 1) {
      throw new ParameterException(spec.commandLine(), "--follow takes one FILE");
    }
    if (files.all().getFirst().isStandard()) {
      throw new ParameterException(spec.commandLine(), "--follow takes no standard input");
    }
    if (recovery.recovers()) {
      throw new ParameterException(spec.commandLine(), "--follow and --recover exclude each other");
    }
  }

  private void checkOnlyRecords() {
    if (skip > 0 || limit < Long.MAX_VALUE || follow || recovery.recovers()) {
      throw new ParameterException(
          spec.commandLine(), "--record excludes --skip, --limit, --follow and --recover");
    }
  }

  /** Prints the records that are asked for, once all files are at hand. */
  private void printRecords(List<Path> paths, OutputBuffer buffer) throws IOException {
    if (paths.size() < files.all().size()) {
      RecordFile.use(
          files.all().get(paths.size()),
          streams.in(),
          file -> {
            List<Path> more = new ArrayList<>(paths);
            more.add(file.path());
            printRecords(more, buffer);
          });
      return;
    }
    try (RandomAccessReader reader = RandomAccessReader.open(paths)) {
      for (long number : records) {
        if (number < 0 || number >= reader.size()) {
          throw new IOException("there is no record " + number + " of " + reader.size());
        }
        try (RecordRange range = reader.batch(number, number + 1)) {
          MemorySegment record = range.get(0);
          format.print(record, 0, record.byteSize(), buffer);
        }
      }
    }
  }

  private void print(RecordFile file, OutputBuffer buffer) throws IOException {
    ReaderOptions options = recovery.options(file.name(), streams.err()).withTail(follow);
    try (RecordReader reader = file.open(options);
        Progress progress = progress(reader.fileSize())) {
      while (limit > 0 && print(reader, buffer, progress)) {}
    }
  }

  /** Prints the records of the next chunk; returns false if there is none. */
  private boolean print(RecordReader reader, OutputBuffer buffer, Progress progress)
      throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      if (batch == null) {
        return false;
      }
      print(batch, buffer);
      if (follow) {
        buffer.flush();
      }
      progress.stepTo(batch.chunkBegin());
      return true;
    }
  }

  /** On a terminal, records and progress would get mixed up; what is followed has no end. */
  private Progress progress(long size) {
    return follow || streams.out().isDevice()
        ? Progress.none(streams.err())
        : new Progress("cat", size, streams.err());
  }

  private void print(RecordBatch batch, OutputBuffer buffer) throws IOException {
    int first = (int) Math.min(skip, batch.count());
    int last = (int) Math.min(limit, batch.count() - first) + first;
    skip -= first;
    limit -= last - first;
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long begin = first == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG, first - 1);
    for (int i = first; i < last; i++) {
      long end = ends.getAtIndex(ValueLayout.JAVA_LONG, i);
      format.print(data, begin, end - begin, buffer);
      begin = end;
    }
  }
}
