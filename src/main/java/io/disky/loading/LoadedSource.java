package io.disky.loading;

import io.disky.order.ChunkLayout;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** A source of numbered records. Thread-safe, except {@link #close}. */
public interface LoadedSource {
  /** The name of the source in messages. */
  String name();

  /** Names, sizes and counts that identify the records, for the fingerprint of a data set. */
  byte[] identity();

  /** Number of files; 0 if code supplies the records. */
  default long files() {
    return 0;
  }

  /** Names of files that are probably ArrayRecords, but lack the index at their end. */
  default List<String> incompleteFiles() {
    return List.of();
  }

  /** The chunks of the records. */
  ChunkLayout layout();

  /** An estimate of the mean size of a record in bytes; at least 1. */
  long meanRecordSize();

  /** The memory that decoded chunks in the cache take until the source is closed, in bytes. */
  default long cacheSize() {
    return 0;
  }

  /** A decoded chunk that stays in memory, where {@link #read} finds it, until it is closed. */
  interface ChunkHold extends AutoCloseable {
    /** The memory that the chunk takes, in bytes. */
    long bytes();

    @Override
    void close();
  }

  /**
   * Decodes a chunk and keeps it in memory. For a damaged chunk the hold has no memory; {@link
   * #read} then reports the failure.
   */
  ChunkHold hold(long chunk) throws IOException;

  /**
   * Reads records.
   *
   * @param numbers ascending numbers, which may repeat; the array may be changed after the call
   * @param count how many of them to read, from index 0 on
   * @throws IOException if reading fails, except for a damaged chunk: the result reports the damage
   *     for each record of the chunk
   */
  RecordsHold read(long[] numbers, int count) throws IOException;

  /** Whether it is of use to {@link #announce} records. */
  default boolean isRemote() {
    return false;
  }

  /**
   * Announces records that {@link #hold} and {@link #read} will read soon, so that requests for
   * them begin. One thread at a time may call this.
   *
   * @param numbers as those of {@link #read}
   */
  default void announce(long[] numbers, int count) {}

  /**
   * What it costs to read records that are announced together.
   *
   * @param numbers as those of {@link #read}
   * @param known chunks that need not be read; the chunks of the records are added
   */
  default RemoteCost cost(long[] numbers, int count, Set<Long> known) {
    return RemoteCost.NONE;
  }

  /** Closes the files. No other call may be running. */
  void close();
}
