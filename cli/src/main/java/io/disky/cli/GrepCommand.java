package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the records that contain a pattern. */
@Command(
    name = "grep",
    header = "Prints the records that contain a pattern.",
    description = {
      "",
      "PATTERN is a regular expression of Java. It is searched in each record, which is decoded as"
          + " UTF-8; the record can have several lines, and a dot matches no line feed. With -F and"
          + " --hex the bytes are searched, and the record need not be text.",
      "The threads search chunks at the same time; the output is in the order of the FILEs.",
      "Exit status: 0 if a record was selected, 1 if none was, 2 after an error, also if records were"
          + " selected. After an error in a FILE the command goes on with the next FILE."
    },
    sortOptions = false)
final class GrepCommand implements Callable<Integer> {
  private static final int SELECTED = 0;
  private static final int NOT_SELECTED = 1;
  private static final int FAILED = 2;

  private final StandardStreams streams;

  @Parameters(index = "0", paramLabel = "PATTERN", description = "What to search.")
  private String pattern = "";

  @Mixin private PatternSettings patterns = new PatternSettings();

  @Option(
      names = {"-v", "--invert"},
      description = "Select the records that do not contain PATTERN.")
  private boolean invert;

  @Option(
      names = {"-c", "--count"},
      description = "Print the number of selected records of each FILE, not the records.")
  private boolean count;

  @Option(
      names = {"-m", "--max-count"},
      paramLabel = "N",
      description = "Stop after N selected records of each FILE.")
  private long maxCount = Long.MAX_VALUE;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing, and stop at the first selected record.")
  private boolean quiet;

  @Option(
      names = {"-p", "--positions"},
      description =
          "Print the position before each record, as 'disky cat --at' takes it, and a colon.")
  private boolean positions;

  @Option(
      names = "--no-filename",
      description =
          "Do not print the name of the file and a colon first, which is done for several FILEs if"
              + " the format is lines, hex, base64 or json.")
  private boolean noFilename;

  @Mixin private PrintSettings printing = new PrintSettings();
  @Mixin private FieldSettings fields = new FieldSettings();
  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      arity = "1..*",
      converter = FileArgument.Converter.class,
      description =
          "A record file; - is standard input. A directory or a pattern stands for several record"
              + " files.")
  private List<FileArgument> files = List.of();

  @Spec private CommandSpec spec;

  GrepCommand(StandardStreams streams) {
    this.streams = streams;
  }

  /** The records that are selected in all files, and whether an error has occurred. */
  private static final class Outcome {
    private long selected;
    private boolean failed;

    private int status(boolean quiet) {
      boolean success = selected > 0 && (quiet || !failed);
      return success ? SELECTED : failed ? FAILED : NOT_SELECTED;
    }
  }

  @Override
  public Integer call() throws IOException {
    check();
    Outcome outcome = new Outcome();
    OutputBuffer buffer = new OutputBuffer(streams.out());
    try (SelectedRecords selected =
        new SelectedRecords(patterns.matcher(pattern), invert, !count && !quiet, threads.count())) {
      List<FileArgument> all = RecordFiles.all(files, streams);
      boolean named = all.size() > 1 && !noFilename && (count || printing.isLineByLine());
      try (Progress progress = progress(all)) {
        for (FileArgument file : all) {
          if (!quiet || outcome.selected == 0) {
            grep(file, named, selected, buffer, progress, outcome);
          }
        }
      }
    } catch (StandardOutputException e) {
      throw e;
    } catch (IOException e) {
      buffer.flush();
      Failure.report(e, streams);
      return FAILED;
    }
    buffer.flush();
    return outcome.status(quiet);
  }

  private void check() {
    if (maxCount < 0) {
      throw usage("--max-count is negative: " + maxCount);
    }
    if (positions && !count && !printing.isLineByLine()) {
      throw usage("--positions needs the format lines, hex, base64 or json");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void grep(
      FileArgument argument,
      boolean named,
      SelectedRecords selected,
      OutputBuffer buffer,
      Progress progress,
      Outcome outcome)
      throws StandardOutputException {
    try {
      RecordFile.use(
          argument, streams, file -> grep(file, named, selected, buffer, progress, outcome));
    } catch (StandardOutputException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      buffer.flush();
      Failure.report(e, streams);
      outcome.failed = true;
    }
  }

  private void grep(
      RecordFile file,
      boolean named,
      SelectedRecords selected,
      OutputBuffer buffer,
      Progress progress,
      Outcome outcome)
      throws IOException {
    ReaderOptions options =
        readSettings
            .on(fields.on(recovery.options(file.name(), streams.err())))
            .withParallelism(threads.countForReading());
    String name = named ? QuotedText.name(file.name()) + ":" : "";
    try (RecordReader reader = file.open(options)) {
      RecordPrinter printer = printing.of(reader, recovery.recovers(), streams.out());
      long[] found = new long[1];
      if (maxCount > 0) {
        selected.forEach(
            reader,
            record -> {
              found[0]++;
              outcome.selected++;
              if (!count && !quiet) {
                print(name, record, printer, buffer);
              }
              return !quiet && found[0] < maxCount;
            },
            progress);
      }
      progress.endPart(reader.fileSize());
      if (count && !quiet) {
        buffer.put((name + found[0] + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private Progress progress(List<FileArgument> all) {
    return streams.out().isDevice()
        ? Progress.none(streams.err())
        : new Progress("grep", RecordFiles.totalSize(all, streams), streams.err());
  }

  private void print(
      String name, SelectedRecords.Selected record, RecordPrinter printer, OutputBuffer buffer)
      throws IOException {
    String prefix = positions ? name + record.position() + ":" : name;
    buffer.put(prefix.getBytes(StandardCharsets.UTF_8));
    printer.print(MemorySegment.ofArray(record.bytes()), 0, record.bytes().length, buffer);
  }
}
