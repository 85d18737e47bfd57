package io.disky.order;

/** How the records of a source are grouped into chunks, which are read as a whole. Thread-safe. */
public interface ChunkLayout {
  /** Number of records. */
  long records();

  /** Number of chunks; each has at least one record. */
  long chunks();

  /**
   * The number of records before a chunk.
   *
   * @param chunk 0 to {@link #chunks()}; for {@link #chunks()} the result is {@link #records()}
   */
  long firstRecord(long chunk);

  /**
   * The chunk that has a record.
   *
   * @param record 0 to {@link #records()} - 1
   */
  long chunkOf(long record);

  /** An estimate of the memory that a chunk takes when it is decoded, in bytes; at least 1. */
  long bytes(long chunk);
}
