package io.disky.uploading;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A file that requests write, part by part. {@code io.disky.remote.RemoteUpload} has the contract.
 * The methods are the user's code.
 */
public interface PartTarget {
  /** The name of the file in messages, not quoted. */
  String name();

  /** Size in bytes of the part with this number. */
  long partSize(int part);

  /** The largest number of parts that may be on their way at the same time. */
  int maxParts();

  /** Sends a part. */
  @Nullable CompletableFuture<Void> send(int part, MemorySegment bytes);

  /** Makes the file appear. */
  @Nullable CompletableFuture<Void> complete();

  /** Removes all parts. */
  @Nullable CompletableFuture<Void> abort();

  /**
   * What a failure of a request says about the same request later.
   *
   * @return the shortest delay before the request is repeated, which is zero if the store does not
   *     say; {@code null} if the same request would fail again
   */
  @Nullable Duration repeatAfter(Throwable failure);
}
