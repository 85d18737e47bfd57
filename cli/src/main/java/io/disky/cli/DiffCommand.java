package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Compares the records of two data sets. */
@Command(
    name = "diff",
    header = "Compares the records of two files or sets of files.",
    description = {
      "",
      "Compares record 0 of A with record 0 of B, and so on; prints a line for each pair that is not"
          + " equal. A record that only one of them has moves all records after it, so the records"
          + " after it differ, too. With --unordered it compares how often each record occurs."
          + " Compression, chunks, dialect and file metadata make no difference.",
      "Exit status: 0 if the records are the same, 1 if they differ, 2 after an error."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON objects: for a pair of records that are not equal",
      "  record   number of the record",
      "  sizes    array with the sizes of both records in bytes",
      "  equalTo  number of bytes at the begin that are equal",
      "if A or B has more records at its end",
      "  record   number of the first of them",
      "  surplus  by how many records A has more; negative if B has more",
      "with --unordered",
      "  record   number of the record in A, or in B if surplus is negative",
      "  size     its size in bytes",
      "  surplus  how often more it occurs in A; negative if more in B"
    })
final class DiffCommand implements Callable<Integer> {
  private static final int SAME = 0;
  private static final int DIFFERENT = 1;
  private static final int FAILED = 2;

  private final StandardStreams streams;

  @Parameters(
      index = "0",
      paramLabel = "A",
      converter = FileArgument.Converter.class,
      description =
          "A record file, or a directory or a pattern, which stands for several record files in the"
              + " order of the numbers at the end of their names, after those that do not end with a"
              + " digit; - is standard input.")
  private FileArgument first = FileArgument.STANDARD;

  @Parameters(
      index = "1",
      paramLabel = "B",
      converter = FileArgument.Converter.class,
      description = "The same.")
  private FileArgument second = FileArgument.STANDARD;

  @Option(
      names = "--unordered",
      description = {
        "Compare without regard to the order. Records are compared by their SHA-256; a digest takes"
            + " about 160 bytes of --memory. If the digests of all records do not fit, A and B are"
            + " read several times."
      })
  private boolean unordered;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = DiffCommand.MemoryConverter.class,
      description =
          "With --unordered: use about SIZE of memory for digests, at least 1MiB (default: 256MiB).")
  private long memory = 256 << 20;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "Stop after N lines (default: 10).")
  private long limit = 10;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing, and stop at the first difference.")
  private boolean quiet;

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Spec private CommandSpec spec;

  private long lines;

  DiffCommand(StandardStreams streams) {
    this.streams = streams;
  }

  /** Parses the memory. */
  static final class MemoryConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      long bytes;
      try {
        bytes = ByteSize.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
      if (bytes < 1 << 20) {
        throw new TypeConversionException("'" + text + "' is below 1MiB");
      }
      return bytes;
    }
  }

  @Override
  public Integer call() throws IOException {
    if (limit < 1) {
      throw new ParameterException(spec.commandLine(), "--limit is below 1: " + limit);
    }
    if (first.isStandard() && second.isStandard()) {
      throw new ParameterException(spec.commandLine(), "only one of A and B can be standard input");
    }
    try {
      List<FileArgument> files = new ArrayList<>(first.files(streams));
      int ofFirst = files.size();
      files.addAll(second.files(streams));
      long[] differences = new long[1];
      RecordFile.useAll(
          files,
          streams,
          all ->
              differences[0] = compare(all.subList(0, ofFirst), all.subList(ofFirst, all.size())));
      return differences[0] == 0 ? SAME : DIFFERENT;
    } catch (StandardOutputException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      Failure.report(e, streams);
      return FAILED;
    }
  }

  private long compare(List<RecordFile> a, List<RecordFile> b) throws IOException {
    if (unordered) {
      long records = count(a) + count(b);
      UnorderedDifference difference =
          new UnorderedDifference(which -> open(which ? a : b), records, memory);
      return difference.compare((number, size, surplus) ->
          report(
              "record %d of %s (%d bytes) occurs %d times more in %2$s"
                  .formatted(number, surplus > 0 ? "A" : "B", size, Math.abs(surplus)),
              line -> {
                line.name("record").value(number);
                line.name("size").value(size);
                line.name("surplus").value(surplus);
              }));
    }
    try (RecordSequence left = open(a);
        RecordSequence right = open(b);
        Progress progress = progress(a)) {
      return new OrderedDifference(this::report).compare(left, right, progress::stepTo);
    }
  }

  private RecordSequence open(List<RecordFile> files) {
    return new RecordSequence(files, reading().withParallelism(threads.countForReading()));
  }

  private ReaderOptions reading() {
    return readSettings.on(ReaderOptions.defaults());
  }

  private long count(List<RecordFile> files) throws IOException {
    long count = 0;
    for (RecordFile file : files) {
      try (RecordReader reader = file.open(reading())) {
        count += reader.recordCount();
      }
    }
    return count;
  }

  private Progress progress(List<RecordFile> files) throws IOException {
    return streams.out().isDevice()
        ? Progress.none(streams.err())
        : new Progress("diff", RecordFile.size(files), streams.err());
  }

  /** Prints a difference; returns false to stop. */
  private boolean report(String difference, Consumer<Json> members) throws StandardOutputException {
    if (quiet) {
      return false;
    }
    if (json.areAskedFor()) {
      JsonLines.print(streams, members);
    } else {
      streams.out().print(difference + "\n");
    }
    lines++;
    return lines < limit;
  }
}
