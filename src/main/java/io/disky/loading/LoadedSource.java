package io.disky.loading;

import io.disky.order.ChunkLayout;
import java.io.IOException;

/** A source of numbered records. Thread-safe, except {@link #close}. */
public interface LoadedSource {
  /** The name of the source in messages and in states. */
  String name();

  /** What identifies the records, for the fingerprint of a data set: names, sizes and counts. */
  byte[] identity();

  /** The chunks of the records. */
  ChunkLayout layout();

  /** An estimate of the mean size of a record in bytes; at least 1. */
  long meanRecordSize();

  /** The memory that decoded chunks take until the source is closed, in bytes. */
  default long cacheSize() {
    return 0;
  }

  /** A decoded chunk that stays in memory, where {@link #read} finds it, until it is closed. */
  interface ChunkHold extends AutoCloseable {
    /** The memory that it takes, in bytes. */
    long bytes();

    @Override
    void close();
  }

  /**
   * Decodes a chunk and keeps it in memory. A chunk that is damaged is held without memory; {@link
   * #read} then reports the failure.
   */
  ChunkHold hold(long chunk) throws IOException;

  /**
   * Reads records.
   *
   * @param numbers ascending numbers, which may repeat; the array may be changed after the call
   * @param count how many of them to read, from index 0 on
   * @throws IOException if reading fails for another reason than damage of a chunk, which the
   *     result reports for each of its records
   */
  RecordsHold read(long[] numbers, int count) throws IOException;

  /** Closes the files. No other call may be running. */
  void close();
}
