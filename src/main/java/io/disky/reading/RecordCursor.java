package io.disky.reading;

import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import io.disky.threads.Callbacks;
import io.disky.threads.OwnerThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of chunks one by one. The chunk of the last record stays open until the
 * next record is requested. To know whether there is a next record, the cursor may decode the chunk
 * after it.
 */
public class RecordCursor implements Iterator<MemorySegment> {
  private static final int KNOWN_AT_ONCE = 256;

  // The last record of a chunk of at least this size in bytes is copied, unless it is more than
  // this share of the chunk.
  private static final long LEAST_CHUNK = 64 << 10;
  private static final long SHARE = 16;

  private final ChunkSupply supply;
  private final OwnerThread owner;
  private @Nullable DecodedChunk current;
  private @Nullable DecodedChunk upcoming;

  // A copy of the record that was handed out last. The last record of a chunk is handed out as a
  // copy, so that the next chunk can be decoded into the same memory, which is in the processor's
  // caches, although the record is still valid.
  private @Nullable DecodedChunk apart;
  private final BufferPool copies;

  // A step takes few instructions, because the bounds of the next records are in an array of the
  // Java heap: memory outside it is checked at each access. The cursor asks its supply, whose state
  // is slow to read, between chunks only. A reader that is closed has no current chunk.
  private MemorySegment data = MemorySegment.NULL;
  private MemorySegment ends = MemorySegment.NULL;
  private int count;

  // The record first + i of the chunk has the bytes from bounds[i] to bounds[i + 1] of the source,
  // for i below known.
  private MemorySegment source = MemorySegment.NULL;
  private final long[] bounds = new long[KNOWN_AT_ONCE + 1];
  private int first;
  private int known;
  private int next; // The next record is first + next.

  // While records are withheld, known is 0, and this is its value afterwards.
  private int knownLater;
  private boolean withheld;
  private int movedTo;

  /**
   * @param supply where chunks come from
   * @param owner the thread that may use the cursor
   * @param alignment of records that are copied, in bytes
   */
  public RecordCursor(ChunkSupply supply, OwnerThread owner, int alignment) {
    this.supply = supply;
    this.owner = owner;
    this.copies = new BufferPool(alignment);
  }

  @Override
  public boolean hasNext() {
    owner.check();
    return hasRecord() || hasNextOrFail();
  }

  @Override
  public MemorySegment next() {
    owner.check();
    if (next >= known) {
      findNext();
    }
    return takeNext();
  }

  private void findNext() {
    if (!hasRecord() && !enterNextOrFail()) {
      throw new NoSuchElementException();
    }
    learnNext();
  }

  private boolean hasNextOrFail() {
    try {
      supply.checkUsable();
      return hasNextChunk();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean enterNextOrFail() {
    try {
      return nextChunk();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the next record of the current chunk, which must have one. */
  public MemorySegment step() {
    owner.check();
    if (next >= known) {
      learnNext();
    }
    return takeNext();
  }

  /** All records are made here: only then can the JVM's compiler avoid to allocate them. */
  private MemorySegment takeNext() {
    int at = next;
    long begin = bounds[at];
    MemorySegment record = source.asSlice(begin, bounds[at + 1] - begin);
    next = at + 1;
    return record;
  }

  private void learnNext() {
    if (isToBeCopied()) {
      copyNext();
    } else {
      learnBounds();
    }
  }

  /** Whether the next record is handed out as a copy. */
  boolean isToBeCopied() {
    long size = data.byteSize();
    if (count - index() > 1 || count == 1 || size < LEAST_CHUNK) {
      return false;
    }
    return size - ends.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, count - 2L) <= size / SHARE;
  }

  /**
   * Copies the next record to memory of its own, where it ends when the next chunk is entered, or
   * with {@link #endApart()}.
   */
  private void copyNext() {
    endApart(); // If the user's native code uses the record, this throws, and nothing is lost.
    DecodedChunk copy = Objects.requireNonNull(current).copyOf(index(), copies);
    MemorySegment memory = copy.data();
    apart = copy;
    bounds[0] = 0;
    bounds[1] = memory.byteSize();
    know(memory, 1);
  }

  /** Makes the next {@code size} records known, whose bounds are in {@code memory}. */
  private void know(MemorySegment memory, int size) {
    source = memory;
    first += next;
    next = 0;
    known = size;
  }

  /** Ends the record that was copied last. */
  final void endApart() {
    DecodedChunk ended = apart;
    if (ended != null) {
      ended.close();
      apart = null;
    }
  }

  /**
   * Copies the bounds of the next records, those of the last record separately. If this fails, it
   * can be repeated.
   */
  private void learnBounds() {
    int from = index();
    int size = Math.clamp(count - 1L - from, 1, KNOWN_AT_ONCE);
    bounds[0] = from == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, from - 1L);
    MemorySegment.copy(
        ends, ValueLayout.JAVA_LONG_UNALIGNED, (long) from * Long.BYTES, bounds, 1, size);
    know(data, size);
  }

  /**
   * Hands out no record until {@link #resume()}: if a callback requests a record meanwhile, the
   * request reaches the supply, which refuses it.
   */
  public void withhold() {
    withheld = true;
    knownLater = known;
    known = 0;
  }

  /** Hands out the records of the current chunk again, unless the chunk was released meanwhile. */
  public void resume() {
    known = knownLater;
    knownLater = 0;
    withheld = false;
  }

  /**
   * Calls {@code action} with the remaining records of the current chunk, until the cursor leaves
   * the chunk.
   */
  public <X extends Throwable> void visitChunk(RecordAction<X> action, Callbacks callbacks)
      throws X {
    String outer = callbacks.begin("record visitor");
    try {
      while (hasRecord()) {
        visitNext(action);
      }
    } finally {
      callbacks.end(outer);
    }
  }

  private <X extends Throwable> void visitNext(RecordAction<X> action) throws X {
    MemorySegment record = step();
    withhold();
    try {
      action.visit(record);
    } finally {
      resume();
    }
  }

  /**
   * Checks that the cursor is between two chunks.
   *
   * @param file the file's name, quoted for messages
   * @throws IllegalStateException if it is not, or the supply cannot be used
   */
  public void checkBetweenChunks(Object file) {
    supply.checkUsable();
    if (isInsideChunk()) {
      throw new IllegalStateException(
          "iteration is in the middle of a chunk of "
              + file
              + ": finish the chunk's records first");
    }
  }

  /**
   * Checks that the cursor is between two chunks, and has not decoded the next one.
   *
   * @param file the file's name, quoted for messages
   * @throws IllegalStateException if it has
   */
  public void checkNotAhead(Object file) {
    checkBetweenChunks(file);
    if (upcoming != null) {
      throw new IllegalStateException("iteration has already read ahead in " + file);
    }
  }

  /** Returns whether there is a next chunk; does not change the current one. */
  public boolean hasNextChunk() throws IOException {
    if (upcoming == null) {
      if (apart != null && !isInsideChunk()) {
        leaveEarly();
      }
      upcoming = supply.next();
    }
    return upcoming != null;
  }

  /** Closes the current chunk, whose last record was copied or has ended. */
  private void leaveEarly() {
    try {
      closeCurrent();
    } catch (IllegalStateException e) {
      // The user's native code uses an earlier record: the next request for a record reports it.
    }
  }

  private void closeCurrent() {
    if (current != null) {
      current.close();
    }
  }

  /** Moves to the next chunk; returns {@code false} if there is none. */
  public boolean nextChunk() throws IOException {
    supply.checkUsable();
    if (!hasNextChunk()) {
      return false;
    }
    // This may throw; the upcoming chunk is not lost then.
    release();
    DecodedChunk chunk = upcoming;
    if (chunk == null) {
      return false;
    }
    MemorySegment chunkData = chunk.data();
    MemorySegment chunkEnds = chunk.ends();
    int chunkCount = chunk.count();
    // From here on nothing can throw: the cursor changes completely or not at all.
    upcoming = null;
    current = chunk;
    data = chunkData;
    ends = chunkEnds;
    count = chunkCount;
    return true;
  }

  /** The chunk after the current one, if it is decoded already. */
  public @Nullable DecodedChunk upcoming() {
    return upcoming;
  }

  /** Sets the chunk after the current one; there must be none yet. */
  public void putUpcoming(DecodedChunk chunk) {
    upcoming = chunk;
  }

  /** Returns {@link #upcoming()}, which the caller must then close. */
  public @Nullable DecodedChunk takeUpcoming() {
    DecodedChunk chunk = upcoming;
    upcoming = null;
    return chunk;
  }

  /** The chunk of the last record, if any; it may be closed already. */
  public @Nullable DecodedChunk current() {
    return current;
  }

  /** Index in the current chunk of the next record. */
  public int index() {
    return first + next;
  }

  /** Returns whether a record of the current chunk was handed out since the cursor was moved. */
  public boolean hasHandedOut() {
    return index() > movedTo;
  }

  /** Moves to the record at {@code index} of the current chunk, or to the chunk's end. */
  public void moveTo(int index) {
    first = index;
    known = 0;
    next = 0;
    movedTo = index;
  }

  /** Closes the current chunk and the one after it. */
  public void abandon() {
    try {
      release();
    } finally {
      DecodedChunk ahead = takeUpcoming();
      if (ahead != null) {
        ahead.close();
      }
    }
  }

  /** Closes the current chunk, as {@link #release()} does, after which no other is entered. */
  public void close() {
    try {
      release();
    } finally {
      copies.clear();
    }
  }

  /** Returns whether some records of the current chunk were handed out, and others were not. */
  public boolean isInsideChunk() {
    return index() < count;
  }

  /** Returns whether the current chunk has another record, and records are not withheld. */
  public boolean hasRecord() {
    return next < known || (!withheld && isInsideChunk());
  }

  /**
   * Closes the current chunk. Even if this throws, the cursor hands out no further records of the
   * chunk.
   */
  public void release() {
    data = MemorySegment.NULL;
    source = MemorySegment.NULL;
    ends = MemorySegment.NULL;
    count = 0;
    first = 0;
    known = 0;
    next = 0;
    knownLater = 0;
    movedTo = 0;
    try {
      endApart();
    } finally {
      closeCurrent();
      current = null;
    }
  }
}
