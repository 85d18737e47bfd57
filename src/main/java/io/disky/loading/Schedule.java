package io.disky.loading;

import io.disky.loading.LoadingWorker.Decode;
import io.disky.loading.LoadingWorker.GatherBatch;
import io.disky.loading.LoadingWorker.Task;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.threads.Closing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The tasks of a pipeline and its batches, in order, within a bound on memory. Thread-safe. */
final class Schedule implements SharedHold.Memory, Delivery.Returns {
  /** How many bytes of batches are gathered ahead, if batches are small. */
  private static final long AHEAD = 16 << 20;

  /** At most this multiple of the number of batches that were taken is gathered ahead. */
  private static final int AHEAD_SHARE = 4;

  /** A task decodes chunks of at least this many bytes in total, if a batch needs so many. */
  private static final long DECODE_TASK = 512 << 10;

  /** While the open batches take at most 1 / this of the memory, one more batch is loaded. */
  private static final int HELD_SHARE = 4;

  private final Planner planner;
  private final BufferPool buffers;
  private final long memory;
  private final int fewest; // batches that are planned ahead, even if they are large

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition ready = lock.newCondition();

  // The lock guards these fields.
  private final ArrayDeque<Decode> decodes = new ArrayDeque<>();
  private final ArrayDeque<GatherBatch> gathers = new ArrayDeque<>();
  private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();
  private final HeldBatches held = new HeldBatches();
  private Planner.@Nullable Plan pending; // waits for memory
  private boolean planning;
  private boolean planned; // all batches are planned
  private @Nullable Throwable failure; // why planning failed
  private long used; // bytes that chunks and batches take or are expected to take
  private long ahead; // bytes of the batches in deliveries
  private long taken; // batches that the consumer has taken
  private boolean stopped;

  Schedule(
      List<LoadedSource> sources, StepOrder steps, LoadingSettings settings, BufferPool buffers) {
    this.buffers = buffers;
    this.planner = new Planner(sources, steps, this);
    this.memory = settings.memory();
    this.fewest = settings.workers() == 0 ? 1 : 2 * settings.workers() + 1;
  }

  // ---- workers ----

  /** The next task; waits for one. Returns {@code null} after {@link #stop}. */
  @Nullable Task take() {
    lock.lock();
    try {
      while (!stopped) {
        Task task = nextTask();
        if (task != null) {
          return task;
        }
        if (mayPlan()) {
          plan();
        } else {
          work.awaitUninterruptibly();
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** The next task; {@code null} if there is none now. */
  @Nullable Task poll() {
    lock.lock();
    try {
      Task task = nextTask();
      while (!stopped && task == null && mayPlan()) {
        plan();
        task = nextTask();
      }
      return stopped ? null : task;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next batch comes first if all of its chunks are decoded, because a batch makes memory free;
   * otherwise chunks to decode. So no task waits for another task.
   */
  private @Nullable Task nextTask() {
    GatherBatch gather = gathers.peek();
    if (gather != null && gather.isReady()) {
      return gathers.remove();
    }
    return decodes.poll();
  }

  /** A worker has decoded a chunk. */
  void decodedChunk() {
    lock.lock();
    try {
      GatherBatch gather = gathers.peek();
      if (gather != null && gather.isReady()) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean mayPlan() {
    // A consumer that has taken few batches may take no more: do not fill the memory for it.
    boolean small = ahead < Math.min(AHEAD, memory / 2) && deliveries.size() < AHEAD_SHARE * taken;
    boolean room = small || deliveries.size() < fewest;
    return room && !planning && !planned && pending == null;
  }

  /** Plans one batch, without the lock. */
  private void plan() {
    planning = true;
    lock.unlock();
    Planner.Plan plan = null;
    Throwable failed = null;
    try {
      plan = planner.next();
    } catch (Throwable e) {
      failed = e;
    } finally {
      lock.lock();
      planning = false;
    }
    if (plan == null) {
      planned = true;
      failure = failed;
      ready.signalAll();
    } else {
      pending = plan;
      admit();
      if (pending != null) {
        ready.signalAll(); // A waiting consumer may hold the memory that the plan needs.
      }
    }
    work.signalAll();
  }

  /** Makes tasks of the pending plan if there is memory for it. */
  private void admit() {
    Planner.Plan plan = pending;
    if (plan != null && (used + plan.bytes() <= memory || nothingElseFreesMemory())) {
      pending = null;
      used += plan.bytes();
      addDecodes(plan.fresh());
      Delivery delivery = new Delivery(plan.batch(), this);
      ahead += delivery.counted();
      deliveries.add(delivery);
      gathers.add(new GatherBatch(delivery));
      work.signalAll();
    }
  }

  private boolean nothingElseFreesMemory() {
    return deliveries.isEmpty() && held.bytes() <= memory / HELD_SHARE;
  }

  private void addDecodes(List<SharedHold> fresh) {
    List<SharedHold> together = new ArrayList<>();
    long bytes = 0;
    for (SharedHold hold : fresh) {
      together.add(hold);
      bytes += hold.counted();
      if (bytes >= DECODE_TASK) {
        decodes.add(new Decode(together));
        together = new ArrayList<>();
        bytes = 0;
      }
    }
    if (!together.isEmpty()) {
      decodes.add(new Decode(together));
    }
  }

  /** A batch was gathered, or gathering it has failed. */
  void gathered(Delivery delivery, @Nullable FilledBatch batch, @Nullable Throwable failed) {
    lock.lock();
    try {
      planner.give(delivery.planned().picks());
      if (batch != null) {
        long excess = delivery.complete(batch);
        used += excess;
        ahead += excess;
      } else if (failed != null) {
        delivery.fail(failed);
      }
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- memory ----

  @Override
  public void decoded(long expected, long bytes) {
    free(expected - bytes);
  }

  @Override
  public void freed(long bytes) {
    free(bytes);
  }

  private void free(long bytes) {
    lock.lock();
    try {
      used -= bytes;
      admit();
    } finally {
      lock.unlock();
    }
  }

  /** The consumer has closed a batch, or the batch was never delivered. */
  @Override
  public void give(Delivery delivery, BatchBuffer buffer) {
    buffers.give(buffer);
    lock.lock();
    try {
      held.give(delivery);
      used -= delivery.counted();
      admit();
    } finally {
      lock.unlock();
    }
  }

  // ---- the consumer ----

  /** The result of {@link #find}. */
  sealed interface Found {}

  /** The next batch, or its failure. The consumer now holds the batch. */
  record Next(Delivery delivery, @Nullable FilledBatch batch) implements Found {}

  /** There is no further batch. */
  record End(@Nullable Throwable failure) implements Found {}

  /**
   * The next batch is not gathered yet.
   *
   * @param forMemory whether it waits for memory that the consumer holds
   */
  record Waiting(boolean forMemory) implements Found {}

  /** Takes the next batch for the consumer, if it is gathered. */
  Found find() {
    lock.lock();
    try {
      Delivery head = deliveries.peek();
      if (head == null) {
        return planned ? new End(failure) : new Waiting(pending != null);
      }
      if (!head.isDone()) {
        return new Waiting(false);
      }
      deliveries.remove();
      ahead -= head.counted();
      taken++;
      FilledBatch batch = head.take();
      if (batch != null) {
        held.take(head);
      } else {
        used -= head.counted();
      }
      admit();
      work.signalAll();
      return new Next(head, batch);
    } finally {
      lock.unlock();
    }
  }

  /** Waits at most {@code nanos} nanoseconds, or until the result of {@link #find} can change. */
  @SuppressWarnings("WaitNotInLoop") // the caller looks again
  void await(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Delivery head = deliveries.peek();
      boolean found = head == null ? planned : head.isDone();
      if (!found && !stopped) {
        long left = ready.awaitNanos(nanos);
        assert left <= nanos;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The batches that the consumer holds, for messages. */
  String heldText() {
    lock.lock();
    try {
      return held.count() + " batches of " + held.bytes() + " bytes: " + held.text();
    } finally {
      lock.unlock();
    }
  }

  /** The memory of chunks and batches in bytes. */
  long used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }

  /** How many batches are planned, gathered or ready. */
  int aheadCount() {
    lock.lock();
    try {
      return deliveries.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many batches the consumer holds. */
  int heldCount() {
    lock.lock();
    try {
      return held.count();
    } finally {
      lock.unlock();
    }
  }

  // ---- the end ----

  boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /** From now on there are no tasks, and no thread waits. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      work.signalAll();
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Frees all chunks and batches that were not delivered. All workers must have ended. */
  void clear() {
    Closing closing = new Closing();
    for (GatherBatch gather : gathers) {
      closing.step(() -> gather.delivery().planned().holds().forEach(SharedHold::release));
    }
    gathers.clear();
    decodes.clear();
    Planner.Plan plan = pending;
    pending = null;
    if (plan != null) {
      closing.step(() -> plan.batch().holds().forEach(SharedHold::release));
    }
    for (Delivery delivery : deliveries) {
      FilledBatch batch = delivery.batch();
      if (batch != null) {
        closing.step(batch::close);
      }
    }
    deliveries.clear();
    closing.step(planner::stop);
    closing.end();
  }
}
