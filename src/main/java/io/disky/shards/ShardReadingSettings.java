package io.disky.shards;

/**
 * How to read shards.
 *
 * @param name the name of the reader in messages
 * @param shardsOpen how many shards are open at once, at least 1
 * @param threads how many threads read and decode, at least 1
 * @param queueSize the bound on the decoded chunks that nobody has taken yet, in bytes
 * @param order in which order chunks of the open shards are delivered
 * @param deterministic whether the order depends on the shards alone
 * @param dataAlignment the alignment of the records' memory in bytes, a power of two
 * @param strictLifetimes whether each record ends when the next one is requested
 */
public record ShardReadingSettings(
    String name,
    int shardsOpen,
    int threads,
    long queueSize,
    Order order,
    boolean deterministic,
    int dataAlignment,
    boolean strictLifetimes) {

  /** In which order chunks of the open shards are delivered. */
  public enum Order {
    /** One shard after the other. */
    DRAIN,
    /** A chunk of each shard in turn. */
    ROUND_ROBIN
  }
}
