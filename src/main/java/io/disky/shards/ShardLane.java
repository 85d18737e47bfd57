package io.disky.shards;

import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An open shard in the queue. The lock of the queue guards all fields except the shard itself. */
public final class ShardLane<S, T> {
  private final @Nullable S shard;

  /** Deliveries that wait for the turn of this lane. Not used by orders without turns. */
  final ArrayDeque<Delivery<T>> waiting = new ArrayDeque<>();

  /** Whether a worker or a consumer is reading from it. */
  boolean busy;

  /** Whether only workers can read from it. */
  boolean forWorkers;

  /** Whether nothing more will be read from it. */
  boolean ended;

  /** Workers read first from the lane with the lowest rank. */
  long rank;

  /** For {@code shard}; {@code null} if it could not be opened. */
  ShardLane(@Nullable S shard) {
    this.shard = shard;
  }

  public S shard() {
    return Objects.requireNonNull(shard);
  }

  /** Whether a thread can read from it. */
  boolean isIdle() {
    return !busy && !ended;
  }

  /** Whether everything was read from the shard and taken by consumers. */
  boolean isSpent() {
    return ended && waiting.isEmpty();
  }
}
