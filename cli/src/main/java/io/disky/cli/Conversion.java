package io.disky.cli;

import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that writes the records of a record file to another one. */
@Command
abstract class Conversion implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      converter = FileArgument.Converter.class,
      description = "The record file to read; - is standard input.")
  private FileArgument in = FileArgument.STANDARD;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      converter = FileArgument.Converter.class,
      description = "The record file to write; - is standard output.")
  private FileArgument out = FileArgument.STANDARD;

  @Mixin private WriterSettings settings = new WriterSettings();

  @Option(names = "--force", description = "Overwrite OUT, if it exists.")
  private boolean force;

  @Mixin private ChunkLimit chunkLimit = new ChunkLimit();
  @Spec private CommandSpec spec;

  Conversion(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public final Integer call() throws IOException {
    WriterOptions options =
        settings.options().withOpenMode(force ? OpenMode.OVERWRITE : OpenMode.CREATE_NEW);
    convert(in, options);
    return ExitCode.OK;
  }

  /** Writes the records of IN, which is {@code argument}, with these {@code options}. */
  abstract void convert(FileArgument argument, WriterOptions options) throws IOException;

  /**
   * Checks that no input is the file OUT.
   *
   * @throws ParameterException if an input is OUT
   */
  final void checkInputs(List<FileArgument> inputs, WriterOptions options) throws IOException {
    for (FileArgument input : inputs) {
      if (output(options).isSameAs(input)) {
        throw new ParameterException(spec.commandLine(), input.title() + " is both IN and OUT");
      }
    }
  }

  /** The output to shards in the directory OUT. */
  final ShardOutput shardOutput(ShardSettings shards, WriterOptions options, int threads) {
    return ShardOutput.of(out, shards.options(), options, threads, streams, spec.commandLine());
  }

  /** {@code options} for reading IN, with the limit of {@code --max-chunk-size}. */
  final ReaderOptions reading(ReaderOptions options) {
    return chunkLimit.on(options);
  }

  /** The argument IN. */
  final FileArgument in() {
    return in;
  }

  final StandardStreams streams() {
    return streams;
  }

  final RecordOutput output(WriterOptions options) {
    return new RecordOutput(out, options, streams, spec.commandLine());
  }

  /** Adds {@code metadata}, the file metadata of IN, to {@code options} if OUT can contain them. */
  final WriterOptions withMetadata(WriterOptions options, Optional<RecordsMetadata> metadata) {
    return MetadataSettings.add(metadata, in, options, streams.err());
  }
}
