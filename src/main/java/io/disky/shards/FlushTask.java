package io.disky.shards;

import java.util.concurrent.CompletableFuture;

/**
 * Shards are to be flushed.
 *
 * @param sync whether the records must outlive a power cut
 * @param before how many tasks have to be done before
 * @param awaited whether a caller waits for it, and nothing else depends on it
 */
public record FlushTask(boolean sync, long before, CompletableFuture<Void> written, boolean awaited)
    implements WriteTask {}
