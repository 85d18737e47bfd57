package io.disky.reading;

import java.lang.foreign.MemorySegment;
import java.util.Spliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Records one by one. Does not split, because a record ends when the next one begins. */
public final class RecordSpliterator implements Spliterator<MemorySegment> {
  private final RecordCursor cursor;

  public RecordSpliterator(RecordCursor cursor) {
    this.cursor = cursor;
  }

  @Override
  public boolean tryAdvance(Consumer<? super MemorySegment> action) {
    if (!cursor.hasNext()) {
      return false;
    }
    action.accept(cursor.next());
    return true;
  }

  @Override
  public @Nullable Spliterator<MemorySegment> trySplit() {
    return null;
  }

  @Override
  public long estimateSize() {
    return Long.MAX_VALUE;
  }

  @Override
  public int characteristics() {
    return ORDERED | NONNULL;
  }
}
