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
 * The shards that a command writes in a directory. If that fails, or a signal ends it, those that
 * it has begun are removed.
 *
 * @param directory where they are
 * @param options how they are written; the open mode among them says what is done about shards that
 *     exist
 * @param command what is blamed for options that do not go together
 */
record ShardOutput(
    FileArgument directory,
    MultiThreadedWriterOptions options,
    StandardStreams streams,
    CommandLine command) {

  /**
   * Shards as {@code settings} say.
   *
   * @throws ParameterException if there cannot be any
   */
  static ShardOutput of(
      FileArgument directory,
      ShardSettings settings,
      WriterOptions writerOptions,
      int threads,
      StandardStreams streams,
      CommandLine command) {
    if (directory.isStandard()) {
      throw new ParameterException(command, "--shards needs a directory, not standard output");
    }
    if (writerOptions.atomicCreation()) {
      throw new ParameterException(command, "--atomic creates one file, --shards several");
    }
    MultiThreadedWriterOptions options =
        settings
            .options()
            .withWriterOptions(writerOptions)
            .withParallelism(threads)
            .withAppend(writerOptions.openMode() != OpenMode.OVERWRITE);
    return new ShardOutput(directory, options, streams, command);
  }

  /**
   * Finds inputs that are also outputs, before anything is done to a shard.
   *
   * @throws ParameterException if there is one
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
            command, input.title() + " is to be read and, as OUT, written");
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
   * @param task what progress is called
   */
  void write(String task, RecordSource records) throws IOException {
    checkOptions();
    checkPlace();
    Progress progress = new Progress(task, records.size(), streams.err());
    UnfinishedOutputs outputs = streams.unfinished();
    outputs.write(
        () -> new BegunShards(directory.path(), options.prefix(), outputs),
        begun -> {
          write(records, begun, progress);
          return begun;
        });
  }

  private void write(RecordSource records, BegunShards begun, Progress progress)
      throws IOException {
    try (progress;
        MultiThreadedWriter writer = MultiThreadedWriter.open(begun, options)) {
      records.writeTo(RecordSink.of(writer, directory.path()), progress);
    }
  }

  private void checkPlace() throws IOException {
    if (Files.exists(directory.path()) && !Files.isDirectory(directory.path())) {
      throw FileFailures.other(directory.name(), "is no directory, which --shards needs");
    }
    if (options.writerOptions().openMode() != OpenMode.CREATE_NEW) {
      return;
    }
    for (Path shard : existing()) {
      boolean continues = command.getCommandSpec().findOption("--append") != null;
      throw FileFailures.alreadyExists(
          shard,
          "exists already; --force removes the shards that there are"
              + (continues ? ", --append adds others" : ""));
    }
  }

  /** Finds options that do not go together before a shard that exists is removed. */
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
