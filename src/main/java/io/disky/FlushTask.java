package io.disky;

import java.util.concurrent.CompletableFuture;

/**
 * Shards are to be flushed.
 *
 * @param before how many tasks have to be done before
 * @param awaited whether a caller waits for it, and nothing else depends on it
 */
record FlushTask(FlushMode mode, long before, CompletableFuture<Void> written, boolean awaited)
    implements WriteTask {}
