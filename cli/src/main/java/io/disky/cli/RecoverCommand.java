package io.disky.cli;

import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.SkippedRegion;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies the intact records of a damaged record file to a new file. */
@Command(
    name = "recover",
    header = "Copies the intact records of a damaged file to a new file.",
    description = {
      "",
      "The INs are record files with any damage. The command writes every record of every intact"
          + " chunk that it finds to OUT, in order, and prints a line to standard error for each"
          + " part that it skips. The INs are not changed.",
      "OUT is written in the way in which the first IN was written, as far as its intact chunks and"
          + " its file metadata show it: container, dialect, codec, transposition, chunk size or"
          + " group size, padding at the end, and the file metadata themselves. The level of the"
          + " compression, its window and the bucket fraction are kept only if the file metadata"
          + " state them. Options change each of these; their defaults apply only to what IN does"
          + " not show.",
      "Without --force, OUT must not exist. If the command fails, or a signal ends it, it removes"
          + " OUT. The exit status is 0 if OUT is complete, even if parts of an IN were skipped;"
          + " 'disky verify' checks whether a file is intact."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON objects, one for each IN, which replace the messages about skipped",
      "parts:",
      "  file          the IN",
      "  skipped       array of objects with begin, end and reason",
      "  skippedBytes  sum of their sizes"
    })
final class RecoverCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      paramLabel = "IN... OUT",
      hideParamSyntax = true,
      arity = "2..*",
      converter = FileArgument.Converter.class,
      description =
          "The record files to read, and last the record file to write; - is standard input or"
              + " output. An IN can also be a directory or a pattern, which stands for several"
              + " record files, in the order of the numbers at the end of their names, after"
              + " those that do not end with a digit.")
  private List<FileArgument> files = new ArrayList<>();

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(
      names = "--no-transpose",
      description = "Do not store records field by field, even if IN does.")
  private boolean noTranspose;

  @Mixin private MetadataSettings metadata = new MetadataSettings();

  @Option(
      names = {"-f", "--force"},
      description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();

  @Option(
      names = "--no-scan",
      description =
          "Leave out records that only a search finds, because they might belong to a record file"
              + " inside a record.")
  private boolean noScan;

  @Spec private CommandSpec spec;

  RecoverCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (json.areAskedFor() && out().isStandard()) {
      throw new ParameterException(
          spec.commandLine(), "--json needs standard output, so OUT cannot be -");
    }
    List<FileArgument> inputs = RecordFiles.all(files.subList(0, files.size() - 1), streams);
    output(WriterOptions.defaults()).checkInputs(inputs);
    RecordFile.useAll(inputs, streams, all -> recover(inputs, all));
    return ExitCode.OK;
  }

  private FileArgument out() {
    return files.getLast();
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(out(), options, streams, spec.commandLine());
  }

  private void recover(List<FileArgument> inputs, List<RecordFile> all) throws IOException {
    Map<String, List<SkippedRegion>> skipped = new HashMap<>();
    Function<String, ReaderOptions> reading =
        name -> reading(name, skipped.computeIfAbsent(name, none -> new ArrayList<>()));
    RecordFile first = all.getFirst();
    WriterOptions options = options(first);
    try (RecordReader reader = first.open(reading.apply(first.readName()))) {
      ConvertedRecords records = new ConvertedRecords(reader, all.subList(1, all.size()), reading);
      WriterOptions complete =
          metadata.copyIntact(reader, inputs.getFirst(), options, streams.err());
      output(complete).write("recover", records);
    }
    for (int i = 0; i < all.size(); i++) {
      report(inputs.get(i), skipped.getOrDefault(all.get(i).readName(), List.of()));
    }
  }

  private WriterOptions options(RecordFile first) throws IOException {
    ReaderOptions silent =
        readSettings.on(RecoverySettings.recovering(region -> {}).withScan(!noScan));
    InputOptions input = InputOptions.of(first, silent);
    return settings
        .options(noTranspose ? input.untransposed() : input)
        .withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW);
  }

  private ReaderOptions reading(String name, List<SkippedRegion> skipped) {
    return readSettings.on(
        RecoverySettings.recovering(
                region -> {
                  skipped.add(region);
                  if (!json.areAskedFor()) {
                    Failure.print(SkippedRegionText.of(name, region), streams.err());
                  }
                })
            .withScan(!noScan));
  }

  private void report(FileArgument in, List<SkippedRegion> skipped) throws IOException {
    long bytes = skipped.stream().mapToLong(SkippedRegion::size).sum();
    if (json.areAskedFor()) {
      JsonLines.print(
          streams,
          line -> {
            line.name("file").value(in.name());
            SkippedRegionText.add(line, "skipped", skipped);
            line.name("skippedBytes").value(bytes);
          });
      return;
    }
    Failure.print(
        String.format(
            Locale.ROOT,
            "%s: %,d bytes in %,d parts were skipped",
            in.title(),
            bytes,
            skipped.size()),
        streams.err());
  }
}
