package io.disky.shards;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The source of the shards to read. */
@FunctionalInterface
public interface ReadableShards {
  /**
   * Returns the next shard; {@code null} after the last shard. One thread at a time calls this.
   *
   * @throws IOException if the source cannot say which shard is next
   */
  @Nullable ReadableShard next() throws IOException;
}
