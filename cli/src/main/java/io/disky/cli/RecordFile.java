package io.disky.cli;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.Shard;
import io.disky.Shards;
import io.disky.remote.RemoteFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A record file to read. Here an argument becomes a file: standard input and pipes are first copied
 * to a temporary file, because the reader needs to read at any position.
 *
 * @param name the name that the user gave
 * @param path the path of the file, or of the temporary copy
 * @param remote the file, if it is a remote one
 * @param savedIndex the saved index next to it, which need not exist, if it is a remote one
 */
record RecordFile(
    String name, Path path, @Nullable RemoteFile remote, @Nullable RemoteFile savedIndex) {
  /** A local file, or a temporary copy. */
  RecordFile(String name, Path path) {
    this(name, path, null, null);
  }

  /** An action on a record file. */
  @FunctionalInterface
  interface Action {
    void accept(RecordFile file) throws IOException;
  }

  /** An action on the files of a data set. */
  @FunctionalInterface
  interface FilesAction {
    void accept(List<RecordFile> files) throws IOException;
  }

  /**
   * Runs {@code action} on all files that {@code arguments} name. A temporary copy is deleted
   * afterwards.
   */
  static void useAll(List<FileArgument> arguments, StandardStreams streams, FilesAction action)
      throws IOException {
    if (arguments.isEmpty()) {
      throw new IOException("there is no record file to read: all arguments were left out");
    }
    useAll(arguments, List.of(), streams, action);
  }

  /** Calls itself for each argument until {@code files} has the files of all of them. */
  private static void useAll(
      List<FileArgument> arguments,
      List<RecordFile> files,
      StandardStreams streams,
      FilesAction action)
      throws IOException {
    if (files.size() == arguments.size()) {
      action.accept(files);
      return;
    }
    if (!needsCopy(arguments.get(files.size()))) {
      // Without a call for each file, because there may be many.
      List<RecordFile> more = new ArrayList<>(files);
      while (more.size() < arguments.size() && !needsCopy(arguments.get(more.size()))) {
        streams.checkIsNotOutput(arguments.get(more.size()));
        more.add(of(arguments.get(more.size()), streams));
      }
      useAll(arguments, more, streams, action);
      return;
    }
    use(
        arguments.get(files.size()),
        streams,
        file -> {
          List<RecordFile> more = new ArrayList<>(files);
          more.add(file);
          useAll(arguments, more, streams, action);
        });
  }

  /**
   * Runs {@code action} on the file that {@code argument} names. A temporary copy is deleted
   * afterwards.
   */
  static void use(FileArgument argument, StandardStreams streams, Action action)
      throws IOException {
    streams.checkIsNotOutput(argument);
    if (!needsCopy(argument)) {
      action.accept(of(argument, streams));
      return;
    }
    streams.out().endWithReader();
    try (TemporaryFile copy = copy(argument, streams)) {
      RecordFile file = new RecordFile(argument.name(), copy.path());
      try {
        action.accept(file);
      } catch (StandardOutputException e) {
        throw e;
      } catch (IOException | UncheckedIOException e) {
        // Replaces the name of the temporary file in messages, which is possible only while it
        // exists.
        Throwable failure =
            e instanceof UncheckedIOException ? Objects.requireNonNull(e.getCause()) : e;
        throw new IOException(Failure.message(failure), e);
      } catch (OutOfMemoryError e) {
        throw new IOException(Failure.message(e), e);
      }
    }
  }

  private static RecordFile of(FileArgument argument, StandardStreams streams) throws IOException {
    if (argument.address() == null) {
      return new RecordFile(argument.name(), argument.path());
    }
    OpenStores stores = streams.stores();
    FileArgument index = StoredIndex.argument(argument);
    return new RecordFile(
        argument.name(),
        Path.of(""),
        stores.file(argument),
        index == null ? null : new StoredIndex(stores.file(index)));
  }

  private static boolean needsCopy(FileArgument argument) {
    return argument.isStandard() || argument.isSequential();
  }

  private static TemporaryFile copy(FileArgument argument, StandardStreams streams)
      throws IOException {
    if (argument.isStandard()) {
      return TemporaryFile.of(streams.in(), argument.title());
    }
    try (InputStream in = Files.newInputStream(argument.path())) {
      return TemporaryFile.of(in, argument.title());
    }
  }

  /**
   * The path of the file, or of the temporary copy. A command that needs a local file calls this.
   *
   * @throws UncheckedIOException with a {@link RefusedAddressException}, if the file is remote
   */
  @Override
  public Path path() {
    if (remote != null) {
      throw RefusedAddressException.needsLocalFile(name);
    }
    return path;
  }

  boolean isDirectory() {
    return remote == null && Files.isDirectory(path);
  }

  /** The name that readers of this file have; messages replace that of a temporary copy. */
  String readName() {
    return remote == null ? path.toString() : name;
  }

  /** The size in bytes; {@link Progress#UNKNOWN} for a remote file if no progress is shown. */
  long size() throws IOException {
    return remote == null ? Files.size(path) : OpenStores.size(remote);
  }

  /** The sum of the sizes of {@code files}; {@link Progress#UNKNOWN} if one is not known. */
  static long size(List<RecordFile> files) throws IOException {
    long total = 0;
    for (RecordFile file : files) {
      long size = file.size();
      if (size == Progress.UNKNOWN) {
        return size;
      }
      total += size;
    }
    return total;
  }

  RecordReader open(ReaderOptions options) throws IOException {
    return remote == null ? RecordReader.open(path, options) : RecordReader.open(remote, options);
  }

  /** Opens {@code files} as one sequence of records. */
  static RandomAccessReader open(List<RecordFile> files, RandomAccessOptions options)
      throws IOException {
    IdentityHashMap<RemoteFile, RemoteFile> indexes = new IdentityHashMap<>();
    for (RecordFile file : files) {
      if (file.remote != null && file.savedIndex != null) {
        indexes.put(file.remote, file.savedIndex);
      }
    }
    RandomAccessOptions all = indexes.isEmpty() ? options : options.withRemoteIndex(indexes::get);
    return RandomAccessReader.open(shards(files), all);
  }

  /** {@code files} as shards in their order. */
  static Shards shards(List<RecordFile> files) {
    return Shards.from(files.stream().map(RecordFile::shard).toList());
  }

  private Shard shard() {
    return remote == null ? Shard.of(path) : Shard.of(remote);
  }
}
