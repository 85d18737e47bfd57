package io.disky.loading;

import io.disky.order.Picks;
import org.jspecify.annotations.Nullable;

/**
 * The steps of all epochs that a loader delivers, in order: for each step, which records this rank
 * gets. For one thread at a time.
 */
public interface StepOrder {
  /** Goes to the next step; returns {@code false} after the last one. */
  boolean next();

  /** The number of the epoch. */
  long epoch();

  /** The number of the step in the epoch. */
  long step();

  /** The position of the first record that this rank gets. */
  long begin();

  /** How many records this rank gets, with padding; may be 0. */
  int count();

  /** Number of the records of this rank that are padding; they are the last ones. */
  int padding();

  /** Sets {@code into} to the records that this rank gets. */
  void fill(Picks into);

  /** As {@link io.disky.order.EpochOrder#sharesChunks}. */
  boolean sharesChunks(int source);

  /** As {@link io.disky.order.EpochOrder#isDone}, for the steps after this step. */
  boolean isDone(int source, long chunk);

  /** Where the steps after this one begin. */
  Progress after();

  /**
   * The steps after this one, to look ahead; {@code null} unless neighbouring steps have
   * neighbouring records.
   */
  @Nullable StepOrder ahead();
}
