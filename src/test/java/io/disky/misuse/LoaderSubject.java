package io.disky.misuse;

import io.disky.RandomAccessOptions;
import io.disky.ReaderOptions;
import io.disky.loader.BatchSize;
import io.disky.loader.DataLoader;
import io.disky.loader.Exhaustion;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.LoaderState;
import io.disky.loader.Mix;
import io.disky.loader.RecordSource;
import io.disky.loader.Remainder;
import io.disky.loader.Shuffle;
import io.disky.loader.SuppliedRecord;
import io.disky.loader.WeightedSource;
import io.disky.misuse.Mischief.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A {@link DataLoader} over files and over code of the user, with hostile filters and mappers. */
final class LoaderSubject implements Subject {
  private static final int SUPPLIED_RECORDS = 300;
  private static final int MOST_KEPT = 3;

  /** Records of a source: those of a file, or those that code supplies from a number on. */
  private record Origin(@Nullable RecordFile file, long first, @Nullable HostileRemoteFile remote) {
    boolean isHonest() {
      return remote == null || !remote.hasLied();
    }

    long number(long index) {
      return file == null ? first + index : file.number((int) index);
    }
  }

  private final List<Origin> origins;
  private final DataLoader loader;
  private final boolean changes;
  private final Held held = new Held();
  private final List<LoadedBatch> kept = new ArrayList<>(); // guarded by itself

  private LoaderSubject(List<Origin> origins, DataLoader loader, boolean changes) {
    this.origins = origins;
    this.loader = loader;
    this.changes = changes;
  }

  /** Opens a loader; {@code null} if that fails. */
  static @Nullable Subject open(Round round) {
    Dice dice = round.dice();
    List<Origin> origins = new ArrayList<>();
    int count = 1 + dice.below(3);
    for (int i = 0; i < count; i++) {
      origins.add(
          dice.oneIn(3)
              ? new Origin(null, 2_000_000 + 1_000L * i, null)
              : ofFile(round, round.workshop().file(dice)));
    }
    boolean changes = dice.oneIn(3);
    LoaderOptions options = options(round, changes);
    LoaderSubject[] opened = {null};
    round.attempt(
        "open of a loader of " + origins + " " + options,
        Allowed.OPENING,
        () ->
            opened[0] =
                new LoaderSubject(origins, DataLoader.open(mix(round, origins), options), changes));
    return opened[0];
  }

  private static Origin ofFile(Round round, RecordFile file) {
    return new Origin(
        file,
        0,
        round.dice().oneIn(3) ? new HostileRemoteFile(round, file.name(), file.bytes()) : null);
  }

  private static RecordSource source(Round round, RecordFile file, Origin origin) {
    HostileRemoteFile remote = origin.remote();
    if (remote == null) {
      return RecordSource.files(file.path());
    }
    ReaderOptions options =
        ReaderOptions.defaults().withRemote(HostileRemoteFile.options(round.dice()));
    return RecordSource.remote(
        List.of(remote), RandomAccessOptions.defaults().withReaderOptions(options));
  }

  private static LoaderOptions options(Round round, boolean changes) {
    Dice dice = round.dice();
    int worldSize = 1 + dice.below(3);
    LoaderOptions options =
        LoaderOptions.defaults()
            .withSeed(dice.below(10))
            .withShuffle(shuffle(dice))
            .withRank(dice.below(worldSize), worldSize)
            .withRemainder(dice.of(Remainder.class))
            .withBatchSize(1 + dice.below(40))
            .withEpochs(1 + dice.below(3))
            .withWorkers(dice.below(3))
            .withMemory(dice.oneIn(2) ? 1 << 20 : 16 << 20)
            .withMaxSkipped(1_000_000, 1)
            .withMaxFilteredShare(1)
            .withHoldTimeout(Duration.ofMillis(20))
            .withStallTimeout(Duration.ofSeconds(30));
    if (worldSize == 1 && dice.oneIn(4)) {
      options = options.withBatchSize(size(round));
    }
    return changes ? changing(round, options) : options;
  }

  private static BatchSize size(Round round) {
    if (round.dice().oneIn(2)) {
      return BatchSize.bytes(1 + round.dice().below(4_000));
    }
    return BatchSize.cost(
        1 + round.dice().below(4_000),
        record -> {
          round.mischief().here("the cost of a record");
          return record.byteSize();
        });
  }

  private static Shuffle shuffle(Dice dice) {
    return switch (dice.below(4)) {
      case 0 -> Shuffle.none();
      case 1 -> Shuffle.global();
      case 2 -> Shuffle.windowed(1 + dice.below(20_000));
      default -> Shuffle.reservoir(1 + dice.below(100));
    };
  }

  /** A filter, and a mapper that puts one byte after each record. */
  private static LoaderOptions changing(Round round, LoaderOptions options) {
    return options
        .withFilter((_, record) -> {
          round.mischief().here("a filter");
          return record.byteSize() % 3 != 0;
        })
        .withMap((_, record, output) -> {
          round.mischief().here("a mapper");
          MemorySegment mapped = output.allocate(record.byteSize() + 1);
          mapped.set(ValueLayout.JAVA_BYTE, record.byteSize(), (byte) 7);
          mapped.copyFrom(record);
        });
  }

  private static Mix mix(Round round, List<Origin> origins) {
    List<RecordSource> sources = new ArrayList<>();
    for (int i = 0; i < origins.size(); i++) {
      Origin origin = origins.get(i);
      sources.add(
          origin.file() == null
              ? RecordSource.of(
                  "supplied " + i,
                  SUPPLIED_RECORDS,
                  1 + round.dice().below(50),
                  60,
                  (number, record) -> supply(round, origin.number(number), record))
              : source(round, origin.file(), origin));
    }
    Dice dice = round.dice();
    if (dice.oneIn(2)) {
      return Mix.concatenated(sources);
    }
    List<WeightedSource> weighted =
        sources.stream().map(source -> WeightedSource.of(source, 1 + dice.below(5))).toList();
    Mix mix = dice.oneIn(2) ? Mix.exact(weighted) : Mix.random(weighted);
    return mix.withExhaustion(dice.of(Exhaustion.class));
  }

  private static void supply(Round round, long number, SuppliedRecord record) throws IOException {
    round.mischief().here("a supplier");
    byte[] bytes = TellingRecord.of(number);
    if (round.dice().oneIn(2)) {
      record.put(bytes);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(bytes.length);
      MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
      if (round.mischief().does(Kind.MEMORY)) {
        arena.close();
      }
      record.put(copy);
    }
  }

  @Override
  public void operate(Round round) {
    Dice dice = round.dice();
    switch (dice.below(20)) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> next(round);
      case 8, 9 -> touchBatch(round);
      case 10, 11 -> held.touchRecord(round);
      case 12, 13 -> closeKept(round);
      case 14 -> seek(round);
      case 15 -> iterate(round);
      case 16 -> lookAt(round);
      case 17 -> skip(round);
      default -> {
        if (dice.oneIn(6)) {
          close(round);
        } else {
          next(round);
        }
      }
    }
  }

  private void next(Round round) {
    round.attempt("next of a loader", Allowed.READING, () -> take(round, loader.next()));
  }

  private void iterate(Round round) {
    round.attempt(
        "iteration over a loader",
        Allowed.ITERATION,
        () -> {
          int rest = 3;
          for (LoadedBatch batch : loader) {
            take(round, batch);
            if (--rest == 0) {
              break;
            }
          }
        });
  }

  private void take(Round round, @Nullable LoadedBatch batch) {
    if (batch == null) {
      return;
    }
    if (round.dice().oneIn(3)) {
      keep(round, batch);
    } else {
      try (batch) {
        checkAll(round, batch);
      }
    }
  }

  private void checkAll(Round round, LoadedBatch batch) {
    for (int i = 0; i < batch.recordCount(); i++) {
      check(round, batch, i);
    }
  }

  /** The bytes of a record must be those of its source and number. */
  private void check(Round round, LoadedBatch batch, int index) {
    MemorySegment record = batch.get(index);
    long number = origins.get(batch.source(index)).number(batch.number(index));
    MemorySegment original =
        changes ? record.asSlice(0, Math.max(0, record.byteSize() - 1)) : record;
    if (!origins.get(batch.source(index)).isHonest()) {
      return;
    }
    long found = TellingRecord.number(original);
    if (found != number) {
      round.violate(
          "record " + index + " of " + batch + " has number " + found + ", not " + number, null);
    }
    if (changes && original.byteSize() % 3 == 0) {
      round.violate("record " + index + " of " + batch + " was filtered", null);
    }
    if (!changes && round.dice().oneIn(20)) {
      held.keep(record, number);
    }
  }

  private void keep(Round round, LoadedBatch batch) {
    LoadedBatch oldest = null;
    synchronized (kept) {
      kept.add(batch);
      if (kept.size() > MOST_KEPT) {
        oldest = kept.removeFirst();
      }
    }
    if (oldest != null) {
      round.attempt("close of a loaded batch", Allowed.STATES, oldest::close);
    }
  }

  private @Nullable LoadedBatch anyKept(Round round) {
    synchronized (kept) {
      return kept.isEmpty() ? null : round.dice().of(kept);
    }
  }

  private void touchBatch(Round round) {
    LoadedBatch batch = anyKept(round);
    if (batch == null) {
      return;
    }
    Dice dice = round.dice();
    int index = dice.near(batch.recordCount());
    switch (dice.below(7)) {
      case 0, 1 ->
          round.attempt("loaded.get " + index, Allowed.INDICES, () -> check(round, batch, index));
      case 2 -> round.attempt("loaded.all", Allowed.STATES, () -> checkAll(round, batch));
      case 3 -> round.attempt("loaded.padded", Allowed.STATES, () -> batch.padded().width());
      case 4 -> round.attempt("loaded.intOffsets", Allowed.STATES, batch::intOffsets);
      case 5 -> round.attempt("loaded.matrix", Allowed.STATES, () -> batch.matrix().byteSize());
      default -> checkPosition(round, batch, index);
    }
  }

  private void checkPosition(Round round, LoadedBatch batch, int index) {
    round.attempt(
        "positionOf",
        EnumSet.of(Allowed.STATE, Allowed.INDEX, Allowed.UNSUPPORTED),
        () -> {
          if (batch.isPadding(index)) {
            return;
          }
          long position = batch.position(index);
          OptionalLong expected =
              loader.positionOf(batch.epoch(), batch.source(index), batch.number(index));
          boolean honest = origins.get(batch.source(index)).isHonest();
          if (honest && expected.isPresent() && expected.getAsLong() != position) {
            round.violate(
                "record "
                    + index
                    + " of "
                    + batch
                    + " has position "
                    + position
                    + ", not "
                    + expected.getAsLong(),
                null);
          }
        });
  }

  private void closeKept(Round round) {
    LoadedBatch batch;
    synchronized (kept) {
      if (kept.isEmpty()) {
        return;
      }
      batch = kept.removeLast();
    }
    if (!round.attempt("close of a loaded batch", Allowed.STATES, batch::close)) {
      synchronized (kept) {
        kept.add(batch);
      }
    }
  }

  /**
   * A number near {@code most}; a small one if the epoch has no end, because some orders take time
   * in proportion to the position.
   */
  private long distance(Dice dice, int most) {
    return loader.recordsPerEpoch().isPresent() ? dice.near((long) most) : dice.below(most);
  }

  private void skip(Round round) {
    long records = distance(round.dice(), 100);
    round.attempt("skip " + records, Allowed.SEEKING, () -> loader.skip(records));
  }

  private void seek(Round round) {
    long position = distance(round.dice(), 400);
    long epoch = round.dice().near(3L);
    round.attempt(
        "seek " + epoch + " " + position, Allowed.SEEKING, () -> loader.seek(epoch, position));
  }

  private void lookAt(Round round) {
    round.attempt(
        "state, plan and metrics",
        Allowed.STATES,
        () -> {
          LoaderState state = loader.state();
          if (!LoaderState.parse(state.toString()).equals(state)) {
            round.violate("a state changed when it was printed: " + state, null);
          }
          if (loader.metrics().memory() < 0 || loader.plan().toString().isEmpty()) {
            round.violate("the metrics or the plan of a loader are wrong", null);
          }
        });
  }

  @Override
  public void close(Round round) {
    List<LoadedBatch> open;
    synchronized (kept) {
      open = List.copyOf(kept);
    }
    for (LoadedBatch batch : open) {
      round.attempt("close of a loaded batch", Allowed.STATES, batch::close);
    }
    round.attempt("close of a loader", Allowed.STATES, loader::close);
  }

  @Override
  public void check(Round round) {
    for (Origin origin : origins) {
      if (origin.remote() != null) {
        origin.remote().end();
      }
    }
    held.touchRecord(round);
    touchBatch(round);
    round.attempt(
        "use of a closed loader",
        Allowed.READING,
        () -> {
          loader.next();
          round.violate("a closed loader loads", null);
        });
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !loader.isOpen();
  }

  @Override
  public String toString() {
    return "a loader of " + origins;
  }
}
