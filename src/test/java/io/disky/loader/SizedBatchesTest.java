package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches that are limited by bytes or by a cost. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SizedBatchesTest {
  private static final long SEED = 20_261_130;
  private static final int RECORDS = 4_000;

  private RecordSource source;

  @BeforeAll
  void write(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("file");
    Random random = new Random(SEED);
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withChunkSize(4 << 10))) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(new byte[1 + random.nextInt(200)]);
      }
    }
    source = RecordSource.files(file);
  }

  private static LoaderOptions options(BatchSize size) {
    return LoaderOptions.defaults().withSeed(SEED).withWorkers(2).withBatchSize(size);
  }

  private static List<BatchSize> sizes(long most) {
    return List.of(BatchSize.bytes(most), BatchSize.cost(most, MemorySegment::byteSize));
  }

  @Test
  void metricsCountTheBatchesThatWereDelivered() throws IOException {
    for (BatchSize size : sizes(700)) {
      try (DataLoader loader = DataLoader.open(source, options(size))) {
        long batches = 0;
        long records = 0;
        long bytes = 0;
        for (LoadedBatch batch : loader) {
          batches++;
          records += batch.recordCount();
          bytes += batch.data().byteSize();
          LoaderMetrics metrics = loader.metrics();
          assertThat(metrics.batches()).as("%s", size).isEqualTo(batches);
          assertThat(metrics.records()).as("%s", size).isEqualTo(records);
          assertThat(metrics.bytes()).as("%s", size).isEqualTo(bytes);
        }
        assertThat(records).isEqualTo(RECORDS);
      }
    }
  }

  /** Where a batch lies, and the state after it. */
  private record Place(long epoch, long first, int records, long last, String state) {}

  private static Place next(DataLoader loader) throws IOException {
    try (LoadedBatch batch = loader.next()) {
      return batch == null
          ? null
          : new Place(
              batch.epoch(),
              batch.firstPosition(),
              batch.recordCount(),
              batch.position(batch.recordCount() - 1),
              loader.state().toString());
    }
  }

  private List<Place> run(Mix mix, LoaderOptions options, int resumeAfter) throws IOException {
    List<Place> all = new ArrayList<>();
    LoaderOptions current = options;
    while (true) {
      try (DataLoader loader = DataLoader.open(mix, current)) {
        for (int step = 0; step < resumeAfter; step++) {
          Place place = next(loader);
          if (place == null) {
            return all;
          }
          all.add(place);
        }
        current = options.withState(loader.state());
      }
    }
  }

  /**
   * Records that filters leave out between two batches belong to the batch before, so that batches
   * and states do not depend on where the run began.
   */
  @Test
  void resumedRunsHaveTheSamePositions() throws IOException {
    List<UnaryOperator<LoaderOptions>> orders =
        List.of(options -> options, options -> options.withShuffle(Shuffle.reservoir(50)));
    Mix mix = Mix.of(source);
    for (UnaryOperator<LoaderOptions> order : orders) {
      for (BatchSize size : sizes(3_000)) {
        LoaderOptions options =
            order
                .apply(options(size))
                .withEpochs(2)
                .withFilter((context, _) -> context.seed() % 5 == 0);
        List<Place> expected = run(mix, options, Integer.MAX_VALUE);
        for (int resumeAfter : new int[] {1, 7}) {
          assertThat(run(mix, options, resumeAfter))
              .as("resumed after each %s batches of %s", resumeAfter, options)
              .isEqualTo(expected);
        }
        for (int i = 1; i < expected.size(); i++) {
          Place before = expected.get(i - 1);
          Place place = expected.get(i);
          assertThat(LoaderState.parse(before.state()).position())
              .isEqualTo(place.epoch() == before.epoch() ? place.first() : RECORDS);
        }
        assertThat(LoaderState.parse(expected.getLast().state()).position()).isEqualTo(RECORDS);
      }
    }
  }

  /** As documented: a state has no number of a step. */
  @Test
  void stepsAreCountedFromWhereTheLoaderWasOpened() throws IOException {
    LoaderState state;
    LoaderOptions options = options(BatchSize.bytes(700));
    try (DataLoader loader = DataLoader.open(source, options)) {
      for (int step = 0; step < 5; step++) {
        try (LoadedBatch batch = loader.next()) {
          assertThat(batch.step()).isEqualTo(step);
        }
      }
      state = loader.state();
    }
    try (DataLoader loader = DataLoader.open(source, options.withState(state))) {
      try (LoadedBatch batch = loader.next()) {
        assertThat(batch.step()).isZero();
        assertThat(batch.firstPosition()).isEqualTo(state.position());
      }
    }
  }

  /** The batch that the consumer has is in addition to the memory of the loader. */
  @Test
  void memoryIsBoundedAsDocumented(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("large");
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withChunkSize(16 << 10))) {
      for (int i = 0; i < 40_000; i++) {
        writer.write(new byte[100]);
      }
    }
    long memory = 1 << 20;
    for (BatchSize size : sizes(262_144)) {
      for (Shuffle shuffle : List.of(Shuffle.none(), Shuffle.global())) {
        LoaderOptions options = options(size).withShuffle(shuffle).withMemory(memory);
        try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
          for (LoadedBatch batch : loader) {
            long own = batch.data().byteSize() + 24L * batch.recordCount();
            assertThat(loader.metrics().memory())
                .as("the memory of %s", options)
                .isLessThanOrEqualTo(memory + own + own / 4 + 512);
          }
        }
      }
    }
  }
}
