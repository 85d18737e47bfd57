package io.disky.shards;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What workers of a multi-threaded writer do. */
public sealed interface WriteTask permits ChunkTask, FlushTask {
  /** Completed afterwards, if somebody asked. */
  @Nullable CompletableFuture<Void> written();
}
