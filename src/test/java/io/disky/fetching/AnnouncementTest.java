package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.FaultySource.Fault;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
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
    file = FetchedFile.open(source, settings(MIB));
    unused = counters.memory();
    reading = file.source();
    clock.hold();
  }

  private FetchSettings settings(int requestSize) {
    return new FetchSettings(
        requestSize,
        2,
        16 * MIB,
        Long.MAX_VALUE,
        0,
        RetryPolicy.DEFAULT,
        Hedging.NEVER,
        clock,
        counters,
        null);
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

  /** Ranges that are longer than requests, and shorter ones, are wanted where they are. */
  @Test
  void eachBlockWantsItsPartsOfTheRanges() {
    FetchSettings small = settings(64 * KIB);
    List<ByteRange> ranges =
        List.of(range(0, 10), range(10, 170), range(170, 180), range(180, 192));
    List<Block> blocks =
        new AnnouncedBlocks().add(ranges, 16 * MIB, 0, small, new Announcement(file));
    assertThat(blocks).extracting(Block::end).containsExactly(64L * KIB, 128L * KIB, 192L * KIB);
    assertReadAfter(blocks.get(0), 10, 64);
    assertReadAfter(blocks.get(1), 127, 128);
    assertReadAfter(blocks.get(2), 180, 192);
  }

  /** The last bytes that a block wants are {@code begin} to {@code end}, in KiB. */
  private static void assertReadAfter(Block block, long begin, long end) {
    assertThat(block.isReadAfter(block.begin, begin * KIB)).isFalse();
    assertThat(block.isReadAfter(begin * KIB, end * KIB)).isTrue();
  }

  private static ByteRange range(long begin, long end) {
    return new ByteRange(begin * KIB, end * KIB);
  }

  /** If each block looked at all ranges, this would take minutes. */
  @Test
  void manyNeighbouringRangesTakeLittleTime() {
    int count = 1 << 18;
    List<ByteRange> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ranges.add(range(64L * i, 64L * (i + 1)));
    }
    FetchSettings small = settings(64 * KIB);
    assertThat(new AnnouncedBlocks().add(ranges, 1L << 40, 0, small, new Announcement(file)))
        .hasSize(count);
  }

  /** A source that requests exactly what is read drops the rest of a range when it jumps. */
  @Test
  void aJumpDropsTheRestOfARange() throws Exception {
    clock.go();
    try (FetchedSource exact = FetchedSource.exact(file)) {
      exact.opened();
      assertThat(exact.read(0, MIB).byteSize()).isLessThan(MIB);
      assertThat(exact.read(8 * MIB, MIB).byteSize()).isLessThan(MIB);
      assertThat(source.requests()).hasSize(3); // with that for the end
      // One block and the buffer of the source.
      assertThat(counters.memory()).isLessThan(unused + 2 * MIB);
    }
  }

  /** While a file is opened, the engine comes back to its beginning: nothing is dropped. */
  @Test
  void whileAFileIsOpenedAJumpDropsNothing() throws Exception {
    clock.go();
    try (FetchedSource exact = FetchedSource.exact(file)) {
      assertThat(exact.read(0, 100).byteSize()).isEqualTo(100);
      assertThat(exact.read(14 * MIB, 100).byteSize()).isEqualTo(100);
      assertThat(exact.read(200, 100).byteSize()).isEqualTo(100);
      List<Long> positions =
          source.requests().stream().map(request -> request.position()).skip(1).toList();
      assertThat(positions).doesNotHaveDuplicates().contains(0L).doesNotContain(200L);
    }
  }
}
