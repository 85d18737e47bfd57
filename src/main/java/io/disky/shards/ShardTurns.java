package io.disky.shards;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which of the open shards is whose turn: each is used by one thread at a time, and the one that
 * was used longest ago comes first. Thread-safe; each method takes one lock, and what waits is
 * woken by every change.
 */
public final class ShardTurns<S> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<S> open;
  private final ArrayDeque<S> idle;

  public ShardTurns(Collection<? extends S> shards) {
    this.open = new ArrayList<>(shards);
    this.idle = new ArrayDeque<>(shards);
  }

  /** A shard to use; waits until there is one. Null: none is open any more. */
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

  /** A shard to use, if one is idle. */
  @Nullable S tryTake() {
    lock.lock();
    try {
      return idle.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until this shard is idle, to use it; false if it is open no more. */
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

  /** Takes this shard, if it is idle. */
  boolean tryTake(S shard) {
    lock.lock();
    try {
      return idle.remove(shard);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a shard back that was taken. */
  public void give(S shard) {
    lock.lock();
    try {
      idle.addLast(shard);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Replaces a shard that was taken by one that nobody uses. */
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

  /** Removes a shard that was taken, unless it is the only one that is open. */
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

  /** Number of shards that nobody uses. */
  public int idle() {
    lock.lock();
    try {
      return idle.size();
    } finally {
      lock.unlock();
    }
  }
}
