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

  /** Whether it is of use to announce records. */
  default boolean isRemote() {
    return false;
  }

  /** Announces records. For one thread at a time. */
  interface Announcer {
    /**
     * Announces records that {@link #hold} and {@link #read} will read soon, so that requests for
     * them begin.
     *
     * @param numbers as those of {@link #read}
     */
    void announce(long[] numbers, int count);

    /** The announced records that were not read will not be read. */
    void withdraw();
  }

  /**
   * Announces records for one pipeline.
   *
   * @throws UnsupportedOperationException unless the source {@linkplain #isRemote() is remote}
   */
  default Announcer announcer() {
    throw new UnsupportedOperationException(name() + " is not remote");
  }

  /**
   * Checks that the thread is not in code of the user that this source calls, and that would have
   * to end before the source can be closed.
   *
   * @throws IllegalStateException if it is
   */
  default void checkNotCalling() {}

  /**
   * Ends calls that wait for bytes of remote files; they, and later calls, throw an exception. Does
   * not wait. The source must be closed all the same.
   */
  default void stop() {}

  /**
   * What it costs to read records that are announced together.
   *
   * @param numbers as those of {@link #read}
   * @param known chunks that need not be read; the chunks of the records are added
   * @param more whether requests for other records are running, or will be before these are
   */
  default RemoteCost cost(long[] numbers, int count, Set<Long> known, boolean more) {
    return RemoteCost.NONE;
  }

  /** Closes the files. No other call may be running. */
  void close();
}
