package io.disky.loader;

import io.disky.order.Steps;

/**
 * What a loader does with the records after the last full step of an epoch. A step has as many
 * records as the batches of all ranks together. In all cases every rank has the same number of
 * steps.
 */
public enum Remainder {
  /** It does not deliver them: every batch is full. The next epoch has another order. */
  DROP,

  /**
   * It fills the last step with the first records of the epoch, so that every batch is full. The
   * batch states which of its records are there only for this purpose.
   */
  PAD,

  /**
   * It divides them among the ranks, so that the numbers of records of two ranks differ by 1 at
   * most in the last step. If there are fewer records than ranks, some ranks get an empty batch.
   */
  EVEN;

  Steps.Remainder room() {
    return Steps.Remainder.valueOf(name());
  }
}
