package io.disky.shards;

/** What a worker is to do next. */
public sealed interface ShardTask<S, T> {
  /** Ask for the next shard and open it. No other worker does until this one tells the outcome. */
  record Open<S, T>() implements ShardTask<S, T> {}

  /** Read from {@code lane}. No other worker does until this one tells the outcome. */
  record Read<S, T>(ShardLane<S, T> lane) implements ShardTask<S, T> {}

  /** End. */
  record Stop<S, T>() implements ShardTask<S, T> {}
}
