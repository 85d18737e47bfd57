package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.fetching.FaultySource.Fault;
import io.disky.fetching.FaultySource.Request;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FetchedFileTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  private final VirtualClock clock = new VirtualClock(1);

  @AfterEach
  void closeClock() throws InterruptedException {
    clock.close();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private FetchSettings settings(int requestSize, int maxRequests, long maxMemory) {
    return new FetchSettings(
        requestSize,
        maxRequests,
        maxMemory,
        Long.MAX_VALUE,
        FetchSettings.DEFAULT_MAX_GAP,
        RetryPolicy.DEFAULT,
        Hedging.NEVER,
        clock,
        new FetchCounters(),
        null);
  }

  private FetchSettings settings(RetryPolicy retry) {
    return settings(retry, Hedging.NEVER);
  }

  private FetchSettings settings(RetryPolicy retry, Hedging hedging) {
    return new FetchSettings(
        MIB,
        4,
        16 * MIB,
        Long.MAX_VALUE,
        512 * KIB,
        retry,
        hedging,
        clock,
        new FetchCounters(),
        null);
  }

  /** A request that failed before a reader came to its bytes is made again. */
  @Test
  void aFailureAheadOfTheReaderIsNotKept() throws IOException {
    byte[] bytes = bytes(8 * MIB);
    int[] requests = {0};
    FaultySource source =
        new FaultySource(
            bytes,
            clock,
            request -> {
              requests[0] += request.end() ? 0 : 1;
              return requests[0] > 1 && requests[0] < 6 ? Fault.DENIED : Fault.NONE;
            });
    source.synchronous = true;
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 4, 16 * MIB))) {
      ByteSource reader = file.source();
      assertThat(readAll(reader, 0, 7 * MIB)).isEqualTo(Arrays.copyOf(bytes, 7 * MIB));
      reader.close();
    }
    assertThat(requests[0]).isGreaterThan(6);
  }

  private static byte[] readAll(ByteSource source, long from, long to) throws IOException {
    byte[] result = new byte[(int) (to - from)];
    for (long position = from; position < to; ) {
      MemorySegment read = source.read(position, to - position);
      assertThat(read.byteSize()).isPositive();
      MemorySegment.copy(
          read, ValueLayout.JAVA_BYTE, 0, result, (int) (position - from), (int) read.byteSize());
      position += read.byteSize();
    }
    return result;
  }

  @Test
  void aSmallFileIsReadByOneRequest() throws IOException {
    byte[] bytes = bytes(100 * KIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 4, 16 * MIB));
        ByteSource reading = file.source()) {
      assertThat(file.size()).isEqualTo(bytes.length);
      assertThat(file.version()).isEqualTo("v1");
      assertThat(readAll(reading, 0, bytes.length)).isEqualTo(bytes);
      assertThat(reading.read(bytes.length, 1).byteSize()).isZero();
      assertThat(source.requests()).hasSize(1);
      // Memory is that of the file, not of the request.
      assertThat(file.largestMemory()).isEqualTo(bytes.length);
    }
  }

  @Test
  void anEmptyFileHasNoBytes() throws IOException {
    FaultySource source = new FaultySource(new byte[0], clock, request -> Fault.NONE);
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 4, 16 * MIB));
        ByteSource reading = file.source()) {
      assertThat(reading.read(0, 10).byteSize()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sequentialReadingRampsUpWithinTheBounds(boolean synchronous) throws IOException {
    byte[] bytes = bytes(48 * MIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    source.synchronous = synchronous;
    long maxMemory = 16 * MIB;
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 6, maxMemory));
        ByteSource reading = file.source()) {
      assertThat(Arrays.equals(readAll(reading, 0, bytes.length), bytes)).isTrue();
      assertThat(file.largestMemory()).isLessThanOrEqualTo(maxMemory);
    }
    assertThat(source.mostOpen()).isLessThanOrEqualTo(synchronous ? 1 : 6);
    assertThat(source.mostOutstanding()).isLessThanOrEqualTo(maxMemory);
    assertThat(source.open()).isZero();
    // Each byte was requested once.
    assertThat(source.requests().stream().mapToLong(Request::length).sum()).isEqualTo(bytes.length);
  }

  @Test
  void asManyRequestsAsAllowedAreMadeAtATime() throws Exception {
    byte[] bytes = bytes(48 * MIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 6, 32 * MIB));
        ByteSource reading = file.source()) {
      readAll(reading, 0, 16 * MIB);
      clock.hold();
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            while (source.open() < 6) {
              Thread.onSpinWait();
            }
            clock.go();
          });
      readAll(reading, 16 * MIB, 48 * MIB);
    }
    assertThat(source.mostOpen()).isEqualTo(6);
  }

  @Test
  void aReaderOfAFewBytesFetchesLittle() throws IOException {
    FaultySource source = new FaultySource(bytes(48 * MIB), clock, request -> Fault.NONE);
    try (FetchedFile file = FetchedFile.open(source, settings(8 * MIB, 16, 256 * MIB));
        ByteSource reading = file.source()) {
      readAll(reading, 0, 64 * KIB);
    }
    assertThat(source.requests().stream().mapToLong(Request::length).sum())
        .isLessThanOrEqualTo(512 * KIB);
  }

  @Test
  void aJumpStopsReadingAhead() throws Exception {
    byte[] bytes = bytes(48 * MIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 4, 32 * MIB));
        ByteSource reading = file.source()) {
      readAll(reading, 0, 8 * MIB);
      clock.hold();
      int before = source.requests().size();
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            while (source.requests().size() == before) {
              Thread.onSpinWait();
            }
            clock.go();
          });
      assertThat(readAll(reading, 40 * MIB, 40 * MIB + 100))
          .isEqualTo(Arrays.copyOfRange(bytes, 40 * MIB, 40 * MIB + 100));
      List<Request> later = source.requests().subList(before, source.requests().size());
      assertThat(later).singleElement().matches(request -> request.position() == 40 * MIB);
      assertThat(source.open()).isZero();
    }
  }

  @Test
  void announcedRangesAreReadTogetherAndHandedToAnySource() throws IOException {
    byte[] bytes = bytes(32 * MIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    List<ByteRange> ranges = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ranges.add(new ByteRange(i * 64L * KIB, i * 64L * KIB + KIB));
    }
    ranges.add(new ByteRange(20 * MIB, 20 * MIB + 5));
    ranges.add(new ByteRange(40 * MIB, 41 * MIB)); // after the end
    try (FetchedFile file = FetchedFile.open(source, settings(2 * MIB, 4, 32 * MIB));
        ByteSource first = file.source();
        ByteSource second = file.source()) {
      file.announce(ranges);
      for (int i = 0; i < 101; i++) {
        ByteRange range = ranges.get(i);
        ByteSource reading = i % 2 == 0 ? first : second;
        assertThat(readAll(reading, range.begin(), range.end()))
            .isEqualTo(Arrays.copyOfRange(bytes, (int) range.begin(), (int) range.end()));
      }
      // 6.2 MiB are read by requests of at most 2 MiB; one is for the last range, one for the end.
      assertThat(source.requests().size()).isBetween(5, 9);
      assertThat(source.requests().getLast())
          .matches(request -> request.position() == 20 * MIB && request.length() == 5);
      // What was used is dropped: the same bytes are requested again.
      int before = source.requests().size();
      readAll(first, 20 * MIB, 20 * MIB + 5);
      assertThat(source.requests().size()).isEqualTo(before + 1);
    }
    assertThat(source.open()).isZero();
  }

  @Test
  void announcedBytesThatAreLeftOutDoNotKeepTheMemory() throws Exception {
    byte[] bytes = bytes(64 * MIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    List<ByteRange> ranges = new ArrayList<>();
    for (long at = 0; at < 60L * MIB; at += 2 * MIB) {
      ranges.add(new ByteRange(at, at + MIB));
    }
    try (FetchedFile file = FetchedFile.open(source, settings(MIB, 2, 8 * MIB));
        ByteSource reading = file.source()) {
      file.announce(ranges);
      for (int i = 1; i < ranges.size(); i += 2) {
        ByteRange range = ranges.get(i);
        awaitAnswers();
        assertThat(source.requests())
            .as("requests before block %s is read", i)
            .anyMatch(request -> request.position() == range.begin());
        assertThat(
                Arrays.equals(
                    readAll(reading, range.begin(), range.end()),
                    Arrays.copyOfRange(bytes, (int) range.begin(), (int) range.end())))
            .isTrue();
      }
      assertThat(file.largestMemory()).isLessThanOrEqualTo(8 * MIB);
    }
    assertThat(source.requests().size()).isLessThanOrEqualTo(34);
  }

  /** Returns when no request is under way and none can begin. */
  private void awaitAnswers() throws InterruptedException {
    clock.hold();
    while (clock.scheduled() > 0) {
      clock.go();
      Thread.sleep(1);
      clock.hold();
    }
    clock.go();
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "SHORT",
        "REFUSED",
        "RESET",
        "ELSEWHERE",
        "EMPTY",
        "TOO_LONG",
        "LATE",
        "SILENT",
        "THROTTLED",
        "DRIP"
      })
  void anAttemptThatGoesWrongIsRepeated(Fault fault) throws IOException {
    byte[] bytes = bytes(4 * MIB);
    List<Request> bad = new ArrayList<>();
    FaultySource source =
        new FaultySource(
            bytes,
            clock,
            request -> {
              if (bad.size() == 2 || request.end()) {
                return Fault.NONE;
              }
              bad.add(request);
              return fault;
            });
    FetchSettings settings = settings(RetryPolicy.DEFAULT);
    try (FetchedFile file = FetchedFile.open(source, settings);
        ByteSource reading = file.source()) {
      assertThat(Arrays.equals(readAll(reading, 0, bytes.length), bytes)).isTrue();
      assertThat(source.lateWrites()).isZero();
      if (fault != Fault.SHORT) {
        assertThat(settings.counters().retries()).isEqualTo(2);
      }
      if (fault == Fault.THROTTLED) {
        assertThat(clock.nanoTime()).isGreaterThan(Duration.ofSeconds(14).toNanos());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DENIED", "THROWN", "NULL_FUTURE", "NULL_ANSWER", "REPLACED"})
  void anAttemptThatCannotSucceedIsNotRepeated(Fault fault) throws IOException {
    FaultySource source =
        new FaultySource(bytes(4 * MIB), clock, request -> request.end() ? Fault.NONE : fault);
    try (FetchedFile file = FetchedFile.open(source, settings(RetryPolicy.DEFAULT));
        ByteSource reading = file.source()) {
      assertThatThrownBy(() -> reading.read(0, 100))
          .isInstanceOf(fault == Fault.REPLACED ? FaultySource.Changed.class : IOException.class)
          .hasMessageStartingWith("mem://file: bytes 0 to 262143 could not be read: ")
          .hasMessageContaining(
              switch (fault) {
                case DENIED -> "403";
                case THROWN -> "thrown by the source";
                case NULL_FUTURE -> "null instead of a future";
                case NULL_ANSWER -> "the answer is null";
                default ->
                    "version v1 of 4194304 bytes was opened, and the store now has version v2 of"
                        + " 4194304 bytes";
              });
      assertThat(source.requests()).hasSize(2);
    }
  }

  /** A file whose end can be read; all other requests have {@code fault}. */
  private FaultySource afterTheEnd(Fault fault) {
    return new FaultySource(bytes(4 * MIB), clock, request -> request.end() ? Fault.NONE : fault);
  }

  @Test
  void theLastFailureIsReported() throws IOException {
    FaultySource source = afterTheEnd(Fault.REFUSED);
    RetryPolicy attempts = RetryPolicy.of(3, Duration.ofSeconds(30), Duration.ofMinutes(2));
    try (FetchedFile file = FetchedFile.open(source, settings(attempts));
        ByteSource reading = file.source()) {
      assertThatThrownBy(() -> reading.read(0, 100))
          .hasMessage("mem://file: bytes 0 to 262143 could not be read in 3 attempts: 503");
      assertThat(source.requests()).hasSize(4);
      // Up to 100 and 200 ms, and four answers, the first of which is the end.
      assertThat(Duration.ofNanos(clock.nanoTime()))
          .isBetween(Duration.ofMillis(200), Duration.ofMillis(500));
    }
  }

  @Test
  void theDeadlineEndsAllAttempts() throws IOException {
    FaultySource source = afterTheEnd(Fault.SILENT);
    RetryPolicy attempts = RetryPolicy.of(100, Duration.ofSeconds(3), Duration.ofSeconds(10));
    try (FetchedFile file = FetchedFile.open(source, settings(attempts));
        ByteSource reading = file.source()) {
      assertThatThrownBy(() -> reading.read(0, 100))
          .hasMessageContaining("could not be read within 10000 ms")
          .hasMessageEndingWith(": no answer within 3000 ms");
    }
    assertThat(source.lateWrites()).isZero();
    assertThat(clock.scheduled()).isLessThanOrEqualTo(1); // the late write of the source itself
  }

  @Test
  void aDelayBeyondTheDeadlineIsNotWaitedFor() throws IOException {
    FaultySource source = afterTheEnd(Fault.THROTTLED);
    RetryPolicy attempts = RetryPolicy.of(100, Duration.ofSeconds(3), Duration.ofSeconds(6));
    try (FetchedFile file = FetchedFile.open(source, settings(attempts));
        ByteSource reading = file.source()) {
      assertThatThrownBy(() -> reading.read(0, 100))
          .hasMessageContaining("the next attempt would be later than that: 429");
      assertThat(clock.nanoTime()).isLessThan(Duration.ofSeconds(1).toNanos());
    }
  }

  @Test
  void aHedgedRequestWinsAgainstASilentOne() throws IOException {
    byte[] bytes = bytes(2 * MIB);
    List<Request> bad = new ArrayList<>();
    FaultySource source =
        new FaultySource(
            bytes,
            clock,
            request -> {
              if (request.end() || !bad.isEmpty()) {
                return Fault.NONE;
              }
              bad.add(request);
              return Fault.SILENT;
            });
    FetchSettings settings =
        settings(
            RetryPolicy.of(6, Duration.ofSeconds(30), Duration.ofMinutes(2)),
            Hedging.after(Duration.ofMillis(200)));
    try (FetchedFile file = FetchedFile.open(source, settings);
        ByteSource reading = file.source()) {
      assertThat(Arrays.equals(readAll(reading, 0, bytes.length), bytes)).isTrue();
      assertThat(settings.counters().hedges()).isEqualTo(1);
      assertThat(settings.counters().retries()).isZero();
      assertThat(clock.nanoTime()).isLessThan(Duration.ofSeconds(1).toNanos());
      assertThat(file.largestMemory()).isLessThanOrEqualTo(16 * MIB);
    }
    assertThat(source.open()).isZero();
    assertThat(source.lateWrites()).isZero();
  }

  @Test
  void anInterruptedReaderStaysInterruptedAndGoesOn() throws Exception {
    byte[] bytes = bytes(4 * MIB);
    FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
    try (FetchedFile file = FetchedFile.open(source, settings(RetryPolicy.DEFAULT));
        ByteSource reading = file.source()) {
      clock.hold();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> reading.read(0, 100))
          .isInstanceOf(InterruptedIOException.class)
          .hasMessage("mem://file: interrupted while waiting for its bytes");
      assertThat(Thread.interrupted()).isTrue();
      clock.go();
      assertThat(Arrays.equals(readAll(reading, 0, bytes.length), bytes)).isTrue();
    }
  }

  @Test
  void closingWakesTheReaderAndEndsTheMemory() throws Exception {
    FaultySource source = afterTheEnd(Fault.SILENT);
    FetchedFile file = FetchedFile.open(source, settings(RetryPolicy.DEFAULT));
    clock.hold();
    ByteSource reading = file.source();
    file.announce(List.of(new ByteRange(2 * MIB, 3 * MIB)));
    file.close();
    Throwable[] thrown = new Throwable[1];
    Thread reader =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                reading.read(0, 100);
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    while (source.requests().size() < 3) {
      Thread.onSpinWait();
    }
    reading.close();
    reader.join();
    assertThat(thrown[0]).isInstanceOf(IllegalStateException.class);
    assertThat(source.open()).isZero();
    assertThat(source.requests())
        .allSatisfy(request -> assertThat(request.target().scope().isAlive()).isFalse());
    assertThatThrownBy(file::source).isInstanceOf(IllegalStateException.class);
  }
}
