package io.disky;

import io.disky.engine.Engine;
import io.disky.files.QuotedText;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteStore;
import io.disky.shards.ShardDirectory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The place where a {@link MultiThreadedWriter} opens its shards. One thread at a time calls these
 * methods. If they, or the streams and channels of the shards, write to, flush or close the
 * multi-threaded writer, that throws an {@link IllegalStateException}.
 */
public interface ShardTarget {
  /** The name of the target in messages: the directory, for example. */
  String name();

  /** The name of the shard with this number in messages and events: its path, for example. */
  String name(long number);

  /**
   * Opens a new shard. Only the {@link MultiThreadedWriter} may use the returned writer. It closes
   * that writer.
   *
   * @param number the number of the shard, at least 0; each number is used at most once
   * @param options the options for the writer of the shard: those of the application, with {@link
   *     OpenMode#CREATE_NEW} and without {@linkplain WriterOptions#withParallelism parallelism}.
   *     The returned writer must have the same compression, dialect, transposition and container
   * @throws java.nio.file.FileAlreadyExistsException if the number is taken; the multi-threaded
   *     writer then tries the next number
   * @throws IOException if the shard cannot be opened for another reason
   */
  RecordWriter open(long number, WriterOptions options) throws IOException;

  /**
   * Removes all shards that exist. A writer that does not {@linkplain
   * MultiThreadedWriterOptions#withAppend append} first calls this. The default implementation does
   * nothing.
   *
   * @throws IOException if a shard cannot be removed
   */
  default void clear() throws IOException {}

  /**
   * Files in a directory, called {@code shard_0}, {@code shard_1} and so on. The directory is
   * created when the first shard is opened.
   */
  static ShardTarget inDirectory(Path directory) {
    return inDirectory(directory, MultiThreadedWriterOptions.DEFAULT_PREFIX);
  }

  /**
   * Files in a store, called {@code prefix_number}. A shard appears when it is closed: when it is
   * full, or when the multi-threaded writer is closed. Records of a shard that fails are lost,
   * those that were flushed before too, and {@link MultiThreadedWriter#close()} throws; {@link
   * FlushMode#SYNC} is refused. Each open shard needs the memory of a {@link RemoteTarget}.
   *
   * @param prefix the addresses of the shards without the underscore and the number: {@code
   *     s3://bucket/train/shard}, for example
   * @param options the number of requests and their memory, for each open shard
   */
  static ShardTarget inStore(RemoteStore store, URI prefix, RemoteOptions options) {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(options, "options");
    String name = prefix.toString();
    return new ShardTarget() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String name(long number) {
        return name + "_" + number;
      }

      @Override
      public RecordWriter open(long number, WriterOptions writerOptions) throws IOException {
        URI address = URI.create(name(number));
        return RecordWriter.open(RemoteTarget.of(store, address).with(options), writerOptions);
      }

      @Override
      public void clear() throws IOException {
        Pattern shard = Pattern.compile(Pattern.quote(name) + "_[0-9]+");
        for (URI address : store.list(URI.create(name + "_"))) {
          if (shard.matcher(address.toString()).matches()) {
            store.delete(address);
          }
        }
      }

      @Override
      public String toString() {
        return "ShardTarget[" + QuotedText.name(name) + "]";
      }
    };
  }

  /**
   * Files in a directory, called {@code prefix_number}. The directory is created when the first
   * shard is opened.
   *
   * @throws IllegalArgumentException if {@code prefix} is not a valid part of a file name
   */
  static ShardTarget inDirectory(Path directory, String prefix) {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(prefix, "prefix");
    ShardDirectory shards = new ShardDirectory(directory, prefix);
    return new ShardTarget() {
      @Override
      public String name() {
        return shards.name();
      }

      @Override
      public String name(long number) {
        return shards.path(number).toString();
      }

      @Override
      public RecordWriter open(long number, WriterOptions options) throws IOException {
        Engine.ensureLoaded();
        shards.create();
        return RecordWriter.open(shards.path(number), options);
      }

      @Override
      public void clear() throws IOException {
        shards.clear();
      }

      @Override
      public String toString() {
        return "ShardTarget[" + shards.name() + "]";
      }
    };
  }
}
