package io.disky.shards;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The turns of open shards: one thread at a time uses a shard, and the shard that was used longest
 * ago comes first. Thread-safe: each method takes one lock, and every change wakes all threads that
 * wait.
 */
public final class WriterTurns<S> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<S> open;
  private final ArrayDeque<S> idle;

  public WriterTurns(Collection<? extends S> shards) {
    this.open = new ArrayList<>(shards);
    this.idle = new ArrayDeque<>(shards);
  }

  /** Takes a shard; waits until one is idle. Returns {@code null} if no shard is open. */
  public @Nullable S take() {
    lock.lock();
    try {
      S shard = tryTake();
      while (shard == null && !open.isEmpty()) {
        changed.awaitUninterruptibly();
        shard = tryTake();
      }
      return shard;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a shard, if one is idle. */
  @Nullable S tryTake() {
    lock.lock();
    try {
      return idle.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Takes {@code shard}; waits until it is idle. Returns false if it is not open any more. */
  public boolean take(S shard) {
    lock.lock();
    try {
      while (!tryTake(shard)) {
        if (!open.contains(shard)) {
          return false;
        }
        changed.awaitUninterruptibly();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes {@code shard}, if it is idle. */
  boolean tryTake(S shard) {
    lock.lock();
    try {
      return idle.remove(shard);
    } finally {
      lock.unlock();
    }
  }

  /** Returns a shard that was taken. */
  public void give(S shard) {
    lock.lock();
    try {
      idle.addLast(shard);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Replaces a shard that was taken by one that no thread uses. */
  public void replace(S taken, S shard) {
    lock.lock();
    try {
      open.remove(taken);
      open.add(shard);
      give(shard);
    } finally {
      lock.unlock();
    }
  }

  /** Removes a shard that was taken. */
  public void remove(S taken) {
    lock.lock();
    try {
      open.remove(taken);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Removes a shard that was taken, unless it is the only open one. */
  public boolean removeUnlessLast(S taken) {
    lock.lock();
    try {
      if (open.size() == 1) {
        return false;
      }
      remove(taken);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The shards that are open. */
  public List<S> open() {
    lock.lock();
    try {
      return List.copyOf(open);
    } finally {
      lock.unlock();
    }
  }

  /** Number of open shards that no thread uses. */
  public int idle() {
    lock.lock();
    try {
      return idle.size();
    } finally {
      lock.unlock();
    }
  }
}
