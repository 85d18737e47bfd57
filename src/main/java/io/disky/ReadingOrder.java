package io.disky;

/** In which order a {@link MultiThreadedReader} reads the shards that are open. */
public enum ReadingOrder {
  /** A chunk of each shard in turn, which mixes their records. The default. */
  ROUND_ROBIN,
  /**
   * Each thread of the reader reads a shard to its end before it begins the next one. So several
   * threads read several shards at a time.
   */
  DRAIN
}
