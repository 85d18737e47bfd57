package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Compares two sequences of records, record by record. */
final class OrderedDifference {
  private final Report report;
  private long number;
  private long differences;

  /** Takes the text of a difference; returns false to stop. */
  @FunctionalInterface
  interface Report {
    boolean take(String difference) throws IOException;
  }

  OrderedDifference(Report report) {
    this.report = report;
  }

  /**
   * Compares all records.
   *
   * @param progress gets the position in {@code a}
   * @return the number of differences, up to the one at which {@code report} has stopped
   */
  long compare(RecordSequence a, RecordSequence b, LongConsumer progress) throws IOException {
    while (true) {
      MemorySegment left = a.next();
      MemorySegment right = b.next();
      if (left == null || right == null) {
        compareEnds(a, left, b, right);
        return differences;
      }
      if (left.mismatch(right) >= 0) {
        differences++;
        if (!report.take(text(left, right))) {
          return differences;
        }
      }
      number++;
      if ((number & 1023) == 0) {
        progress.accept(a.position());
      }
    }
  }

  private String text(MemorySegment left, MemorySegment right) {
    return "record "
        + number
        + ": "
        + left.byteSize()
        + " and "
        + right.byteSize()
        + " bytes, equal up to byte "
        + left.mismatch(right);
  }

  private void compareEnds(
      RecordSequence a,
      @Nullable MemorySegment left,
      RecordSequence b,
      @Nullable MemorySegment right)
      throws IOException {
    if (left == null && right == null) {
      return;
    }
    long more = 1 + count(left == null ? b : a);
    differences++;
    report.take(
        (left == null ? "the second" : "the first")
            + " has "
            + more
            + (more == 1 ? " more record, " : " more records, from ")
            + "number "
            + number);
  }

  private static long count(RecordSequence records) throws IOException {
    long count = 0;
    while (records.next() != null) {
      count++;
    }
    return count;
  }
}
