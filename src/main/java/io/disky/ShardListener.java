package io.disky;

import java.io.IOException;

/**
 * What a reader or a {@link MultiThreadedWriter} of many shards tells of them. Called on the
 * threads that do the work: by several at a time, but about one shard by one at a time and in
 * order. These threads go on when the call returns. What a method throws fails a reader; a writer
 * logs it to {@code io.disky} as a warning, and goes on. A reader may be closed from here; to take
 * records from it, or to call a writer that writes, flushes or closes, is an {@link
 * IllegalStateException}.
 */
public interface ShardListener {
  /** The shard was opened, or created. */
  default void opened(String shard) {}

  /**
   * The shard was read to its end, and its last records may still be queued; or it was written and
   * closed.
   *
   * @param records how many it had
   */
  default void finished(String shard, long records) {}

  /**
   * The shard could not be opened, read or written; who reads or writes records gets to know, too.
   *
   * @param failure a {@link ShardException} that names the shard
   */
  default void failed(String shard, IOException failure) {}

  /** A part of the shard was skipped, with {@link CorruptionStrategy#RECOVER}. */
  default void skipped(String shard, SkippedRegion region) {}
}
