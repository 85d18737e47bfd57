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
   * the reader. A call that waits when the reader is closed is interrupted.
   *
   * @return the shard, or {@code null} if there are no more; it is then not called again
   * @throws IOException if the next shard cannot be told
   */
  @Nullable Shard next() throws IOException;
}
