package io.disky.shards;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tasks between the threads that bring them and those that do them, bounded in number and bytes; a
 * task counts until it is done. Taken in the order in which they came, done in any. Thread-safe;
 * each method takes one lock.
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

  // Those who do tasks wait for one to come, or for the end; all others for tasks to be done.
  private final Condition work = lock.newCondition();
  private final Condition changed = lock.newCondition();

  /** In the order in which they came, from the first that is not done. */
  private final ArrayDeque<Entry<T>> entries = new ArrayDeque<>();

  private final ArrayDeque<Entry<T>> waiting = new ArrayDeque<>();
  private long came;
  private int pending;
  private long bytes;
  private boolean ended;

  /**
   * @param mostTasks how many tasks there may be
   * @param mostBytes how many bytes they may have together; a task that has more is alone
   */
  public ChunkQueue(long mostTasks, long mostBytes) {
    this.mostTasks = mostTasks;
    this.mostBytes = mostBytes;
  }

  /**
   * Adds a task; waits until there is room.
   *
   * @throws IllegalStateException if the queue has {@linkplain #end() ended}, now or meanwhile
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

  /** Nobody may be left to do what comes then. */
  private void checkNotEnded() {
    if (ended) {
      throw new IllegalStateException("the queue has ended");
    }
  }

  /** The next task to do; waits until there is one. Null: none is left, and none will come. */
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

  /** The next task to do, if there is one. */
  public @Nullable Entry<T> tryTake() {
    lock.lock();
    try {
      return waiting.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  /** The task is done, one way or another. */
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

  /** How many tasks have come so far. */
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

  /** Says whether the first {@code count} tasks are done. */
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

  /** Lets those that {@link #take()} go once no task is left, and takes no more. */
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
   * Drops the tasks that nobody has taken, and {@linkplain #end() ends}.
   *
   * @return what was dropped
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
