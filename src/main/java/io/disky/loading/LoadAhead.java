package io.disky.loading;

/**
 * How far a pipeline loads ahead of its consumer.
 *
 * @param workers the number of workers; 0 if the thread of the consumer does the work
 * @param memory the memory for decoded chunks and batches, in bytes
 * @param changes whether filters or mappers decide how large batches are
 */
public record LoadAhead(int workers, long memory, boolean changes) {
  /** How many bytes of batches are gathered ahead, if batches are small. */
  private static final long MOST_BYTES = 16 << 20;

  // A buffer for records of an unknown size grows by half, so it may be larger than its records.
  private static final double GROWTH = 1.5;

  // The memory of a buffer exceeds the requested one by at most a quarter and some bytes.
  private static final double EXCESS = 1.25;
  private static final int EXCESS_BYTES = 512;

  /** The most memory that a pipeline takes for batches and for decoded chunks, in bytes. */
  public record Bound(long batches, long chunks, long total) {}

  /** The batches that are gathered ahead, even if they are large. */
  public int fewest() {
    return workers == 0 ? 1 : 2 * workers + 1;
  }

  /** Fewer bytes of batches are ahead when a further batch is planned, if batches are small. */
  long bytes() {
    return Math.min(MOST_BYTES, memory / 2);
  }

  /**
   * The most memory that a batch takes.
   *
   * @param bytes the size of its records and of their entries in the table
   */
  long ofBatch(long bytes) {
    return Math.round(bytes * (changes ? GROWTH * EXCESS : EXCESS)) + EXCESS_BYTES;
  }

  /**
   * The most memory of batches and chunks, if all batches are equally large. The consumer holds one
   * batch.
   *
   * @param batchBytes the size of the records of a batch and of their entries in the table
   * @param sharedBytes the size of the chunks that one batch needs, if batches share chunks
   * @param heldBytes the size of the chunks that stay decoded for later batches
   * @param count the number of batches, 0 to {@link Long#MAX_VALUE}
   */
  public Bound bound(long batchBytes, long sharedBytes, long heldBytes, long count) {
    double batch = ofBatch(batchBytes);
    // Without workers, the consumer plans a batch when it needs it.
    double ahead = workers == 0 ? 1 : Math.max(fewest(), Math.ceil(bytes() / batch) + 1);
    double batches = Math.min((double) count, ahead + 1) * batch;
    // The chunks of the batch that is planned, and those before them that are not released yet.
    double held = sharedBytes == 0 ? heldBytes : 2 * EXCESS * heldBytes + EXCESS_BYTES;
    double shared = EXCESS * sharedBytes * Math.min((double) count, ahead);
    double least = held + 2 * (batch + EXCESS * sharedBytes);
    double most = Math.max((double) memory + (sharedBytes == 0 ? heldBytes : 0), least);
    return new Bound(
        Math.round(batches),
        Math.round(held + shared),
        Math.round(Math.min(most, batches + held + shared)));
  }
}
