package io.disky.shards;

import java.io.IOException;

/** Makes the exceptions that users get if a shard fails. */
public interface ShardFailures {
  /** The exception for the shard that is called {@code shard}, which failed with {@code cause}. */
  IOException exception(String shard, Throwable cause);

  /** The exception for a failure that happened before, with the current thread's stack trace. */
  IOException again(IOException failure);
}
