package io.disky.order;

import java.util.Arrays;
import java.util.Objects;

/**
 * Records enter a reservoir in the order of the source; at each position a random record leaves it.
 * Ascending positions are fast. To go back, this order begins with the last snapshot of the
 * reservoir before the position, or with position 0 if there is none, and lets records leave again.
 *
 * <p>Takes at most 48 bytes for each record of the reservoir, and up to 48 more if each of them is
 * in a chunk of its own.
 */
final class ReservoirOrder implements PassOrder {
  private final ChunkLayout layout;
  private final long length;
  private final ReservoirRule reservoir;
  private final ReservoirSnapshots snapshots;

  // The records that wait at the position, and the chunk of each.
  private long position;
  private long[] waiting;
  private final long[] chunks;
  private final ChunkCounts counts = new ChunkCounts();

  // The chunk of the record that entered last, and the first record after the chunk.
  private long enteringChunk;
  private long enteringEnd;

  ReservoirOrder(ChunkLayout layout, OrderKey key, int capacity) {
    this.layout = layout;
    this.length = layout.records();
    this.reservoir = new ReservoirRule(key.with("reservoir"), length, capacity);
    this.snapshots = new ReservoirSnapshots(reservoir.size());
    this.waiting = reservoir.first();
    this.chunks = new long[reservoir.size()];
    findChunks();
  }

  /** Goes to a position for which {@link #checkpoint} has returned {@code checkpoint}. */
  void restore(long at, long[] checkpoint) {
    reservoir.check(at, checkpoint);
    moveTo(at, Arrays.copyOf(checkpoint, reservoir.size()));
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void records(long from, long[] into, int at, int count) {
    Objects.checkFromIndexSize(from, count, length);
    moveTo(from);
    for (int i = 0; i < count; i++) {
      into[at + i] = next();
    }
  }

  @Override
  public long positionOf(long record) {
    throw new UnsupportedOperationException(
        "A reservoir cannot compute the position of record " + record + ".");
  }

  @Override
  public boolean sharesChunks() {
    return true;
  }

  @Override
  public boolean isDone(long chunk, long at) {
    moveTo(at);
    return layout.firstRecord(chunk + 1) <= reservoir.entered(at) && counts.get(chunk) == 0;
  }

  @Override
  public long[] checkpoint(long at) {
    return Arrays.copyOf(waitingAt(at), reservoir.waiting(at));
  }

  private long next() {
    int index = reservoir.leaving(position);
    long record = waiting[index];
    counts.remove(chunks[index]);
    long entering = reservoir.size() + position;
    if (entering < length) {
      waiting[index] = entering;
      chunks[index] = chunkEntering(entering);
      counts.add(chunks[index]);
    } else {
      int last = reservoir.waiting(position) - 1;
      waiting[index] = waiting[last];
      chunks[index] = chunks[last];
    }
    position++;
    if (snapshots.isDue(position)) {
      snapshots.take(position, waiting);
    }
    return record;
  }

  private long chunkEntering(long record) {
    while (record >= enteringEnd) {
      enteringChunk++;
      enteringEnd = layout.firstRecord(enteringChunk + 1);
    }
    return enteringChunk;
  }

  private void moveTo(long at) {
    if (at != position) {
      moveTo(at, waitingAt(at));
    }
  }

  /** Moves to a position at which these records wait. */
  private void moveTo(long at, long[] records) {
    position = at;
    waiting = records;
    findChunks();
    snapshots.take(at, waiting);
  }

  private void findChunks() {
    counts.clear();
    int count = reservoir.waiting(position);
    long chunk = 0;
    long first = 0;
    long end = 0;
    for (int i = 0; i < count; i++) {
      // Neighbours are often in the same chunk.
      if (waiting[i] < first || waiting[i] >= end) {
        chunk = layout.chunkOf(waiting[i]);
        first = layout.firstRecord(chunk);
        end = layout.firstRecord(chunk + 1);
      }
      chunks[i] = chunk;
      counts.add(chunk);
    }
    long entered = reservoir.entered(position);
    if (entered > 0) {
      enteringChunk = layout.chunkOf(entered - 1);
      enteringEnd = layout.firstRecord(enteringChunk + 1);
    }
  }

  /** A new array with the records that wait at a position. */
  private long[] waitingAt(long at) {
    Objects.checkFromToIndex(at, length, length);
    int snapshot = snapshots.nearest(at);
    long from = snapshot < 0 ? 0 : snapshots.position(snapshot);
    long[] records;
    if (position <= at && position >= from) {
      from = position;
      records = waiting.clone();
    } else {
      records = snapshot < 0 ? reservoir.first() : snapshots.copy(snapshot);
    }
    reservoir.pass(records, from, at);
    return records;
  }
}
