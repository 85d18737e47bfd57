package io.disky.shards;

import java.io.IOException;

/** A shard to read. One thread at a time uses it. */
public interface ReadableShard {
  /** The name of the shard in messages if {@link #name()} fails. This method does not fail. */
  String fallbackName();

  /** The name of the shard in messages and events. */
  String name();

  /**
   * Opens the shard.
   *
   * @param name the name that {@link #name()} has returned
   * @throws IOException if it cannot be opened
   */
  ShardFeed open(String name) throws IOException;

  /**
   * The shard was read to its end, and its feed was closed.
   *
   * @param records the number of records in the shard
   */
  void finished(long records);
}
