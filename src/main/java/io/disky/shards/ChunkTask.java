package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A chunk that is to be written.
 *
 * @param written completed afterwards, if somebody asked
 */
public record ChunkTask(ChunkBuffer chunk, @Nullable CompletableFuture<Void> written)
    implements WriteTask {}
