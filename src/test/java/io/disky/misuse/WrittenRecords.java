package io.disky.misuse;

import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The records that a writer has accepted, and those that it has refused. */
final class WrittenRecords {
  // Guarded by this.
  private final List<Long> taken = new ArrayList<>();
  private final Set<Long> unknown = new HashSet<>();
  private final Set<Long> flushed = new HashSet<>();
  private int empty;

  /** Notes that {@code write} has returned. */
  synchronized void take(long number) {
    taken.add(number);
  }

  /** Notes that {@code write} of an empty record has returned. */
  synchronized void takeEmpty() {
    empty++;
  }

  /** Notes that {@code write} has thrown. It may have accepted the record nevertheless. */
  synchronized void doubt(long number) {
    unknown.add(number);
  }

  /** The records that a flush guarantees if it begins now. */
  synchronized List<Long> soFar() {
    return List.copyOf(taken);
  }

  /** Notes that a flush of these records has returned. */
  synchronized void flushed(List<Long> numbers) {
    flushed.addAll(numbers);
  }

  synchronized int count() {
    return taken.size() + empty;
  }

  /**
   * Reads all readable records of a file. Returns the exception that ended reading; {@code null} at
   * the end of the file.
   */
  static @Nullable IOException read(MemorySegment file, List<Long> found, Round round) {
    try (RecordReader reader = RecordReader.open(file)) {
      reader.visit(record -> {
        if (record.byteSize() > 0) {
          long number = TellingRecord.number(record);
          if (number == TellingRecord.TORN) {
            round.violate("a record that was written is torn, after " + found.size(), null);
          }
          found.add(number);
        }
      });
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /**
   * Checks the records found in the output. {@code closed} states whether the writer was closed
   * without a failure.
   */
  synchronized void check(Round round, List<Long> found, boolean closed, boolean ordered) {
    Set<Long> all = new HashSet<>(found);
    if (all.size() < found.size()) {
      round.violate("records were written twice: " + found, null);
    }
    List<Long> certain = found.stream().filter(number -> !unknown.contains(number)).toList();
    if (closed && ordered && !certain.equals(taken)) {
      round.violate("accepted were " + taken + ", written " + found, null);
    }
    if (closed && !all.containsAll(taken)) {
      round.violate("of " + taken + " only " + found + " were written", null);
    }
    if (!all.containsAll(flushed)) {
      round.violate("of " + flushed + " that were flushed only " + found + " were found", null);
    }
    all.removeAll(taken);
    all.removeAll(unknown);
    if (!all.isEmpty()) {
      round.violate("refused records were written: " + all, null);
    }
  }
}
