package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.loader.BatchSize;
import io.disky.loader.DataLoader;
import io.disky.loader.LoaderOptions;
import io.disky.loader.RecordSource;
import io.disky.testing.HeldRemoteFile;
import io.disky.testing.SampleFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A call that ends early leaves no requests, and no memory, for records that it has announced. */
@Timeout(60)
class RemoteWithdrawalTest {
  private static final int RECORDS = 8_000;

  /** More than the end of the file and the buffers of up to 4 threads, less than 2 requests. */
  private static final long BUFFERS = 3 << 19;

  @TempDir private Path directory;
  private final RemoteMetrics metrics = new RemoteMetrics();
  private HeldRemoteFile remote;

  @BeforeEach
  void write() throws IOException {
    Path file = SampleFiles.smallChunks(directory, RECORDS);
    remote = HeldRemoteFile.of(file);
  }

  private RandomAccessOptions options() {
    RemoteOptions options = RemoteOptions.defaults().withMaxGap(0).withMetrics(metrics);
    return RandomAccessOptions.defaults()
        .withCacheSize(0)
        .withParallelism(1)
        .withReaderOptions(ReaderOptions.defaults().withRemote(options));
  }

  private void assertNothingIsLeft() {
    assertThat(remote.open()).as("open requests").isZero();
    assertThat(metrics.counters.memory()).as("memory").isLessThanOrEqualTo(BUFFERS);
  }

  private static long[] all() {
    long[] all = new long[RECORDS];
    Arrays.setAll(all, i -> i);
    return all;
  }

  @Test
  void aVisitorThrows() throws Exception {
    try (RandomAccessReader reader = RandomAccessReader.open(remote, options())) {
      byte[] expected = reader.get(3_000);
      remote.hold(request -> request.position() >= 3_000_000);
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() ->
              reader.visitAll(
                  all(),
                  (_, _) -> {
                    awaitOpen();
                    throw new ArithmeticException("enough");
                  }));
      assertNothingIsLeft();
      int requests = remote.requests().size();
      remote.hold(_ -> false);
      remote.answerAll();
      assertThat(remote.requests()).hasSize(requests);
      assertThat(reader.get(3_000)).isEqualTo(expected);
    }
  }

  private void awaitOpen() {
    try {
      remote.awaitOpen(1);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aBatchFails() throws Exception {
    try (RandomAccessReader reader = RandomAccessReader.open(remote, options())) {
      remote.hold(request -> request.position() >= 3_000_000);
      remote.withFault(request ->
          request.position() < 3_000_000
              ? new RemoteRequestException("denied", false, null, null)
              : null);
      assertThatExceptionOfType(RemoteRequestException.class)
          .isThrownBy(() -> reader.batch(0, RECORDS));
      assertNothingIsLeft();
    }
  }

  /** The records of the batches ahead are not needed after a move. */
  @Test
  void aLoaderIsMoved() throws Exception {
    LoaderOptions loading =
        LoaderOptions.defaults()
            .withWorkers(1)
            .withEpochs(1)
            .withBatchSize(BatchSize.records(4_000));
    try (DataLoader loader =
        DataLoader.open(RecordSource.remote(List.of(remote), options()), loading)) {
      remote.hold(request -> request.position() > 4_200_000);
      loader.next().close();
      remote.awaitOpen(2);
      Thread moving = Thread.ofPlatform().daemon().name("moving").start(() -> loader.seek(0, 0));
      while (moving.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      while (moving.isAlive()) {
        remote.answerAll();
      }
      assertNothingIsLeft();
      remote.hold(_ -> false);
      assertThat(loader.next().recordCount()).isEqualTo(4_000);
    }
    assertThat(metrics.counters.memory()).isZero();
  }
}
