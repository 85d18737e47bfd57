package io.disky.misuse;

import io.disky.CorruptionStrategy;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordPosition;
import io.disky.RecordReader;
import io.disky.misuse.Mischief.Kind;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@link RecordReader}. */
final class ReaderSubject implements Subject {
  private static final Set<Allowed> ARENA = EnumSet.of(Allowed.STATE, Allowed.IO, Allowed.ARGUMENT);
  private static final Set<Allowed> SEEKING_AND_READING =
      EnumSet.of(
          Allowed.STATE, Allowed.IO, Allowed.UNCHECKED_IO, Allowed.UNSUPPORTED, Allowed.ARGUMENT);
  private static final int MOST_ARENAS = 4;

  private final RecordFile file;
  private final ReaderOptions options;
  private final RecordReader reader;
  private final ReaderOrigin origin;
  private final Held held = new Held();
  private final List<HostileArena> arenas = new ArrayList<>(); // guarded by itself
  private volatile boolean streamed;
  private volatile @Nullable Iterator<MemorySegment> iterator;

  private ReaderSubject(RecordFile file, ReaderOptions options, ReaderOrigin.Opened opened) {
    this.file = file;
    this.options = options;
    this.reader = opened.reader();
    this.origin = opened.origin();
  }

  /** Opens a reader; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    Dice dice = round.dice();
    RecordFile intact = round.workshop().file(dice);
    RecordFile file = dice.oneIn(4) ? intact.damaged(dice) : intact;
    ReaderOptions options = options(round, file);
    ReaderSubject[] opened = {null};
    round.attempt(
        "open " + file + " " + options,
        Allowed.OPENING,
        () ->
            opened[0] = new ReaderSubject(file, options, ReaderOrigin.open(round, file, options)));
    return opened[0];
  }

  private static ReaderOptions options(Round round, RecordFile file) {
    Dice dice = round.dice();
    ReaderOptions options = ReaderOptions.defaults();
    if (dice.oneIn(file.isIntact() ? 4 : 2)) {
      options =
          options
              .withCorruptionStrategy(CorruptionStrategy.RECOVER)
              .withScan(dice.oneIn(2))
              .withSkippedRegionListener(region -> round.mischief().here("skipped regions"));
    }
    switch (dice.below(16)) {
      case 0 -> options = options.withMaxChunkSize(1 + dice.below(3_000));
      case 1 -> options = options.withMaxRecordSize(1 + dice.below(200));
      case 2 -> options = options.withMaxRecordsPerChunk(1 + dice.below(20));
      case 3 -> {
        long begin = dice.below((long) file.bytes().length + 1);
        options = options.withRange(begin, begin + dice.below(3_000));
      }
      case 4 -> options = options.withFollow(true).withFollowTimeout(Duration.ZERO);
      case 5 ->
          options = options.withParallelism(1 + dice.below(3)).withReadAhead(1 + dice.below(5_000));
      case 6 -> options = options.withStrictLifetimes(true);
      case 7 -> options = options.withDataAlignment(1 << dice.below(13));
      default -> {
        // The default options.
      }
    }
    return options;
  }

  private boolean readsAll() {
    return options.maxChunkSize() == ReaderOptions.DEFAULT_MAX_CHUNK_SIZE
        && options.maxRecordSize() == Long.MAX_VALUE
        && options.maxRecordsPerChunk() == Long.MAX_VALUE
        && options.rangeEnd() == Long.MAX_VALUE;
  }

  @Override
  public void operate(Round round) {
    Dice dice = round.dice();
    switch (dice.below(34)) {
      case 0, 1, 2, 3 -> next(round);
      case 4, 5 -> nextBatch(round);
      case 6, 7 -> nextBatchInArena(round);
      case 8 -> visit(round);
      case 9 -> visitBatches(round);
      case 10 -> stream(round);
      case 11 -> seek(round, file.position(dice));
      case 12 -> seekNumeric(round, dice.near((long) file.bytes().length));
      case 13 -> seekToOffset(round, dice.near((long) file.bytes().length));
      case 14, 15 -> round.attempt("seekBack", Allowed.GOING_BACK, reader::seekBack);
      case 16 -> search(round);
      case 17 -> round.attempt("verify", Allowed.READING, reader::verify);
      case 18 -> count(round);
      case 19 -> round.attempt("metadata", Allowed.READING, reader::metadata);
      case 20 -> describe(round);
      case 21 -> position(round);
      case 22 ->
          round.attempt(
              "hasNext",
              Allowed.ITERATION,
              () -> {
                boolean _ = records().hasNext();
              });
      case 23 -> lookAt(round);
      case 24, 25, 26, 27 -> held.touchRecord(round);
      case 28, 29, 30 -> held.touchBatch(round);
      case 31 -> spliterator(round);
      case 32 -> rarely(round);
      default -> closeArena(round);
    }
  }

  private void rarely(Round round) {
    Dice dice = round.dice();
    switch (dice.below(7)) {
      case 0 -> batches(round);
      case 1 -> close(round);
      case 3 -> round.attempt("rewind", Allowed.SEEKING, reader::rewind);
      case 2 -> {
        if (round.mischief().knows(Kind.CLOSE)) {
          origin.takeAway();
        }
      }
      default -> next(round);
    }
  }

  /** There is one iterator, whatever the reader's position is. */
  private Iterator<MemorySegment> records() {
    Iterator<MemorySegment> records = iterator;
    if (records == null) {
      records = reader.iterator();
      iterator = records;
    }
    return records;
  }

  private void next(Round round) {
    round.attempt(
        "next",
        Allowed.ITERATION,
        () -> {
          Iterator<MemorySegment> records = records();
          int times = 1 + round.dice().below(5);
          for (int i = 0; i < times && records.hasNext(); i++) {
            MemorySegment record = round.dice().oneIn(2) ? records.next() : reader.next();
            take(round, Objects.requireNonNull(record));
          }
        });
  }

  /** Checks a record that the reader has just returned, and keeps it. */
  private void take(Round round, MemorySegment record) {
    long number = checked(round, record);
    if (round.dice().oneIn(4)) {
      held.keep(record, number);
    }
  }

  private long checked(Round round, MemorySegment record) {
    long number = TellingRecord.number(record);
    boolean wrong = number == TellingRecord.TORN || !file.has(number);
    if (wrong && !mayReadIndex()) {
      round.violate("a record of " + file + " is wrong: number " + number, null);
    }
    return number;
  }

  /** If the end of an ArrayRecord is lost, its index cannot be distinguished from records. */
  private boolean mayReadIndex() {
    return file.hasIndex() && !(file.isIntact() && origin.isHonest());
  }

  private void checkBatch(Round round, RecordBatch batch) {
    for (int i = 0; i < batch.recordCount(); i++) {
      long number = checked(round, batch.get(i));
      long written = file.at(batch.position(i));
      // A source that ignores positions delivers intact chunks from other positions.
      if (written != number && (file.isIntact() || !file.hasIndex()) && origin.isHonest()) {
        round.violate(
            "at " + batch.position(i) + " is " + number + ", where " + written + " was written",
            null);
        return;
      }
    }
  }

  private void nextBatch(Round round) {
    round.attempt(
        "nextBatch",
        Allowed.READING,
        () -> {
          RecordBatch batch = reader.nextBatch();
          if (batch != null) {
            keep(round, batch);
          }
        });
  }

  private void keep(Round round, RecordBatch batch) {
    if (!round.dice().oneIn(4)) {
      checkBatch(round, batch);
    }
    if (round.dice().oneIn(3)) {
      batch.close();
    } else {
      held.keep(round, batch, null, mayReadIndex());
    }
  }

  private void nextBatchInArena(Round round) {
    HostileArena arena = arena(round);
    Throwable thrown =
        round.thrownBy(
            "nextBatch in an arena",
            ARENA,
            () -> {
              RecordBatch batch = reader.nextBatch(arena);
              if (batch != null && !arena.hasLied()) {
                checkBatch(round, batch);
                held.keep(round, batch, arena, mayReadIndex());
              }
            });
    if (thrown instanceof IllegalArgumentException
        && !(thrown instanceof Planted)
        && !Round.isOfSeeking(thrown)
        && !arena.hasLied()) {
      round.violate("nextBatch in an arena", thrown);
    }
  }

  private HostileArena arena(Round round) {
    synchronized (arenas) {
      if (arenas.size() < MOST_ARENAS) {
        arenas.add(HostileArena.of(round));
      }
      return round.dice().of(arenas);
    }
  }

  private void closeArena(Round round) {
    HostileArena closed;
    synchronized (arenas) {
      if (arenas.isEmpty()) {
        return;
      }
      closed = arenas.remove(round.dice().below(arenas.size()));
    }
    round.attempt("close of an arena with batches", Allowed.STATES, closed::close);
  }

  private void visit(Round round) {
    round.attempt(
        "visit",
        Allowed.READING,
        () ->
            reader.visit(record -> {
              take(round, record);
              round.mischief().here("a visitor");
            }));
  }

  private void visitBatches(Round round) {
    round.attempt(
        "visitBatches",
        Allowed.READING,
        () ->
            reader.visitBatches(batch -> {
              checkBatch(round, batch);
              round.mischief().here("a visitor of batches");
            }));
  }

  private void stream(Round round) {
    int limit = 1 + round.dice().below(50);
    round.attempt(
        "stream",
        Allowed.ITERATION,
        () -> {
          try (Stream<MemorySegment> records = reader.stream()) {
            records
                .limit(limit)
                .forEach(record -> {
                  take(round, record);
                  round.mischief().here("a stream");
                });
          }
        });
  }

  private void spliterator(Round round) {
    round.attempt(
        "spliterator",
        Allowed.ITERATION,
        () -> {
          Spliterator<MemorySegment> records = reader.spliterator();
          records.trySplit();
          records.tryAdvance(record -> {
            take(round, record);
            round.mischief().here("a spliterator");
          });
        });
  }

  private void batches(Round round) {
    boolean parallel = round.hasThreads() && round.dice().oneIn(2);
    round.attempt(
        "batches" + (parallel ? " parallel" : ""),
        Allowed.ITERATION,
        () -> {
          Stream<RecordBatch> batches = reader.batches();
          streamed = true;
          (parallel ? batches.parallel() : batches)
              .forEach(batch -> {
                try (batch) {
                  checkBatch(round, batch);
                  round.mischief().here("a stream of batches");
                }
              });
        });
  }

  private void seek(Round round, RecordPosition position) {
    round.attempt(
        "seek " + position,
        SEEKING_AND_READING,
        () -> {
          reader.seek(position);
          long number = file.at(position);
          if (number != TellingRecord.TORN && file.isIntact() && readsAll()) {
            checkNext(round, position, number);
          }
        });
  }

  private void checkNext(Round round, RecordPosition position, long number) {
    if (!records().hasNext()) {
      if (origin.isHonest()) {
        round.violate("nothing is at " + position, null);
      }
      return;
    }
    long found = checked(round, records().next());
    if (found != number && origin.isHonest()) {
      round.violate(position + " has " + found + ", not " + number, null);
    }
  }

  private void seekNumeric(Round round, long position) {
    round.attempt("seekNumeric " + position, Allowed.SEEKING, () -> reader.seekNumeric(position));
  }

  private void seekToOffset(Round round, long offset) {
    round.attempt("seekToOffset " + offset, Allowed.SEEKING, () -> reader.seekToOffset(offset));
  }

  private void search(Round round) {
    if (file.count() == 0) {
      return;
    }
    long sought = file.number(round.dice().below(file.count()));
    round.attempt(
        "search",
        Allowed.GOING_BACK,
        () -> {
          boolean found =
              reader.search(record -> {
                round.mischief().here("a search");
                return Long.compare(checked(round, record), sought);
              });
          if (found) {
            checkFound(round, sought);
          }
        });
  }

  private void checkFound(Round round, long sought) {
    long number;
    try {
      number = checked(round, reader.iterator().next());
    } catch (UncheckedIOException | NoSuchElementException e) {
      if (origin.isHonest()) {
        throw e;
      }
      return; // read once more, and the source gave other bytes than for the search
    }
    if (number != sought && origin.isHonest()) {
      round.violate("the search is not at what it has found", null);
    }
  }

  private void count(Round round) {
    round.attempt(
        "count",
        Allowed.GOING_BACK,
        () -> {
          long count = reader.recordCount();
          if (file.isIntact() && readsAll() && origin.isHonest() && count != file.count()) {
            round.violate("count " + count + " of " + file.count(), null);
          }
        });
  }

  private void describe(Round round) {
    if (round.dice().oneIn(2)) {
      round.attempt("describe", Allowed.GOING_BACK, reader::describe);
    } else {
      round.attempt(
          "forEachChunk",
          Allowed.GOING_BACK,
          () -> reader.forEachChunk(0, chunk -> round.mischief().here("a visitor of chunks")));
    }
  }

  private void position(Round round) {
    round.attempt("position", Allowed.STATES, reader::position);
    round.attempt("lastPosition", Allowed.STATES, reader::lastPosition);
  }

  private void lookAt(Round round) {
    round.attempt(
        "name and so on",
        Allowed.STATES,
        () -> {
          String _ = reader.name() + reader.path() + reader.fileSize() + reader.isOpen();
          round.log("skipped " + reader.skippedRegions());
        });
  }

  /** Reads all records, if they can be expected to be readable. */
  private void checkAll(Round round) {
    if (!reader.isOpen()
        || streamed
        || round.mischief().hasOverflowed()
        || !file.isIntact()
        || !readsAll()
        || !origin.goesBack()
        || !origin.isHonest()) {
      return;
    }
    boolean[] complete = {false};
    Throwable thrown =
        round.thrownBy(
            "read of all",
            Allowed.READING,
            () -> {
              reader.seek(RecordPosition.START);
              int[] index = {0};
              reader.visitBatches(batch -> {
                checkBatch(round, batch);
                if (batch.get(0) != null && index[0] < file.count()) {
                  checkFirst(round, batch, file.number(index[0]));
                }
                index[0] += batch.recordCount();
              });
              complete[0] = index[0] == file.count();
            });
    if (!(thrown instanceof WrongThreadException) && !complete[0] && origin.isHonest()) {
      round.violate("at the end, not all records of " + file + " can be read", thrown);
    }
  }

  private void checkFirst(Round round, RecordBatch batch, long expected) {
    if (checked(round, batch.get(0)) != expected) {
      round.violate("a batch is missing before " + batch, null);
    }
  }

  @Override
  public void close(Round round) {
    if (round.mischief().hasEnded()) {
      checkAll(round);
    }
    held.close(round);
    round.attempt("close of a reader", Allowed.READING, reader::close);
  }

  @Override
  public void check(Round round) {
    held.touchRecord(round);
    held.touchBatch(round);
    synchronized (arenas) {
      arenas.forEach(arena -> round.attempt("close of an arena", Allowed.STATES, arena::close));
    }
    round.attempt("end of the input", Allowed.READING, origin::end);
    round.attempt(
        "use of a closed reader",
        Allowed.STATES,
        () -> {
          RecordPosition position = reader.position();
          round.violate("a closed reader is at " + position, null);
        });
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public boolean isClosed() {
    return !reader.isOpen();
  }

  @Override
  public String toString() {
    return "a reader of " + file;
  }
}
