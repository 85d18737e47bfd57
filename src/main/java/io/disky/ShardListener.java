package io.disky;

import java.io.IOException;

/**
 * What a {@link MultiThreadedReader} tells of its shards. Called on the threads that read: by
 * several at a time, but about one shard by one at a time and in order. These threads read on when
 * the call returns. What a method throws fails the reader. Closing the reader from here is allowed.
 */
public interface ShardListener {
  /** The shard was opened. */
  default void opened(String shard) {}

  /**
   * The shard was read to its end; its last records may still be queued.
   *
   * @param records how many it had
   */
  default void finished(String shard, long records) {}

  /**
   * The shard could not be opened or read; who takes records from the reader gets to know, too.
   *
   * @param failure a {@link ShardException} that names the shard
   */
  default void failed(String shard, IOException failure) {}

  /** A part of the shard was skipped, with {@link CorruptionStrategy#RECOVER}. */
  default void skipped(String shard, SkippedRegion region) {}
}
