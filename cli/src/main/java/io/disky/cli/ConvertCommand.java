package io.disky.cli;

import io.disky.CorruptFileException;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the records of a record file to another one. */
@Command(
    name = "convert",
    header = "Writes the records of a file to another one, in another way.",
    description = {
      "",
      "IN is any record file, or several that a directory or a pattern stands for, one after the other"
          + " in the order of the numbers that end their names; the options say how OUT is written, whatever IN is like. The records"
          + " and their order stay the same. The threads decode IN and encode OUT.",
      "The file metadata of IN, or of the first of its files, are kept as they are, unless an option gives others. The dialect disky"
          + " has none: there they are left out, with a warning.",
      "Without --force, OUT must not exist. If it fails, or a signal ends it, OUT is removed; with"
          + " --atomic it is what it was. With --shards that goes for the shards of that NAME in OUT, and --force removes"
          + " them first."
    },
    sortOptions = false)
final class ConvertCommand extends Conversion {
  @Option(names = "--no-metadata", description = "Leave out the file metadata of IN.")
  private boolean noMetadata;

  @Mixin private ShardSettings shards = new ShardSettings();
  @Mixin private Threads threads = new Threads();

  ConvertCommand(StandardStreams streams) {
    super(streams);
  }

  @Override
  void convert(FileArgument argument, WriterOptions options) throws IOException {
    boolean sharded = shards.areAskedFor();
    List<FileArgument> inputs = argument.files(streams().err());
    if (sharded) {
      checkShards(argument, inputs, options);
    } else {
      checkInputs(inputs, options);
    }
    List<Path> others = inputs.stream().skip(1).map(FileArgument::path).toList();
    RecordFile.use(inputs.getFirst(), streams(), first -> convert(first, others, sharded, options));
  }

  private void checkShards(FileArgument argument, List<FileArgument> inputs, WriterOptions options)
      throws IOException {
    List<FileArgument> all = new ArrayList<>(inputs);
    all.add(argument);
    shardOutput(shards, options, threads.count()).checkInputs(all);
  }

  private void convert(RecordFile first, List<Path> others, boolean sharded, WriterOptions options)
      throws IOException {
    ReaderOptions reading =
        reading(ReaderOptions.defaults()).withParallelism(threads.countForReading());
    try (RecordReader reader = first.open(reading)) {
      ConvertedRecords records = new ConvertedRecords(reader, others, reading);
      boolean wanted = !noMetadata && options.metadata().isEmpty();
      WriterOptions complete =
          (wanted ? withMetadata(options, metadata(reader)) : options)
              .withParallelism(threads.count());
      if (sharded) {
        shardOutput(shards, complete, threads.count()).write("convert", records);
      } else {
        output(complete).write("convert", records);
      }
    }
  }

  private static Optional<RecordsMetadata> metadata(RecordReader reader) throws IOException {
    try {
      return reader.metadata();
    } catch (CorruptFileException e) {
      throw new IOException(e.getMessage() + "; --no-metadata leaves them out", e);
    }
  }
}
