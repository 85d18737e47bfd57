package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.FaultySource.Fault;
import io.disky.fetching.FaultySource.Request;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When requests are made a second time by the times of the requests before them. */
@Timeout(60)
class HedgingTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final long MILLI = 1_000_000;

  private final VirtualClock clock = new VirtualClock(1);

  @AfterEach
  void closeClock() throws InterruptedException {
    clock.close();
  }

  @Test
  void theDelayIsAPercentileOfTheLastTimes() {
    PercentileHedging hedging = new PercentileHedging(0.95, 100, 1);
    for (int i = 0; i < 99; i++) {
      assertThat(hedging.begun(MIB)).isEqualTo(Hedging.NO_DELAY);
      hedging.observed(MIB, (i + 1) * MILLI);
    }
    assertThat(hedging.begun(MIB)).isEqualTo(Hedging.NO_DELAY);
    hedging.observed(MIB, 100 * MILLI);
    assertThat(hedging.begun(MIB)).isEqualTo(96 * MILLI);
    // Only the last times count: after as many new ones the old ones have no effect.
    for (int i = 0; i < PercentileHedging.WINDOW + 16; i++) {
      hedging.observed(MIB, 7 * MILLI);
    }
    assertThat(hedging.begun(MIB)).isEqualTo(7 * MILLI);
  }

  @Test
  void sizesAreComparedWithSimilarSizes() {
    PercentileHedging hedging = new PercentileHedging(0.5, 10, 1);
    int[] sizes = {64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB};
    for (int i = 0; i < sizes.length; i++) {
      for (int j = 0; j < 10; j++) {
        hedging.observed(sizes[i], (i + 2) * MILLI);
      }
    }
    assertThat(hedging.begun(1)).isEqualTo(2 * MILLI);
    for (int i = 0; i < sizes.length; i++) {
      assertThat(hedging.begun(sizes[i])).as("%s bytes", sizes[i]).isEqualTo((i + 2) * MILLI);
      assertThat(hedging.begun(sizes[i] + 1)).isEqualTo(Math.min(i + 3, 7) * MILLI);
    }
    assertThat(hedging.begun(Integer.MAX_VALUE)).isEqualTo(7 * MILLI);
    for (int j = 0; j < PercentileHedging.WINDOW; j++) {
      hedging.observed(MIB, 1);
    }
    assertThat(hedging.begun(MIB)).as("the least delay").isEqualTo(MILLI);
  }

  @Test
  void secondRequestsAreAShareOfTheOthers() {
    PercentileHedging hedging = new PercentileHedging(0.95, 10, 0.125);
    int allowed = 0;
    for (int i = 1; i <= 800; i++) {
      hedging.begun(MIB);
      allowed += hedging.allows() ? 1 : 0;
      assertThat(allowed).isEqualTo(i / 8);
    }
    // After a quiet time not many follow each other.
    for (int i = 0; i < 10_000; i++) {
      hedging.begun(MIB);
    }
    for (allowed = 0; hedging.allows(); allowed++) {}
    assertThat(allowed).isEqualTo(16);
  }

  /** Reads a file of 1 MiB blocks with announced, and so equally large, requests. */
  private FetchCounters read(int mebibytes, Hedging hedging, Function<Request, Fault> script)
      throws IOException {
    byte[] bytes = new byte[mebibytes * MIB + 256 * KIB];
    new Random(mebibytes).nextBytes(bytes);
    FaultySource source = new FaultySource(bytes, clock, script);
    FetchCounters counters = new FetchCounters();
    FetchSettings settings =
        new FetchSettings(
            MIB,
            1,
            16 * MIB,
            0,
            0,
            RetryPolicy.of(6, Duration.ofSeconds(30), Duration.ofMinutes(2)),
            hedging,
            clock,
            counters,
            null);
    try (FetchedFile file = FetchedFile.open(source, settings);
        ByteSource reading = file.source()) {
      for (long at = 0; at < mebibytes * (long) MIB; ) {
        MemorySegment read = reading.read(at, MIB);
        byte[] copy = read.toArray(ValueLayout.JAVA_BYTE);
        assertThat(Arrays.equals(copy, 0, copy.length, bytes, (int) at, (int) at + copy.length))
            .isTrue();
        at += copy.length;
      }
      assertThat(file.largestMemory()).isLessThanOrEqualTo(16 * MIB);
    }
    assertThat(source.open()).isZero();
    assertThat(source.lateWrites()).isZero();
    return counters;
  }

  private static boolean isBlock(Request request, long number) {
    return !request.end() && request.position() / MIB == number;
  }

  @Test
  void aSlowRequestIsMadeASecondTimeAfterEnoughSamples() throws IOException {
    boolean[] silent = new boolean[2];
    FetchCounters counters =
        read(
            60,
            new PercentileHedging(0.9, 20, 0.5),
            request -> {
              for (int i = 0; i < 2; i++) {
                if (!silent[i] && isBlock(request, i == 0 ? 3 : 50)) {
                  silent[i] = true;
                  return Fault.SILENT;
                }
              }
              return Fault.NONE;
            });
    // The first silent request comes before there are samples: it takes its 30 seconds.
    assertThat(counters.retries()).isEqualTo(1);
    assertThat(counters.hedges()).isEqualTo(1);
    assertThat(Duration.ofNanos(clock.nanoTime()))
        .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(50));
  }

  @Test
  void aStoreThatBecomesSlowGetsNotMuchMoreRequests() throws IOException {
    int[] first = new int[1];
    FetchCounters counters =
        read(
            100,
            new PercentileHedging(0.9, 10, 0.1),
            request -> {
              boolean silent = isBlock(request, first[0]) && request.position() >= 20L * MIB;
              first[0] = (int) (request.position() / MIB) + 1;
              return silent ? Fault.SILENT : Fault.NONE;
            });
    long others = counters.requests() - counters.hedges();
    assertThat(counters.hedges()).isPositive().isLessThanOrEqualTo(others / 10);
    assertThat(counters.retries()).isGreaterThan(50);
  }
}
