package io.disky.random;

/**
 * The wanted records of one chunk: the numbers from {@code from} to before {@code to} of the array
 * of numbers.
 *
 * @param entry the entry of the chunk in the index of its file
 */
record Selection(IndexedChunk chunk, ChunkIndex.Entry entry, int from, int to) {
  IndexedFile file() {
    return chunk.file();
  }

  /** How many records of the sequence are before the chunk. */
  long firstRecord() {
    return chunk.file().firstRecord() + entry.firstRecord();
  }
}
