package io.disky;

import io.disky.remote.RemoteFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/** A file, or another container of records, that a {@link MultiThreadedReader} reads. */
public interface Shard {
  /** The name of the shard in messages and events: the path of a file, for example. */
  String name();

  /**
   * Opens the shard. A thread of the {@link MultiThreadedReader} calls this, for one shard at a
   * time; {@link Records#count} calls it for several shards at a time. The caller reads from the
   * position of the returned reader on, and closes it. Nobody else may use that reader, and it must
   * not have handed out single records.
   *
   * @param options the options for the reader
   * @throws IOException if the shard cannot be opened
   */
  RecordReader open(ReaderOptions options) throws IOException;

  /** The file at {@code path}. It need not exist until the shard is opened. */
  static Shard of(Path path) {
    Objects.requireNonNull(path, "path");
    return new Shards.FileShard(path);
  }

  /**
   * A remote file. No request is made until the shard is opened.
   *
   * @throws IllegalStateException if the file returns no name
   */
  static Shard of(RemoteFile file) {
    return new Shards.RemoteShard(Objects.requireNonNull(file, "file"));
  }

  /**
   * A record file in memory. Every thread must be allowed to use {@code contents}, which may be on
   * the heap or not, and its bytes must not change while it is read.
   *
   * @param name the name of the shard in messages and events
   */
  static Shard of(String name, MemorySegment contents) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(contents, "contents");
    return new Shards.MemoryShard(name, contents);
  }
}
