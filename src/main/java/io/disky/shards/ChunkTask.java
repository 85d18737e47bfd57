package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Write a chunk.
 *
 * @param written is completed afterwards; {@code null} if no caller wants to know
 */
public record ChunkTask(ChunkBuffer chunk, @Nullable CompletableFuture<Void> written)
    implements WriteTask {}
