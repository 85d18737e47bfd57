package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.FaultySource.Fault;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random reads by several threads, of a source that fails at random. */
@Timeout(120)
class FetchingFaultsTest {
  private static final int THREADS = 3;
  private static final int STEPS = 150;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void bytesAreRightOrThereIsAnError(long seed) throws Exception {
    Random random = new Random(seed);
    byte[] bytes = new byte[random.nextInt(1, 6 << 20)];
    random.nextBytes(bytes);
    double rate = random.nextDouble() * 0.4;
    boolean fatal = seed % 4 == 0;
    Random faults = new Random(seed + 1000);
    Fault[] kinds = Fault.values();
    try (VirtualClock clock = new VirtualClock(seed)) {
      FaultySource source =
          new FaultySource(
              bytes,
              clock,
              request -> {
                Fault fault = kinds[faults.nextInt(kinds.length)];
                boolean wanted = faults.nextDouble() < rate && (fatal || !isFatal(fault));
                return wanted && !request.end() ? fault : Fault.NONE;
              });
      source.bandwidth = 100 << 20;
      long maxMemory = 1L << random.nextInt(seed % 3 == 0 ? 24 : 20, 25);
      FetchSettings settings =
          new FetchSettings(
              1 << random.nextInt(seed % 3 == 0 ? 20 : 16, 21),
              random.nextInt(1, 9),
              maxMemory,
              Long.MAX_VALUE,
              random.nextInt(1 << 19),
              RetryPolicy.of(20, Duration.ofSeconds(5), Duration.ofHours(1)),
              switch ((int) (seed % 4)) {
                case 0 -> Hedging.after(Duration.ofMillis(60));
                case 1 -> new PercentileHedging(0.7, 10, 0.5);
                default -> Hedging.NEVER;
              },
              clock,
              new FetchCounters(),
              seed % 3 == 0 ? BlockCache.open(directory, 16 << 20) : null);
      FetchedFile file = FetchedFile.open(source, settings);
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          long own = seed * 100 + i;
          results.add(threads.submit(() -> read(file, bytes, new Random(own), fatal)));
        }
        for (Future<Integer> result : results) {
          assertThat(result.get()).as("failed reads, seed %s", seed).isLessThan(STEPS);
        }
      }
      assertThat(file.largestMemory()).as("seed %s", seed).isLessThanOrEqualTo(maxMemory);
      file.close();
      assertThat(source.open()).as("open requests, seed %s", seed).isZero();
      assertThat(source.lateWrites()).as("late writes, seed %s", seed).isZero();
      // A request has a hedged one at most. A thread that takes the memory of a request cancels it
      // a moment later, after another request may have begun: each reader, and the clock.
      assertThat(source.mostOpen())
          .as("open at the same time, seed %s", seed)
          .isLessThanOrEqualTo(2 * (settings.maxRequests() + THREADS + 1));
      assertThat(source.requests())
          .as("memory, seed %s", seed)
          .noneMatch(request -> request.target().scope().isAlive());
    }
  }

  private static boolean isFatal(Fault fault) {
    return switch (fault) {
      case DENIED, THROWN, NULL_FUTURE, NULL_ANSWER, REPLACED -> true;
      default -> false;
    };
  }

  /** Reads at random; returns the number of reads that failed. */
  private static int read(FetchedFile file, byte[] bytes, Random random, boolean mayFail)
      throws IOException {
    int failed = 0;
    ByteSource source = file.source();
    long position = 0;
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(10)) {
        case 0 -> position = random.nextInt(bytes.length);
        case 1 -> file.announce(ranges(random, bytes.length));
        case 2 -> {
          if (random.nextInt(10) == 0) {
            source.close();
            source = file.source();
          }
        }
        default -> {}
      }
      try {
        MemorySegment read = source.read(position, random.nextInt(1, 300_000));
        byte[] copy = read.toArray(ValueLayout.JAVA_BYTE);
        int from = (int) position;
        assertThat(Arrays.equals(copy, Arrays.copyOfRange(bytes, from, from + copy.length)))
            .as("%s bytes from %s on", copy.length, from)
            .isTrue();
        position += copy.length;
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("mem://file: bytes ");
        assertThat(mayFail).as(e.getMessage()).isTrue();
        failed++;
        position = random.nextInt(bytes.length);
      }
      position = position == bytes.length ? 0 : position;
    }
    source.close();
    return failed;
  }

  private static List<ByteRange> ranges(Random random, int size) {
    List<ByteRange> ranges = new ArrayList<>();
    long at = random.nextInt(size);
    while (at < size && ranges.size() < 50) {
      long end = at + random.nextInt(1, 100_000);
      ranges.add(new ByteRange(at, end));
      at = end + random.nextInt(200_000);
    }
    return ranges;
  }
}
