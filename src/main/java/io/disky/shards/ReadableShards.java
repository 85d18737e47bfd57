package io.disky.shards;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where the shards to read come from. */
@FunctionalInterface
public interface ReadableShards {
  /**
   * The next shard, or {@code null} if there are no more. One thread at a time calls this.
   *
   * @throws IOException if the source cannot say which shard is next
   */
  @Nullable ReadableShard next() throws IOException;
}
