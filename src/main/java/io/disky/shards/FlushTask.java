package io.disky.shards;

import java.util.concurrent.CompletableFuture;

/**
 * Flush all shards.
 *
 * @param sync whether the records must outlive a power cut
 * @param before number of tasks that must be done before
 * @param written is completed afterwards
 * @param awaited whether a caller waits for the flush, and nothing else depends on it
 */
public record FlushTask(boolean sync, long before, CompletableFuture<Void> written, boolean awaited)
    implements WriteTask {}
