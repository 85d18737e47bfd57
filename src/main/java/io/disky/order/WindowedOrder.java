package io.disky.order;

import java.util.Objects;

/**
 * Chunks in a permuted order, and the records of each window of chunks permuted. Takes 16 bytes for
 * each window that it has reached, and 16 to 17 bytes for each chunk of the largest window.
 */
final class WindowedOrder implements PassOrder {
  private final ChunkLayout layout;
  private final long length;
  private final KeyedPermutation chunkOrder;
  private final Windows windows;
  private final OrderKey windowsKey;

  // The open window.
  private long start;
  private long end;
  private long firstChunk;
  private long endChunk;
  private final KeyedPermutation permutation = KeyedPermutation.of(new OrderKey(0, 0), 0);
  private final WindowChunks chunks = new WindowChunks();

  WindowedOrder(ChunkLayout layout, OrderKey key, long bytes) {
    this.layout = layout;
    this.length = layout.records();
    this.chunkOrder = KeyedPermutation.of(key.with("chunks"), layout.chunks());
    this.windows = new Windows(layout, chunkOrder, bytes);
    this.windowsKey = key.with("windows");
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void records(long position, long[] into, int at, int count) {
    Objects.checkFromIndexSize(position, count, length);
    int done = 0;
    while (done < count) {
      long next = position + done;
      openAt(next);
      int here = (int) Math.min(count - done, end - next);
      permute(next - start, into, at + done, here);
      done += here;
    }
  }

  @Override
  public long positionOf(long record) {
    long index = chunkOrder.indexOf(layout.chunkOf(Objects.checkIndex(record, length)));
    if (!isOpen(index)) {
      open(windows.ofChunk(index));
    }
    return positionOf(record, index);
  }

  @Override
  public boolean sharesChunks() {
    return true;
  }

  @Override
  public boolean isDone(long chunk, long position) {
    long index = chunkOrder.indexOf(chunk);
    if (!isOpen(index)) {
      long other = windows.ofChunk(index);
      if (position >= windows.endPosition(other)) {
        return true;
      }
      if (position <= windows.firstPosition(other)) {
        return false;
      }
      open(other);
    }
    if (position <= start || position >= end) {
      return position >= end;
    }
    long last = layout.firstRecord(chunk + 1);
    for (long record = layout.firstRecord(chunk); record < last; record++) {
      if (positionOf(record, index) >= position) {
        return false;
      }
    }
    return true;
  }

  private void permute(long index, long[] into, int at, int count) {
    // Two loops are faster: the search for a chunk is hard to predict, and the processor would
    // begin the next permutation only after it.
    for (int i = 0; i < count; i++) {
      into[at + i] = permutation.at(index + i);
    }
    for (int i = at; i < at + count; i++) {
      into[i] = chunks.record(into[i]);
    }
  }

  /** The position of a record of the open window, whose chunk is at {@code index} of the order. */
  private long positionOf(long record, long index) {
    return start + permutation.indexOf(chunks.index((int) (index - firstChunk), record));
  }

  private boolean isOpen(long index) {
    return index >= firstChunk && index < endChunk;
  }

  private void openAt(long position) {
    if (position < start || position >= end) {
      open(windows.at(position));
    }
  }

  private void open(long number) {
    // No window is open if this fails.
    start = 0;
    end = 0;
    firstChunk = 0;
    endChunk = 0;
    long first = windows.firstChunk(number);
    long last = windows.endChunk(number);
    long begin = windows.firstPosition(number);
    long records = windows.endPosition(number) - begin;
    chunks.set(layout, chunkOrder, first, Math.toIntExact(last - first), records);
    // Two hashes instead of a digest: a window may have few records.
    permutation.set(
        new OrderKey(windowsKey.hash(2 * number), windowsKey.hash(2 * number + 1)), records);
    start = begin;
    end = begin + records;
    firstChunk = first;
    endChunk = last;
  }
}
