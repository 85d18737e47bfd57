package io.disky.order;

/** The order of an epoch, as an {@link OrderSpec} makes it. */
public sealed interface SpecifiedEpoch extends EpochOrder permits SequenceEpoch, MixedEpoch {
  /** Number of sources that have records at {@code position} or later. */
  int activeSources(long position);

  /**
   * The share of each source of the records from {@code position} on, until the next source has no
   * records left; 0 if it has none left.
   */
  double[] shares(long position);
}
