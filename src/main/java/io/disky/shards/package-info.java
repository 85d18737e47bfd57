/**
 * Reads and writes many files, called shards, at once. Not exported: only this module uses it.
 *
 * <ul>
 *   <li>Reading: the threads of {@link io.disky.shards.ShardedReading} decode chunks of the shards
 *       of {@link io.disky.shards.ReadableShards}. {@link io.disky.shards.ShardQueue} bounds the
 *       chunks in memory, and {@link io.disky.shards.DeliveryOrder} puts them in order.
 *   <li>Writing: {@link io.disky.shards.ShardedWriting} gathers records in {@link
 *       io.disky.shards.ChunkStripes}, and its threads take full chunks from {@link
 *       io.disky.shards.ChunkQueue} and write them through {@link io.disky.shards.ShardWriters} to
 *       the shards of {@link io.disky.shards.WritableShards}.
 * </ul>
 */
package io.disky.shards;
