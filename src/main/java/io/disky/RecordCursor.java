package io.disky;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of batches one by one; every iterator of a reader is this one. The batch
 * of the record last handed out stays until the next one is asked for; to know whether there is
 * one, the batch after it may be decoded meanwhile.
 */
final class RecordCursor implements Iterator<MemorySegment> {
  private final BatchFeed feed;
  private final OwnerThread owner;
  private @Nullable RecordBatch current;
  private @Nullable RecordBatch upcoming;

  // Of the current batch, here and in bytes, so that a step within it takes few instructions: the
  // reader, which has a field that is slow to read, is asked between batches only. When it is
  // closed, there is no current batch.
  private MemorySegment data = MemorySegment.NULL;
  private MemorySegment ends = MemorySegment.NULL;
  private long endsSize;
  private long nextEnd;

  // While records are withheld, endsSize, which is 0 meanwhile.
  private long withheldSize;
  private long movedTo;
  private long begin;

  RecordCursor(BatchFeed feed, OwnerThread owner) {
    this.feed = feed;
    this.owner = owner;
  }

  @Override
  public boolean hasNext() {
    owner.check();
    return hasRecord() || hasNextChunk();
  }

  @Override
  public MemorySegment next() {
    if (!hasRecord() && !enterNextChunk()) {
      throw new NoSuchElementException();
    }
    return step();
  }

  private boolean hasNextChunk() {
    try {
      feed.checkUsable();
      return hasNextBatch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean enterNextChunk() {
    try {
      return nextBatch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Moves to the next record of the chunk, which there is, and returns it. */
  MemorySegment step() {
    long from = begin;
    long to = ends.get(ValueLayout.JAVA_LONG_UNALIGNED, nextEnd);
    MemorySegment record = data.asSlice(from, to - from);
    begin = to;
    nextEnd += Long.BYTES;
    return record;
  }

  /** Calls {@code visitor} with the next record of the chunk, which there is. */
  <X extends Throwable> void visitNext(RecordVisitor<X> visitor) throws X {
    MemorySegment record = step();
    withhold();
    try {
      visitor.visit(record);
    } finally {
      resume();
    }
  }

  /** Hands out no record until {@link #resume()}: who asks meanwhile is asking the feed. */
  void withhold() {
    withheldSize = endsSize;
    endsSize = 0;
  }

  /** Goes on in the chunk, unless that was released meanwhile. */
  void resume() {
    endsSize = withheldSize;
    withheldSize = 0;
  }

  /** Says whether there is a next chunk, without touching the current one. */
  boolean hasNextBatch() throws IOException {
    if (upcoming == null) {
      upcoming = feed.next();
    }
    return upcoming != null;
  }

  /** Moves to the next chunk; {@code false} if there is none. */
  boolean nextBatch() throws IOException {
    feed.checkUsable();
    if (!hasNextBatch()) {
      return false;
    }
    // First, because it may throw: nothing is lost then.
    release();
    RecordBatch batch = upcoming;
    if (batch == null) {
      return false;
    }
    MemorySegment batchData = batch.data();
    MemorySegment batchEnds = batch.ends();
    long size = batchEnds.byteSize();
    // All at once: nothing from here on can throw.
    upcoming = null;
    current = batch;
    data = batchData;
    ends = batchEnds;
    endsSize = size;
    return true;
  }

  /** The batch that was decoded ahead, if any. */
  @Nullable RecordBatch upcoming() {
    return upcoming;
  }

  /** Puts {@code batch} where one that was decoded ahead would be; there is none. */
  void putUpcoming(RecordBatch batch) {
    upcoming = batch;
  }

  /** The batch that was decoded ahead, if any, which is then no longer the cursor's. */
  @Nullable RecordBatch takeUpcoming() {
    RecordBatch batch = upcoming;
    upcoming = null;
    return batch;
  }

  /** The batch of the record last handed out, if any. */
  @Nullable RecordBatch current() {
    return current;
  }

  /** How many records of the current batch were handed out. */
  int index() {
    return (int) (nextEnd / Long.BYTES);
  }

  /** Says whether a record of the current batch was handed out since the cursor was moved. */
  boolean hasHandedOut() {
    return nextEnd > movedTo;
  }

  /** Moves to the record at {@code index} of the current batch, or to its end. */
  void moveTo(int index) {
    nextEnd = (long) index * Long.BYTES;
    movedTo = nextEnd;
    begin = index == 0 ? 0 : ends.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index - 1L);
  }

  /** Forgets the current batch, and what was decoded ahead. */
  void abandon() {
    release();
    RecordBatch ahead = takeUpcoming();
    if (ahead != null) {
      ahead.close();
    }
  }

  /** Says whether some records of a chunk were handed out, and others not yet. */
  boolean isInsideChunk() {
    return nextEnd < Math.max(endsSize, withheldSize);
  }

  /** Says whether another record of the chunk can be handed out now. */
  boolean hasRecord() {
    return nextEnd < endsSize;
  }

  /** Closes the current batch. Even if that throws, no more records of it are handed out. */
  void release() {
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
