package io.disky;

import io.disky.loader.BatchSize;
import io.disky.loader.DataLoader;
import io.disky.loader.LoadedBatch;
import io.disky.loader.LoaderOptions;
import io.disky.loader.LoaderState;
import io.disky.loader.Mix;
import io.disky.loader.RecordSource;
import io.disky.loader.WeightedSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Throws the messages of a loader that the guide to troubleshooting explains. */
final class LoadingMessages {
  private final RecordSource source;
  private final LoaderOptions options = LoaderOptions.defaults().withBatchSize(10).withWorkers(1);

  private LoadingMessages(Path file) {
    this.source = RecordSource.files(file);
  }

  /**
   * Adds for each message code that throws it.
   *
   * @param file 100 records of two sizes
   */
  static void add(Path file, Map<String, ThrowingCallable> thrown) {
    LoadingMessages messages = new LoadingMessages(file);
    messages.states(thrown);
    messages.options(thrown);
    messages.batches(thrown);
  }

  private LoaderState stateAfter(int steps) throws IOException {
    try (DataLoader loader = DataLoader.open(source, options)) {
      for (int i = 0; i < steps; i++) {
        loader.next().close();
      }
      return loader.state();
    }
  }

  private static void open(Mix mix, LoaderOptions options) throws IOException {
    DataLoader.open(mix, options).close();
  }

  private void states(Map<String, ThrowingCallable> thrown) {
    thrown.put(
        "the state does not fit the loader: its … is …, the one of the loader is …",
        () -> open(Mix.of(source), options.withSeed(9).withState(stateAfter(1))));
    thrown.put(
        "the state is in epoch …, but the loader has epochs 0 to …",
        () -> {
          try (DataLoader loader = DataLoader.open(source, options.withEpochs(2))) {
            loader.seek(1, 10);
            open(Mix.of(source), options.withState(loader.state()));
          }
        });
    thrown.put(
        "the crc of the state is …, but its text has the crc …",
        () -> LoaderState.parse(stateAfter(1).toString().replace("position=10", "position=20")));
  }

  private void options(Map<String, ThrowingCallable> thrown) {
    thrown.put(
        "as integers with the same ratios, the weights …",
        () ->
            open(
                Mix.exact(
                    List.of(WeightedSource.of(source, 0.123456789), WeightedSource.of(source, 1))),
                options));
    thrown.put(
        "batches of … work with one rank and Remainder.EVEN only",
        () -> open(Mix.of(source), options.withBatchSize(BatchSize.bytes(100)).withRank(0, 2)));
    thrown.put(
        "a batch of … records is too small for … ranks",
        () -> open(Mix.of(source), options.withBatchSize(2).withRank(0, 3)));
  }

  private void batches(Map<String, ThrowingCallable> thrown) {
    thrown.put("ms for memory: the consumer has not closed …", this::holdAll);
    thrown.put("the loader of … has waited … ms for a batch", this::stall);
    thrown.put(
        "the loader of … has failed: open a new one from its state",
        () -> {
          LoaderOptions failing =
              options.withFilter((_, _) -> {
                throw new IllegalStateException("fails");
              });
          try (DataLoader loader = DataLoader.open(source, failing)) {
            try {
              loader.next().close();
            } catch (IllegalStateException e) {
              loader.next().close();
            }
          }
        });
    thrown.put(
        "the filters have left out … of … records",
        () -> {
          RecordSource many =
              RecordSource.of("many", 10_000, (_, record) -> record.put(new byte[1]));
          LoaderOptions strict = options.withFilter((_, _) -> false).withMaxFilteredShare(0.5);
          try (DataLoader loader = DataLoader.open(many, strict)) {
            loader.forEach(batch -> {});
          }
        });
    thrown.put(
        "is not a matrix: record … has … bytes, record 0 has …",
        () -> {
          try (DataLoader loader = DataLoader.open(source, options.withBatchSize(100));
              LoadedBatch batch = loader.next()) {
            batch.matrix();
          }
        });
  }

  private void holdAll() throws IOException {
    RecordSource large =
        RecordSource.of("large", 100, 1, 1 << 19, (_, record) -> record.put(new byte[1 << 19]));
    LoaderOptions small =
        options.withBatchSize(1).withMemory(1 << 20).withHoldTimeout(Duration.ofMillis(10));
    List<LoadedBatch> held = new ArrayList<>();
    try (DataLoader loader = DataLoader.open(large, small)) {
      while (held.size() < 100) {
        held.add(loader.next());
      }
    } finally {
      held.forEach(LoadedBatch::close);
    }
  }

  private void stall() throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    LoaderOptions stalled =
        options
            .withFilter((_, _) -> {
              try {
                ended.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return true;
            })
            .withStallTimeout(Duration.ofMillis(10));
    try (DataLoader loader = DataLoader.open(source, stalled)) {
      try {
        loader.next().close();
      } finally {
        ended.countDown();
      }
    }
  }
}
