package io.disky;

import io.disky.files.Origin;

/**
 * A chunk is larger than {@link ReaderOptions#maxChunkSize()} allows, has more records than {@link
 * ReaderOptions#maxRecordsPerChunk()}, or one of its records is larger than {@link
 * ReaderOptions#maxRecordSize()}. The message states the limit.
 */
public final class ChunkTooLargeException extends RecordFileException {
  private static final long serialVersionUID = 1;

  private final long size;
  private final long limit;

  /**
   * For the implementation of a {@link Shard} that has limits.
   *
   * @param name the name of the file
   * @param position where the chunk begins: an offset in the file in bytes
   * @param size the size or the number of records that the file states, an unsigned number
   * @param limit the limit that it exceeds, in bytes or in records
   * @param message the complete message; it should name file, position, values and remedy
   */
  public ChunkTooLargeException(String name, long position, long size, long limit, String message) {
    this(Origin.named(name), position, size, limit, message);
  }

  ChunkTooLargeException(Origin origin, long position, long size, long limit, String message) {
    super(origin, position, message);
    this.size = size;
    this.limit = limit;
  }

  /**
   * The size that the file states, an unsigned number: the size of the chunk or of the record in
   * bytes, or the number of records in the chunk. For a record it may be a lower bound of its size.
   */
  public long size() {
    return size;
  }

  /** The limit that it exceeds, in bytes or in records. */
  public long limit() {
    return limit;
  }
}
