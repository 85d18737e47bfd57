package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.Compression;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rare situations, and code of the user that fails or is hostile. */
@Timeout(120)
class LoaderFaultsTest {
  private static final LoaderOptions DEFAULTS = LoaderOptions.defaults();

  @TempDir Path directory;

  private static RecordSource numbers(int count, int size) {
    return RecordSource.of(
        "numbers",
        count,
        (number, record) -> record.put(ByteBuffer.allocate(size).putLong(0, number).array()));
  }

  private static long numberIn(MemorySegment record) {
    return Long.reverseBytes(record.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
  }

  /** Neighbours in memory that are not neighbours in the file, and records without bytes. */
  @Test
  void numbersAreThoseOfTheRecords() throws IOException {
    Path file = directory.resolve("file");
    WriterOptions single = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, single)) {
      for (long i = 0; i < 600; i++) {
        writer.write(i % 3 == 0 ? new byte[0] : ByteBuffer.allocate(8).putLong(i).array());
        if (i % 2 == 0) {
          writer.flush();
        }
      }
    }
    for (Shuffle shuffle :
        List.of(Shuffle.none(), Shuffle.global(), Shuffle.windowed(100), Shuffle.reservoir(50))) {
      for (int batch : new int[] {2, 3, 7, 100}) {
        LoaderOptions options = DEFAULTS.withShuffle(shuffle).withBatchSize(batch);
        try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
          for (LoadedBatch loaded : loader) {
            for (int i = 0; i < loaded.recordCount(); i++) {
              MemorySegment record = loaded.get(i);
              assertThat(record.byteSize()).isEqualTo(loaded.number(i) % 3 == 0 ? 0 : 8);
              if (record.byteSize() > 0) {
                assertThat(numberIn(record)).isEqualTo(loaded.number(i));
              }
            }
          }
        }
      }
    }
  }

  /** The batches before the record are delivered, although they are in the same block. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void anExceptionOfASupplierFailsItsOwnBatch(int workers) throws IOException {
    RuntimeException thrown = new UnsupportedOperationException("record 57");
    RecordSource source =
        RecordSource.of(
            "numbers",
            1_000,
            (number, record) -> {
              if (number == 57) {
                throw thrown;
              }
              record.put(new byte[8]);
            });
    LoaderOptions options = DEFAULTS.withBatchSize(10).withWorkers(workers);
    for (Shuffle shuffle : List.of(Shuffle.none(), Shuffle.windowed(1 << 20))) {
      LoaderOptions shuffled = options.withShuffle(shuffle);
      long before = stepOf(57, shuffled);
      try (DataLoader loader = DataLoader.open(source, shuffled)) {
        for (long i = 0; i < before; i++) {
          loader.next().close();
        }
        assertThatThrownBy(loader::next).isSameAs(thrown);
      }
    }
  }

  /** The step that delivers the record. */
  private static long stepOf(long number, LoaderOptions options) throws IOException {
    try (DataLoader loader = DataLoader.open(numbers(1_000, 8), options)) {
      for (LoadedBatch batch : loader) {
        for (int i = 0; i < batch.recordCount(); i++) {
          if (batch.number(i) == number) {
            return batch.step();
          }
        }
      }
    }
    throw new AssertionError("no batch has record " + number);
  }

  /** Memory of an earlier mapper is not given back while its segment is alive. */
  @Test
  void aMapperMayKeepItsMemoryUntilTheRecordEnds() throws IOException {
    MemorySegment[] kept = new MemorySegment[1];
    LoaderOptions options =
        DEFAULTS
            .withWorkers(0)
            .withMap((_, _, output) -> kept[0] = output.allocate(1 << 20))
            .withMap((_, record, output) -> output.write(record.asSlice(0, 8)))
            .withMap((_, record, output) -> {
              MemorySegment larger = output.allocate(4 << 20);
              kept[0].fill((byte) 7);
              assertThat(larger.get(ValueLayout.JAVA_BYTE, 1 << 20)).isZero();
              larger.copyFrom(record);
            });
    try (DataLoader loader = DataLoader.open(numbers(5, 8), options.withBatchSize(2))) {
      for (LoadedBatch batch : loader) {
        assertThat(batch.length(0)).isEqualTo(4 << 20);
      }
    }
    assertThatIllegalStateException().isThrownBy(() -> kept[0].get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void seeksFreeWhatWasLoadedAhead() throws IOException {
    Path file = directory.resolve("file");
    NumberedRecords.write(file, Compression.none(), 200, 100);
    LoaderOptions options =
        DEFAULTS.withShuffle(Shuffle.windowed(100_000)).withMemory(1 << 20).withWorkers(3);
    try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
      for (int i = 0; i < 200; i++) {
        loader.next().close();
        loader.seek(0, i * 90L);
      }
      loader.seek(0, 20_000);
      assertThat(loader.next()).isNull();
      assertThat(loader.metrics().memory()).isZero();
    }
  }

  /** A mapper that waits for the end of its own loader would wait for itself. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mappersCannotEndTheirLoaderWhileAnotherThreadDoes(boolean seeks) throws Exception {
    AtomicReference<DataLoader> opened = new AtomicReference<>();
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch mapping = new CountDownLatch(1);
    LoaderOptions options =
        DEFAULTS
            .withBatchSize(1)
            .withWorkers(1)
            .withMap((context, record, output) -> {
              output.write(record);
              if (context.number() < 5 || refused.get() > 0) {
                return;
              }
              mapping.countDown();
              DataLoader loader = opened.get();
              while (seeks ? loader.metrics().batches() > 0 : loader.isOpen()) {
                Thread.onSpinWait();
              }
              for (Runnable call : List.<Runnable>of(loader::close, () -> loader.seek(0, 7))) {
                assertThatIllegalStateException()
                    .isThrownBy(call::run)
                    .withMessageContaining("mapper");
                refused.incrementAndGet();
              }
            });
    try (DataLoader loader = DataLoader.open(numbers(100, 8), options)) {
      opened.set(loader);
      for (int i = 0; i < 4; i++) {
        loader.next().close();
      }
      mapping.await();
      if (seeks) {
        loader.seek(0, 50);
        assertThat(loader.next().number(0)).isEqualTo(50);
      }
    }
    assertThat(refused).hasValue(2);
  }

  @Test
  void costFunctionsCannotUseTheirLoader() throws IOException {
    AtomicReference<DataLoader> opened = new AtomicReference<>();
    AtomicInteger refused = new AtomicInteger();
    BatchSize size =
        BatchSize.cost(
            3,
            _ -> {
              DataLoader loader = opened.get();
              for (ThrowingCallable call :
                  List.<ThrowingCallable>of(loader::next, loader::close, () -> loader.seek(0, 1))) {
                assertThatThrownBy(call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cost function");
                refused.incrementAndGet();
              }
              return 1;
            });
    try (DataLoader loader = DataLoader.open(numbers(7, 8), DEFAULTS.withBatchSize(size))) {
      opened.set(loader);
      for (int expected : new int[] {3, 3, 1}) {
        try (LoadedBatch batch = loader.next()) {
          assertThat(batch.recordCount()).isEqualTo(expected);
        }
      }
      assertThat(loader.next()).isNull();
    }
    assertThat(refused).hasValue(21);
  }

  /** Also the memory of a batch that waits for memory. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void theEndUncountsAllMemory(int workers) throws IOException {
    LoaderOptions options =
        DEFAULTS
            .withBatchSize(50)
            .withMemory(1 << 20)
            .withWorkers(workers)
            .withHoldTimeout(Duration.ofMillis(1));
    for (Shuffle shuffle : List.of(Shuffle.none(), Shuffle.windowed(500_000))) {
      DataLoader loader = DataLoader.open(numbers(1_000, 8_000), options.withShuffle(shuffle));
      List<LoadedBatch> batches = new ArrayList<>();
      assertThatIllegalStateException()
          .isThrownBy(() -> {
            while (true) {
              batches.add(loader.next());
            }
          })
          .withMessageContaining("for memory");
      loader.close();
      assertThat(loader.metrics().memory()).isGreaterThanOrEqualTo(batches.size() * 400_000L);
      batches.forEach(LoadedBatch::close);
      assertThat(loader.metrics().memory()).isZero();
    }
  }

  @Test
  void severalThreadsMaySeekAndTakeBatches() throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (DataLoader loader =
        DataLoader.open(numbers(10_000, 16), DEFAULTS.withBatchSize(50).withWorkers(2))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int number = i;
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    for (int k = 0; k < 100; k++) {
                      if (k % 10 == number) {
                        loader.seek(0, 37L * k);
                      }
                      LoadedBatch batch = loader.next();
                      if (batch != null) {
                        assertThat(numberIn(batch.get(0))).isEqualTo(batch.number(0));
                        batch.close();
                      }
                    }
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(failure.get()).isNull();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("disky-load"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 20, 4 << 20, 6 << 20})
  void batchesByBytesMayBeAsLargeAsTheMemory(long bytes) throws IOException {
    LoaderOptions options =
        DEFAULTS
            .withMemory(4 << 20)
            .withBatchSize(BatchSize.bytes(bytes))
            .withHoldTimeout(Duration.ofSeconds(5));
    long records = 0;
    try (DataLoader loader = DataLoader.open(numbers(20_000, 1_000), options)) {
      for (LoadedBatch batch : loader) {
        records += batch.recordCount();
      }
    }
    assertThat(records).isEqualTo(20_000);
  }

  @Test
  void unclosedBatchesByBytesAreBoundedToo() throws IOException {
    LoaderOptions options =
        DEFAULTS
            .withMemory(4 << 20)
            .withBatchSize(BatchSize.bytes(256 << 10))
            .withHoldTimeout(Duration.ofMillis(50));
    List<LoadedBatch> kept = new ArrayList<>();
    try (DataLoader loader = DataLoader.open(numbers(200_000, 1_000), options)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> {
            while (true) {
              kept.add(loader.next());
            }
          })
          .withMessageContaining("LoaderFaultsTest.java");
      assertThat(kept).hasSizeBetween(4, 40);
      assertThat(loader.metrics().batchesHeld()).isEqualTo(kept.size());
    }
  }

  @Test
  void forgottenBatchesDoNotCountForEver() throws Exception {
    LoaderOptions options =
        DEFAULTS.withMemory(4 << 20).withBatchSize(256).withHoldTimeout(Duration.ofSeconds(30));
    try (DataLoader loader = DataLoader.open(numbers(40_000, 4_000), options)) {
      for (int i = 0; i < 100; i++) {
        assertThat(loader.next()).isNotNull();
        System.gc();
      }
    }
  }

  @Test
  void aRefusedSeekLosesNothing() throws IOException {
    DataLoader[] loader = new DataLoader[1];
    AtomicInteger refused = new AtomicInteger();
    LoaderOptions options =
        DEFAULTS
            .withBatchSize(BatchSize.bytes(160))
            .withFilter((_, _) -> {
              try {
                loader[0].seek(0, 0);
              } catch (IllegalStateException _) {
                refused.incrementAndGet();
              }
              return true;
            });
    loader[0] = DataLoader.open(numbers(1_000, 16), options);
    long records = 0;
    try (DataLoader opened = loader[0]) {
      for (LoadedBatch batch : opened) {
        records += batch.recordCount();
      }
    }
    assertThat(records).isEqualTo(1_000);
    assertThat(refused).hasValue(1_000);
  }

  @Test
  void aMapperThatFailsWithAnErrorEndsAPublisher() throws Exception {
    AtomicReference<Throwable> signalled = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    LoaderOptions options =
        DEFAULTS.withMap((context, _, _) -> {
          throw new AssertionError("at " + context.number());
        });
    try (var executor = Executors.newSingleThreadExecutor();
        DataLoader loader = DataLoader.open(numbers(10, 8), options)) {
      loader
          .publisher(executor)
          .subscribe(
              new Subscriber<>() {
                @Override
                public void onSubscribe(Subscription subscription) {
                  subscription.request(1);
                }

                @Override
                public void onNext(LoadedBatch batch) {
                  batch.close();
                }

                @Override
                public void onError(Throwable e) {
                  signalled.set(e);
                  ended.countDown();
                }

                @Override
                public void onComplete() {
                  ended.countDown();
                }
              });
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(signalled.get()).isInstanceOf(AssertionError.class).hasMessage("at 0");
  }

  @Test
  void failuresOfMappersNameTheRecord() throws IOException {
    LoaderOptions options =
        DEFAULTS.withMap((context, record, output) -> {
          if (context.number() == 300) {
            throw new IllegalArgumentException("bad");
          }
          output.write(record);
        });
    try (DataLoader loader = DataLoader.open(numbers(1_000, 8), options)) {
      loader.next().close();
      assertThatIllegalArgumentException()
          .isThrownBy(loader::next)
          .satisfies(e ->
              assertThat(e.getSuppressed()[0])
                  .hasMessage("this was record 300 of numbers, at position 300 of epoch 0"));
    }
  }

  @Test
  void epochsThatAreTooShortForAStepDoNotEndTheLoader() throws IOException {
    Mix mix =
        Mix.random(
                List.of(WeightedSource.of(numbers(8, 8), 1), WeightedSource.of(numbers(8, 8), 1)))
            .withExhaustion(Exhaustion.STOP);
    LoaderOptions options =
        DEFAULTS.withBatchSize(10).withRemainder(Remainder.DROP).withEpochs(200);
    long last = 0;
    try (DataLoader loader = DataLoader.open(mix, options)) {
      for (LoadedBatch batch : loader) {
        last = batch.epoch();
      }
    }
    assertThat(last).isGreaterThan(150);
  }

  @Test
  void boundsOfDamageDoNotDependOnWorkers() throws IOException {
    Set<Long> delivered = new HashSet<>();
    for (int workers : new int[] {0, 1, 4}) {
      LoaderOptions options =
          DEFAULTS
              .withWorkers(workers)
              .withMaxFilteredShare(0.5)
              .withFilter((context, _) -> context.number() < 2_000 || context.number() % 5 == 0);
      long records = 0;
      try (DataLoader loader = DataLoader.open(numbers(20_000, 8), options)) {
        while (true) {
          LoadedBatch batch = loader.next();
          records += batch.recordCount();
          batch.close();
        }
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("more than the share");
      }
      delivered.add(records);
    }
    assertThat(delivered)
        .hasSize(1)
        .allSatisfy(count -> assertThat(count).isBetween(2_400L, 2_665L));
  }

  @Test
  void timeoutsMayBeForEver() throws IOException {
    LoaderOptions options =
        DEFAULTS
            .withStallTimeout(Duration.ofSeconds(Long.MAX_VALUE))
            .withHoldTimeout(ChronoUnit.FOREVER.getDuration())
            .withFilter((_, _) -> {
              Thread.onSpinWait();
              return true;
            });
    try (DataLoader loader = DataLoader.open(numbers(1_000, 8), options)) {
      assertThat(loader.stream().count()).isEqualTo(4);
    }
  }

  @Test
  void aCacheOfTheUserLeavesMemoryForBatches() throws IOException {
    Path file = directory.resolve("file");
    NumberedRecords.write(file, Compression.none(), 50, 100);
    RecordSource source =
        RecordSource.files(List.of(file), RandomAccessOptions.defaults().withCacheSize(64 << 20));
    LoaderOptions options =
        DEFAULTS.withMemory(1 << 20).withShuffle(Shuffle.global()).withBatchSize(100);
    try (DataLoader loader = DataLoader.open(source, options);
        LoadedBatch first = loader.next();
        LoadedBatch second = loader.next()) {
      assertThat(first.recordCount() + second.recordCount()).isEqualTo(200);
    }
  }

  @Test
  void impossibleRequestsAreRefusedWithARemedy() throws IOException {
    LoaderState late;
    try (DataLoader loader = DataLoader.open(numbers(10, 8), DEFAULTS.withEpochs(9))) {
      loader.seek(7, 3);
      late = loader.state();
      assertThatIllegalArgumentException().isThrownBy(() -> loader.seek(9, 0));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DataLoader.open(numbers(10, 8), DEFAULTS.withEpochs(3).withState(late)).close())
        .withMessageContaining("withEpochs");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DataLoader.open(numbers(10, 8), DEFAULTS.withBatchSize(Integer.MAX_VALUE)).close())
        .withMessageContaining("use smaller batches");
    assertThatThrownBy(() ->
            DataLoader.open(RecordSource.files(directory.resolve("missing")), DEFAULTS).close())
        .isInstanceOf(java.nio.file.NoSuchFileException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void aCostThatFailsEndsTheLoader() throws IOException {
    LoaderOptions options =
        DEFAULTS.withBatchSize(
            BatchSize.cost(
                10,
                record -> {
                  if (numberIn(record) == 42) {
                    throw new IllegalArgumentException("no cost");
                  }
                  return 1;
                }));
    try (DataLoader loader = DataLoader.open(numbers(100, 8), options)) {
      for (int i = 0; i < 4; i++) {
        LoadedBatch batch = loader.next();
        assertThat(batch.recordCount()).isEqualTo(10);
        batch.close();
      }
      assertThatIllegalArgumentException().isThrownBy(loader::next).withMessage("no cost");
      assertThatIllegalStateException().isThrownBy(loader::next);
      assertThat(loader.state().position()).isEqualTo(40);
    }
  }

  @Test
  void batchesByBytesReportWhatTheyLack() throws IOException {
    Path file = directory.resolve("file");
    NumberedRecords.write(file, Compression.none(), 10, 100);
    long middle;
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      middle = reader.position(350).chunkBegin();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), middle + 60);
    }
    LoaderOptions options = DEFAULTS.withBatchSize(BatchSize.bytes(2_000)).withMaxSkipped(100, 1);
    List<Long> lacking = new ArrayList<>();
    long records = 0;
    try (DataLoader loader = DataLoader.open(RecordSource.files(file), options)) {
      for (LoadedBatch batch : loader) {
        records += batch.recordCount();
        for (SkippedRecord skipped : batch.skipped()) {
          lacking.add(skipped.number());
          assertThat(skipped.position()).isEqualTo(skipped.number());
          assertThat(skipped.reason()).hasMessageContaining(file.getFileName().toString());
        }
      }
    }
    assertThat(records).isEqualTo(900);
    assertThat(lacking).hasSize(100).isSorted().startsWith(300L);
  }
}
