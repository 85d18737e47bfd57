package io.disky;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A chunk is larger than {@link ReaderOptions#maxChunkSize()} allows, has more records than {@link
 * ReaderOptions#maxRecordsPerChunk()}, or one of its records is larger than {@link
 * ReaderOptions#maxRecordSize()}. The message tells which.
 */
public final class ChunkTooLargeException extends IOException {
  private static final long serialVersionUID = 1;

  // As text, because a Path need not be serializable.
  private final String name;
  private final boolean isFile;
  private final long position;
  private final long size;
  private final long limit;

  ChunkTooLargeException(Origin origin, long position, long size, long limit, String message) {
    super(message);
    this.name = origin.name();
    this.isFile = origin.isFile();
    this.position = position;
    this.size = size;
    this.limit = limit;
  }

  /**
   * What was read: the path of the file as text, {@code memory}, {@code channel} or {@code stream}.
   */
  public String name() {
    return name;
  }

  /** The file; empty if what was read is no file of the default file system. */
  public Optional<Path> path() {
    return isFile ? Optional.of(Path.of(name)) : Optional.empty();
  }

  /** Where the chunk begins: an offset in the file in bytes. */
  public long position() {
    return position;
  }

  /**
   * What the file states, an unsigned number: the size of the chunk or of the record in bytes, of
   * which it may be a lower bound for a record; or how many records the chunk has.
   */
  public long size() {
    return size;
  }

  /** The limit that it exceeds, in bytes or in records. */
  public long limit() {
    return limit;
  }
}
