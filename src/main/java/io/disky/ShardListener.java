package io.disky;

import java.io.IOException;

/**
 * Receives events about the shards of a {@link MultiThreadedReader} or a {@link
 * MultiThreadedWriter}.
 *
 * <ul>
 *   <li>The threads that do the work call these methods, and wait for them to return. Several
 *       threads may call them at a time, but the calls for one shard come one after the other, in
 *       order.
 *   <li>If a method throws, a reader fails. A writer logs it to {@code io.disky} as a warning, and
 *       goes on.
 *   <li>A method may close the reader. If it takes records from the reader, or writes to, flushes
 *       or closes the writer, that throws an {@link IllegalStateException}.
 * </ul>
 */
public interface ShardListener {
  /** The shard was opened, or created. */
  default void opened(String shard) {}

  /**
   * The shard was read to its end, and its last records may still be queued; or the shard was
   * written and closed.
   *
   * @param records the number of records in the shard
   */
  default void finished(String shard, long records) {}

  /**
   * The shard could not be opened, read or written. The methods that take or write records throw
   * that failure, too.
   *
   * @param failure a {@link ShardException} that names the shard
   */
  default void failed(String shard, IOException failure) {}

  /** A part of the shard was skipped, with {@link CorruptionStrategy#RECOVER}. */
  default void skipped(String shard, SkippedRegion region) {}
}
