package io.disky.order;

import java.util.Objects;

/** The records in the order of the source. */
final class SequentialOrder implements PassOrder {
  private final ChunkLayout layout;
  private final long length;

  SequentialOrder(ChunkLayout layout) {
    this.layout = layout;
    this.length = layout.records();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void records(long position, long[] into, int at, int count) {
    Objects.checkFromIndexSize(position, count, length);
    for (int i = 0; i < count; i++) {
      into[at + i] = position + i;
    }
  }

  @Override
  public long positionOf(long record) {
    return Objects.checkIndex(record, length);
  }

  @Override
  public boolean sharesChunks() {
    return true;
  }

  @Override
  public boolean isDone(long chunk, long position) {
    return layout.firstRecord(chunk + 1) <= position;
  }
}
