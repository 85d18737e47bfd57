package io.disky.loader;

import io.disky.order.Steps;

/**
 * What a loader does with the records after the last full step of an epoch. A full step has as many
 * records as the batch size, for all ranks together. In all cases every rank has the same number of
 * steps.
 */
public enum Remainder {
  /**
   * It does not deliver them, so that every batch is full. With a shuffle, these are other records
   * in each epoch.
   */
  DROP,

  /**
   * It fills the last step with the first records of the epoch, so that every batch is full. {@link
   * LoadedBatch#isPadding} returns whether a record was added for this purpose.
   */
  PAD,

  /**
   * The default: it divides them among the ranks, so that the numbers of records of two ranks in
   * the last step differ by at most 1. If there are fewer records than ranks, some ranks get an
   * empty batch.
   */
  EVEN;

  Steps.Remainder room() {
    return Steps.Remainder.valueOf(name());
  }
}
