package io.disky.memory;

import java.lang.foreign.MemorySegment;

/**
 * Memory into which batches are decoded, one after the other. A forgotten buffer is freed when
 * neither a reader nor a segment of a user can reach it.
 */
public final class BatchBuffer implements ChunkMemory {
  private static final long LEAST = 64;

  private final int alignment;
  private final boolean tight;

  // The memory of the segments ends and data.
  private NativeMemory endsMemory = NativeMemory.NONE;
  private NativeMemory dataMemory = NativeMemory.NONE;

  private MemorySegment ends = MemorySegment.NULL;
  private MemorySegment data = MemorySegment.NULL;

  /** A buffer whose data have no alignment. */
  public BatchBuffer() {
    this(1, false);
  }

  /**
   * A buffer without memory.
   *
   * @param alignment of the data in bytes: a power of two
   * @param tight whether it takes memory that is at most a quarter and 128 bytes larger than needed
   */
  BatchBuffer(int alignment, boolean tight) {
    this.alignment = alignment;
    this.tight = tight;
  }

  /** Takes a buffer back when its batch is closed. */
  public interface Owner {
    void give(BatchBuffer buffer);
  }

  /** A buffer of parts of {@code memory} into which a batch was decoded. */
  public static BatchBuffer of(NativeMemory memory, MemorySegment ends, MemorySegment data) {
    BatchBuffer buffer = new BatchBuffer();
    buffer.endsMemory = memory;
    buffer.dataMemory = memory;
    buffer.ends = ends;
    buffer.data = data;
    return buffer;
  }

  @Override
  public MemorySegment ends() {
    return ends;
  }

  @Override
  public MemorySegment data() {
    return data;
  }

  /** The memory that must be kept reachable as long as {@link #ends()} can be reached. */
  public NativeMemory endsMemory() {
    return endsMemory;
  }

  /** The memory that must be kept reachable as long as {@link #data()} can be reached. */
  public NativeMemory dataMemory() {
    return dataMemory;
  }

  @Override
  public int alignment() {
    return alignment;
  }

  @Override
  public void reserve(long records, long bytes) {
    long endsSize = Math.multiplyExact(records, Long.BYTES);
    if (ends.byteSize() < endsSize) {
      releaseEnds();
      endsMemory = memory(endsSize);
      ends = endsMemory.segment();
    }
    if (data.byteSize() < bytes) {
      releaseData();
      dataMemory = memory(bytes + padding());
      data = aligned(dataMemory.segment());
    }
  }

  /**
   * Makes room for {@code bytes} bytes of records, of which the first {@code kept} bytes stay as
   * they are. The memory for end offsets does not change.
   */
  public void grow(long bytes, long kept) {
    if (data.byteSize() >= bytes) {
      return;
    }
    NativeMemory before = dataMemory;
    NativeMemory larger = memory(bytes + padding());
    MemorySegment grown = aligned(larger.segment());
    MemorySegment.copy(data, 0, grown, 0, kept);
    dataMemory = larger;
    data = grown;
    KeptMemory.give(before);
  }

  /** The additional bytes that are needed so that an aligned part is large enough. */
  private long padding() {
    return alignment <= NativeMemory.ALIGNMENT ? 0 : alignment;
  }

  private MemorySegment aligned(MemorySegment memory) {
    long misaligned = memory.address() & (alignment - 1);
    return misaligned == 0 ? memory : memory.asSlice(alignment - misaligned);
  }

  private NativeMemory memory(long bytes) {
    NativeMemory used = tight ? KeptMemory.takeTight(bytes) : KeptMemory.take(bytes);
    // Chunks of a file differ a little in size, so allocating an eighth more saves many
    // allocations.
    return used == null ? NativeMemory.allocate(bytes + bytes / 8 + LEAST) : used;
  }

  /** Leaves its memory to others. No segment may be able to reach the memory any more. */
  void release() {
    releaseEnds();
    releaseData();
  }

  private void releaseEnds() {
    NativeMemory released = endsMemory;
    ends = MemorySegment.NULL;
    endsMemory = NativeMemory.NONE;
    KeptMemory.give(released);
  }

  private void releaseData() {
    NativeMemory released = dataMemory;
    data = MemorySegment.NULL;
    dataMemory = NativeMemory.NONE;
    KeptMemory.give(released);
  }
}
