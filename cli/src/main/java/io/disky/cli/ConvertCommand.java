package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Copies the records of record files to a new record file. */
@Command(
    name = "convert",
    header = "Copies the records of files to a new file, for example with other compression.",
    description = {
      "",
      "IN is any record file. It can also be a directory or a pattern, which stands for several"
          + " record files, in the order of the numbers at the end of their names. The options, not"
          + " the properties of IN, decide how OUT is written. The records and their order stay the"
          + " same. The threads decode IN and encode OUT.",
      "The file metadata of IN, or of its first file, are copied, unless an option sets others."
          + " Files in the dialect disky cannot contain file metadata; for them the metadata are"
          + " left out, with a warning.",
      "Without --force, OUT must not exist. If the command fails, or a signal ends it, it removes"
          + " OUT; with --atomic an earlier OUT stays unchanged. With --shards the same applies to"
          + " the shards called NAME in OUT, and --force removes them first."
    },
    sortOptions = false)
final class ConvertCommand extends Conversion {
  @Mixin private MetadataSettings metadata = new MetadataSettings();
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
      WriterOptions complete =
          metadata.copy(reader, in(), options, streams().err()).withParallelism(threads.count());
      if (sharded) {
        shardOutput(shards, complete, threads.count()).write("convert", records);
      } else {
        output(complete).write("convert", records);
      }
    }
  }
}
