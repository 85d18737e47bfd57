package io.disky;

import java.util.concurrent.CompletableFuture;

/**
 * Shards are to be flushed.
 *
 * @param before how many tasks have to be done before
 */
record FlushTask(FlushMode mode, long before, CompletableFuture<Void> written)
    implements WriteTask {}
