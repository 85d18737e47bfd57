package io.disky;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What workers of a multi-threaded writer do. */
sealed interface WriteTask permits ChunkTask, FlushTask {
  /** Completed afterwards, if somebody asked. */
  @Nullable CompletableFuture<Void> written();
}
