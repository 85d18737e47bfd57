package io.disky.order;

/**
 * What an {@link OrderPlan} is computed from, in addition to the order.
 *
 * @param meanRecordSizes the mean size of the records of each source in bytes
 * @param steps the steps of the epoch, from position 0 on
 * @param batchesAhead how many batches a rank has in memory at most
 * @param cache memory for decoded chunks that a later batch may need by chance, in bytes
 * @param memory the memory that the loader may use, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // read once, and never compared
public record PlanRequest(
    double[] meanRecordSizes, Steps steps, int batchesAhead, long cache, long memory) {}
