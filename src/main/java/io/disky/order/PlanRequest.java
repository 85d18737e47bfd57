package io.disky.order;

import java.util.List;

/**
 * The values from which an {@link OrderPlan} is computed, in addition to the order.
 *
 * @param sources the sources of the loader, by index; also those of a sequence
 * @param steps the steps of the epoch, from position 0 on
 * @param batchesAhead the number of batches that a rank has in memory if they are large
 * @param recordEntry the memory that a batch takes for each record in addition to its bytes, in
 *     bytes
 * @param memory the memory outside the Java heap that the loader may use, in bytes
 */
public record PlanRequest(
    List<Source> sources, Steps steps, int batchesAhead, int recordEntry, long memory) {
  /**
   * A source.
   *
   * @param name its name in warnings
   * @param meanRecordSize the mean size of its records in bytes
   * @param cache memory for its decoded chunks that later batches can need, in bytes
   */
  public record Source(String name, double meanRecordSize, long cache) {}

  /** Copies the list. */
  public PlanRequest {
    sources = List.copyOf(sources);
  }
}
