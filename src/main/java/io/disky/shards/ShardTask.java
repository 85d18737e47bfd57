package io.disky.shards;

/** The next thing that a worker does. */
public sealed interface ShardTask<S, T> {
  /**
   * Take the next shard and open it. No other worker does so until this one reports the outcome.
   */
  record Open<S, T>() implements ShardTask<S, T> {}

  /** Read from {@code lane}. No other worker does so until this one reports the outcome. */
  record Read<S, T>(ShardLane<S, T> lane) implements ShardTask<S, T> {}

  /** End. */
  record Stop<S, T>() implements ShardTask<S, T> {}
}
