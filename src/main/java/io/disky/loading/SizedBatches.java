package io.disky.loading;

import io.disky.memory.BufferPool;
import io.disky.order.EpochOrder;
import io.disky.order.MixMethod;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.ShuffleMethod;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a limited size or cost, made of parts: the batches of a pipeline, which have fixed
 * numbers of records. One thread must take all batches.
 */
public final class SizedBatches {
  private static final int ALIGNMENT = 64;
  private static final int MOST_PASSED = 1 << 16;

  /** The cost of records. */
  @FunctionalInterface
  public interface Cost {
    /** The cost of a record, at least 0. */
    long of(MemorySegment record);
  }

  private final Pipeline pipeline;
  private final OrderSpec spec;
  private final long most;
  private final @Nullable Cost cost;
  private final BufferPool buffers = new BufferPool(ALIGNMENT);
  private final BatchFill fill = new BatchFill();
  private final Picks passed = new Picks();

  /**
   * A batch of the pipeline.
   *
   * @param after where loading continues after the part
   */
  private record Part(FilledBatch batch, Progress after) {}

  // The parts that are not delivered completely; number of delivered records of the first part.
  private final ArrayDeque<Part> parts = new ArrayDeque<>();
  private int begin;

  // The cost of the first record that is not delivered; negative if it was not computed.
  private long firstCost = -1;

  // At the last delivered position, for checkpoints; only if the order needs checkpoints.
  private @Nullable EpochOrder follower;
  private long step;
  private volatile Progress delivered;

  /**
   * @param most the largest sum of costs of a batch of several records
   * @param cost the cost of records; {@code null} for their size in bytes
   */
  public SizedBatches(
      Pipeline pipeline, OrderSpec spec, long most, @Nullable Cost cost, Progress start) {
    this.pipeline = pipeline;
    this.spec = spec;
    this.most = most;
    this.cost = cost;
    this.delivered = start;
    if (spec.mix() != MixMethod.CONCATENATED || spec.shuffle() instanceof ShuffleMethod.Reservoir) {
      follower = start.order(spec);
    }
  }

  /** As {@link Pipeline#delivered}. */
  public Progress delivered() {
    return delivered;
  }

  /** As {@link Pipeline#next}. */
  public @Nullable FilledBatch next() throws IOException {
    while (parts.isEmpty()) {
      if (!fetch()) {
        return null;
      }
      dropEmptyParts();
    }
    long epoch = parts.getFirst().batch().epoch();
    if (epoch != delivered.epoch()) {
      step = 0;
      delivered = Progress.beginningOf(epoch);
      follower = follower == null ? null : spec.epoch(epoch);
    }
    return fill(epoch, count(epoch));
  }

  /** Takes one more part; returns {@code false} after the last one. */
  private boolean fetch() throws IOException {
    FilledBatch batch = pipeline.next();
    if (batch == null) {
      return false;
    }
    parts.add(new Part(batch, pipeline.delivered()));
    return true;
  }

  private void dropEmptyParts() {
    while (!parts.isEmpty() && begin == parts.getFirst().batch().count()) {
      parts.removeFirst().batch().close();
      begin = 0;
    }
  }

  /** Number of records of the next batch. Takes the parts that contain them. */
  private int count(long epoch) throws IOException {
    int count = 0;
    long sum = 0;
    int index = begin;
    int walked = 0;
    for (Part part = part(0); part != null && part.batch().epoch() == epoch; part = part(walked)) {
      for (; index < part.batch().count(); index++) {
        long record = firstCost >= 0 ? firstCost : cost(part.batch(), index);
        firstCost = -1;
        if (count > 0 && record > most - sum) {
          firstCost = record;
          return count;
        }
        sum = Math.min(most, sum + Math.min(record, most));
        count++;
      }
      index = 0;
      walked++;
    }
    return count;
  }

  private @Nullable Part part(int number) throws IOException {
    if (number == parts.size() && !fetch()) {
      return null;
    }
    return parts.stream().skip(number).findFirst().orElseThrow();
  }

  private long cost(FilledBatch batch, int index) {
    if (cost == null) {
      return batch.length(index);
    }
    long found = cost.of(batch.get(index));
    if (found < 0) {
      throw new IllegalArgumentException(
          "the cost of the record at position " + batch.position(index) + " is negative: " + found);
    }
    return found;
  }

  private FilledBatch fill(long epoch, int count) {
    boolean finished = false;
    fill.begin(buffers.take(), epoch, step, delivered.position(), count);
    try {
      Progress after = copy(count);
      FilledBatch batch = fill.finish(buffers);
      finished = true;
      step++;
      delivered = after;
      return batch;
    } finally {
      if (!finished) {
        buffers.give(fill.abandon());
      }
    }
  }

  /** Copies {@code count} records; returns where loading continues after them. */
  private Progress copy(int count) {
    long first = delivered.position();
    Progress after = delivered;
    int left = count;
    while (left > 0) {
      Part part = parts.getFirst();
      FilledBatch batch = part.batch();
      int end = Math.min(batch.count(), begin + left);
      for (int i = begin; i < end; i++) {
        int index = Math.toIntExact(batch.position(i) - first);
        MemorySegment data = batch.data();
        fill.add(data, batch.offset(i), batch.length(i), batch.source(i), batch.number(i), index);
      }
      left -= end - begin;
      begin = end;
      after = end == batch.count() ? part.after() : within(batch, end);
      dropEmptyParts();
    }
    return after;
  }

  private Progress within(FilledBatch batch, int index) {
    long position = batch.position(index);
    return new Progress(batch.epoch(), position, position, checkpoint(position));
  }

  private long[] checkpoint(long position) {
    EpochOrder order = follower;
    if (order == null) {
      return new long[0];
    }
    for (long at = delivered.position(); at < position; at += MOST_PASSED) {
      order.fill(at, (int) Math.min(MOST_PASSED, position - at), passed);
    }
    return order.checkpoint(position);
  }

  /** Frees the parts that were not delivered. */
  public void close() {
    parts.forEach(part -> part.batch().closeIfOwned());
    parts.clear();
    buffers.clear();
  }
}
