package io.disky.shards;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where a writer opens its shards. One thread at a time uses it. */
public interface WritableShards {
  /** What messages call all shards together: the directory, for example. */
  String name();

  /** What messages and events call the shard of this number. */
  String name(long number);

  /**
   * Opens a new shard. Returns {@code null} if the user's code has opened none.
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
