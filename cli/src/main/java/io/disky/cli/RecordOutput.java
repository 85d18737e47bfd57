package io.disky.cli;

import io.disky.OpenMode;
import io.disky.WriterOptions;
import io.disky.files.FileFailures;
import io.disky.remote.RemoteStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The record file that a command writes. If the command fails, or a signal ends it, the file is
 * removed, with two exceptions: a continued file keeps its earlier contents, and with atomic
 * creation an earlier file stays unchanged.
 *
 * @param file the file; {@code -} is standard output
 * @param command the command, for messages about options that cannot be combined
 */
record RecordOutput(
    FileArgument file, WriterOptions options, StandardStreams streams, CommandLine command) {

  /** Returns whether this is the same file as {@code input}, which must not be a directory. */
  boolean isSameAs(FileArgument input) {
    FileIdentity read = streams.identity(input);
    URI address = file.address();
    if (address != null) {
      return FileIdentity.of(address).equals(read);
    }
    return read != null
        && (file.isStandard() ? streams.out().isFile(read) : read.isOf(file.path()));
  }

  /**
   * Checks that no input is this file, which would be overwritten before it is read.
   *
   * @throws ParameterException if an input is this file
   */
  void checkInputs(List<FileArgument> inputs) {
    for (FileArgument input : inputs) {
      if (isSameAs(input)) {
        throw new ParameterException(command, input.title() + " is both IN and OUT");
      }
    }
  }

  /**
   * Writes all of {@code records}.
   *
   * @param task the name of the task in the display of the progress
   */
  void write(String task, RecordsToWrite records) throws IOException {
    Progress progress = new Progress(task, records.size(), streams.err());
    if (file.isStandard()) {
      writeToStandardOutput(records, progress);
    } else if (file.address() != null) {
      writeToStore(records, progress);
    } else if (file.isSequential()) {
      writeToPipe(records, progress);
    } else {
      writeToFile(records, progress);
    }
  }

  private void writeToFile(RecordsToWrite records, Progress progress) throws IOException {
    streams
        .unfinished()
        .write(
            () -> open(file.path(), options),
            begun -> {
              write(records, begun, begun::is, progress);
              return begun;
            });
  }

  /** A signal that comes while the upload begins waits until it has begun, and then aborts it. */
  private void writeToStore(RecordsToWrite records, Progress progress) throws IOException {
    RemoteStore store = streams.stores().of(file);
    streams
        .unfinished()
        .write(
            () -> upload(store),
            begun -> {
              try (progress) {
                begun.write(RecordSink.of(begun.writer(), read -> false), records, progress);
              } catch (FileAlreadyExistsException e) {
                throw existsInStore(e);
              }
              return begun;
            });
  }

  private UnfinishedUpload upload(RemoteStore store) throws IOException {
    if (options.openMode() == OpenMode.APPEND) {
      throw new ParameterException(
          command, "--append needs a local file: " + file + " is an address");
    }
    if (file.isPattern()) {
      throw new ParameterException(command, file + " is a pattern, not the address of a file");
    }
    boolean replace = options.openMode() == OpenMode.OVERWRITE;
    try {
      return UnfinishedUpload.open(store, Objects.requireNonNull(file.address()), replace, options);
    } catch (FileAlreadyExistsException e) {
      throw existsInStore(e);
    } catch (UnsupportedOperationException e) {
      throw new RefusedAddressException(file.name(), "files cannot be written to this store", e);
    } catch (IllegalArgumentException e) {
      throw usage(e, command);
    }
  }

  private FileAlreadyExistsException existsInStore(FileAlreadyExistsException cause) {
    FileAlreadyExistsException exists =
        new FileAlreadyExistsException(file.name(), null, existsAlready());
    exists.initCause(cause);
    return exists;
  }

  private void writeToStandardOutput(RecordsToWrite records, Progress progress) throws IOException {
    streams.out().endWithReader();
    writeToCopy(records, "standard output", progress, streams.out()::copy);
  }

  /** A writer needs a file in which it can go back, so pipes get a copy of the complete file. */
  private void writeToPipe(RecordsToWrite records, Progress progress) throws IOException {
    writeToCopy(
        records,
        file.toString(),
        progress,
        copy -> {
          try (OutputStream out = Files.newOutputStream(file.path(), StandardOpenOption.WRITE)) {
            Files.copy(copy, out);
          } catch (FileSystemException e) {
            throw e;
          } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
          }
        });
  }

  /** Takes a complete file. */
  @FunctionalInterface
  private interface Taker {
    void take(Path complete) throws IOException;
  }

  private void writeToCopy(RecordsToWrite records, String name, Progress progress, Taker taker)
      throws IOException {
    try (TemporaryFile temporary = TemporaryFile.create("the temporary file for " + name)) {
      WriterOptions temporaryOptions =
          options.withOpenMode(OpenMode.OVERWRITE).withAtomicCreation(false);
      UnfinishedFile copy = open(temporary.path(), temporaryOptions);
      write(records, copy, read -> copy.is(read) || isStandardOutput(read), progress);
      taker.take(temporary.path());
    }
  }

  private boolean isStandardOutput(Path read) {
    FileIdentity identity = FileIdentity.of(read);
    return identity != null && streams.out().isFile(identity);
  }

  private static void write(
      RecordsToWrite records, UnfinishedFile begun, Predicate<Path> isOutput, Progress progress)
      throws IOException {
    try (progress) {
      begun.write(RecordSink.of(begun.writer(), isOutput), records, progress);
    }
  }

  private UnfinishedFile open(Path path, WriterOptions pathOptions) throws IOException {
    try {
      return UnfinishedFile.open(path, pathOptions);
    } catch (FileAlreadyExistsException e) {
      throw FileFailures.alreadyExists(path, existsAlready());
    } catch (IllegalArgumentException e) {
      throw usage(e, command);
    }
  }

  /** The usage failure for options that are valid separately but not together. */
  static ParameterException usage(IllegalArgumentException e, CommandLine command) {
    String message = TemporaryFile.named(String.valueOf(e.getMessage()));
    String option = message.endsWith("choose RIEGELI") ? " with --dialect=riegeli" : "";
    return new ParameterException(command, message + option, e);
  }

  private String existsAlready() {
    boolean continues =
        file.address() == null && command.getCommandSpec().findOption("--append") != null;
    return "exists already; --force overwrites it" + (continues ? ", --append continues it" : "");
  }
}
