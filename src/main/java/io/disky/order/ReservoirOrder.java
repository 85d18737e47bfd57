package io.disky.order;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The records in the order of the source enter a reservoir, from which a random one leaves at each
 * position. Ascending positions are fast. To go back, this order starts from a snapshot of the
 * reservoir and lets records leave again; before the oldest snapshot it starts from position 0.
 *
 * <p>Takes at most 48 bytes for each record of the reservoir, and up to 48 more if each of them is
 * in a chunk of its own.
 */
final class ReservoirOrder implements PassOrder {
  private static final int SNAPSHOTS = 4;

  /** The fewest positions between two snapshots: the time for them is a few milliseconds. */
  private static final int SPACING = 1 << 18;

  private final ChunkLayout layout;
  private final long length;
  private final ReservoirRule reservoir;

  // The records that wait at the position, and the chunk of each.
  private long position;
  private long[] waiting;
  private final long[] chunks;
  private final ChunkCounts counts = new ChunkCounts();

  // The chunk of the record that entered last, and the first record after the chunk.
  private long enteringChunk;
  private long enteringEnd;

  // The positions of the snapshots, and the records that waited there. The newest one is before
  // nextSnapshot.
  private final long[] snapshotPositions = new long[SNAPSHOTS];
  private final long[] @Nullable [] snapshots = new long[SNAPSHOTS][];
  private int nextSnapshot;
  private long newestSnapshot;

  ReservoirOrder(ChunkLayout layout, OrderKey key, int capacity) {
    this.layout = layout;
    this.length = layout.records();
    this.reservoir = new ReservoirRule(key.with("reservoir"), length, capacity);
    this.waiting = reservoir.first();
    this.chunks = new long[reservoir.size()];
    findChunks();
  }

  /** Continues from what {@link #checkpoint} returned. */
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
    if (position - newestSnapshot >= Math.max(SPACING, reservoir.size())) {
      takeSnapshot();
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
    takeSnapshot();
  }

  private void findChunks() {
    counts.clear();
    int count = reservoir.waiting(position);
    long chunk = 0;
    long first = 0;
    long end = 0;
    for (int i = 0; i < count; i++) {
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

  private void takeSnapshot() {
    long[] copy = snapshots[nextSnapshot];
    if (copy == null) {
      copy = new long[reservoir.size()];
      snapshots[nextSnapshot] = copy;
    }
    System.arraycopy(waiting, 0, copy, 0, copy.length);
    snapshotPositions[nextSnapshot] = position;
    nextSnapshot = (nextSnapshot + 1) % SNAPSHOTS;
    newestSnapshot = position;
  }

  /** A new array with the records that wait at a position. */
  private long[] waitingAt(long at) {
    Objects.checkFromToIndex(at, length, length);
    long from = 0;
    long[] nearest = null;
    if (position <= at) {
      from = position;
      nearest = waiting;
    }
    for (int i = 0; i < SNAPSHOTS; i++) {
      if (snapshots[i] != null && snapshotPositions[i] >= from && snapshotPositions[i] <= at) {
        from = snapshotPositions[i];
        nearest = snapshots[i];
      }
    }
    long[] records = nearest == null ? reservoir.first() : nearest.clone();
    reservoir.pass(records, from, at);
    return records;
  }
}
