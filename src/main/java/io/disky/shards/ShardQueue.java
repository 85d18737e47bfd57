package io.disky.shards;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The queue between workers that read shards and consumers that take batches. It gives workers
 * their tasks, bounds the batches in memory, and hands them out in the chosen order. Consumers
 * read, too, while they would otherwise wait. The queue does not read. Thread-safe.
 *
 * <p>The bound is on the bytes of the queued batches. A thread begins to read if fewer bytes are
 * queued, so each thread can exceed the bound by a batch.
 *
 * @param <S> a shard that was opened
 * @param <T> a batch
 */
public final class ShardQueue<S, T> {
  private final DeliveryOrder<S, T> order;
  private final int mostOpen;
  private final Consumer<? super T> discard;
  private final String reader;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition available = lock.newCondition();

  // Guarded by the lock, like the order.
  private long limit;
  private long records;
  private long bytes;
  private int open;
  private boolean opening;
  private boolean exhausted;
  private boolean closed;
  private @Nullable Delivery<T> failed;
  private long wakeUps;

  /**
   * @param mostOpen how many shards may be open at once
   * @param limit bound on the bytes that are queued
   * @param discard gets the batches that nobody will take; called while the lock is held
   * @param reader the name of the reader in messages
   */
  public ShardQueue(
      DeliveryOrder<S, T> order,
      int mostOpen,
      long limit,
      Consumer<? super T> discard,
      String reader) {
    this.order = order;
    this.mostOpen = mostOpen;
    this.limit = limit;
    this.discard = discard;
    this.reader = reader;
  }

  /** The next task; waits until there is one. */
  public ShardTask<S, T> awaitTask() {
    lock.lock();
    try {
      ShardTask<S, T> task = tryTask();
      while (task == null) {
        // The state of the queue ends workers. An interrupt ends the user's code that they run.
        work.awaitUninterruptibly();
        task = tryTask();
      }
      wakeWorker();
      return task;
    } finally {
      lock.unlock();
    }
  }

  /** The next task; {@code null} if there is none now. */
  @Nullable ShardTask<S, T> tryTask() {
    lock.lock();
    try {
      if (workersMayEnd()) {
        return new ShardTask.Stop<>();
      }
      boolean mayOpen = mayOpen();
      if (mayOpen && order.opensFirst()) {
        return open();
      }
      ShardLane<S, T> lane = order.laneToRead(bytes, limit);
      if (lane != null) {
        lane.busy = true;
        return new ShardTask.Read<>(lane);
      }
      return mayOpen ? open() : null;
    } finally {
      lock.unlock();
    }
  }

  private boolean workersMayEnd() {
    return isOver() || isReadToTheEnd() || order.needsNoMore();
  }

  private boolean mayOpen() {
    return !exhausted && !opening && open < mostOpen && order.hasRoomForShard(bytes, limit);
  }

  /** Whether {@link #tryTask} would return a task that opens or reads a shard. */
  private boolean hasTask() {
    return mayOpen() || order.laneToRead(bytes, limit) != null;
  }

  private ShardTask<S, T> open() {
    opening = true;
    open++;
    return new ShardTask.Open<>();
  }

  /** Whether nobody will take batches any more. */
  private boolean isOver() {
    return closed || failed != null;
  }

  private boolean isReadToTheEnd() {
    return exhausted && open == 0;
  }

  /** A worker has opened {@code shard}. */
  public void opened(S shard) {
    lock.lock();
    try {
      opening = false;
      order.joined(new ShardLane<>(shard));
      changed();
    } finally {
      lock.unlock();
    }
  }

  /** A worker could not open the next shard. */
  public void openFailed(IOException failure) {
    lock.lock();
    try {
      opening = false;
      joinFailed(failure);
      changed();
    } finally {
      lock.unlock();
    }
  }

  /** The source of shards failed; there will be no more shards. */
  public void sourceFailed(IOException failure) {
    lock.lock();
    try {
      opening = false;
      exhausted = true;
      joinFailed(failure);
      order.exhausted();
      changed();
    } finally {
      lock.unlock();
    }
  }

  /** The failure gets the turn that the shard would have had. */
  private void joinFailed(IOException failure) {
    ShardLane<S, T> lane = new ShardLane<>(null);
    order.joined(lane);
    end(lane, Delivery.of(failure));
  }

  /** The source has no more shards. */
  public void noMoreShards() {
    lock.lock();
    try {
      opening = false;
      open--;
      exhausted = true;
      order.exhausted();
      changed();
    } finally {
      lock.unlock();
    }
  }

  /** A worker has read a batch from {@code lane}. */
  public void read(ShardLane<S, T> lane, T batch, long batchRecords, long batchBytes) {
    lock.lock();
    try {
      lane.busy = false;
      if (isOver()) {
        discard.accept(batch);
      } else {
        records += batchRecords;
        bytes += batchBytes;
        order.add(lane, Delivery.of(batch, batchRecords, batchBytes));
      }
      changed();
    } finally {
      lock.unlock();
    }
  }

  /**
   * For a consumer: returns a lane to read from while it would otherwise wait. No other thread
   * reads from the lane until the consumer reports the outcome to {@link #helped} or {@link
   * #needsWorker}.
   *
   * @return {@code null} if a consumer cannot read now, or does not have to wait
   * @throws InterruptedException if the thread is interrupted
   */
  public @Nullable ShardLane<S, T> tryHelp() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (workersMayEnd() || order.hasNext()) {
        return null;
      }
      ShardLane<S, T> lane = order.laneToRead(bytes, limit);
      if (lane == null || lane.forWorkers) {
        return null;
      }
      lane.busy = true;
      return lane;
    } finally {
      lock.unlock();
    }
  }

  /** A consumer has read a batch from {@code lane}. */
  public void helped(ShardLane<S, T> lane, T batch, long batchRecords, long batchBytes) {
    lock.lock();
    try {
      read(lane, batch, batchRecords, batchBytes);
      wakeWorker();
    } finally {
      lock.unlock();
    }
  }

  /** A consumer could not read from {@code lane}: from now on only workers read from it. */
  public void needsWorker(ShardLane<S, T> lane) {
    lock.lock();
    try {
      lane.busy = false;
      lane.forWorkers = true;
      wakeWorker();
    } finally {
      lock.unlock();
    }
  }

  /** A worker has read {@code lane} to its end. */
  public void ended(ShardLane<S, T> lane) {
    lock.lock();
    try {
      end(lane, null);
      changed();
    } finally {
      lock.unlock();
    }
  }

  /** A worker failed to read from {@code lane}. */
  public void readFailed(ShardLane<S, T> lane, IOException failure) {
    lock.lock();
    try {
      end(lane, Delivery.of(failure));
      changed();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A worker ended without reporting the outcome of its task. All consumers get the failure now;
   * queued batches are discarded.
   */
  public void failed(IOException failure) {
    lock.lock();
    try {
      if (!isOver()) {
        failed = Delivery.of(failure);
        discardAll();
      }
      changed();
    } finally {
      lock.unlock();
    }
  }

  private void end(ShardLane<S, T> lane, @Nullable Delivery<T> last) {
    lane.busy = false;
    lane.ended = true;
    open--;
    if (last != null && !isOver()) {
      order.add(lane, last);
    }
    order.ended(lane);
  }

  /**
   * Wakes the threads that may be able to go on, except for workers that could begin a task: the
   * worker that reports the change takes the next task itself.
   */
  private void changed() {
    if (workersMayEnd()) {
      work.signalAll();
    }
    if (isOver() || isAtEnd()) {
      available.signalAll();
    } else if (order.hasNext()) {
      // One consumer: when it takes a batch, it wakes the next consumer if there are more.
      available.signal();
    }
  }

  /** Wakes a worker if there is a task: after it has taken the task, it wakes the next worker. */
  private void wakeWorker() {
    if (lock.hasWaiters(work) && !workersMayEnd() && hasTask()) {
      wakeUps++;
      work.signal();
    }
  }

  /**
   * Waits for the next batch.
   *
   * @return a batch or a failure; {@code null} at the end. After a failure, each call returns that
   *     failure
   * @throws IllegalStateException if the queue is closed
   */
  public @Nullable Delivery<T> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Delivery<T> delivery = poll();
      while (delivery == null && !isAtEnd()) {
        available.await();
        delivery = poll();
      }
      return delivery;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next batch as {@link #take()} does, but does not wait: returns {@code null} also if
   * no batch is queued now.
   */
  public @Nullable Delivery<T> poll() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException(reader + " is closed");
      }
      if (failed != null) {
        return failed;
      }
      Delivery<T> delivery = order.next();
      if (delivery == null) {
        wakeWorker();
      } else {
        taken(delivery);
      }
      return delivery;
    } finally {
      lock.unlock();
    }
  }

  private void taken(Delivery<T> delivery) {
    records -= delivery.records();
    bytes -= delivery.bytes();
    if (delivery.failure() != null) {
      failed = delivery;
      discardAll();
    }
    changed();
    // Workers that wait because the queue is full are woken when a quarter of it is free, or when a
    // consumer finds nothing to take: waking a thread for each batch takes too long.
    if (bytes <= limit / 4 * 3) {
      wakeWorker();
    }
  }

  private void discardAll() {
    for (Delivery<T> left : order.removeAll()) {
      if (left.batch() != null) {
        discard.accept(left.batch());
      }
    }
    records = 0;
    bytes = 0;
  }

  /** Whether all shards were read to their ends, and all batches were taken. */
  public boolean isAtEnd() {
    lock.lock();
    try {
      return failed == null && isReadToTheEnd() && !order.hasNext();
    } finally {
      lock.unlock();
    }
  }

  /** How often a worker was woken because there was a task. */
  long wakeUps() {
    lock.lock();
    try {
      return wakeUps;
    } finally {
      lock.unlock();
    }
  }

  /** Number of records that are queued. */
  public long records() {
    lock.lock();
    try {
      return records;
    } finally {
      lock.unlock();
    }
  }

  /** Number of bytes that are queued. */
  public long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** The bound on the bytes that are queued. */
  public long limit() {
    lock.lock();
    try {
      return limit;
    } finally {
      lock.unlock();
    }
  }

  /** Sets another bound. Batches that are queued already stay queued. */
  public void setLimit(long limit) {
    lock.lock();
    try {
      this.limit = limit;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Discards queued batches, stops workers, and wakes all threads that wait. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      discardAll();
      changed();
    } finally {
      lock.unlock();
    }
  }
}
