package io.disky.loading;

import io.disky.engine.StackProof;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.order.EpochOrder;
import io.disky.order.MixMethod;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.ShuffleMethod;
import io.disky.threads.Callbacks;
import io.disky.threads.Closing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a limited size or cost, made of the batches of a pipeline, which have fixed numbers of
 * records. Its thread must take all batches.
 */
public final class SizedBatches {
  /** What a record counts. */
  @FunctionalInterface
  public interface Cost {
    /** The cost of a record, at least 0. */
    long of(MemorySegment record);
  }

  private final Pipeline pipeline;
  private final Callbacks callbacks;
  private final OrderSpec spec;
  private final long most;
  private final @Nullable Cost cost;
  private final BufferPool buffers = BufferPool.tight(Pipeline.ALIGNMENT);
  private final BatchFill fill = new BatchFill();
  private final Picks passed = new Picks();

  /** A batch of the pipeline, and the costs of its records as far as they are known. */
  private static final class Part {
    private final FilledBatch batch;
    private final Progress after; // where loading continues after all of its records
    private final long[] costs;
    private int known;

    Part(FilledBatch batch, Progress after) {
      this.batch = batch;
      this.after = after;
      this.costs = new long[batch.count()];
    }
  }

  /** Counts a batch as held by the consumer until it is closed or forgotten. */
  private final class Count implements BatchBuffer.Owner {
    private Cleaner.@Nullable Cleanable end;

    void begin(FilledBatch batch) {
      end = pipeline.hold(batch);
    }

    @Override
    public void give(BatchBuffer buffer) {
      buffers.give(buffer);
      if (end != null) {
        end.clean();
      }
    }
  }

  // Guards the fields that are not final; others may read what was delivered without it.
  private final ReentrantLock lock = new ReentrantLock();

  // The parts that are not delivered completely, and how many records of the first one are.
  private final ArrayList<Part> parts = new ArrayList<>();
  private int begin;

  /** A record that could not be read, and that no batch has reported yet. */
  private record Missing(long epoch, long position, FilledBatch.Skip skip) {}

  private final ArrayDeque<Missing> missing = new ArrayDeque<>();

  // Records may be lost after a failure, so it is final.
  private @Nullable Throwable failure;

  // Follows what was delivered, if an order cannot be restored from a position alone.
  private @Nullable EpochOrder follower;
  private long step;
  private volatile Progress delivered;

  /**
   * @param callbacks the user's code that the loader is calling
   * @param most the largest sum of costs of a batch of several records
   * @param cost the cost of records; {@code null} for their size in bytes
   */
  public SizedBatches(
      Pipeline pipeline,
      Callbacks callbacks,
      OrderSpec spec,
      long most,
      @Nullable Cost cost,
      Progress start) {
    this.pipeline = pipeline;
    this.callbacks = callbacks;
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
    callbacks.check();
    StackProof.require();
    pipeline.lock(lock);
    try {
      return nextOfThread();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable FilledBatch nextOfThread() throws IOException {
    if (failure != null) {
      throw new IllegalStateException(
          "the loader has failed: open a new one from its state", failure);
    }
    while (parts.isEmpty()) {
      if (!fetch()) {
        return null;
      }
      dropEmptyParts();
    }
    long epoch = parts.getFirst().batch.epoch();
    if (epoch != delivered.epoch()) {
      step = 0;
      delivered = Progress.beginningOf(epoch);
      follower = follower == null ? null : spec.epoch(epoch);
    }
    Extent extent = extent(epoch);
    try {
      return fill(epoch, extent);
    } catch (Throwable e) {
      failure = e;
      throw e;
    }
  }

  /** Takes one more part; returns {@code false} after the last one. */
  private boolean fetch() throws IOException {
    FilledBatch batch = pipeline.nextPart();
    if (batch == null) {
      return false;
    }
    parts.add(new Part(batch, pipeline.delivered()));
    for (FilledBatch.Skip skip : batch.skips()) {
      missing.add(new Missing(batch.epoch(), batch.firstPosition() + skip.index(), skip));
    }
    return true;
  }

  private void dropEmptyParts() {
    while (!parts.isEmpty() && begin == parts.getFirst().batch.count()) {
      parts.removeFirst().batch.close();
      begin = 0;
    }
  }

  /**
   * The next batch, all records of which are in parts then.
   *
   * @param count number of its records
   * @param following the part with the record after it; {@code null} at the end of the epoch
   * @param index the index of this record in the part
   * @param last the last part of the epoch, if {@code following} is {@code null}
   */
  private record Extent(int count, @Nullable Part following, int index, Part last) {}

  /** Finds where the next batch ends. */
  private Extent extent(long epoch) throws IOException {
    int count = 0;
    long sum = 0;
    int index = begin;
    Part last = parts.getFirst();
    for (int walked = 0; hasPart(walked, epoch); walked++) {
      Part part = parts.get(walked);
      for (; index < part.batch.count(); index++) {
        long record = cost(part, index);
        if (count > 0 && record > most - sum) {
          return new Extent(count, part, index, part);
        }
        sum = Math.min(most, sum + Math.min(record, most));
        count++;
      }
      index = 0;
      last = part;
    }
    return new Extent(count, null, 0, last);
  }

  private boolean hasPart(int number, long epoch) throws IOException {
    if (number == parts.size() && !fetch()) {
      return false;
    }
    return parts.get(number).batch.epoch() == epoch;
  }

  private long cost(Part part, int index) {
    if (cost == null) {
      return part.batch.length(index);
    }
    while (part.known <= index) {
      part.costs[part.known] = compute(part.batch, part.known);
      part.known++;
    }
    return part.costs[index];
  }

  private long compute(FilledBatch batch, int index) {
    String outer = callbacks.begin("cost function");
    try {
      long found = present(cost).of(batch.get(index));
      if (found < 0) {
        throw new IllegalArgumentException("the cost of a record is negative: " + found);
      }
      return found;
    } catch (Throwable e) {
      failure = e;
      Closing.suppress(
          e,
          new IllegalStateException(
              "this was record " + batch.number(index) + ", at position " + batch.position(index)));
      throw e;
    } finally {
      callbacks.end(outer);
    }
  }

  private static Cost present(@Nullable Cost cost) {
    return Objects.requireNonNull(cost);
  }

  private FilledBatch fill(long epoch, Extent extent) {
    boolean finished = false;
    Count counted = new Count();
    Progress after = after(extent);
    fill.begin(buffers.take(), epoch, step, delivered.position(), extent.count());
    try {
      copy(extent.count());
      reportMissing(after);
      FilledBatch batch = fill.finish(counted);
      counted.begin(batch);
      pipeline.countDelivered(batch);
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

  /**
   * Where loading continues after a batch: at the next record that a batch contains. So the records
   * between that filters have left out belong to the batch before them, wherever parts begin.
   */
  private Progress after(Extent extent) {
    return extent.following() == null
        ? extent.last().after
        : within(extent.following().batch, extent.index());
  }

  /** Copies {@code count} records. */
  private void copy(int count) {
    long first = delivered.position();
    int left = count;
    while (left > 0) {
      Part part = parts.getFirst();
      FilledBatch batch = part.batch;
      int end = Math.min(batch.count(), begin + left);
      for (int i = begin; i < end; i++) {
        int index = Math.toIntExact(batch.position(i) - first);
        MemorySegment data = batch.data();
        fill.add(data, batch.offset(i), batch.length(i), batch.source(i), batch.number(i), index);
      }
      left -= end - begin;
      begin = end;
      dropEmptyParts();
    }
  }

  private void reportMissing(Progress after) {
    long first = delivered.position();
    Missing next = missing.peek();
    while (next != null && next.epoch() <= after.epoch() && next.position() < after.position()) {
      FilledBatch.Skip skip = next.skip();
      int index = Math.toIntExact(Math.max(0, next.position() - first));
      fill.skip(skip.source(), skip.number(), index, skip.reason());
      missing.remove();
      next = missing.peek();
    }
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
    return spec.checkpoint(order, delivered.position(), position, passed);
  }

  /** Frees the parts that were not delivered. The pipeline must be shut down. */
  public void close() {
    lock.lock();
    try {
      parts.forEach(part -> part.batch.closeIfOwned());
      parts.clear();
      buffers.clear();
    } finally {
      lock.unlock();
    }
  }
}
