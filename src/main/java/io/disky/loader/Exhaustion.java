package io.disky.loader;

/** What a {@link Mix} does when one of its sources has no records left. */
public enum Exhaustion {
  /**
   * The default: the source drops out. The other sources go on with the same ratios among each
   * other, and the epoch ends when no source has records left. So an epoch has all records of all
   * sources.
   */
  DROP_OUT,

  /**
   * The epoch ends before the first position that would need a record of the source. So the ratios
   * of the weights hold from the beginning to the end of the epoch.
   */
  STOP,

  /**
   * The source begins again, in another order if the records are shuffled. The epoch has no end:
   * the code that takes batches decides when to stop. {@link WeightedSource#withRepeat} and {@link
   * Mix#withRepeat} have no effect. Each source must have records.
   */
  REPEAT,

  /**
   * The source begins again, as with {@link #REPEAT}, until each source has delivered all of its
   * records once, or as often as {@link WeightedSource#withRepeat} states. Then the epoch ends.
   * Each source must have records.
   */
  REPEAT_UNTIL_ALL_SEEN;

  io.disky.order.Exhaustion room() {
    return io.disky.order.Exhaustion.valueOf(name());
  }
}
