package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;

/**
 * Compares two collections of records without regard to their order: for each record, how often it
 * occurs. Records are compared by their SHA-256. If the digests do not fit into the memory, both
 * collections are read several times, each time for a share of the digests.
 */
final class UnorderedDifference {
  /** An upper estimate of the memory for a digest in the map, in bytes. */
  static final long BYTES_PER_DIGEST = 160;

  private final Sequences sequences;
  private final long passes;
  private final MessageDigest sha256;

  /** Opens the two collections, once for each pass. */
  interface Sequences {
    RecordSequence open(boolean first) throws IOException;
  }

  /** Takes a difference; returns false to stop. */
  @FunctionalInterface
  interface Report {
    /**
     * Takes a difference.
     *
     * @param number the number of the record, in the collection that has more of it
     * @param surplus by how many times the first collection has more of it; negative if the second
     *     one has
     */
    boolean take(long number, long size, long surplus) throws IOException;
  }

  /**
   * A comparison.
   *
   * @param records number of records of both collections
   * @param memory how much memory to use, in bytes
   */
  UnorderedDifference(Sequences sequences, long records, long memory) {
    this.sequences = sequences;
    this.passes = Math.max(1, Math.ceilDiv(records, Math.max(1, memory / BYTES_PER_DIGEST)));
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** How often each collection is read. */
  long passes() {
    return passes;
  }

  private record Digest(long a, long b, long c, long d) {}

  /** How often a record occurs. */
  private static final class Occurrences {
    private final long size;
    private long surplus;
    private long numberInFirst = -1;
    private long numberInSecond = -1;

    private Occurrences(long size) {
      this.size = size;
    }

    /** Adds an occurrence. Keeps the numbers of the first ones. */
    private void add(boolean first, long number) {
      surplus += first ? 1 : -1;
      if (first && numberInFirst < 0) {
        numberInFirst = number;
      } else if (!first && numberInSecond < 0) {
        numberInSecond = number;
      }
    }
  }

  /** Passes all differences to {@code report}, in no order. Returns their number. */
  long compare(Report report) throws IOException {
    long differences = 0;
    for (long pass = 0; pass < passes; pass++) {
      Map<Digest, Occurrences> map = new HashMap<>();
      count(true, pass, map);
      count(false, pass, map);
      for (Occurrences record : map.values()) {
        if (record.surplus != 0) {
          differences++;
          long number = record.surplus > 0 ? record.numberInFirst : record.numberInSecond;
          if (!report.take(number, record.size, record.surplus)) {
            return differences;
          }
        }
      }
    }
    return differences;
  }

  private void count(boolean first, long pass, Map<Digest, Occurrences> map) throws IOException {
    try (RecordSequence records = sequences.open(first)) {
      long number = 0;
      for (MemorySegment record = records.next(); record != null; record = records.next()) {
        Digest digest = digest(record);
        if (Long.remainderUnsigned(digest.a, passes) == pass) {
          long size = record.byteSize();
          map.computeIfAbsent(digest, key -> new Occurrences(size)).add(first, number);
        }
        number++;
      }
    }
  }

  private Digest digest(MemorySegment record) {
    for (long done = 0; done < record.byteSize(); ) {
      long step = Math.min(record.byteSize() - done, 1 << 30);
      sha256.update(record.asSlice(done, step).asByteBuffer());
      done += step;
    }
    ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
    return new Digest(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
  }
}
