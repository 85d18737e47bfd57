package io.disky.loader;

/** What a {@link Mix} does when one of its sources has no records left. */
public enum Exhaustion {
  /**
   * The source drops out. The other sources go on with the same ratios among each other, and the
   * epoch ends when no source has records left. So an epoch has all records of all sources.
   */
  DROP_OUT,

  /**
   * The epoch ends before the first position that would need a record of the source. The ratios of
   * the sources are right in the complete epoch.
   */
  STOP,

  /**
   * The source begins again, in another order if the records are shuffled. The epoch has no end:
   * the loop that consumes it decides when it stops. The sources' repeats have no effect.
   */
  REPEAT,

  /**
   * The source begins again, as with {@link #REPEAT}, until all records of each source were
   * delivered once, repeats included. Then the epoch ends.
   */
  REPEAT_UNTIL_ALL_SEEN;

  io.disky.order.Exhaustion room() {
    return io.disky.order.Exhaustion.valueOf(name());
  }
}
