package io.disky.misuse;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.FlushMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.misuse.Mischief.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link RecordWriter}. */
final class WriterSubject extends WritingSubject {
  private static final Set<Allowed> SLOT = EnumSet.of(Allowed.STATE, Allowed.IO, Allowed.ARGUMENT);
  private static final Set<Allowed> RANGE = EnumSet.of(Allowed.STATE, Allowed.IO, Allowed.INDEX);
  private static final long FIRST_NUMBER = 1_000_000;

  private final RecordWriter writer;
  private final WriterOutput output;
  private final RecordSource.Target target;
  private volatile boolean discarded;
  private volatile boolean disordered;
  private volatile @Nullable MemorySegment slot;

  private WriterSubject(WriterOutput.Opened opened, WriterOptions options, long firstNumber) {
    super("a writer with " + options, firstNumber);
    this.writer = opened.writer();
    this.output = opened.output();
    this.target =
        new RecordSource.Target(writer::write, writer::write, writer::write, writer::write);
  }

  /** Opens a writer; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    WriterOptions options = options(round.dice());
    long first = FIRST_NUMBER + (round.dice().oneIn(20) ? TellingRecord.MEDIUM : 0);
    WriterSubject[] opened = {null};
    round.attempt(
        "open " + options,
        Allowed.OPENING,
        () -> opened[0] = new WriterSubject(WriterOutput.open(round, options), options, first));
    return opened[0];
  }

  /** Random options with small chunks. */
  static WriterOptions options(Dice dice) {
    WriterOptions options =
        WriterOptions.defaults()
            .withChunkSize(1 + dice.below(1_000))
            .withDialect(dice.oneIn(6) ? Dialect.DISKY : Dialect.RIEGELI)
            .withCompression(
                switch (dice.below(6)) {
                  case 0 -> Compression.zstd(1);
                  case 1 -> Compression.snappy();
                  case 2 -> Compression.brotli(1);
                  default -> Compression.none();
                });
    return switch (dice.below(10)) {
      case 0 -> options.withContainer(Container.ARRAY_RECORD).withGroupSize(1 + dice.below(6));
      case 1 -> options.withTranspose(true);
      case 2 -> options.withFinalPadding(1 + dice.below(5_000));
      case 3 -> options.withParallelism(1 + dice.below(2));
      case 4 -> options.withAtomicCreation(true);
      default -> options;
    };
  }

  @Override
  public void operate(Round round) {
    Dice dice = round.dice();
    switch (dice.below(30)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 -> write(round);
      case 12, 13, 14, 15, 16 -> writeSlot(round);
      case 17 -> writeEmpty(round);
      case 18 -> writeRange(round);
      case 19, 20 -> flush(round, FlushMode.VISIBLE);
      case 21 -> flush(round, FlushMode.SYNC);
      case 22 -> round.attempt("fileSize", WRITING, writer::fileSize);
      case 23 -> round.attempt("lastPosition", WRITING, writer::lastPosition);
      case 24, 25 -> lookAt(round);
      case 26 -> touchSlot(round);
      case 27 -> rarely(round);
      default -> write(round);
    }
  }

  private void rarely(Round round) {
    switch (round.dice().below(6)) {
      case 0 -> close(round);
      case 1 -> discard(round);
      case 2 -> {
        if (round.mischief().knows(Kind.CLOSE)) {
          output.takeAway();
        }
      }
      default -> write(round);
    }
  }

  private void write(Round round) {
    long number = nextNumber();
    long before = output.interruptions();
    boolean nested = round.actor().depth() > 1;
    Throwable thrown = write(round, "write", number, target);
    settle(number, thrown, before);
    disordered |= nested;
  }

  /**
   * Notes whether the writer has accepted the record. After a failure it may have accepted it
   * nevertheless.
   */
  private void settle(long number, @Nullable Throwable thrown, long interruptionsBefore) {
    if (thrown == null) {
      records.take(number);
    } else if (thrown instanceof IOException
        || thrown instanceof StackOverflowError
        || output.interruptions() > interruptionsBefore) {
      records.doubt(number);
    }
  }

  private void writeSlot(Round round) {
    if (round.dice().oneIn(10)) {
      writeWrongSlot(round);
      return;
    }
    long number = nextNumber();
    byte[] record = TellingRecord.of(number);
    long most = record.length + (long) round.dice().below(50);
    long before = output.interruptions();
    boolean nested = round.actor().depth() > 1;
    Throwable thrown =
        round.thrownBy(
            "write " + number + " in a slot",
            WRITING,
            () -> writer.write(most, memory -> fill(round, memory, record)));
    settle(number, thrown, before);
    disordered |= nested;
  }

  private long fill(Round round, MemorySegment memory, byte[] record) {
    slot = memory;
    MemorySegment.copy(MemorySegment.ofArray(record), 0, memory, 0, record.length);
    round.mischief().here("a slot writer");
    return record.length;
  }

  private void writeWrongSlot(Round round) {
    Dice dice = round.dice();
    boolean negative = dice.oneIn(3);
    long most = negative ? -1 - dice.below(Long.MAX_VALUE) : dice.below(100);
    long size = dice.oneIn(2) ? -1 - dice.below(Long.MAX_VALUE) : most + 1 + dice.below(1L << 60);
    round.attempt(
        "write of " + size + " bytes in a slot of " + most,
        SLOT,
        () -> {
          writer.write(most, memory -> size);
          round.violate(size + " bytes were written in a slot of " + most, null);
        });
  }

  private void writeEmpty(Round round) {
    if (round.attempt("write of nothing", WRITING, () -> writer.write(new byte[0]))) {
      records.takeEmpty();
    }
  }

  private void writeRange(Round round) {
    int offset = round.dice().near(10);
    int length = -1 - round.dice().below(10);
    round.attempt(
        "write of no range",
        RANGE,
        () -> {
          writer.write(new byte[10], offset, length);
          round.violate("a range of " + length + " bytes was written", null);
        });
  }

  private void lookAt(Round round) {
    round.attempt(
        "recordCount and so on",
        Allowed.STATES,
        () -> {
          String _ = writer.name() + writer.path() + writer.repair() + writer.isOpen();
          if (writer.recordCount() < 0 || writer.recordBytes() < 0) {
            round.violate("the writer reports a negative number", null);
          }
        });
  }

  /** Uses a slot after its record was written, which must throw. */
  private void touchSlot(Round round) {
    MemorySegment kept = slot;
    if (kept != null && round.actor().depth() == 1 && !round.hasThreads()) {
      round.attempt(
          "use of a kept slot",
          Allowed.STATES,
          () -> {
            kept.fill((byte) 1);
            round.violate("a slot was written to after its record was", null);
          });
    }
  }

  private void discard(Round round) {
    if (round.attempt("discard", Allowed.READING, writer::discard)) {
      discarded = true;
    }
  }

  @Override
  void flush(FlushMode mode) throws IOException {
    writer.flush(mode);
  }

  @Override
  boolean isOpen() {
    return writer.isOpen();
  }

  @Override
  void close() throws IOException {
    writer.close();
  }

  @Override
  public void check(Round round) {
    round.attempt(
        "reading of the output",
        Allowed.READING,
        () -> {
          if (output.isHonest()) {
            checkWritten(round);
          }
          output.end();
        });
  }

  private void checkWritten(Round round) throws IOException {
    boolean complete = wasClosed() && !discarded && !round.mischief().hasOverflowed();
    byte[] bytes = output.bytes(complete ? writer.fileSize() : -1);
    if (bytes == null) {
      if (complete) {
        round.violate("the output does not exist", null);
      }
      return;
    }
    List<Long> found = new ArrayList<>();
    IOException end = WrittenRecords.read(MemorySegment.ofArray(bytes), found, round);
    if (complete && end != null) {
      round.violate("the output of a closed writer cannot be read", end);
    }
    records.check(round, found, complete, !disordered && !round.hasThreads());
  }

  @Override
  public boolean isShared() {
    return false;
  }
}
