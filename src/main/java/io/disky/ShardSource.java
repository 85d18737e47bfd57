package io.disky;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Which shards a {@link MultiThreadedReader} reads, one after the other; {@link Shards} has the
 * usual ones. A source belongs to one reader.
 */
@FunctionalInterface
public interface ShardSource {
  /**
   * The next shard. Called by one thread at a time, not always the same one; what it throws fails
   * the reader. A call that waits when the reader is closed is interrupted. It can close the
   * reader, but must not take records from it, which is an {@link IllegalStateException}.
   *
   * @return the shard, or {@code null} if there are no more; it is then not called again
   * @throws IOException if the next shard cannot be told
   */
  @Nullable Shard next() throws IOException;

  /**
   * Says that a shard by {@link #next()} was read to its end. Called on the threads that read, by
   * several at a time; what it throws fails the reader. Does nothing by default. A source that
   * hands out the shards of another one passes this on: by this {@link Shards#shuffledForever} can
   * tell that all its shards are empty. It gets to know of the shards, too, that a source returns
   * which took them from it in the same call of {@code next()}.
   *
   * @param shard as {@code next()} has returned it
   * @param records how many records it had
   */
  default void finished(Shard shard, long records) {}
}
