package io.disky.shards;

import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The decoded chunks of a shard that is open. One thread at a time uses it, not always the same.
 */
public interface ShardFeed extends AutoCloseable {
  /**
   * Decodes the next chunk that has records into a buffer of {@code pool}.
   *
   * @return the chunk, which outlives the feed; {@code null} at the end of the shard
   * @throws IOException if the shard cannot be read
   */
  @Nullable DecodedChunk next(BufferPool pool) throws IOException;

  /**
   * Decodes the next chunk as {@link #next} does, but calls no code of the user.
   *
   * @return {@code null} if that is not possible, for example because the user supplies the bytes,
   *     or must be told of damage, or the shard is at its end: {@link #next} then goes on
   */
  @Nullable DecodedChunk nextAlone(BufferPool pool) throws IOException;

  @Override
  void close();
}
