package io.disky.loading;

/**
 * What a pipeline has done so far. Times are in nanoseconds, summed over all threads.
 *
 * @param batches batches that were delivered
 * @param records records in these batches
 * @param bytes size of these records
 * @param skipped records that could not be read
 * @param filtered records that filters have left out
 * @param consumerWait how long the consumer has waited for batches
 * @param consumerWork how long the consumer has been outside the loader between two batches
 * @param decode how long workers have decoded chunks that batches share
 * @param decodeWait how long workers have waited for such chunks
 * @param read how long workers have read records
 * @param copy how long workers have copied records
 * @param transform how long workers have called filters and mappers
 * @param memory bytes of chunks and batches now
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
    long decodeWait,
    long read,
    long copy,
    long transform,
    long memory,
    int ahead,
    int held) {}
