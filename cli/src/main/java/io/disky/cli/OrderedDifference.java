package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Compares two sequences of records, record by record. */
final class OrderedDifference {
  /** After records of this size the progress is reported; each record counts some bytes more. */
  private static final long REPORTED_BYTES = 1 << 20;

  private static final long RECORD_COST = 1 << 10;

  private final Report report;
  private long number;
  private long differences;

  /** Takes a difference, as text and as the members of a JSON object. */
  @FunctionalInterface
  interface Report {
    /** Returns false to stop. */
    boolean take(String text, Consumer<Json> members) throws IOException;
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
    long unreported = 0;
    while (true) {
      MemorySegment left = a.next();
      MemorySegment right = b.next();
      if (left == null || right == null) {
        compareEnds(a, left, b, right);
        return differences;
      }
      if (left.mismatch(right) >= 0) {
        differences++;
        if (!report(left, right)) {
          return differences;
        }
      }
      number++;
      unreported += RECORD_COST + right.byteSize();
      if (unreported >= REPORTED_BYTES) {
        progress.accept(a.position());
        unreported = 0;
      }
    }
  }

  private boolean report(MemorySegment left, MemorySegment right) throws IOException {
    long equal = left.mismatch(right);
    String text =
        "record %d: %d and %d bytes, equal up to byte %d"
            .formatted(number, left.byteSize(), right.byteSize(), equal);
    return report.take(
        text,
        line -> {
          line.name("record").value(number);
          line.name("sizes").beginArray();
          line.element().value(left.byteSize());
          line.element().value(right.byteSize());
          line.endArray();
          line.name("equalTo").value(equal);
        });
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
            + number,
        line -> {
          line.name("record").value(number);
          line.name("surplus").value(left == null ? -more : more);
        });
  }

  private static long count(RecordSequence records) throws IOException {
    long count = 0;
    while (records.next() != null) {
      count++;
    }
    return count;
  }
}
