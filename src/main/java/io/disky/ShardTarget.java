package io.disky;

import io.disky.engine.Engine;
import io.disky.shards.ShardDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a {@link MultiThreadedWriter} opens its shards. The writer calls these methods from one
 * thread at a time. They must not use it, nor must the streams or channels of the shards: to write,
 * flush or close is an {@link IllegalStateException}.
 */
public interface ShardTarget {
  /** What messages call the whole: the directory, for example. */
  String name();

  /** What messages and events call the shard of this number: its path, for example. */
  String name(long number);

  /**
   * Opens a new shard. The writer is used by the {@link MultiThreadedWriter} alone, and closed by
   * it.
   *
   * @param number of the shard, at least 0; each is asked for at most once
   * @param options how its writer is to write: as the application has chosen, with {@link
   *     OpenMode#CREATE_NEW} and without {@linkplain WriterOptions#withParallelism parallelism}.
   *     Compression, dialect and transposition have to be these, and the container too
   * @throws java.nio.file.FileAlreadyExistsException if the number is taken: the next one is tried
   * @throws IOException if it cannot be opened for another reason
   */
  RecordWriter open(long number, WriterOptions options) throws IOException;

  /**
   * Removes all shards that there are: a writer that does not {@linkplain
   * MultiThreadedWriterOptions#withAppend append} begins with this. Does nothing by default.
   *
   * @throws IOException if one cannot be removed
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
   * Files in a directory, called {@code prefix_number}. The directory is created when the first one
   * is opened.
   *
   * @throws IllegalArgumentException if {@code prefix} is more than a part of a file name
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
