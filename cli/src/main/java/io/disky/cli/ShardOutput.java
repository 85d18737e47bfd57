package io.disky.cli;

import io.disky.MultiThreadedWriter;
import io.disky.MultiThreadedWriterOptions;
import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.ShardTarget;
import io.disky.Shards;
import io.disky.WriterOptions;
import io.disky.files.FileFailures;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The shards that a command writes to a directory. If the command fails, or a signal ends it, it
 * removes the shards that it has begun.
 *
 * @param directory the directory of the shards
 * @param options options of the writer; their open mode decides about existing shards
 * @param command the command, for messages about options that cannot be combined
 */
record ShardOutput(
    FileArgument directory,
    MultiThreadedWriterOptions options,
    StandardStreams streams,
    CommandLine command) {

  /**
   * Creates the output.
   *
   * @param shards options that decide about shards
   * @throws ParameterException if the options exclude shards
   */
  static ShardOutput of(
      FileArgument directory,
      MultiThreadedWriterOptions shards,
      WriterOptions writerOptions,
      int threads,
      StandardStreams streams,
      CommandLine command) {
    if (directory.isStandard()) {
      throw new ParameterException(command, "--shards needs a directory, not standard output");
    }
    if (writerOptions.atomicCreation()) {
      throw new ParameterException(
          command, "--atomic and --shards cannot be combined: --atomic creates a single file");
    }
    MultiThreadedWriterOptions options =
        shards
            .withWriterOptions(writerOptions)
            .withParallelism(threads)
            .withAppend(writerOptions.openMode() != OpenMode.OVERWRITE);
    return new ShardOutput(directory, options, streams, command);
  }

  /**
   * Checks that no input is also an output. Must be called before a shard is changed.
   *
   * @throws ParameterException if an input is also an output
   */
  void checkInputs(List<FileArgument> inputs) throws IOException {
    if (!Files.isDirectory(directory.path())) {
      return;
    }
    Path place = directory.path().toRealPath();
    Set<FileIdentity> own = new HashSet<>();
    for (Path shard : existing()) {
      FileIdentity identity = FileIdentity.of(shard);
      if (identity != null) {
        own.add(identity);
      }
    }
    for (FileArgument input : inputs) {
      boolean isDirectory = input.isDirectory() && input.path().toRealPath().equals(place);
      if (isDirectory || own.contains(streams.identity(input))) {
        throw new ParameterException(
            command, input.title() + " is an input and would be overwritten as part of OUT");
      }
    }
  }

  private List<Path> existing() throws IOException {
    try {
      return Shards.inDirectory(directory.path(), options.prefix()).list().stream()
          .map(shard -> directory.path().resolve(new File(shard.name()).getName()))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /**
   * Writes all of {@code records}.
   *
   * @param task the name of the task in the display of the progress
   */
  void write(String task, RecordsToWrite records) throws IOException {
    try (Progress progress = new Progress(task, records.size(), streams.err())) {
      begin(begun -> write(records, begun, progress));
    }
  }

  /** Writes all shards. */
  @FunctionalInterface
  interface Writing {
    void write(BegunShards shards) throws IOException;
  }

  /** Runs {@code writing}, which opens the shards, after the options and the place were checked. */
  void begin(Writing writing) throws IOException {
    checkOptions();
    checkPlace();
    UnfinishedOutputs outputs = streams.unfinished();
    outputs.write(
        () -> new BegunShards(directory.path(), options.prefix(), outputs),
        begun -> {
          writing.write(begun);
          return begun;
        });
  }

  private void write(RecordsToWrite records, BegunShards begun, Progress progress)
      throws IOException {
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(begun, options)) {
      records.writeTo(RecordSink.of(writer, directory.path()), progress);
    }
  }

  private void checkPlace() throws IOException {
    if (Files.exists(directory.path()) && !Files.isDirectory(directory.path())) {
      throw FileFailures.other(directory.name(), "is not a directory; --shards needs a directory");
    }
    if (options.writerOptions().openMode() != OpenMode.CREATE_NEW) {
      return;
    }
    for (Path shard : existing()) {
      boolean continues = command.getCommandSpec().findOption("--append") != null;
      throw FileFailures.alreadyExists(
          shard,
          "exists already; --force removes the existing shards"
              + (continues ? ", --append adds others" : ""));
    }
  }

  /** Checks that the options go together. Must be called before existing shards are removed. */
  private void checkOptions() throws IOException {
    try {
      ShardTarget.inDirectory(directory.path(), options.prefix());
      RecordWriter.open(
              OutputStream.nullOutputStream(),
              options.writerOptions().withOpenMode(OpenMode.CREATE_NEW).withParallelism(0))
          .close();
    } catch (IllegalArgumentException e) {
      throw RecordOutput.usage(e, command);
    }
  }
}
