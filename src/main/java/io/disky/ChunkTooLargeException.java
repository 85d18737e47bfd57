package io.disky;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A chunk is larger than {@link ReaderOptions#maxChunkSize()} allows, has more records than {@link
 * ReaderOptions#maxRecordsPerChunk()}, or one of its records is larger than {@link
 * ReaderOptions#maxRecordSize()}. The message tells which.
 */
public final class ChunkTooLargeException extends IOException {
  private static final long serialVersionUID = 1;

  private final String file;
  private final long position;
  private final long size;
  private final long limit;

  ChunkTooLargeException(Path file, long position, long size, long limit, String message) {
    super(message);
    this.file = file.toString();
    this.position = position;
    this.size = size;
    this.limit = limit;
  }

  /** The file. */
  public Path file() {
    return Path.of(file);
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
