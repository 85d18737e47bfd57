package io.disky.misuse;

import io.disky.RecordBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Batches and records that user code keeps and uses after their end. */
final class Held {
  private static final int MOST = 8;

  private final List<MemorySegment> records = new ArrayList<>();
  private final List<Long> numbers = new ArrayList<>();
  private final List<RecordBatch> batches = new ArrayList<>();

  /** Keeps a record with {@code number}. */
  synchronized void keep(MemorySegment record, long number) {
    if (records.size() == MOST) {
      records.removeFirst();
      numbers.removeFirst();
    }
    records.add(record);
    numbers.add(number);
  }

  /** Keeps a batch, and closes the one that was kept longest if there are many. */
  void keep(Round round, RecordBatch batch) {
    RecordBatch oldest = null;
    synchronized (this) {
      if (batches.size() == MOST) {
        oldest = batches.removeFirst();
      }
      batches.add(batch);
    }
    if (oldest != null) {
      round.attempt("close of a kept batch", Allowed.STATES, oldest::close);
    }
  }

  /** Uses a record that may have ended. It must have its original bytes, or throw an exception. */
  void touchRecord(Round round) {
    MemorySegment record;
    long number;
    synchronized (this) {
      if (records.isEmpty()) {
        return;
      }
      int which = round.dice().below(records.size());
      record = records.get(which);
      number = numbers.get(which);
    }
    round.attempt(
        "use of a kept record",
        Allowed.STATES,
        () -> {
          long found = TellingRecord.number(record);
          if (found != number) {
            round.violate("a kept record had number " + number + " and now has " + found, null);
          }
        });
  }

  /** Uses a batch that may be closed. */
  void touchBatch(Round round) {
    Dice dice = round.dice();
    RecordBatch batch;
    synchronized (this) {
      if (batches.isEmpty()) {
        return;
      }
      batch = dice.of(batches);
    }
    int index = dice.near(batch.count());
    switch (dice.below(8)) {
      case 0 ->
          round.attempt("batch.get " + index, Allowed.INDICES, () -> get(round, batch, index));
      case 1 -> round.attempt("batch.offset", Allowed.INDICES, () -> batch.offset(index));
      case 2 -> round.attempt("batch.length", Allowed.INDICES, () -> batch.length(index));
      case 3 -> round.attempt("batch.position", Allowed.INDICES, () -> batch.position(index));
      case 4 -> round.attempt("batch.ends", Allowed.STATES, () -> batch.ends().asReadOnly());
      case 5 -> round.attempt("batch.iterator", Allowed.STATES, () -> all(round, batch));
      case 6 -> round.log("kept: " + batch);
      default -> round.attempt("batch.close", Allowed.STATES, batch::close);
    }
  }

  private void get(Round round, RecordBatch batch, int index) {
    MemorySegment record = batch.get(index);
    long number = TellingRecord.number(record);
    if (number == TellingRecord.TORN) {
      round.violate("record " + index + " of a kept batch is torn", null);
    }
    keep(record, number);
  }

  private static void all(Round round, RecordBatch batch) {
    for (MemorySegment record : batch) {
      if (TellingRecord.number(record) == TellingRecord.TORN) {
        round.violate("a record of a kept batch is torn", null);
      }
    }
  }

  /** Closes all batches that this thread can close. */
  void close(Round round) {
    List<RecordBatch> open;
    synchronized (this) {
      open = List.copyOf(batches);
    }
    for (RecordBatch batch : open) {
      round.attempt("close of a kept batch", Allowed.STATES, batch::close);
    }
  }
}
