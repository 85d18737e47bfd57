package io.disky;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A chunk that is to be written.
 *
 * @param written completed afterwards, if somebody asked
 */
record ChunkTask(ChunkBuffer chunk, @Nullable CompletableFuture<Void> written)
    implements WriteTask {}
