package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WindowedOrderTest {
  private static final long SEED = 99;

  /** The chunks of each window, computed from the order of chunks. */
  private static List<List<Long>> windows(ChunkLayout layout, OrderKey key, long bytes) {
    KeyedPermutation order = KeyedPermutation.of(key.with("chunks"), layout.chunks());
    List<List<Long>> windows = new ArrayList<>();
    long sum = 0;
    for (long i = 0; i < layout.chunks(); i++) {
      long chunk = order.at(i);
      sum += layout.bytes(chunk);
      if (windows.isEmpty() || sum > bytes) {
        windows.add(new ArrayList<>());
        sum = layout.bytes(chunk);
      }
      windows.getLast().add(chunk);
    }
    return windows;
  }

  private static long[] sortedRecords(ChunkLayout layout, List<Long> chunks) {
    return chunks.stream()
        .flatMapToLong(
            chunk -> LongStream.range(layout.firstRecord(chunk), layout.firstRecord(chunk + 1)))
        .sorted()
        .toArray();
  }

  /** So no record is further than a window from its place in the order of chunks. */
  @Test
  void deliversTheRecordsOfWindowsOneAfterTheOther() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < 200; round++) {
      ChunkLayout layout =
          ListedChunks.random(random, random.nextInt(200), random.nextInt(1, 50), 100);
      long bytes = random.nextInt(1, 2000);
      OrderKey key = OrderKey.of(round);
      long[] sequence = PassProperties.sequence(new WindowedOrder(layout, key, bytes));
      int position = 0;
      for (List<Long> window : windows(layout, key, bytes)) {
        long[] records = sortedRecords(layout, window);
        long[] delivered = Arrays.copyOfRange(sequence, position, position + records.length);
        Arrays.sort(delivered);
        assertThat(delivered).as("seed %d, round %d", SEED, round).isEqualTo(records);
        position += records.length;
      }
      assertThat(position).isEqualTo(sequence.length);
    }
  }

  @Test
  void permutesWindowsDifferently() {
    ChunkLayout layout = ListedChunks.equal(50, 100, 10);
    OrderKey key = OrderKey.of(1);
    long[] sequence = PassProperties.sequence(new WindowedOrder(layout, key, 10));
    long equal = 0;
    for (int i = 100; i < sequence.length; i++) {
      equal += sequence[i] % 100 == sequence[i - 100] % 100 ? 1 : 0;
    }
    // 49 of 4900, in a random order.
    assertThat(equal).isBetween(25L, 80L);
  }

  /** The chunk of an index is found by buckets, which then have very different chunks. */
  @Test
  void findsRecordsInChunksOfVeryDifferentSizes() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < 50; round++) {
      long[] records = new long[random.nextInt(1, 300)];
      Arrays.setAll(records, i -> random.nextInt(20) == 0 ? 5000 : random.nextInt(1, 4));
      long[] bytes = new long[records.length];
      Arrays.fill(bytes, 1);
      WindowedOrder order =
          new WindowedOrder(
              new ListedChunks(records, bytes), OrderKey.of(round), random.nextInt(1, 400));
      long[] sequence = PassProperties.sequence(order);
      PassProperties.assertPermutation(sequence);
      PassProperties.assertInverse(order, sequence);
    }
  }

  /** More windows than a block of the table has. */
  @Test
  void hasManyWindows() {
    int chunks = 5000;
    ChunkLayout layout = ListedChunks.equal(chunks, 2, 1);
    WindowedOrder order = new WindowedOrder(layout, OrderKey.of(1), 1);
    long[] sequence = PassProperties.sequence(order);
    PassProperties.assertPermutation(sequence);
    PassProperties.assertInverse(order, sequence);
    for (int position = 0; position < sequence.length; position += 2) {
      assertThat(sequence[position] / 2).isEqualTo(sequence[position + 1] / 2);
    }
  }

  /** Sizes whose sums have no place in a long. */
  @Test
  void acceptsSizesOfAnyAmount() {
    long[] records = new long[20];
    long[] bytes = new long[20];
    Arrays.fill(records, 3);
    Arrays.fill(bytes, Long.MAX_VALUE);
    for (long bound : new long[] {1, Long.MAX_VALUE}) {
      WindowedOrder order =
          new WindowedOrder(new ListedChunks(records, bytes), OrderKey.of(1), bound);
      long[] sequence = PassProperties.sequence(order);
      PassProperties.assertPermutation(sequence);
      for (int position = 0; position < sequence.length; position++) {
        assertThat(sequence[position] / 3).isEqualTo(sequence[position / 3 * 3] / 3);
      }
    }
  }

  /** Chunks of ten records, computed; counts how often a size is requested. */
  private static final class ManyChunks implements ChunkLayout {
    private final long chunks;
    private long requests;

    ManyChunks(long chunks) {
      this.chunks = chunks;
    }

    @Override
    public long records() {
      return chunks * 10;
    }

    @Override
    public long chunks() {
      return chunks;
    }

    @Override
    public long firstRecord(long chunk) {
      return chunk * 10;
    }

    @Override
    public long chunkOf(long record) {
      return record / 10;
    }

    @Override
    public long bytes(long chunk) {
      requests++;
      return 1000;
    }
  }

  @Test
  void opensWithoutVisitingAllChunks() {
    ManyChunks layout = new ManyChunks(1L << 40);
    WindowedOrder order = new WindowedOrder(layout, OrderKey.of(1), 50_000);
    long[] records = new long[2000];
    order.records(0, records, 0, records.length);
    assertThat(Arrays.stream(records).distinct().count()).isEqualTo(2000);
    assertThat(layout.requests).isLessThan(300);
  }
}
