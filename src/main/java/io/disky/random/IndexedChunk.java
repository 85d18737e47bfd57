package io.disky.random;

/**
 * A chunk of one of the files of a sequence.
 *
 * @param file the file
 * @param number how many chunks of the file are before it
 */
public record IndexedChunk(IndexedFile file, long number) {
  /** How many records of the sequence are before it. */
  public long firstRecord() {
    return file.firstRecord() + file.index().firstRecord(number);
  }

  /** The entry of the index. */
  public ChunkIndex.Entry entry() {
    return file.index().entry(number);
  }

  /** Its key in the cache. */
  long key() {
    return file.key(number);
  }
}
