package io.disky.memory;

/**
 * The place of a chunk in its file, and the place of its records in memory.
 *
 * @param chunkBegin offset of the chunk in the file in bytes
 * @param chunkEnd offset in the file, in bytes, just past the chunk and its padding
 * @param count number of records, at least 1
 * @param dataOffset where the records begin in the memory for data, in bytes
 * @param dataSize size of all records together in bytes
 * @param scanned whether only a search has found the chunk
 */
public record ChunkPlace(
    long chunkBegin, long chunkEnd, int count, long dataOffset, long dataSize, boolean scanned) {

  /** The place of a copy whose records begin where its memory begins. */
  ChunkPlace atBegin() {
    return new ChunkPlace(chunkBegin, chunkEnd, count, 0, dataSize, scanned);
  }

  /** The same place, with another answer to whether only a search has found the chunk. */
  public ChunkPlace withScanned(boolean found) {
    return new ChunkPlace(chunkBegin, chunkEnd, count, dataOffset, dataSize, found);
  }
}
