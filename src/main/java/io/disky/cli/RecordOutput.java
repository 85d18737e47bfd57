package io.disky.cli;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.internal.FileFailures;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The record file that a command writes. If that fails the file is removed, unless it was
 * continued, or was to be created atomically: then there is what there was before.
 *
 * @param file the file; {@code -} is standard output
 * @param command what is blamed for options that do not go together
 */
record RecordOutput(
    FileArgument file, WriterOptions options, StandardStreams streams, CommandLine command) {

  /** Says whether this is the file at {@code path}. */
  boolean isSameAs(Path path) throws IOException {
    return !file.isStandard() && Files.exists(file.path()) && Files.isSameFile(path, file.path());
  }

  /**
   * Writes all of {@code records}.
   *
   * @param task what progress is called
   */
  void write(String task, RecordSource records) throws IOException {
    if (!file.isStandard()) {
      write(task, records, file.path(), options);
      return;
    }
    try (TemporaryFile temporary = TemporaryFile.create("the temporary file for standard output")) {
      WriterOptions temporaryOptions =
          options.withOpenMode(OpenMode.OVERWRITE).withAtomicCreation(false);
      write(task, records, temporary.path(), temporaryOptions);
      streams.out().copy(temporary.path());
    }
  }

  private void write(String task, RecordSource records, Path path, WriterOptions pathOptions)
      throws IOException {
    RecordWriter writer = open(path, pathOptions);
    boolean complete = false;
    try {
      try (writer;
          Progress progress = new Progress(task, records.size(), streams.err())) {
        writeTo(writer, records, progress, pathOptions);
      }
      complete = true;
    } finally {
      if (!complete && isPartial(path, pathOptions)) {
        Files.delete(path);
      }
    }
  }

  /** Writes all records; what would be published though it is not complete is discarded. */
  private static void writeTo(
      RecordWriter writer, RecordSource records, Progress progress, WriterOptions options)
      throws IOException {
    boolean complete = false;
    try {
      records.writeTo(RecordSink.of(writer), progress);
      complete = true;
    } finally {
      if (!complete && options.atomicCreation()) {
        writer.discard();
      }
    }
  }

  /** Says whether a failure leaves a file that was not there before, or not with these records. */
  private static boolean isPartial(Path path, WriterOptions options) {
    return options.openMode() != OpenMode.APPEND
        && !options.atomicCreation()
        && Files.isRegularFile(path);
  }

  private RecordWriter open(Path path, WriterOptions pathOptions) throws IOException {
    try {
      return RecordWriter.open(path, pathOptions);
    } catch (FileAlreadyExistsException e) {
      throw FileFailures.alreadyExists(path, existsAlready());
    } catch (IllegalArgumentException e) {
      throw usage(e, command);
    }
  }

  /** What options mean that are right one by one, but not together. */
  static ParameterException usage(IllegalArgumentException e, CommandLine command) {
    String message = TemporaryFile.named(String.valueOf(e.getMessage()));
    String option = message.endsWith("choose RIEGELI") ? " with --dialect=riegeli" : "";
    return new ParameterException(command, message + option, e);
  }

  private String existsAlready() {
    boolean continues = command.getCommandSpec().findOption("--append") != null;
    return "exists already; --force overwrites it" + (continues ? ", --append continues it" : "");
  }
}
