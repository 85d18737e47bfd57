package io.disky.loading;

/**
 * What a pipeline has done so far. Times are in nanoseconds, summed over all threads.
 *
 * @param batches batches that were delivered
 * @param records records in these batches
 * @param bytes size of these records
 * @param skipped records that could not be read
 * @param filtered records that filters have left out
 * @param consumerWait time in which the consumer has waited for batches
 * @param consumerWork time that the consumer has spent outside the loader, between two batches
 * @param decode time in which workers have decoded chunks that batches share
 * @param read time in which workers have read records
 * @param copy time in which workers have copied records
 * @param transform time in which workers have called filters and mappers
 * @param memory memory of chunks and batches now, in bytes
 * @param ahead batches that are planned, being gathered or waiting for the consumer now
 * @param held batches that the consumer has not closed now
 */
public record LoadingMetrics(
    long batches,
    long records,
    long bytes,
    long skipped,
    long filtered,
    long consumerWait,
    long consumerWork,
    long decode,
    long read,
    long copy,
    long transform,
    long memory,
    int ahead,
    int held) {}
