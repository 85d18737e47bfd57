package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.loader.LoadedSequence.Entry;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A loader that was stopped and opened again, often and in other ways, delivers the same. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoaderResumeTest {
  private static final int CHAINS = 20;
  private static final int RESUMES = 5;
  private static final long SEED = 20_261_130;

  private List<Path> files;

  @BeforeAll
  void write(@TempDir Path directory) throws IOException {
    this.files = LoadedSequence.files(directory);
  }

  /** An order to test. */
  record Case(String name, Mix mix, UnaryOperator<LoaderOptions> options) {
    @Override
    public String toString() {
      return name;
    }
  }

  Stream<Case> cases() {
    RecordSource first = RecordSource.files(files.getFirst());
    RecordSource second = RecordSource.files(files.getLast());
    Mix sequence = Mix.concatenated(List.of(first, second));
    List<WeightedSource> weighted =
        List.of(WeightedSource.of(first, 0.7), WeightedSource.of(second, 0.3));
    return Stream.of(
        new Case("none", sequence, options -> options),
        new Case("global", sequence, options -> options.withShuffle(Shuffle.global())),
        new Case("windowed", sequence, options -> options.withShuffle(Shuffle.windowed(20_000))),
        new Case("reservoir", sequence, options -> options.withShuffle(Shuffle.reservoir(100))),
        new Case(
            "exact mix",
            Mix.exact(weighted),
            options -> options.withShuffle(Shuffle.windowed(10_000))),
        new Case(
            "random mix",
            Mix.random(weighted).withExhaustion(Exhaustion.REPEAT_UNTIL_ALL_SEEN),
            options -> options.withShuffle(Shuffle.global())),
        new Case(
            "random mix of reservoirs",
            Mix.random(weighted),
            options -> options.withShuffle(Shuffle.reservoir(30))),
        new Case(
            "filtered",
            sequence,
            options ->
                options
                    .withShuffle(Shuffle.global())
                    .withFilter((context, _) -> context.seed() % 3 != 0)));
  }

  private LoaderOptions options(Case order) {
    return order
        .options()
        .apply(LoaderOptions.defaults().withSeed(SEED).withEpochs(3).withWorkers(2));
  }

  private List<Entry> uninterrupted(Case order) throws IOException {
    try (DataLoader loader = DataLoader.open(order.mix(), options(order))) {
      return LoadedSequence.rest(loader);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void chainsOfResumesDeliverTheSame(Case order) throws IOException {
    List<Entry> expected = uninterrupted(order);
    Random random = new Random(SEED);
    for (int chain = 0; chain < CHAINS; chain++) {
      List<Entry> all = new ArrayList<>();
      LoaderState state = null;
      for (int resume = 0; resume <= RESUMES; resume++) {
        int steps = resume == RESUMES ? Integer.MAX_VALUE : random.nextInt(30);
        state = run(order, state, steps, random, all);
      }
      assertThat(all).as("chain %s of seed %s", chain, SEED).isEqualTo(expected);
    }
  }

  /** Runs all ranks for some steps; adds what they deliver; returns the state after that. */
  private LoaderState run(Case order, LoaderState from, int steps, Random random, List<Entry> all)
      throws IOException {
    int ranks = 1 + random.nextInt(4);
    int batch = ranks + random.nextInt(80);
    Remainder remainder = random.nextBoolean() ? Remainder.EVEN : Remainder.PAD;
    List<Entry> delivered = new ArrayList<>();
    LoaderState after = null;
    for (int rank = 0; rank < ranks; rank++) {
      LoaderOptions options =
          options(order)
              .withRank(rank, ranks)
              .withBatchSize(batch)
              .withRemainder(remainder)
              .withWorkers(random.nextInt(4))
              .withMemory(1 << (20 + random.nextInt(3)));
      if (from != null) {
        options = options.withState(LoaderState.parse(from.toString()));
      }
      try (DataLoader loader = DataLoader.open(order.mix(), options)) {
        LoadedBatch next;
        for (int step = 0; step < steps && (next = loader.next()) != null; step++) {
          LoadedSequence.add(next, delivered);
          next.close();
        }
        if (after != null) {
          assertThat(loader.state()).as("the state of rank %s", rank).isEqualTo(after);
        }
        after = loader.state();
      }
    }
    delivered.sort(Comparator.comparingLong(Entry::epoch).thenComparingLong(Entry::position));
    all.addAll(delivered);
    return after;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void batchesByBytesGoOnAnywhere(Case order) throws IOException {
    List<Entry> expected = uninterrupted(order);
    List<Entry> all = new ArrayList<>();
    LoaderState state = null;
    boolean ended = false;
    Random random = new Random(SEED);
    while (!ended) {
      LoaderOptions options =
          options(order).withBatchSize(BatchSize.bytes(1 + random.nextInt(3_000)));
      if (state != null) {
        options = options.withState(state);
      }
      try (DataLoader loader = DataLoader.open(order.mix(), options)) {
        for (int step = 0; step < 17 && !ended; step++) {
          LoadedBatch next = loader.next();
          ended = next == null;
          if (next != null) {
            LoadedSequence.add(next, all);
            next.close();
          }
        }
        state = loader.state();
      }
    }
    assertThat(all).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void seekingDeliversTheRest(Case order) throws IOException {
    List<Entry> expected = uninterrupted(order);
    Random random = new Random(SEED);
    try (DataLoader loader = DataLoader.open(order.mix(), options(order))) {
      for (int i = 0; i < 10; i++) {
        Entry target = expected.get(random.nextInt(expected.size()));
        loader.seek(target.epoch(), target.position());
        assertThat(loader.state().position()).isEqualTo(target.position());
        List<Entry> rest = expected.subList(expected.indexOf(target), expected.size());
        try (LoadedBatch next = loader.next()) {
          List<Entry> some = new ArrayList<>();
          LoadedSequence.add(next, some);
          assertThat(some).isEqualTo(rest.subList(0, some.size()));
        }
      }
    }
  }

  @Test
  void skippingLeavesOutRecords() throws IOException {
    Case order = cases().findFirst().orElseThrow();
    List<Entry> expected = uninterrupted(order);
    try (DataLoader loader = DataLoader.open(order.mix(), options(order).withBatchSize(10))) {
      loader.next().close();
      loader.skip(25);
      assertThat(LoadedSequence.rest(loader)).isEqualTo(expected.subList(35, expected.size()));
      assertThatIllegalArgumentException().isThrownBy(() -> loader.skip(-1));
      assertThatIllegalArgumentException().isThrownBy(() -> loader.seek(3, 0));
      assertThatIllegalArgumentException().isThrownBy(() -> loader.seek(0, 1_331));
    }
  }

  @Test
  void positionsAreTheInverseOfTheOrder() throws IOException {
    for (Case order : cases().limit(3).toList()) {
      List<Entry> expected = uninterrupted(order);
      try (DataLoader loader = DataLoader.open(order.mix(), options(order))) {
        for (Entry entry : expected) {
          assertThat(loader.positionOf(entry.epoch(), entry.source(), entry.number()))
              .hasValue(entry.position());
        }
      }
    }
  }

  @Test
  void theRecordsAreThoseOfTheFiles() throws IOException {
    List<Entry> all = uninterrupted(cases().skip(2).findFirst().orElseThrow());
    assertThat(all).hasSize(3 * (21 * 50 + 40 * 7));
    for (Entry entry : all) {
      byte[] expected = NumberedRecords.record((int) entry.number());
      assertThat(entry.bytes()).hasSize(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat(entry.bytes().get(i)).isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void aStateOfOtherDataOrOptionsIsRefusedByField() throws IOException {
    Case order = cases().findFirst().orElseThrow();
    LoaderState state;
    try (DataLoader loader = DataLoader.open(order.mix(), options(order))) {
      state = loader.state();
    }
    LoaderOptions same = options(order).withState(state);
    assertRefused("seed", order.mix(), same.withSeed(1));
    assertRefused("shuffle", order.mix(), same.withShuffle(Shuffle.global()));
    Mix first = Mix.of(RecordSource.files(files.getFirst()));
    assertRefused("its data is " + state.fingerprint() + " (2 files, 1330 records)", first, same);
    assertRefused(" (1 file, 1050 records): open the same files", first, same);
    Mix code = Mix.of(RecordSource.of("code", 1, (_, _) -> {}));
    assertRefused(" (0 files, 1 record): open", code, same);
    DataLoader.open(order.mix(), same.withBatchSize(1).withRank(0, 1).withWorkers(0)).close();
  }

  private static void assertRefused(String field, Mix mix, LoaderOptions options) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataLoader.open(mix, options).close())
        .withMessageContaining(field);
  }
}
