package io.disky;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/**
 * One of the files, or of whatever else holds records, that a {@link MultiThreadedReader} reads.
 */
public interface Shard {
  /** What messages and events call it: the path of a file, for example. */
  String name();

  /**
   * Opens it. A {@link MultiThreadedReader} calls this on a thread of its own, for one of its
   * shards at a time, and closes the reader. It reads from the reader's position on; the reader
   * must be used by nobody else, and must not have handed out records one by one. Counting opens
   * several shards at a time.
   *
   * @param options how the reader is to read
   * @throws IOException if it cannot be opened
   */
  RecordReader open(ReaderOptions options) throws IOException;

  /** The file at {@code path}. Whether there is one shows when it is opened. */
  static Shard of(Path path) {
    Objects.requireNonNull(path, "path");
    return new Shards.FileShard(path);
  }

  /**
   * A record file in memory: {@code contents}, of the heap or not, which has to be of an arena that
   * every thread may use, and must not change while it is read.
   *
   * @param name what messages and events are to call it
   */
  static Shard of(String name, MemorySegment contents) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(contents, "contents");
    return new Shards.MemoryShard(name, contents);
  }
}
