package io.disky.loading;

import io.disky.engine.StackProof;
import io.disky.loading.LoadingWorker.Task;
import io.disky.loading.StageClock.Stage;
import io.disky.memory.BufferPool;
import io.disky.threads.Callbacks;
import io.disky.threads.Closing;
import io.disky.threads.Interruption;
import io.disky.threads.WorkerPool;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Loads the batches of all steps, in order, ahead of the consumer and within a bound on memory.
 * Workers plan, decode and gather; without workers, the consumer does that. Does not refer to the
 * loader of the user, so that the garbage collector finds a forgotten one. Thread-safe.
 */
public final class Pipeline {
  static final String USER_CODE = "filter, mapper or source";

  /** The alignment of batches in bytes: that of Arrow, and of cache lines. */
  static final int ALIGNMENT = 64;

  private static final long CHECK_NANOS = 100_000_000;

  private final String name;
  private final Loading loading;
  private final Schedule schedule;
  private final Callbacks callbacks;
  private final WorkerPool pool;
  private final List<LoadingWorker> workers = new CopyOnWriteArrayList<>();

  // How many threads may use the sources: the workers, and 1 until the pipeline is shut down.
  private final AtomicInteger users = new AtomicInteger(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable atEnd;

  // One consumer at a time.
  private final ReentrantLock consuming = new ReentrantLock();
  private @Nullable LoadingWorker inline;
  private @Nullable Throwable failure;
  private long returned; // when the last call ended, in nanoseconds

  private volatile Progress delivered;
  private volatile boolean moved;
  private final AtomicBoolean shutDown = new AtomicBoolean();
  private final LongAdder batches = new LongAdder();
  private final LongAdder records = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder consumerWait = new LongAdder();
  private final LongAdder consumerWork = new LongAdder();

  /**
   * @param name the name of the data in messages
   * @param sources the sources, by index
   * @param start where loading begins
   * @param damage counts the records that are left out
   * @param callbacks the user's code that the loader is calling
   * @param atEnd runs after no thread uses the sources any more
   */
  public Pipeline(
      String name,
      List<LoadedSource> sources,
      StepOrder steps,
      LoadingSettings settings,
      Progress start,
      DamageBudget damage,
      Callbacks callbacks,
      Runnable atEnd) {
    this.name = name;
    this.callbacks = callbacks;
    this.loading = new Loading(List.copyOf(sources), settings, BufferPool.tight(ALIGNMENT), damage);
    this.schedule = new Schedule(loading.sources(), steps, settings, loading.buffers());
    this.pool = new WorkerPool("disky-load", settings.workers(), this::work);
    this.delivered = start;
    this.atEnd = atEnd;
  }

  /** Where loading continues after the batches that were delivered. */
  public Progress delivered() {
    return delivered;
  }

  /** Whether the pipeline is neither shut down nor has failed. */
  public boolean isOpen() {
    return !shutDown.get();
  }

  // ---- the consumer ----

  /**
   * The next batch; {@code null} after the last one. Close it to free its memory.
   *
   * @throws IOException if a source cannot be read, or the thread is interrupted
   * @throws IllegalStateException if the pipeline is shut down or has failed, or if the consumer
   *     holds so many batches that there is no memory for this one
   */
  public @Nullable FilledBatch next() throws IOException {
    return next(false);
  }

  /**
   * As {@link #next()}, for a batch that becomes a part of others: the consumer does not hold it.
   */
  @Nullable FilledBatch nextPart() throws IOException {
    return next(true);
  }

  /**
   * The consumer holds {@code batch}, which was made of parts, until it forgets the batch or {@code
   * clean} of the result is called.
   */
  Cleaner.Cleanable hold(FilledBatch batch) {
    return schedule.hold(batch);
  }

  private @Nullable FilledBatch next(boolean part) throws IOException {
    callbacks.check();
    StackProof.require();
    lock(consuming);
    long begun = System.nanoTime();
    if (returned != 0) {
      consumerWork.add(begun - returned);
    }
    boolean entered = enter();
    try {
      checkUsable();
      return nextOfConsumer(begun, part);
    } finally {
      returned = System.nanoTime();
      consuming.unlock();
      if (entered) {
        leave();
      }
    }
  }

  /** Takes a lock for which a consumer may wait for long. */
  void lock(ReentrantLock lock) throws IOException {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw Interruption.exception(name, "waiting for a batch", e);
    }
  }

  private @Nullable FilledBatch nextOfConsumer(long begun, boolean part) throws IOException {
    long memoryBegun = 0; // when the wait for memory began
    LoadingEvents.Span wait = LoadingEvents.waitForBatch(name);
    while (true) {
      checkUsable();
      switch (schedule.find(part)) {
        case Schedule.Next next -> {
          FilledBatch batch = deliver(next, begun, part);
          if (batch != null) {
            wait.end(batch);
          }
          return batch;
        }
        case Schedule.End end -> {
          fail(end.failure());
          return null;
        }
        case Schedule.Waiting waiting -> {
          memoryBegun =
              !waiting.forMemory() ? 0 : memoryBegun == 0 ? System.nanoTime() : memoryBegun;
          if (!workInline()) {
            await(waiting.forMemory() ? memoryBegun : begun, waiting.forMemory());
          }
        }
      }
    }
  }

  private void checkUsable() {
    if (failure != null) {
      throw new IllegalStateException(
          "the loader of " + name + " has failed: open a new one from its state", failure);
    }
    if (shutDown.get()) {
      throw callbacks.closed();
    }
  }

  private @Nullable FilledBatch deliver(Schedule.Next next, long begun, boolean part)
      throws IOException {
    consumerWait.add(System.nanoTime() - begun);
    if (next.delivery().failure() != null) {
      checkUsable(); // A worker fails if the loader is closed while it reads.
    }
    fail(next.delivery().failure());
    FilledBatch batch = next.batch();
    if (batch != null) {
      check(batch, next.delivery().filtered());
      delivered = next.delivery().planned().after();
      if (!part) {
        countDelivered(batch);
      }
    }
    return batch;
  }

  /** The consumer gets {@code batch}: of this pipeline, or made of parts. */
  void countDelivered(FilledBatch batch) {
    batches.increment();
    records.add(batch.count());
    bytes.add(batch.size());
  }

  /** Fails if more records were left out than is allowed; the batch is then not delivered. */
  private void check(FilledBatch batch, int filtered) throws IOException {
    try {
      loading.damage().deliver(batch.count() + (long) filtered, filtered, batch.skips());
    } catch (IOException | RuntimeException e) {
      batch.close();
      fail(e);
    }
  }

  /** Throws {@code reason}, if there is one; the pipeline cannot be used any more. */
  private void fail(@Nullable Throwable reason) throws IOException {
    if (reason != null) {
      failure = reason;
      shutDown();
      switch (reason) {
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException("a filter or mapper has failed", reason);
      }
    }
  }

  /** Does one task in the thread of the consumer; returns {@code false} if it has none to do. */
  private boolean workInline() {
    if (loading.settings().workers() > 0) {
      startWorker();
      return false;
    }
    LoadingWorker worker = inline;
    if (worker == null) {
      worker = new LoadingWorker(schedule, loading);
      inline = worker;
      workers.add(worker);
    }
    Task task = take(false);
    if (task == null) {
      return false;
    }
    run(worker, task);
    return true;
  }

  /** The next task. Planning may call remote files of the user. */
  private @Nullable Task take(boolean waits) {
    String outer = callbacks.begin(USER_CODE);
    try {
      return waits ? schedule.take() : schedule.poll();
    } finally {
      callbacks.end(outer);
    }
  }

  private void await(long begun, boolean forMemory) throws IOException {
    Duration waited = Duration.ofNanos(System.nanoTime() - begun);
    Duration limit =
        forMemory ? loading.settings().holdTimeout() : loading.settings().stallTimeout();
    if (limit != null && waited.compareTo(limit) > 0) {
      throw forMemory ? noMemory(limit) : stalled(limit);
    }
    try {
      schedule.await(CHECK_NANOS);
    } catch (InterruptedException e) {
      throw Interruption.exception(name, "waiting for a batch", e);
    }
  }

  private IllegalStateException noMemory(Duration limit) {
    return new IllegalStateException(
        "the loader of "
            + name
            + " has waited "
            + limit.toMillis()
            + " ms for memory: the consumer has not closed "
            + schedule.heldText()
            + "; close batches earlier, or allow more memory than "
            + loading.settings().memory()
            + " bytes");
  }

  private IllegalStateException stalled(Duration limit) {
    StringBuilder text =
        new StringBuilder("the loader of ")
            .append(name)
            .append(" has waited ")
            .append(limit.toMillis())
            .append(" ms for a batch");
    for (int i = 0; i < workers.size(); i++) {
      StageClock clock = workers.get(i).clock();
      text.append("; worker ")
          .append(i)
          .append(" has been ")
          .append(clock.stage().text())
          .append(" for ")
          .append(clock.inStage() / 1_000_000)
          .append(" ms");
    }
    return new IllegalStateException(text.toString());
  }

  // ---- the workers ----

  private void startWorker() {
    if (workers.size() < loading.settings().workers()) {
      pool.startOne();
    }
  }

  private boolean enter() {
    int count = users.get();
    while (count > 0) {
      if (users.compareAndSet(count, count + 1)) {
        return true;
      }
      count = users.get();
    }
    return false;
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      end();
    }
  }

  private void work() {
    if (!enter()) {
      return;
    }
    try {
      LoadingWorker worker = new LoadingWorker(schedule, loading);
      workers.add(worker);
      for (Task task = take(true); task != null; task = take(true)) {
        startWorker();
        run(worker, task);
      }
    } finally {
      leave();
    }
  }

  private void run(LoadingWorker worker, Task task) {
    String outer = callbacks.begin(USER_CODE);
    try {
      worker.run(task);
    } finally {
      callbacks.end(outer);
    }
  }

  // ---- the end ----

  /** Ends the work as soon as the current tasks are done. Does not wait. */
  public void shutDown() {
    if (shutDown.compareAndSet(false, true)) {
      schedule.stop();
      leave();
    }
  }

  /** Another pipeline takes over: a consumer that waits here must wait there. */
  void moved() {
    moved = true;
  }

  /** Whether another pipeline has taken over. */
  public boolean isMoved() {
    return moved;
  }

  /** Shuts down and waits for the end of all work. */
  public void close() {
    callbacks.check();
    shutDown();
    Interruption.await(ended);
    pool.join();
  }

  private void end() {
    try {
      Closing closing = new Closing();
      closing.step(schedule::clear);
      workers.forEach(worker -> closing.step(worker::release));
      closing.step(loading.buffers()::clear);
      closing.end();
    } finally {
      ended.countDown();
      atEnd.run();
    }
  }

  /** Whether no thread uses the sources any more. */
  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  // ---- metrics ----

  /** What the pipeline has done so far. */
  public LoadingMetrics metrics() {
    return new LoadingMetrics(
        batches.sum(),
        records.sum(),
        bytes.sum(),
        loading.damage().skippedCount(),
        loading.damage().filteredCount(),
        consumerWait.sum(),
        consumerWork.sum(),
        nanos(Stage.DECODE),
        nanos(Stage.READ),
        nanos(Stage.COPY),
        nanos(Stage.TRANSFORM),
        schedule.used(),
        schedule.aheadCount(),
        schedule.heldCount());
  }

  private long nanos(Stage stage) {
    return workers.stream().mapToLong(worker -> worker.clock().nanos(stage)).sum();
  }
}
