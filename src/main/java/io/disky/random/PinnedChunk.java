package io.disky.random;

import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The wanted records of a chunk in the cache, which this object pins. */
final class PinnedChunk implements RecordGroup {
  private final IndexedFiles files;
  private final CachedChunk chunk;
  private final long[] records;

  /**
   * Pins the chunk, after decoding it if it is not in the cache.
   *
   * @param records the array of numbers
   */
  PinnedChunk(IndexedFiles files, IndexedChunk chunk, long[] records) throws IOException {
    this.files = files;
    this.chunk = files.pin(chunk);
    this.records = records;
  }

  @Override
  public int chunks() {
    return 1;
  }

  @Override
  public NativeMemory memory() {
    return chunk.memory();
  }

  @Override
  public MemorySegment part() {
    return chunk.data();
  }

  @Override
  public long offset(int i) {
    return chunk.offset(chunk.indexOf(records[i]));
  }

  @Override
  public long size(int i) {
    return chunk.size(chunk.indexOf(records[i]));
  }

  /** Size of the memory of the chunk in bytes. */
  long memorySize() {
    return chunk.memorySize();
  }

  @Override
  public void release() {
    files.unpin(chunk);
  }
}
