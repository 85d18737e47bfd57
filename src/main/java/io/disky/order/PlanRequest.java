package io.disky.order;

/**
 * The values from which an {@link OrderPlan} is computed, in addition to the order.
 *
 * @param meanRecordSizes the mean size of the records of each source in bytes
 * @param steps the steps of the epoch, from position 0 on
 * @param batchesAhead the largest number of batches that a rank has in memory
 * @param cache memory for decoded chunks that a later batch can need by chance, in bytes
 * @param memory the memory that the loader may use, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // read once, and never compared
public record PlanRequest(
    double[] meanRecordSizes, Steps steps, int batchesAhead, long cache, long memory) {}
