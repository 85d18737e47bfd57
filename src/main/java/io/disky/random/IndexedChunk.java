package io.disky.random;

/**
 * A chunk of one of the files of a sequence.
 *
 * @param file the file
 * @param number how many chunks of the file are before it
 * @param firstRecord how many records of the sequence are before it
 * @param key its key in the cache
 */
public record IndexedChunk(IndexedFile file, long number, long firstRecord, long key) {
  /** The entry of the index. */
  public ChunkIndex.Entry entry() {
    return file.index().entry(number);
  }

  /**
   * The index in the chunk of a record that is in it.
   *
   * @param record the number of the record in the sequence
   */
  public int indexOf(long record) {
    return (int) (record - firstRecord);
  }
}
