package io.disky.reading;

import io.disky.memory.DecodedChunk;
import io.disky.threads.Callbacks;
import io.disky.threads.OwnerThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of chunks one by one. The chunk of the last record stays open until the
 * next record is requested. To know whether there is a next record, the cursor may decode the chunk
 * after it.
 */
public class RecordCursor implements Iterator<MemorySegment> {
  private final ChunkSupply supply;
  private final OwnerThread owner;
  private @Nullable DecodedChunk current;
  private @Nullable DecodedChunk upcoming;

  // These fields repeat parts of the current chunk, so that a step within the chunk takes few
  // instructions. The cursor asks its supply, whose state is slow to read, between chunks only. A
  // reader that is closed has no current chunk.
  private MemorySegment data = MemorySegment.NULL;
  private MemorySegment ends = MemorySegment.NULL;
  private long endsSize;
  private long nextEnd;

  // The value of endsSize while records are withheld; endsSize is then 0.
  private long withheldSize;
  private long movedTo;
  private long begin;

  /**
   * @param supply where chunks come from
   * @param owner the thread that may use the cursor
   */
  public RecordCursor(ChunkSupply supply, OwnerThread owner) {
    this.supply = supply;
    this.owner = owner;
  }

  @Override
  public boolean hasNext() {
    owner.check();
    return hasRecord() || hasNextOrFail();
  }

  @Override
  public MemorySegment next() {
    if (!hasRecord() && !enterNextOrFail()) {
      throw new NoSuchElementException();
    }
    return step();
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
    long from = begin;
    long to = ends.get(ValueLayout.JAVA_LONG_UNALIGNED, nextEnd);
    MemorySegment record = data.asSlice(from, to - from);
    begin = to;
    nextEnd += Long.BYTES;
    return record;
  }

  /** Returns what {@link #step()} would return, and stays where it is. */
  final MemorySegment peek() {
    long to = ends.get(ValueLayout.JAVA_LONG_UNALIGNED, nextEnd);
    return data.asSlice(begin, to - begin);
  }

  /** Goes past the next record, which has {@code size} bytes. Cannot fail. */
  final void pass(long size) {
    begin += size;
    nextEnd += Long.BYTES;
  }

  /**
   * Hands out no record until {@link #resume()}: if a callback requests a record meanwhile, the
   * request reaches the supply, which refuses it.
   */
  public void withhold() {
    withheldSize = endsSize;
    endsSize = 0;
  }

  /** Hands out the records of the current chunk again, unless the chunk was released meanwhile. */
  public void resume() {
    endsSize = withheldSize;
    withheldSize = 0;
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
      upcoming = supply.next();
    }
    return upcoming != null;
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
    long size = chunkEnds.byteSize();
    // From here on nothing can throw: the cursor changes completely or not at all.
    upcoming = null;
    current = chunk;
    data = chunkData;
    ends = chunkEnds;
    endsSize = size;
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

  /** The chunk of the last record, if any. */
  public @Nullable DecodedChunk current() {
    return current;
  }

  /** Index in the current chunk of the next record. */
  public int index() {
    return (int) (nextEnd / Long.BYTES);
  }

  /** Returns whether a record of the current chunk was handed out since the cursor was moved. */
  public boolean hasHandedOut() {
    return nextEnd > movedTo;
  }

  /** Moves to the record at {@code index} of the current chunk, or to the chunk's end. */
  public void moveTo(int index) {
    nextEnd = (long) index * Long.BYTES;
    movedTo = nextEnd;
    begin = index == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index - 1L);
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

  /** Returns whether some records of the current chunk were handed out, and others were not. */
  public boolean isInsideChunk() {
    return nextEnd < Math.max(endsSize, withheldSize);
  }

  /** Returns whether the current chunk has another record, and records are not withheld. */
  public boolean hasRecord() {
    return nextEnd < endsSize;
  }

  /**
   * Closes the current chunk. Even if this throws, the cursor hands out no further records of the
   * chunk.
   */
  public void release() {
    data = MemorySegment.NULL;
    ends = MemorySegment.NULL;
    endsSize = 0;
    withheldSize = 0;
    nextEnd = 0;
    movedTo = 0;
    begin = 0;
    if (current != null) {
      current.close();
      current = null;
    }
  }
}
