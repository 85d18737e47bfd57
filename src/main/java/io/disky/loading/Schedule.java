package io.disky.loading;

import io.disky.loading.LoadingWorker.Decode;
import io.disky.loading.LoadingWorker.GatherBatch;
import io.disky.loading.LoadingWorker.Task;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.threads.Closing;
import io.disky.threads.ForgottenObjects;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The tasks of a pipeline and its batches, in order, within a bound on memory. Thread-safe. */
final class Schedule implements SharedHold.Memory, Delivery.Returns {
  /** So many times as many batches as the consumer has taken are gathered ahead. */
  private static final int AHEAD_SHARE = 4;

  /** A task decodes chunks of at least this many bytes together, if a batch needs so many. */
  private static final long DECODE_TASK = 512 << 10;

  /** Remote sources request at most this share of the memory ahead of planning. */
  static final int ANNOUNCED_SHARE = 4;

  /** Batches of the consumer that take less than this share of the memory stop nothing. */
  private static final int HELD_SHARE = 4;

  private final Planner planner;
  private final BufferPool buffers;
  private final long memory;
  private final LoadAhead limits;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition ready = lock.newCondition();

  // The lock guards these fields.
  private final ArrayDeque<Decode> decodes = new ArrayDeque<>();
  private final ArrayDeque<GatherBatch> gathers = new ArrayDeque<>();
  private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();
  private final HeldBatches held = new HeldBatches();
  private Planner.@Nullable Plan pending; // planned, but there is no memory for it
  private boolean planning;
  private boolean planned; // all batches are planned
  private @Nullable Throwable failure; // of planning
  private long used; // bytes of chunks and batches, or expected to be
  private long ahead; // bytes of the deliveries
  private long taken; // batches that the consumer has taken
  private boolean stopped;

  Schedule(
      List<LoadedSource> sources, StepOrder steps, LoadingSettings settings, BufferPool buffers) {
    this.buffers = buffers;
    this.memory = settings.memory();
    this.limits = settings.ahead();
    this.planner = new Planner(sources, steps, limits, memory / ANNOUNCED_SHARE, this);
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

  /** The next task; {@code null} if nothing can be done now. */
  @Nullable Task poll() {
    lock.lock();
    try {
      while (!stopped) {
        Task task = nextTask();
        if (task != null || !mayPlan()) {
          return task;
        }
        plan();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A batch whose chunks are decoded comes first, because it makes memory free; else chunks to
   * decode. So no task waits for another one.
   */
  private @Nullable Task nextTask() {
    if (isFirstReady()) {
      GatherBatch gather = gathers.remove();
      if (isFirstReady()) {
        work.signal();
      }
      return gather;
    }
    return decodes.poll();
  }

  private boolean isFirstReady() {
    GatherBatch gather = gathers.peek();
    return gather != null && gather.isReady();
  }

  /** A worker has decoded a chunk. */
  void decodedChunk() {
    lock.lock();
    try {
      if (isFirstReady()) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean mayPlan() {
    // A consumer that has taken few batches may never take more: it would cost memory for nothing.
    boolean small = ahead < limits.bytes() && deliveries.size() < AHEAD_SHARE * taken;
    boolean room = small || deliveries.size() < limits.fewest();
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
        ready.signalAll(); // The consumer may hold the memory.
      }
    }
    work.signalAll();
  }

  /** Makes tasks of the pending plan if there is memory for it. */
  private void admit() {
    Planner.Plan plan = pending;
    boolean fits = plan != null && (used + plan.bytes() <= memory || nothingElseFreesMemory());
    if (plan != null && fits && !stopped) {
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

  /** A batch was gathered, or {@code failed}. */
  void gathered(
      Delivery delivery, @Nullable FilledBatch batch, int filtered, @Nullable Throwable failed) {
    lock.lock();
    try {
      planner.give(delivery.planned().picks());
      if (batch != null) {
        long excess = delivery.complete(batch, filtered);
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
    delivery.end(() -> free(delivery, delivery.counted()));
  }

  /** The consumer has closed or forgotten {@code batch}, for which {@code bytes} are counted. */
  private void free(Object batch, long bytes) {
    lock.lock();
    try {
      held.give(batch);
      used -= bytes;
      admit();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The consumer holds {@code batch}, which was made of delivered batches, until it forgets the
   * batch or {@code clean} of the result is called.
   */
  Cleaner.Cleanable hold(FilledBatch batch) {
    lock.lock();
    try {
      used += batch.memory();
      return countUntilForgotten(new Object(), batch, batch.memory());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The consumer holds {@code batch}, which is {@code bytes} bytes of the memory.
   *
   * @param key stands for the batch, because the result must not refer to the batch
   */
  private Cleaner.Cleanable countUntilForgotten(Object key, FilledBatch batch, long bytes) {
    held.take(key, bytes);
    return ForgottenObjects.register(batch, () -> free(key, bytes));
  }

  // ---- the consumer ----

  /** What the consumer finds. */
  sealed interface Found {}

  /** The next batch, or its failure. The consumer now holds the batch. */
  record Next(Delivery delivery, @Nullable FilledBatch batch) implements Found {}

  /** There is no further batch. */
  record End(@Nullable Throwable failure) implements Found {}

  /** The next batch is not gathered yet. */
  record Waiting(boolean forMemory) implements Found {}

  /**
   * What the consumer finds now.
   *
   * @param part whether the batch becomes a part of other ones, so that the consumer does not hold
   *     it
   */
  Found find(boolean part) {
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
      if (batch == null) {
        used -= head.counted();
      } else if (!part) {
        head.endWith(countUntilForgotten(head, batch, head.counted()));
      }
      admit();
      work.signalAll();
      return new Next(head, batch);
    } finally {
      lock.unlock();
    }
  }

  /** Waits at most {@code nanos} nanoseconds until {@link #find} may find more, or less. */
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

  /** From now on there are no tasks, and nobody waits. */
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

  /** Frees everything that was not delivered. All workers must have ended. */
  void clear() {
    List<PlannedBatch> planned = new ArrayList<>();
    List<FilledBatch> gathered = new ArrayList<>();
    lock.lock();
    try {
      gathers.forEach(gather -> planned.add(gather.delivery().planned()));
      if (pending != null) {
        planned.add(pending.batch());
        // Not counted so far, but the end of its chunks ends their count.
        used += pending.bytes() - pending.batch().expected();
      }
      for (Delivery delivery : deliveries) {
        if (delivery.batch() != null) {
          gathered.add(delivery.batch());
        } else {
          used -= delivery.counted();
        }
      }
      gathers.clear();
      decodes.clear();
      deliveries.clear();
      pending = null;
    } finally {
      lock.unlock();
    }
    Closing closing = new Closing();
    for (PlannedBatch batch : planned) {
      batch.holds().forEach(hold -> closing.step(hold::release));
    }
    gathered.forEach(batch -> closing.step(batch::close));
    closing.step(planner::stop);
    closing.end();
  }
}
