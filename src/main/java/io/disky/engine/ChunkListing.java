package io.disky.engine;

import io.disky.ffi.disky_extent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Chunks that {@link NativeReader#list} or {@link NativeReader#listIndex} listed, in memory that
 * the next call overwrites, and that {@link #close()} frees. One thread may use it.
 */
public final class ChunkListing implements AutoCloseable {
  private static final long SIZE = disky_extent.sizeof();

  private Arena arena;
  private MemorySegment numbers;
  private MemorySegment extents;

  /** Has room for {@code capacity} chunks. */
  @SuppressWarnings("MustBeClosedChecker") // Closed with this listing.
  public ChunkListing(int capacity) {
    this.arena = Arena.ofConfined();
    this.numbers = arena.allocate(ValueLayout.JAVA_LONG, 2);
    this.extents = disky_extent.allocateArray(capacity, arena);
  }

  MemorySegment extents() {
    return extents;
  }

  long capacity() {
    return extents.byteSize() / SIZE;
  }

  MemorySegment countMemory() {
    return numbers.asSlice(0, Long.BYTES);
  }

  MemorySegment nextMemory() {
    return numbers.asSlice(Long.BYTES);
  }

  /** Makes room for as many chunks as {@link #count()} states, which are not listed yet. */
  @SuppressWarnings("MustBeClosedChecker") // Closed with this listing.
  void grow() {
    Arena larger = Arena.ofConfined();
    Arena unused = larger;
    try {
      extents = disky_extent.allocateArray(count(), larger);
      numbers = larger.allocate(ValueLayout.JAVA_LONG, 2);
      unused = arena;
      arena = larger;
    } finally {
      unused.close();
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  /** How many chunks are listed. */
  public long count() {
    return numbers.get(ValueLayout.JAVA_LONG, 0);
  }

  /** The position at which the next listing must begin. */
  public long next() {
    return numbers.get(ValueLayout.JAVA_LONG, Long.BYTES);
  }

  /** Offset of a chunk in the file in bytes. */
  public long begin(long index) {
    return at(index, disky_extent.begin$offset());
  }

  /** Offset just past a chunk. If only an index states it, the chunk may end before. */
  public long end(long index) {
    return at(index, disky_extent.end$offset());
  }

  /** Number of records of a chunk. */
  public long records(long index) {
    return at(index, disky_extent.records$offset());
  }

  /** Sum of a chunk's record sizes in bytes, as stated: unsigned. */
  public long decodedDataSize(long index) {
    return at(index, disky_extent.decoded_data_size$offset());
  }

  private long at(long index, long field) {
    return extents.get(ValueLayout.JAVA_LONG, Math.multiplyExact(index, SIZE) + field);
  }
}
