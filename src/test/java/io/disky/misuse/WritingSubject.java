package io.disky.misuse;

import io.disky.FlushMode;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A writer of any kind, and the records that it took. */
abstract class WritingSubject implements Subject {
  static final Set<Allowed> WRITING = EnumSet.of(Allowed.STATE, Allowed.IO);

  final WrittenRecords records = new WrittenRecords();
  private final String name;
  private final AtomicLong numbers;
  private volatile boolean closed;

  /** A writer that messages call {@code name}, whose first record has this number. */
  WritingSubject(String name, long firstNumber) {
    this.name = name;
    this.numbers = new AtomicLong(firstNumber);
  }

  /** The number of the next record. */
  final long nextNumber() {
    return numbers.getAndIncrement();
  }

  /** Writes the record with {@code number}. Returns what that throws. */
  final @Nullable Throwable write(
      Round round, String operation, long number, RecordSource.Target target) {
    return round.thrownBy(
        operation + " " + number + " to " + name,
        WRITING,
        () -> RecordSource.write(round, number, target));
  }

  /** Flushes the writer: the records so far are then where they belong. */
  final void flush(Round round, FlushMode mode) {
    List<Long> soFar = records.soFar();
    if (round.attempt("flush " + mode + " of " + name, WRITING, () -> flush(mode))) {
      records.flushed(soFar);
    }
  }

  abstract void flush(FlushMode mode) throws IOException;

  abstract boolean isOpen();

  abstract void close() throws IOException;

  @Override
  public final void close(Round round) {
    boolean open = isOpen();
    boolean returned = round.attempt("close of " + name, WRITING, this::close);
    closed |= open && returned;
  }

  /** Whether an open writer was closed without a failure. */
  final boolean wasClosed() {
    return closed;
  }

  @Override
  public final boolean isClosed() {
    return !isOpen();
  }

  @Override
  public String toString() {
    return name;
  }
}
