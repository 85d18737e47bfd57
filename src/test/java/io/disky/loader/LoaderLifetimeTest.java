package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.Compression;
import io.disky.lifetime.GarbageCollection;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class LoaderLifetimeTest {
  @TempDir Path directory;
  private RecordSource source;

  @BeforeEach
  void write() throws IOException {
    Path file = directory.resolve("file");
    source = RecordSource.files(NumberedRecords.write(file, Compression.none(), 20, 100));
  }

  private static long workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("disky-load"))
        .count();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void forgottenLoadersEndTheirThreads(int workers) throws Exception {
    for (int i = 0; i < 50; i++) {
      LoaderOptions options =
          LoaderOptions.defaults().withWorkers(workers).withShuffle(Shuffle.windowed(10_000));
      DataLoader.open(source, options).next().close();
    }
    assertThat(GarbageCollection.leadsTo(() -> workers() == 0)).isTrue();
  }

  @Test
  void iterationClosesEachBatch() throws IOException {
    MemorySegment last = null;
    try (DataLoader loader = DataLoader.open(source, LoaderOptions.defaults())) {
      for (LoadedBatch batch : loader) {
        if (last != null) {
          assertThat(last.scope().isAlive()).isFalse();
        }
        last = batch.data();
        assertThat(last.address() % 64).isZero();
      }
    }
    assertThat(last.scope().isAlive()).isFalse();
  }

  @Test
  void batchesOutliveTheLoader() throws IOException {
    LoadedBatch batch;
    try (DataLoader loader = DataLoader.open(source, LoaderOptions.defaults())) {
      batch = loader.next();
    }
    NumberedRecords.assertRecord(batch.get(3), 3);
    batch.close();
    assertThatIllegalStateException().isThrownBy(() -> batch.get(3));
  }

  @Test
  void aClosedLoaderIsOfNoUse() throws IOException {
    DataLoader loader = DataLoader.open(source, LoaderOptions.defaults());
    loader.next().close();
    LoaderState state = loader.state();
    loader.close();
    loader.close();
    assertThat(loader.isOpen()).isFalse();
    assertThat(loader.state()).isEqualTo(state);
    assertThatIllegalStateException().isThrownBy(loader::next).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> loader.seek(0, 0));
    assertThat(workers()).isZero();
  }

  @Test
  void aConsumerThatThrowsLeavesNothing() throws IOException {
    for (int i = 0; i < 50; i++) {
      int fail = i;
      try (DataLoader loader =
          DataLoader.open(source, LoaderOptions.defaults().withBatchSize(10))) {
        for (LoadedBatch batch : loader) {
          if (batch.step() == fail) {
            throw new IllegalStateException("the consumer fails");
          }
        }
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("the consumer fails");
      }
      assertThat(workers()).isZero();
    }
  }

  @Test
  void aPublisherDeliversWhatIsRequested() throws Exception {
    List<Long> numbers = new ArrayList<>();
    CountDownLatch ended = new CountDownLatch(1);
    try (var executor = Executors.newSingleThreadExecutor();
        DataLoader loader = DataLoader.open(source, LoaderOptions.defaults().withBatchSize(30))) {
      loader
          .publisher(executor)
          .subscribe(
              new Subscriber<>() {
                private Subscription subscription;

                @Override
                public void onSubscribe(Subscription subscription) {
                  this.subscription = subscription;
                  subscription.request(2);
                }

                @Override
                public void onNext(LoadedBatch batch) {
                  for (int i = 0; i < batch.recordCount(); i++) {
                    numbers.add(batch.number(i));
                  }
                  batch.close();
                  subscription.request(1);
                }

                @Override
                public void onError(Throwable e) {
                  throw new AssertionError(e);
                }

                @Override
                public void onComplete() {
                  ended.countDown();
                }
              });
      ended.await();
    }
    assertThat(numbers).hasSize(2_000).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aBillionRecordsOpenAtOnceAndTakeNoMemory() throws IOException {
    RecordSource large =
        RecordSource.of(
            "numbers",
            1_000_000_000,
            (number, record) ->
                record.put(
                    ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(number).array()));
    for (Shuffle shuffle : List.of(Shuffle.none(), Shuffle.global())) {
      LoaderOptions options = LoaderOptions.defaults().withShuffle(shuffle).withSeed(5);
      try (DataLoader loader = DataLoader.open(large, options)) {
        assertThat(loader.recordsPerEpoch()).hasValue(1_000_000_000);
        try (LoadedBatch batch = loader.next()) {
          for (int i = 0; i < batch.recordCount(); i++) {
            assertThat(batch.get(i).get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                .isEqualTo(batch.number(i));
            assertThat(loader.positionOf(0, 0, batch.number(i))).hasValue(batch.position(i));
          }
        }
      }
    }
  }
}
