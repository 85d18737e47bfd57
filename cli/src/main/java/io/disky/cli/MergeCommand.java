package io.disky.cli;

import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Merges sorted record files to a sorted one. */
@Command(
    name = "merge",
    header = "Merges sorted record files to one sorted file.",
    description = {
      "",
      "Each IN must be sorted: records are compared as sequences of unsigned bytes, and a record is"
          + " less than a longer one that begins with it. Writes all records of the INs to OUT, in"
          + " this order; equal records come in the order of the INs. An IN that is not sorted is an"
          + " error. All INs are open at the same time, with a chunk of each in memory.",
      "Without --force, OUT must not exist. If the command fails, or a signal ends it, it removes"
          + " OUT; with --atomic an earlier OUT stays unchanged. The file metadata of the first IN"
          + " are copied, as 'disky convert' does."
    },
    sortOptions = false)
final class MergeCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      paramLabel = "IN... OUT",
      hideParamSyntax = true,
      arity = "2..*",
      converter = FileArgument.Converter.class,
      description =
          "The record files to read, and last the record file to write; - is standard input or"
              + " output. An IN can also be a directory or a pattern, which stands for several"
              + " record files.")
  private List<FileArgument> files = new ArrayList<>();

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(
      names = {"-f", "--force"},
      description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Mixin private MetadataSettings metadata = new MetadataSettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Spec private CommandSpec spec;

  MergeCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options =
        settings
            .options()
            .withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW)
            .withParallelism(threads.count());
    List<FileArgument> inputs = RecordFiles.all(files.subList(0, files.size() - 1), streams);
    output(options).checkInputs(inputs);
    RecordFile.useAll(inputs, streams, all -> merge(inputs.getFirst(), all, options));
    return ExitCode.OK;
  }

  private RecordOutput output(WriterOptions options) {
    return new RecordOutput(files.getLast(), options, streams, spec.commandLine());
  }

  private void merge(FileArgument first, List<RecordFile> all, WriterOptions options)
      throws IOException {
    ReaderOptions reading = readSettings.on(ReaderOptions.defaults()).withReadAhead(1);
    WriterOptions complete;
    try (RecordReader reader = all.getFirst().open(reading)) {
      complete = metadata.copy(reader, first, options, streams.err());
    }
    List<RecordSequence> sequences = new ArrayList<>();
    for (RecordFile file : all) {
      sequences.add(new RecordSequence(List.of(file), reading));
    }
    try (MergedRecords records = new MergedRecords(sequences, RecordFile.size(all))) {
      output(complete).write("merge", records);
    }
  }
}
