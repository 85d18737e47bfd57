package io.disky.shards;

import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A shard that was opened, as the queue sees it. Guarded by the queue's lock but for the shard. */
public final class ShardLane<S, T> {
  private final @Nullable S shard;

  /** What was read of it and has to wait for its turn; not used where there are no turns. */
  final ArrayDeque<Delivery<T>> waiting = new ArrayDeque<>();

  /** Whether a worker is reading from it. */
  boolean busy;

  /** Whether nothing more will be read from it. */
  boolean ended;

  /** Of those that a worker could read from, the one with the lowest rank comes first. */
  long rank;

  /** For {@code shard}, or for a failure to have one. */
  ShardLane(@Nullable S shard) {
    this.shard = shard;
  }

  public S shard() {
    return Objects.requireNonNull(shard);
  }

  /** Whether a worker can read from it. */
  boolean isIdle() {
    return !busy && !ended;
  }

  /** Whether all of it was read and taken. */
  boolean isSpent() {
    return ended && waiting.isEmpty();
  }
}
