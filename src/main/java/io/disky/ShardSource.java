package io.disky;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The shards that a {@link MultiThreadedReader} reads, one after the other. {@link Shards} has the
 * usual sources. A source belongs to one reader.
 */
@FunctionalInterface
public interface ShardSource {
  /**
   * Returns the next shard. One thread of the reader at a time calls this, not always the same one.
   * If it throws, the reader fails. If it waits while the reader is closed, its thread is
   * interrupted. It may close the reader. If it takes records from the reader, that throws an
   * {@link IllegalStateException}.
   *
   * @return the shard; {@code null} after the last shard: the reader then does not call this again
   * @throws IOException if the source cannot find the next shard
   */
  @Nullable Shard next() throws IOException;

  /**
   * A shard from {@link #next()} was read to its end. Several threads of the reader may call this
   * at a time. If it throws, the reader fails. The default implementation does nothing.
   *
   * <p>A source that returns the shards of another source passes this call on. {@link
   * Shards#shuffledForever} needs it to notice that all its shards are empty. If a source takes a
   * shard from {@code shuffledForever} and returns it in the same call of {@code next()}, {@code
   * shuffledForever} learns of the end without this call.
   *
   * @param shard the shard that {@code next()} has returned
   * @param records the number of records in the shard
   */
  default void finished(Shard shard, long records) {}
}
