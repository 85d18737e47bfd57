package io.disky;

/** In which order a {@link MultiThreadedReader} reads the shards that are open. */
public enum ReadingOrder {
  /** A chunk of each shard in turn, which mixes their records. The default. */
  ROUND_ROBIN,
  /** A shard to its end before the next one; with several workers each is at a shard of its own. */
  DRAIN
}
