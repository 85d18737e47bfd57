package io.disky.misuse;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.RecordRange;
import io.disky.SavedIndex;
import io.disky.Shards;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link RandomAccessReader} over one file or several. */
final class RandomAccessSubject implements Subject {
  private static final Set<Allowed> ARENA =
      EnumSet.of(Allowed.STATE, Allowed.IO, Allowed.INDEX, Allowed.ARGUMENT);
  private static final Set<Allowed> POSITION =
      EnumSet.of(Allowed.STATE, Allowed.INDEX, Allowed.ARGUMENT);
  private static final int MOST_RANGES = 4;

  private final List<RecordFile> files;
  private final List<HostileRemoteFile> remotes;
  private final RandomAccessReader reader;
  private final long size;
  private final Held held = new Held();
  private final List<RecordRange> ranges = new ArrayList<>(); // guarded by itself

  private RandomAccessSubject(
      List<RecordFile> files, List<HostileRemoteFile> remotes, RandomAccessReader reader) {
    this.files = files;
    this.remotes = remotes;
    this.reader = reader;
    this.size = files.stream().mapToLong(RecordFile::count).sum();
  }

  /** Opens a reader; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    Dice dice = round.dice();
    List<RecordFile> files = new ArrayList<>();
    int count = 1 + dice.below(3);
    for (int i = 0; i < count; i++) {
      files.add(round.workshop().file(dice));
    }
    RandomAccessOptions options = options(round);
    RandomAccessSubject[] opened = {null};
    round.attempt(
        "open " + files + " " + options,
        Allowed.OPENING,
        () -> opened[0] = dice.oneIn(3) ? remote(round, files, options) : local(files, options));
    return opened[0];
  }

  private static RandomAccessSubject local(List<RecordFile> files, RandomAccessOptions options)
      throws IOException {
    List<Path> paths = files.stream().map(RecordFile::path).toList();
    return new RandomAccessSubject(files, List.of(), RandomAccessReader.open(paths, options));
  }

  private static RandomAccessSubject remote(
      Round round, List<RecordFile> files, RandomAccessOptions options) throws IOException {
    List<HostileRemoteFile> remotes =
        files.stream()
            .map(file -> new HostileRemoteFile(round, file.name(), file.bytes()))
            .toList();
    RandomAccessOptions remote =
        options
            .withSavedIndex(SavedIndex.IGNORE)
            .withReaderOptions(
                options.readerOptions().withRemote(HostileRemoteFile.options(round.dice())));
    return new RandomAccessSubject(
        files, remotes, RandomAccessReader.open(Shards.ofRemote(remotes), remote));
  }

  /** Whether the records that are read must be right. */
  private boolean isHonest() {
    return remotes.stream().noneMatch(HostileRemoteFile::hasLied);
  }

  private static RandomAccessOptions options(Round round) {
    Dice dice = round.dice();
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withCacheSize(dice.oneIn(2) ? dice.below(4_000) : 1 << 20)
            .withParallelism(dice.oneIn(8) ? 2 : 0)
            .withFooter(dice.oneIn(2))
            .withSavedIndex(SavedIndex.IGNORE);
    return dice.oneIn(10)
        ? options
            .withSavedIndex(dice.of(SavedIndex.class))
            .withIndexDirectory(round.workshop().directory())
        : options;
  }

  /** The number in the record at {@code index}. */
  private long number(long index) {
    long rest = index;
    for (RecordFile file : files) {
      if (rest < file.count()) {
        return file.number((int) rest);
      }
      rest -= file.count();
    }
    return TellingRecord.TORN;
  }

  private void check(Round round, long index, MemorySegment record) {
    long found = TellingRecord.number(record);
    if (found != number(index) && isHonest()) {
      round.violate("record " + index + " of " + files + " has number " + found, null);
    }
  }

  @Override
  public void operate(Round round) {
    Dice dice = round.dice();
    switch (dice.below(20)) {
      case 0, 1, 2, 3 -> get(round);
      case 4, 5, 6 -> getInArena(round);
      case 7, 8 -> batch(round);
      case 9, 10 -> getAll(round);
      case 11, 12 -> visitAll(round);
      case 13 -> lookUp(round);
      case 14, 15 -> held.touchRecord(round);
      case 16, 17, 18 -> touchRange(round);
      default -> {
        if (dice.oneIn(6)) {
          close(round);
        } else if (dice.oneIn(6)) {
          round.attempt(
              "saveIndex",
              remotes.isEmpty() ? Allowed.READING : Allowed.GOING_BACK,
              reader::saveIndex);
        } else {
          round.attempt("size", Allowed.STATES, () -> checkSize(round));
        }
      }
    }
  }

  private void checkSize(Round round) {
    if ((reader.recordCount() != size && isHonest()) || reader.names().size() != files.size()) {
      round.violate("the size is " + reader.recordCount() + ", not " + size, null);
    }
  }

  private void get(Round round) {
    long index = round.dice().near(size);
    round.attempt(
        "get " + index,
        Allowed.READING_INDICES,
        () -> check(round, index, MemorySegment.ofArray(reader.get(index))));
  }

  private void getInArena(Round round) {
    long index = round.dice().near(size);
    try (HostileArena arena = HostileArena.of(round)) {
      Throwable thrown =
          round.thrownBy(
              "get " + index + " in an arena",
              ARENA,
              () -> {
                MemorySegment record = reader.get(index, arena);
                if (!arena.hasLied()) {
                  check(round, index, record);
                  held.keep(record, number(index));
                }
              });
      checkBlame(round, arena, thrown, isThere(index));
    }
  }

  private boolean isThere(long index) {
    return index >= 0 && index < size;
  }

  private boolean areThere(long[] indices) {
    return Arrays.stream(indices).allMatch(this::isThere);
  }

  /** Checks that the arena or the numbers caused the exception. */
  private void checkBlame(
      Round round, HostileArena arena, @Nullable Throwable thrown, boolean there) {
    boolean explained =
        switch (thrown) {
          case Planted _ -> true;
          case IllegalArgumentException _ -> arena.hasLied();
          case IndexOutOfBoundsException _ -> !there || !isHonest();
          case null, default -> true;
        };
    if (!explained) {
      round.violate("a read into an arena", thrown);
    }
  }

  private void batch(Round round) {
    Dice dice = round.dice();
    long from = dice.near(size);
    long to = dice.oneIn(10) ? dice.near(size) : Math.min(size, from) + dice.below(8);
    round.attempt(
        "batch " + from + " to " + to,
        EnumSet.of(Allowed.STATE, Allowed.IO, Allowed.INDEX, Allowed.ARGUMENT),
        () -> {
          RecordRange range = reader.batch(from, to);
          if (dice.oneIn(2)) {
            keep(round, range);
            return;
          }
          try (range) {
            int at = 0;
            for (MemorySegment record : range) {
              check(round, from + at, record);
              held.keep(record, number(from + at));
              at++;
            }
          }
        });
  }

  private void keep(Round round, RecordRange range) {
    RecordRange oldest = null;
    synchronized (ranges) {
      ranges.add(range);
      if (ranges.size() > MOST_RANGES) {
        oldest = ranges.removeFirst();
      }
    }
    if (oldest != null && !round.attempt("close of a range", Allowed.STATES, oldest::close)) {
      synchronized (ranges) {
        ranges.addFirst(oldest);
      }
    }
  }

  private void touchRange(Round round) {
    Dice dice = round.dice();
    RecordRange range;
    synchronized (ranges) {
      if (ranges.isEmpty()) {
        return;
      }
      range = dice.of(ranges);
    }
    int index = dice.near(range.recordCount());
    if (dice.oneIn(6)) {
      round.attempt("close of a range", Allowed.STATES, range::close);
    } else {
      round.attempt(
          "get " + index + " of a range",
          Allowed.INDICES,
          () -> {
            MemorySegment record = range.get(index);
            check(round, range.first() + index, record);
            held.keep(record, number(range.first() + index));
          });
    }
  }

  private long[] indices(Dice dice) {
    boolean wrong = dice.oneIn(8);
    long[] indices = new long[dice.below(8)];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = wrong ? dice.near(size) : dice.below(Math.max(1, size));
    }
    return indices;
  }

  private void getAll(Round round) {
    long[] indices = indices(round.dice());
    try (HostileArena arena = HostileArena.of(round)) {
      Throwable thrown =
          round.thrownBy(
              "getAll",
              ARENA,
              () -> {
                List<MemorySegment> records = reader.getAll(indices, arena);
                for (int i = 0; i < indices.length && !arena.hasLied(); i++) {
                  check(round, indices[i], records.get(i));
                }
              });
      checkBlame(round, arena, thrown, areThere(indices));
    }
  }

  private void visitAll(Round round) {
    long[] indices = indices(round.dice());
    round.attempt(
        "visitAll",
        Allowed.READING_INDICES,
        () ->
            reader.visitAll(
                indices,
                (index, record) -> {
                  check(round, index, record);
                  if (round.dice().oneIn(4)) {
                    held.keep(record, number(index));
                  }
                  round.mischief().here("a visitor of indexed records");
                }));
  }

  private void lookUp(Round round) {
    long index = round.dice().near(size);
    round.attempt(
        "position " + index,
        POSITION,
        () -> {
          int file = round.dice().near(files.size());
          reader.name(index);
          long found = reader.index(file, reader.position(index));
          // A file may occur several times in the sequence, with equal positions.
          if (number(found) == TellingRecord.TORN && isHonest()) {
            round.violate("record " + index + " is found as " + found, null);
          }
        });
  }

  @Override
  public void close(Round round) {
    if (round.mischief().hasEnded() && reader.isOpen() && isHonest()) {
      checkAll(round);
    }
    List<RecordRange> open;
    synchronized (ranges) {
      open = List.copyOf(ranges);
    }
    for (RecordRange range : open) {
      round.attempt("close of a range", Allowed.STATES, range::close);
    }
    round.attempt("close of a random access reader", Allowed.STATES, reader::close);
  }

  private void checkAll(Round round) {
    boolean read =
        round.attempt(
            "read of all",
            Allowed.READING,
            () -> {
              long[] all = new long[(int) size];
              for (int i = 0; i < all.length; i++) {
                all[i] = i;
              }
              reader.visitAll(all, (index, record) -> check(round, index, record));
            });
    if (!read && reader.isOpen() && isHonest() && !round.mischief().hasOverflowed()) {
      round.violate("at the end, not all records of " + files + " can be read", null);
    }
  }

  @Override
  public void check(Round round) {
    remotes.forEach(HostileRemoteFile::end);
    held.touchRecord(round);
    round.attempt(
        "use of a closed reader",
        Allowed.STATES,
        () -> {
          reader.get(0);
          round.violate("a closed reader reads", null);
        });
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !reader.isOpen();
  }

  @Override
  public String toString() {
    return "random access to " + files;
  }
}
