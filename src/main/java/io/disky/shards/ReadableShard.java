package io.disky.shards;

import java.io.IOException;

/** A shard to read. One thread at a time uses it. */
public interface ReadableShard {
  /** What messages call the shard if {@link #name()} fails. Never fails itself. */
  String fallbackName();

  /** What messages and events call the shard. */
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
   * @param records how many records it had
   */
  void finished(long records);
}
