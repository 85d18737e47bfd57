package io.disky.writing;

import io.disky.engine.StackProof;
import io.disky.engine.WriterSettings;
import io.disky.memory.KeptMemory;
import io.disky.memory.MemoryFault;
import io.disky.memory.NativeMemory;
import io.disky.memory.PendingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * The records of the chunk that a writer is gathering, one after the other in memory outside the
 * Java heap. The bytes of a record are first written after the other records; the record counts
 * when it is added.
 */
public final class ChunkBuffer {
  private static final long MIN_CAPACITY = 1 << 16;
  private static final long MIN_ENDS = 1 << 10;

  // Memory for slots is zeroed in steps of this many bytes: a call for each slot would cost more
  // than the zeroing.
  private static final long ZEROED_AHEAD = 1 << 12;

  // Zeroing is copying from here: MemorySegment.fill stores only 8 bytes at a time, copies more.
  private static final byte[] ZEROS = new byte[(int) ZEROED_AHEAD];

  // MemorySegment.copy copies fewer bytes than this one by one, which takes three times as long.
  private static final long SMALL = 64;

  private static final long LARGE_GROUP = 1 << 20;

  // For copies of 2.5 MB and more, HotSpot uses instructions that bypass the caches. But the engine
  // reads the records again at once.
  private static final int PIECE = 1 << 18;

  // If the memory is this many times larger than required, it is left to other objects.
  private static final long EXCESS = 4;

  private final long chunkSize;
  private final long maxCount;

  // The memory of the segments below.
  private NativeMemory dataMemory = NativeMemory.NONE;
  private NativeMemory endsMemory = NativeMemory.NONE;

  private MemorySegment data = MemorySegment.NULL;
  private MemorySegment ends = MemorySegment.NULL;
  private long size;
  private long count;

  // The largest number of records in the chunk, for which ends has room.
  private long countRoom;

  // The memory after the records and the slots, from this offset on, was never written to and is
  // zero.
  private long clean;

  // For slots: the memory from soiled to zeroed is zero, except where records are. Slots may have
  // written to the memory between the end of the records and soiled.
  private long soiled;
  private long zeroed;

  private ChunkBuffer(long chunkSize, long maxCount) {
    this.chunkSize = chunkSize;
    this.maxCount = maxCount;
  }

  /** Creates a buffer for chunks of the size that {@code settings} state. */
  public static ChunkBuffer of(WriterSettings settings) {
    return settings.arrayRecord() ? ofGroup(settings.groupSize()) : ofSize(settings.chunkSize());
  }

  /**
   * Creates a buffer for chunks of {@code bytes} bytes; each record counts its bytes and 8 more.
   */
  public static ChunkBuffer ofSize(long bytes) {
    return new ChunkBuffer(bytes, Long.MAX_VALUE);
  }

  /** Creates a buffer for chunks of {@code count} records. */
  public static ChunkBuffer ofGroup(int count) {
    return new ChunkBuffer(Long.MAX_VALUE, count);
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /** Number of records. */
  public long count() {
    return count;
  }

  /** Size of all records in bytes. */
  public long size() {
    return size;
  }

  /** Size of its memory in bytes. */
  public long held() {
    return data.byteSize() + ends.byteSize();
  }

  /** Returns whether a record of {@code bytes} bytes would exceed the chunk. */
  public boolean overflows(long bytes) {
    return bytes > chunkSize - size - Long.BYTES * (count + 1) || count == maxCount;
  }

  /** Returns whether this is a complete group. */
  public boolean isFullGroup() {
    return count == maxCount;
  }

  /**
   * Adds a record if only a copy is needed for that. Returns {@code false} if the chunk is full, or
   * needs more memory for the record.
   */
  public boolean tryAdd(byte[] array, int offset, int length) {
    if (!hasRoom(length)) {
      return false;
    }
    copy(array, offset, length);
    put(length);
    return true;
  }

  /** Adds a record and makes room for it. */
  public void add(byte[] array, int offset, int length) {
    reserve(length);
    copy(array, offset, length);
    add(length);
  }

  private void copy(byte[] array, int offset, int length) {
    if (length <= PIECE) {
      MemorySegment.copy(array, offset, data, ValueLayout.JAVA_BYTE, size, length);
    } else {
      copyPieces(array, offset, length);
    }
  }

  private void copyPieces(byte[] array, int offset, int length) {
    int copied = 0;
    while (copied < length) {
      int piece = Math.min(length - copied, PIECE);
      MemorySegment.copy(array, offset + copied, data, ValueLayout.JAVA_BYTE, size + copied, piece);
      copied += piece;
    }
  }

  /**
   * Adds a record as {@link #tryAdd(byte[], int, int)} does.
   *
   * @throws MemoryFault if the memory of the record cannot be accessed any more; the record is not
   *     added
   */
  public boolean tryAdd(MemorySegment record) throws MemoryFault {
    long length = record.byteSize();
    if (!hasRoom(length)) {
      return false;
    }
    copy(record, length);
    put(length);
    return true;
  }

  /**
   * Adds a record and makes room for it.
   *
   * @throws MemoryFault as {@link #tryAdd(MemorySegment)}
   */
  public void add(MemorySegment record) throws MemoryFault {
    long length = record.byteSize();
    ensureRoom(length);
    copy(record, length);
    add(length);
  }

  private void copy(MemorySegment record, long length) throws MemoryFault {
    boolean copied = false;
    try {
      copyBytes(record, length);
      if (record.isNative()) {
        PendingFault.raise();
      }
      copied = true;
    } catch (InternalError e) {
      throw MemoryFault.of("memory of a record to write", e);
    } finally {
      if (!copied) {
        // A part of the record may have been copied: slots must not show it.
        reserve(length);
      }
    }
  }

  private void copyBytes(MemorySegment record, long length) {
    if (length <= SMALL && record.isNative()) {
      ByteBuffer bytes = data.asSlice(size, length).asByteBuffer();
      bytes.put(0, record.asByteBuffer(), 0, (int) length);
    } else if (length <= PIECE) {
      MemorySegment.copy(record, 0, data, size, length);
    } else {
      copyPieces(record, length);
    }
  }

  private void copyPieces(MemorySegment record, long length) {
    long copied = 0;
    while (copied < length) {
      long piece = Math.min(length - copied, PIECE);
      MemorySegment.copy(record, copied, data, size + copied, piece);
      copied += piece;
    }
  }

  /** Returns whether all records that can be staged fit, and the memory has room for them. */
  boolean hasRoomForStaged() {
    long bytes = StagedRecords.MOST_BYTES;
    long records = StagedRecords.MOST_RECORDS;
    return fits(bytes, records) && bytes <= data.byteSize() - size && count + records <= countRoom;
  }

  /**
   * Moves the staged records to the chunk, for which there must be room; no further ones may be
   * staged then.
   */
  void addFrom(StagedRecords staged) {
    staged.copyTo(data, size, ends, count);
    size += staged.size;
    count += staged.count;
    staged.movedBytes += staged.size;
    staged.movedCount += staged.count;
    staged.size = 0;
    staged.count = 0;
    staged.limit = -1;
  }

  private boolean hasRoom(long bytes) {
    return bytes <= data.byteSize() - size
        && bytes <= chunkSize - size - Long.BYTES * (count + 1)
        && count < countRoom;
  }

  /**
   * The memory for a record of up to {@code bytes} bytes begins at {@link #size()} of this segment.
   */
  public MemorySegment reserve(long bytes) {
    ensureRoom(bytes);
    soiled = Math.max(soiled, size + bytes);
    clean = Math.max(clean, size + bytes);
    return data;
  }

  private void ensureRoom(long bytes) {
    if (bytes > data.byteSize() - size) {
      if (bytes > Long.MAX_VALUE - size) {
        throw new OutOfMemoryError("no memory for a record of " + bytes + " bytes and the chunk");
      }
      grow(size + bytes);
    }
  }

  private void grow(long capacity) {
    StackProof.require();
    // The size of a group is not known in advance, so its memory doubles.
    long usual = isGroup() ? 2 * data.byteSize() : Math.min(2 * data.byteSize(), chunkSize);
    long roomy = Math.max(Math.max(capacity, usual), MIN_CAPACITY);
    NativeMemory used = KeptMemory.take(roomy);
    NativeMemory larger = used == null ? NativeMemory.allocate(roomy) : used;
    MemorySegment.copy(data, 0, larger.segment(), 0, size);
    KeptMemory.give(replaceData(larger));
    clean = used == null ? size : larger.size();
    soiled = size;
    zeroed = size;
  }

  /** Replaces the memory of the records; returns the earlier memory. */
  private NativeMemory replaceData(NativeMemory memory) {
    NativeMemory before = dataMemory;
    dataMemory = memory;
    data = memory.segment();
    return before;
  }

  /** Zeroed memory for a record of up to {@code bytes} bytes. */
  public MemorySegment slot(long bytes) {
    if (bytes > zeroed - size || soiled > size) {
      makeZero(bytes);
    }
    soiled = Math.max(soiled, size + bytes);
    return data.asSlice(size, bytes);
  }

  /** Makes the first {@code bytes} bytes after the records zero. */
  private void makeZero(long bytes) {
    ensureRoom(bytes);
    long end = size + bytes;
    clean = Math.max(clean, Math.max(size, soiled));
    if (soiled > size) {
      zero(size, Math.min(soiled, end));
    }
    if (end > zeroed) {
      zeroAhead(end);
    }
  }

  /**
   * The first {@code bytes} bytes of the {@link #slot} that was requested last, if no record was
   * added since.
   */
  public MemorySegment built(long bytes) {
    return data.asSlice(size, bytes);
  }

  /** Zeroes memory that earlier chunks have written to, for some slots at a time. */
  private void zeroAhead(long end) {
    long ahead = Math.min(end + ZEROED_AHEAD, data.byteSize());
    zero(Math.max(size, zeroed), Math.min(ahead, clean));
    zeroed = ahead;
  }

  private void zero(long from, long to) {
    for (long begin = from; begin < to; begin += ZEROS.length) {
      int bytes = (int) Math.min(ZEROS.length, to - begin);
      MemorySegment.copy(ZEROS, 0, data, ValueLayout.JAVA_BYTE, begin, bytes);
    }
  }

  /** Adds the record of {@code bytes} bytes that was written after the other records. */
  public void add(long bytes) {
    setEnd(count, size + bytes);
    size += bytes;
    count++;
  }

  private void setEnd(long index, long end) {
    if (Long.BYTES * (index + 1) > ends.byteSize()) {
      growEnds(index);
    }
    ends.setAtIndex(ValueLayout.JAVA_LONG, index, end);
  }

  private void put(long bytes) {
    long end = size + bytes;
    ends.setAtIndex(ValueLayout.JAVA_LONG, count, end);
    size = end;
    count++;
  }

  /** The size of a chunk in bytes, or a bound for the size of most groups. */
  private long usualSize() {
    return Math.max(isGroup() ? LARGE_GROUP : chunkSize, MIN_CAPACITY);
  }

  private boolean isGroup() {
    return maxCount != Long.MAX_VALUE;
  }

  /** Makes room for more ends; keeps the first {@code used} ones. */
  private void growEnds(long used) {
    StackProof.require();
    long roomy = Math.max(MIN_ENDS, 2 * used);
    NativeMemory larger = KeptMemory.takeOrAllocate(Long.BYTES * roomy);
    MemorySegment.copy(ends, 0, larger.segment(), 0, Long.BYTES * used);
    NativeMemory before = endsMemory;
    endsMemory = larger;
    ends = larger.segment();
    countRoom = Math.min(ends.byteSize() / Long.BYTES, maxCount);
    KeptMemory.give(before); // this step must be the last one: the memory then belongs to others
  }

  /** All records. */
  public MemorySegment records() {
    return data.asSlice(0, size);
  }

  /** Where each record ends, as longs. */
  public MemorySegment ends() {
    return ends.asSlice(0, Long.BYTES * count);
  }

  /**
   * Removes all records, but keeps the {@code pending} bytes after them as the beginning of the
   * next record. Keeps the memory, because the next chunk probably has the same size, unless it is
   * far larger than a chunk and than these records and their slots.
   */
  public void clear(long pending) {
    clear(pending, Math.max(usualSize(), Math.max(size, soiled)));
  }

  /**
   * Removes all records. For chunks that may then stay empty for long: leaves memory to other
   * objects if it is far larger than a chunk.
   */
  public void clearUnused() {
    clear(0, isGroup() ? Math.max(usualSize(), size) : usualSize());
  }

  private void clear(long pending, long required) {
    MemorySegment kept = data.asSlice(size, pending);
    NativeMemory excess = NativeMemory.NONE;
    clean = Math.max(clean, Math.max(size, soiled));
    if (data.byteSize() / EXCESS > required) {
      excess = replaceData(NativeMemory.NONE);
      clean = 0;
    }
    size = 0;
    count = 0;
    soiled = 0;
    zeroed = 0;
    try {
      MemorySegment.copy(kept, 0, reserve(pending), 0, pending);
    } finally {
      KeptMemory.give(excess);
    }
  }

  /**
   * Copies the {@code pending} bytes after the records to where the first record of an empty chunk
   * begins.
   */
  void movePending(long pending, ChunkBuffer empty) {
    MemorySegment.copy(data, size, empty.reserve(pending), 0, pending);
  }

  /**
   * Adds records of {@code other}, from index {@code first} on, as long as they fit.
   *
   * @return the number of records that were added
   */
  public long addFrom(ChunkBuffer other, long first) {
    long last = first;
    long from = other.begin(first);
    long bytes = 0;
    while (last < other.count && fits(other.begin(last + 1) - from, last + 1 - first)) {
      last++;
      bytes = other.begin(last) - from;
    }
    MemorySegment.copy(other.data, from, reserve(bytes), size, bytes);
    for (long i = first; i < last; i++) {
      add(other.begin(i + 1) - other.begin(i));
    }
    return last - first;
  }

  /**
   * Adds the next records of {@code run}, as long as they fit.
   *
   * @return the number of records that were added
   * @throws MemoryFault if the memory of the records cannot be accessed any more; none is added
   */
  long addFrom(RecordRun run) throws MemoryFault {
    long added = addEnds(run);
    long bytes = begin(count + added) - begin(count);
    ensureRoom(bytes);
    copy(run.data(bytes), bytes);
    reserve(bytes);
    size += bytes;
    count += added;
    run.advance(added, bytes);
    return added;
  }

  /** Notes where records of {@code run} will end, as many as fit; returns how many. */
  private long addEnds(RecordRun run) throws MemoryFault {
    try {
      long added = 0;
      long bytes = 0;
      while (added < run.left()) {
        long end = run.end(added, bytes);
        if (!fits(end, added + 1)) {
          break;
        }
        setEnd(count + added, size + end);
        bytes = end;
        added++;
      }
      PendingFault.raise();
      return added;
    } catch (InternalError e) {
      throw MemoryFault.of("memory of a batch that is to be written", e);
    }
  }

  /** Adds a text, of {@code bytes} bytes in UTF-8, and makes room for it. */
  void add(String text, long bytes) {
    Utf8Text.encode(text, reserve(bytes), size);
    add(bytes);
  }

  /**
   * Returns whether {@code records} records of {@code bytes} bytes in total fit. The first record
   * of an empty chunk always fits.
   */
  private boolean fits(long bytes, long records) {
    return (count == 0 && records == 1)
        || (bytes <= chunkSize - size - Long.BYTES * (count + records)
            && count + records <= maxCount);
  }

  private long begin(long index) {
    return index == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG, index - 1);
  }

  /** Removes all records and leaves the memory to other writers. */
  public void release() {
    KeptMemory.give(replaceData(NativeMemory.NONE));
    NativeMemory before = endsMemory;
    endsMemory = NativeMemory.NONE;
    ends = MemorySegment.NULL;
    countRoom = 0;
    size = 0;
    count = 0;
    clean = 0;
    soiled = 0;
    zeroed = 0;
    KeptMemory.give(before);
  }
}
