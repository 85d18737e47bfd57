package io.disky;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of a reader one by one. The batch of the record last handed out stays
 * until the next one is asked for; to know whether there is one, the batch after it may be decoded
 * meanwhile.
 */
final class RecordCursor {
  private final RecordReader reader;
  private @Nullable RecordBatch current;
  private @Nullable RecordBatch upcoming;

  // Of the current batch, so that a step costs no more than reading them.
  private MemorySegment data = MemorySegment.NULL;
  private MemorySegment ends = MemorySegment.NULL;
  private int count;
  private int index;
  private long begin;

  RecordCursor(RecordReader reader) {
    this.reader = reader;
  }

  /** Says whether there is a next record, without touching the current one. */
  boolean hasNext() throws IOException {
    if (index < count) {
      return true;
    }
    if (upcoming == null) {
      upcoming = reader.decodeNext();
    }
    return upcoming != null;
  }

  /** Moves to the next record and returns it, or {@code null} at the end. */
  @Nullable MemorySegment next() throws IOException {
    if (index >= count && !nextBatch()) {
      return null;
    }
    long from = begin;
    long to = ends.getAtIndex(ValueLayout.JAVA_LONG, index);
    MemorySegment record = data.asSlice(from, to - from);
    begin = to;
    index++;
    return record;
  }

  private boolean nextBatch() throws IOException {
    if (!hasNext()) {
      return false;
    }
    // First, because it may throw: nothing is lost then.
    release();
    RecordBatch batch = takeUpcoming();
    if (batch == null) {
      return false;
    }
    current = batch;
    data = batch.data();
    ends = batch.ends();
    count = batch.count();
    return true;
  }

  /** The batch that was decoded ahead, if any. */
  @Nullable RecordBatch upcoming() {
    return upcoming;
  }

  /** The batch that was decoded ahead, if any, which is then no longer the cursor's. */
  @Nullable RecordBatch takeUpcoming() {
    RecordBatch batch = upcoming;
    upcoming = null;
    return batch;
  }

  /** Says whether some records of a chunk were handed out, and others not yet. */
  boolean isInsideChunk() {
    return index < count;
  }

  /** Closes the current batch. */
  void release() {
    if (current != null) {
      current.close();
      current = null;
    }
    data = MemorySegment.NULL;
    ends = MemorySegment.NULL;
    count = 0;
    index = 0;
    begin = 0;
  }
}
