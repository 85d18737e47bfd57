package io.disky.shards;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The place where a writer opens its shards. One thread at a time uses it. */
public interface WritableShards {
  /** The name of all shards together in messages: the directory, for example. */
  String name();

  /** The name of the shard with this number in messages and events. */
  String name(long number);

  /**
   * Opens a new shard. Returns {@code null} if the user's code has returned {@code null}.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the number is taken
   * @throws IOException if the shard cannot be opened for another reason
   */
  @Nullable WritableShard open(long number) throws IOException;

  /**
   * Removes all shards that exist.
   *
   * @throws IOException if a shard cannot be removed
   */
  void clear() throws IOException;
}
