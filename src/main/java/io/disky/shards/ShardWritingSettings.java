package io.disky.shards;

import io.disky.engine.WriterSettings;
import io.disky.writing.ChunkBuffer;
import java.util.function.Supplier;

/**
 * How to write shards.
 *
 * @param shardsOpen how many shards are open at once, at least 1
 * @param threads how many threads encode and write; 0: the threads that add records do
 * @param shardBytes the size at which a shard is full, in bytes of records
 * @param replaceFull whether another shard takes the place of a full one
 * @param queueTasks how many chunks and flushes the queue has room for
 * @param queueBytes how many bytes of chunks the queue has room for
 * @param keepExisting whether to keep the shards that exist, or to remove them first
 * @param firstNumber the number of the first shard
 * @param writer how to encode chunks
 * @param newChunk makes memory for the records of a chunk
 */
public record ShardWritingSettings(
    int shardsOpen,
    int threads,
    long shardBytes,
    boolean replaceFull,
    int queueTasks,
    long queueBytes,
    boolean keepExisting,
    long firstNumber,
    WriterSettings writer,
    Supplier<ChunkBuffer> newChunk) {}
