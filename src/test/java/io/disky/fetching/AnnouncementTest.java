package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.FaultySource.Fault;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Announced ranges that nobody will read are withdrawn. */
@Timeout(60)
class AnnouncementTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final List<ByteRange> RANGES =
      List.of(
          new ByteRange(0, MIB),
          new ByteRange(4 * MIB, 5 * MIB),
          new ByteRange(8 * MIB, 9 * MIB),
          new ByteRange(12 * MIB, 13 * MIB));

  private final VirtualClock clock = new VirtualClock(1);
  private final FetchCounters counters = new FetchCounters();
  private final byte[] bytes = new byte[16 * MIB];
  private final FaultySource source = new FaultySource(bytes, clock, _ -> Fault.NONE);
  private FetchedFile file;
  private ByteSource reading;
  private long unused;

  @BeforeEach
  void open() throws Exception {
    new Random(1).nextBytes(bytes);
    FetchSettings settings =
        new FetchSettings(
            MIB,
            2,
            16 * MIB,
            Long.MAX_VALUE,
            0,
            RetryPolicy.DEFAULT,
            Hedging.NEVER,
            clock,
            counters,
            null);
    file = FetchedFile.open(source, settings);
    unused = counters.memory();
    reading = file.source();
    clock.hold();
  }

  @AfterEach
  void close() throws Exception {
    clock.go();
    reading.close();
    file.close();
    clock.close();
    assertThat(source.open()).isZero();
    assertThat(counters.memory()).isZero();
  }

  @Test
  void requestsAreCancelledAndNoFurtherOnesBegin() throws Exception {
    Announcement announcement = file.announce(RANGES);
    assertThat(source.open()).isEqualTo(2);
    announcement.withdraw();
    assertThat(source.open()).isZero();
    assertThat(counters.memory()).isEqualTo(unused);
    announcement.add(RANGES);
    announcement.withdraw();
    assertThat(source.requests()).hasSize(3); // with that for the end
  }

  @Test
  void bytesThatWereReadAreDropped() throws Exception {
    Announcement announcement = file.announce(RANGES);
    clock.go();
    while (source.requests().size() < 5 || source.open() > 0) {
      Thread.onSpinWait();
    }
    clock.hold();
    assertThat(counters.memory()).isGreaterThanOrEqualTo(unused + 4 * MIB);
    announcement.withdraw();
    assertThat(counters.memory()).isEqualTo(unused);
  }

  @Test
  void bytesThatOthersHaveAnnouncedStay() throws Exception {
    Announcement first = file.announce(RANGES);
    Announcement second = file.announce(List.of(new ByteRange(100, 200), RANGES.get(2)));
    first.withdraw();
    // The request for the first range goes on, that for the second one makes room for the third.
    assertThat(source.open()).isEqualTo(2);
    assertThat(source.requests().getLast().position()).isEqualTo(8L * MIB);
    clock.go();
    byte[] read = reading.read(100, 100).toArray(ValueLayout.JAVA_BYTE);
    assertThat(read).isEqualTo(Arrays.copyOfRange(bytes, 100, 200));
    second.withdraw();
    assertThat(source.requests()).hasSize(4);
    // What is left is the buffer of the source.
    assertThat(counters.memory()).isLessThanOrEqualTo(unused + 512 * KIB);
  }

  /** A reader that waits for a block gets it, and the block is dropped after that. */
  @Test
  void aReaderThatWaitsIsServed() throws Exception {
    Announcement announcement = file.announce(RANGES);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                reading.read(4 * MIB, 10);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    announcement.withdraw();
    assertThat(source.open()).isEqualTo(1);
    clock.go();
    thread.join();
    assertThat(source.open()).isZero();
    assertThat(counters.memory()).isLessThanOrEqualTo(unused + 512 * KIB);
  }
}
