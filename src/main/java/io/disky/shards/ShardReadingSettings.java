package io.disky.shards;

/**
 * How to read shards.
 *
 * @param name the name of the reader in messages
 * @param shardsOpen how many shards are open at once, at least 1
 * @param threads how many threads read and decode, at least 1
 * @param queueSize the bound on the decoded chunks that nobody has taken yet, in bytes
 * @param roundRobin whether to read a chunk of each open shard in turn, or one shard after another
 * @param deterministic whether the order depends on the shards alone
 * @param dataAlignment the alignment of the records' memory in bytes, a power of two
 * @param strictLifetimes whether each record ends when the next one is requested
 */
public record ShardReadingSettings(
    String name,
    int shardsOpen,
    int threads,
    long queueSize,
    boolean roundRobin,
    boolean deterministic,
    int dataAlignment,
    boolean strictLifetimes) {}
