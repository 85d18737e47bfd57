package io.disky.misuse;

import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which records a writer has said that it took, and which it has refused. */
final class WrittenRecords {
  // Guarded by this.
  private final List<Long> taken = new ArrayList<>();
  private final Set<Long> unknown = new HashSet<>();
  private final Set<Long> flushed = new HashSet<>();
  private int empty;

  /** {@code write} has returned. */
  synchronized void take(long number) {
    taken.add(number);
  }

  /** {@code write} of an empty record has returned. */
  synchronized void takeEmpty() {
    empty++;
  }

  /** {@code write} has thrown, and may have taken the record all the same. */
  synchronized void doubt(long number) {
    unknown.add(number);
  }

  /** What a flush that begins now promises. */
  synchronized List<Long> soFar() {
    return List.copyOf(taken);
  }

  /** A flush of these has returned. */
  synchronized void flushed(List<Long> numbers) {
    flushed.addAll(numbers);
  }

  synchronized int count() {
    return taken.size() + empty;
  }

  /** Reads what can be read of a file; what ends it, if it is not its end, comes back. */
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

  /** Checks what was found, of a writer that was, or was not, closed without a failure. */
  synchronized void check(Round round, List<Long> found, boolean closed, boolean ordered) {
    Set<Long> all = new HashSet<>(found);
    if (all.size() < found.size()) {
      round.violate("records were written twice: " + found, null);
    }
    List<Long> certain = found.stream().filter(number -> !unknown.contains(number)).toList();
    if (closed && ordered && !certain.equals(taken)) {
      round.violate("taken were " + taken + ", written " + found, null);
    }
    if (closed && !all.containsAll(taken)) {
      round.violate("of " + taken + " only " + found + " were written", null);
    }
    if (!all.containsAll(flushed)) {
      round.violate("of " + flushed + " that were flushed only " + found + " are there", null);
    }
    all.removeAll(taken);
    all.removeAll(unknown);
    if (!all.isEmpty()) {
      round.violate("records that were refused are there: " + all, null);
    }
  }
}
