package io.disky.shards;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something that a worker of a multi-threaded writer does. */
public sealed interface WriteTask permits ChunkTask, FlushTask {
  /** Is completed afterwards; {@code null} if no caller wants to know. */
  @Nullable CompletableFuture<Void> written();
}
