package io.disky.shards;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A queue of tasks, bounded in number and bytes; a task counts until it is done. Threads take tasks
 * in the order in which they came, and may complete them in any order. Thread-safe; each method
 * takes one lock.
 */
public final class ChunkQueue<T> {
  /** A task in the queue, or under way. */
  public static final class Entry<T> {
    private final T task;
    private final long bytes;
    private boolean done;

    private Entry(T task, long bytes) {
      this.task = task;
      this.bytes = bytes;
    }

    public T task() {
      return task;
    }
  }

  private final long mostTasks;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();

  // Workers wait for a task to come, or for the end. All other threads wait for tasks to be done.
  private final Condition work = lock.newCondition();
  private final Condition changed = lock.newCondition();

  /** All tasks from the first one that is not done, in the order in which they came. */
  private final ArrayDeque<Entry<T>> entries = new ArrayDeque<>();

  private final ArrayDeque<Entry<T>> waiting = new ArrayDeque<>();
  private long came;
  private int pending;
  private long bytes;
  private boolean ended;

  /**
   * @param mostTasks bound on the number of tasks
   * @param mostBytes bound on the bytes of all tasks; a task with more bytes is alone in the queue
   */
  public ChunkQueue(long mostTasks, long mostBytes) {
    this.mostTasks = mostTasks;
    this.mostBytes = mostBytes;
  }

  /**
   * Adds a task; waits until there is room.
   *
   * @throws IllegalStateException if the queue has {@linkplain #end() ended}, now or while this
   *     waits
   */
  public void put(T task, long taskBytes) {
    lock.lock();
    try {
      while (!tryPut(task, taskBytes)) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a task if there is room.
   *
   * @throws IllegalStateException if the queue has {@linkplain #end() ended}
   */
  boolean tryPut(T task, long taskBytes) {
    lock.lock();
    try {
      checkNotEnded();
      boolean fits = pending < mostTasks && taskBytes <= mostBytes - bytes;
      if (pending == 0 || fits) {
        add(task, taskBytes);
        return true;
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a task that needs no room.
   *
   * @throws IllegalStateException if the queue has {@linkplain #end() ended}
   */
  public void add(T task, long taskBytes) {
    lock.lock();
    try {
      checkNotEnded();
      Entry<T> entry = new Entry<>(task, taskBytes);
      entries.addLast(entry);
      waiting.addLast(entry);
      came++;
      pending++;
      bytes += taskBytes;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Workers may have ended already, so no more tasks may come. */
  private void checkNotEnded() {
    if (ended) {
      throw new IllegalStateException("the queue has ended");
    }
  }

  /** Takes the next task; waits until there is one. Returns {@code null} after the last task. */
  public @Nullable Entry<T> take() {
    lock.lock();
    try {
      Entry<T> entry = tryTake();
      while (entry == null && !ended) {
        work.awaitUninterruptibly();
        entry = tryTake();
      }
      return entry;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the next task, if there is one. */
  public @Nullable Entry<T> tryTake() {
    lock.lock();
    try {
      return waiting.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Reports that a task is done, or has failed. */
  public void done(Entry<T> entry) {
    lock.lock();
    try {
      entry.done = true;
      pending--;
      bytes -= entry.bytes;
      while (!entries.isEmpty() && entries.getFirst().done) {
        entries.removeFirst();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Number of tasks that were added so far. */
  public long came() {
    lock.lock();
    try {
      return came;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the first {@code count} tasks are done. */
  public void awaitDone(long count) {
    lock.lock();
    try {
      while (!isDone(count)) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the first {@code count} tasks are done. */
  boolean isDone(long count) {
    lock.lock();
    try {
      return came - entries.size() >= count;
    } finally {
      lock.unlock();
    }
  }

  /** Number of tasks that wait or are under way. */
  public int pending() {
    lock.lock();
    try {
      return pending;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the queue: it refuses further tasks, and {@link #take()} returns {@code null} after the
   * last task.
   */
  public void end() {
    lock.lock();
    try {
      ended = true;
      work.signalAll();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops the tasks that no worker has taken, and {@linkplain #end() ends}.
   *
   * @return the tasks that were dropped
   */
  public List<T> abandon() {
    lock.lock();
    try {
      List<T> dropped = new ArrayList<>();
      Entry<T> entry = waiting.pollFirst();
      while (entry != null) {
        dropped.add(entry.task);
        done(entry);
        entry = waiting.pollFirst();
      }
      end();
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
