package io.disky.cli;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordPosition;
import io.disky.RecordRange;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Prints records. */
@Command(
    name = "cat",
    header = "Prints records.",
    description = {
      "",
      "Prints the records of all FILEs, in order. At the first failure it stops, after it has"
          + " printed every record before. The threads decode records in advance."
    },
    sortOptions = false)
final class CatCommand implements FilesCommand {
  private final StandardStreams streams;

  @Option(
      names = {"-s", "--skip"},
      paramLabel = "N",
      description = "Skip the first N records. Records are counted over all FILEs.")
  private long skip;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "Print at most N records. Records are counted over all FILEs.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--at",
      paramLabel = "POSITION",
      converter = CatCommand.PositionConverter.class,
      description = {
        "Begin with the record at POSITION. POSITION is the offset of a chunk in bytes, a slash,"
            + " and the index of the record in the chunk, for example 65536/17. It can also be the"
            + " sum of both (the numeric position); if no record has that sum, the next record is"
            + " meant. One FILE only."
      })
  private @Nullable Position at;

  @Option(
      names = "--range",
      paramLabel = "BEGIN:END",
      converter = CatCommand.RangeConverter.class,
      description = {
        "Print only chunks that begin at an offset from BEGIN to END, END not included. BEGIN and"
            + " END are sizes such as 0, 65536 or 10MiB; without END the range reaches to the end"
            + " of FILE. Adjoining ranges print each record exactly once. One FILE only."
      })
  private @Nullable Range range;

  @Option(
      names = {"-r", "--record"},
      paramLabel = "N",
      split = ",",
      description = {
        "Print only record N, counted from 0 over all FILEs. For several records use N,N or several"
            + " options; they are printed in the given order. Not with --skip, --limit, --at,"
            + " --range, --follow and --recover."
      })
  private List<Long> records = new ArrayList<>();

  @Option(
      names = {"-f", "--follow"},
      description = {
        "At the end of FILE wait for records that another program appends, and print them as soon"
            + " as they are readable, until interrupted. One FILE only, and not standard input; not"
            + " with --recover. If FILE is a directory or a pattern, go on with the next file as"
            + " soon as there is one, as a log service writes them.",
        "A crash of the writer can leave bytes at the end of a file that are not a chunk, for"
            + " example zeros. For a directory, a pattern and with --retry, the command prints a"
            + " message, waits until the writer starts again and cuts them off, and goes on after"
            + " the last record that it has printed. For one FILE without --retry it ends with an"
            + " error. Damage before the end of a file, or in a file that another file follows, is"
            + " always an error."
      })
  private boolean follow;

  @Option(
      names = "--retry",
      description =
          "With --follow: wait for FILE if it does not exist, and if another file takes its name,"
              + " go on with that one.")
  private boolean retry;

  @Option(names = "-F", description = "The same as --follow --retry, as for tail.")
  private boolean followName;

  @Mixin private PrintSettings printing = new PrintSettings();
  @Mixin private FieldSettings fields = new FieldSettings();
  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private IndexSettings indexes = new IndexSettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();
  @Spec private CommandSpec spec;

  /** The first record to print: a position, or a numeric position if {@code record} is null. */
  record Position(@Nullable RecordPosition record, long numeric) {}

  /** A range of bytes of a file; {@code end} is exclusive. */
  record Range(long begin, long end) {}

  /** Parses a position. */
  static final class PositionConverter implements ITypeConverter<Position> {
    @Override
    public Position convert(String text) {
      try {
        if (text.indexOf('/') >= 0) {
          return new Position(RecordPosition.parse(text), 0);
        }
        return new Position(null, RecordPosition.parse(text + "/0").chunkBegin());
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "'" + text + "' is not a position; examples of positions are 65536/17 and 65553");
      }
    }
  }

  /** Parses a range. */
  static final class RangeConverter implements ITypeConverter<Range> {
    @Override
    public Range convert(String text) {
      int colon = text.indexOf(':');
      if (colon < 0) {
        throw new TypeConversionException(
            "'" + text + "' is not a range; examples of ranges are 0:10MiB and 10MiB:");
      }
      long begin = offset(text.substring(0, colon), 0);
      long end = offset(text.substring(colon + 1), Long.MAX_VALUE);
      if (end < begin) {
        throw new TypeConversionException("the range '" + text + "' ends before it begins");
      }
      return new Range(begin, end);
    }

    private static long offset(String text, long otherwise) {
      try {
        return text.isEmpty() ? otherwise : ByteSize.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  CatCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    checkNotNegative("--skip", skip);
    checkNotNegative("--limit", limit);
    follow |= followName;
    retry |= followName;
    if (retry && !follow) {
      throw new ParameterException(spec.commandLine(), "--retry needs --follow");
    }
    if (indexes.isGiven() && records.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--index-directory needs --record");
    }
    if (follow) {
      checkCanBeFollowed();
      streams.out().endWithReader();
    }
    if ((at != null || range != null) && !files.isOne()) {
      throw new ParameterException(spec.commandLine(), "--at and --range take one FILE");
    }
    if ((at != null || range != null) && retry) {
      throw new ParameterException(
          spec.commandLine(), "--retry and -F cannot be combined with --at and --range");
    }
    OutputBuffer buffer = new OutputBuffer(streams.out());
    try {
      if (!records.isEmpty()) {
        checkOnlyRecords();
        RecordFile.useAll(files.all(streams), streams, all -> printRecords(all, buffer));
        return ExitCode.OK;
      }
      if (followsSeveral()) {
        FileArgument argument = files.arguments().getFirst();
        new FollowedLog(new FollowedFiles(argument, streams.err()), streams, new Following(buffer))
            .print();
        return ExitCode.OK;
      }
      List<FileArgument> all = files.all(streams);
      try (Progress progress = progress(all)) {
        for (FileArgument file : all) {
          if (limit > 0) {
            RecordFile.use(file, streams, named -> print(named, buffer, progress));
          }
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
    if (files.arguments().size() > 1) {
      throw new ParameterException(spec.commandLine(), "--follow takes one FILE");
    }
    FileArgument file = files.arguments().getFirst();
    if (file.isStandard()) {
      throw new ParameterException(spec.commandLine(), "--follow cannot read standard input");
    }
    if (file.address() != null) {
      throw new ParameterException(
          spec.commandLine(), "--follow needs a local file, not an address: " + file);
    }
    if (file.isSequential()) {
      throw new ParameterException(spec.commandLine(), "--follow cannot read a pipe: " + file);
    }
    if (recovery.recovers()) {
      throw new ParameterException(spec.commandLine(), "--follow and --recover cannot be combined");
    }
  }

  private void checkOnlyRecords() {
    boolean others = skip > 0 || limit < Long.MAX_VALUE || at != null || range != null;
    if (others || follow || recovery.recovers()) {
      throw new ParameterException(
          spec.commandLine(),
          "--record cannot be combined with --skip, --limit, --at, --range, --follow and --recover");
    }
  }

  private boolean followsSeveral() {
    return follow && (retry || !files.isOne());
  }

  /** Prints the files of a log, without showing progress. */
  private final class Following implements FollowedLog.Printing {
    private final OutputBuffer buffer;

    Following(OutputBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ReaderOptions options(RecordFile file) {
      return CatCommand.this.options(file);
    }

    @Override
    public RecordPrinter printer(RecordReader reader) throws IOException {
      return printing.of(reader, false, streams.out());
    }

    @Override
    public boolean wantsMore() {
      return limit > 0;
    }

    @Override
    public void print(RecordBatch batch, RecordPrinter printer) throws IOException {
      CatCommand.this.print(batch, printer, buffer);
      buffer.flush();
    }
  }

  /** Prints the records of {@code --record}. */
  private void printRecords(List<RecordFile> all, OutputBuffer buffer) throws IOException {
    RecordPrinter printer = printing.of(all.getFirst(), options(all.getFirst()), streams.out());
    try (RandomAccessReader reader = RecordFile.open(all, randomAccess())) {
      for (long number : records) {
        if (number < 0 || number >= reader.recordCount()) {
          throw new IOException(
              "there is no record "
                  + number
                  + ": the number of records is "
                  + reader.recordCount());
        }
        try (RecordRange range = reader.batch(number, number + 1)) {
          MemorySegment record = range.get(0);
          printer.print(record, 0, record.byteSize(), buffer);
        }
      }
    }
  }

  private RandomAccessOptions randomAccess() {
    return indexes
        .on(RandomAccessOptions.defaults())
        .withReaderOptions(fields.on(readSettings.on(ReaderOptions.defaults())));
  }

  private ReaderOptions options(RecordFile file) {
    return readSettings
        .on(fields.on(recovery.options(file.name(), streams.err())))
        .withFollow(follow)
        .withParallelism(threads.countForReading());
  }

  private void print(RecordFile file, OutputBuffer buffer, Progress progress) throws IOException {
    ReaderOptions options = options(file);
    if (range != null) {
      options = options.withRange(range.begin(), range.end());
    }
    try (RecordReader reader = file.open(options)) {
      RecordPrinter printer = printing.of(reader, recovery.recovers(), streams.out());
      if (at != null) {
        skip += seek(reader, at);
      }
      while (limit > 0 && print(reader, printer, buffer, progress)) {}
      progress.endPart(reader.fileSize());
    }
  }

  /**
   * Moves to the chunk that contains the record. Returns the number of records before it in that
   * chunk.
   */
  private static long seek(RecordReader reader, Position position) throws IOException {
    if (position.record() == null) {
      reader.seekNumeric(position.numeric());
    } else {
      reader.seek(position.record());
    }
    RecordPosition found = reader.position();
    reader.seek(new RecordPosition(found.chunkBegin(), 0));
    return found.recordIndex();
  }

  /** Prints the records of the next chunk; returns false if there is none. */
  private boolean print(
      RecordReader reader, RecordPrinter printer, OutputBuffer buffer, Progress progress)
      throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      if (batch == null) {
        return false;
      }
      print(batch, printer, buffer);
      if (follow) {
        buffer.flush();
      }
      progress.stepTo(batch.chunkBegin());
      return true;
    }
  }

  /**
   * Shows no progress on a terminal, where it would be mixed with records, and none for a followed
   * file, whose size is not known.
   */
  private Progress progress(List<FileArgument> all) {
    return follow || streams.out().isDevice()
        ? Progress.none(streams.err())
        : new Progress("cat", RecordFiles.totalSize(all, streams), streams.err());
  }

  private void print(RecordBatch batch, RecordPrinter printer, OutputBuffer buffer)
      throws IOException {
    int first = (int) Math.min(skip, batch.recordCount());
    int last = (int) Math.min(limit, batch.recordCount() - first) + first;
    skip -= first;
    limit -= last - first;
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long begin = first == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG, first - 1);
    for (int i = first; i < last; i++) {
      long end = ends.getAtIndex(ValueLayout.JAVA_LONG, i);
      printer.print(data, begin, end - begin, buffer);
      begin = end;
    }
  }
}
