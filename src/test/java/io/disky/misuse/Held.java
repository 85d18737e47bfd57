package io.disky.misuse;

import io.disky.RecordBatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Batches and records that user code keeps and uses after their end. */
final class Held {
  private static final int MOST = 8;

  /** A record, its number, and the arena of the user that holds it, if one does. */
  private record KeptRecord(MemorySegment bytes, long number, @Nullable HostileArena arena) {}

  /**
   * A batch.
   *
   * @param arena the arena of the user that holds it, if one does
   * @param mayBeIndex whether it may be the index of an ArrayRecord whose end is lost
   */
  private record KeptBatch(RecordBatch batch, @Nullable HostileArena arena, boolean mayBeIndex) {}

  private final List<KeptRecord> records = new ArrayList<>();
  private final List<KeptBatch> batches = new ArrayList<>();

  /** Keeps a record with {@code number}. */
  void keep(MemorySegment record, long number) {
    keep(new KeptRecord(record, number, null));
  }

  private synchronized void keep(KeptRecord record) {
    if (records.size() == MOST) {
      records.removeFirst();
    }
    records.add(record);
  }

  /** Keeps a batch, and closes the one that was kept longest if there are many. */
  void keep(Round round, RecordBatch batch) {
    keep(round, batch, null, false);
  }

  /**
   * Keeps a batch that lies in {@code arena}.
   *
   * @param mayBeIndex whether it may be the index of an ArrayRecord whose end is lost
   */
  void keep(Round round, RecordBatch batch, @Nullable HostileArena arena, boolean mayBeIndex) {
    KeptBatch oldest = null;
    synchronized (this) {
      if (batches.size() == MOST) {
        oldest = batches.removeFirst();
      }
      batches.add(new KeptBatch(batch, arena, mayBeIndex));
    }
    if (oldest != null) {
      round.attempt("close of a kept batch", Allowed.STATES, oldest.batch::close);
    }
  }

  /**
   * Forgets records and batches whose arena has given their memory out again: it may hold anything.
   */
  private synchronized void forgetOverwritten() {
    records.removeIf(record -> isOverwritten(record.arena));
    batches.removeIf(kept -> isOverwritten(kept.arena));
  }

  private static boolean isOverwritten(@Nullable HostileArena arena) {
    return arena != null && arena.hasGivenAgain();
  }

  /** Uses a record that may have ended. It must have its original bytes, or throw an exception. */
  void touchRecord(Round round) {
    KeptRecord record;
    synchronized (this) {
      forgetOverwritten();
      if (records.isEmpty()) {
        return;
      }
      record = round.dice().of(records);
    }
    round.attempt(
        "use of a kept record",
        Allowed.STATES,
        () -> {
          long found = TellingRecord.number(record.bytes);
          if (found != record.number) {
            round.violate(
                "a kept record had number " + record.number + " and now has " + found, null);
          }
        });
  }

  /** Uses a batch that may be closed. */
  void touchBatch(Round round) {
    Dice dice = round.dice();
    KeptBatch kept;
    synchronized (this) {
      forgetOverwritten();
      if (batches.isEmpty()) {
        return;
      }
      kept = dice.of(batches);
    }
    RecordBatch batch = kept.batch;
    int index = dice.near(batch.recordCount());
    switch (dice.below(8)) {
      case 0 -> round.attempt("batch.get " + index, Allowed.INDICES, () -> get(round, kept, index));
      case 1 -> round.attempt("batch.offset", Allowed.INDICES, () -> batch.offset(index));
      case 2 -> round.attempt("batch.length", Allowed.INDICES, () -> batch.length(index));
      case 3 -> round.attempt("batch.position", Allowed.INDICES, () -> batch.position(index));
      case 4 -> round.attempt("batch.ends", Allowed.STATES, () -> batch.ends().asReadOnly());
      case 5 -> round.attempt("batch.iterator", Allowed.STATES, () -> all(round, kept));
      case 6 -> round.log("kept: " + batch);
      default -> round.attempt("batch.close", Allowed.STATES, batch::close);
    }
  }

  private void get(Round round, KeptBatch kept, int index) {
    MemorySegment record = kept.batch.get(index);
    long number = TellingRecord.number(record);
    if (number == TellingRecord.TORN && !kept.mayBeIndex) {
      round.violate("record " + index + " of a kept batch is torn", null);
    }
    keep(new KeptRecord(record, number, kept.arena));
  }

  private static void all(Round round, KeptBatch kept) {
    for (MemorySegment record : kept.batch) {
      if (TellingRecord.number(record) == TellingRecord.TORN && !kept.mayBeIndex) {
        round.violate("a record of a kept batch is torn", null);
      }
    }
  }

  /** Closes all batches that this thread can close. */
  void close(Round round) {
    List<KeptBatch> open;
    synchronized (this) {
      open = List.copyOf(batches);
    }
    for (KeptBatch kept : open) {
      round.attempt("close of a kept batch", Allowed.STATES, kept.batch::close);
    }
  }
}
