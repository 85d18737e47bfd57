package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The records of consecutive positions in memory. For one thread. */
final class LoadedPart implements AutoCloseable {
  @SuppressWarnings("MustBeClosedChecker") // Closed with this object.
  private final Arena arena = Arena.ofConfined();

  private final long first;
  private final long count;
  private final MemorySegment data;
  // For each position, two numbers: the offset of the record in the data, or -1 minus its index in
  // the large records; and its size.
  private final MemorySegment index;
  private long used;

  /**
   * Allocates the memory.
   *
   * @param first the first position
   * @param count number of positions
   * @param bytes sum of the sizes of the records
   */
  LoadedPart(long first, long count, long bytes) {
    this.first = first;
    this.count = count;
    // One allocation: if it fails, nothing has to be freed.
    long indexBytes = count * ShuffleMemory.INDEX_ENTRY;
    MemorySegment all = arena.allocate(indexBytes + bytes, Long.BYTES);
    this.index = all.asSlice(0, indexBytes);
    this.data = all.asSlice(indexBytes);
  }

  /** Whether there is room for a record of {@code size} bytes. */
  boolean hasRoom(long size) {
    return size <= data.byteSize() - used;
  }

  /**
   * Takes the place for a record. There must be room for it.
   *
   * @return its offset in {@link #data()}
   */
  long place(long position, long size) {
    long offset = used;
    set(position, offset, size);
    used += size;
    return offset;
  }

  /** Stores that the record at a position is large. */
  void placeLarge(long position, long largeIndex, long size) {
    set(position, -1 - largeIndex, size);
  }

  private void set(long position, long offset, long size) {
    long entry = (position - first) * 2;
    index.setAtIndex(ValueLayout.JAVA_LONG, entry, offset);
    index.setAtIndex(ValueLayout.JAVA_LONG, entry + 1, size);
  }

  /** The memory of the records. */
  MemorySegment data() {
    return data;
  }

  /** Reads a large record. */
  @FunctionalInterface
  interface LargeReading {
    MemorySegment read(long largeIndex, Arena arena) throws IOException;
  }

  /** Passes the records on in the order of their positions. */
  <X extends Throwable> void forEach(LargeReading large, RecordTarget<X> target)
      throws IOException, X {
    MemorySegment records = data.asReadOnly();
    for (long entry = 0; entry < 2 * count; entry += 2) {
      long offset = index.getAtIndex(ValueLayout.JAVA_LONG, entry);
      if (offset >= 0) {
        long size = index.getAtIndex(ValueLayout.JAVA_LONG, entry + 1);
        target.take(records.asSlice(offset, size));
      } else {
        try (Arena alone = Arena.ofConfined()) {
          target.take(large.read(-1 - offset, alone).asReadOnly());
        }
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
