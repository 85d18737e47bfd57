package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The cache, with chunks of one record that is the key again and again. */
@Timeout(120)
class ChunkCacheTest {
  private static final int SIZE = 1024;

  /** A chunk of {@code size} bytes with its end offset. */
  private static ChunkCache.Source chunk(long key, long size) {
    return _ -> new Numbers(key, size);
  }

  private record Numbers(long key, long size) implements ChunkCache.Decoding {
    @Override
    public CachedChunk.Layout decode(MemorySegment segment, long begin) {
      MemorySegment here = segment.asSlice(begin, size);
      long data = size - Long.BYTES;
      here.set(ValueLayout.JAVA_LONG, 0, data);
      for (long at = Long.BYTES; at < size; at += Long.BYTES) {
        here.set(ValueLayout.JAVA_LONG, at, key);
      }
      return new CachedChunk.Layout(0, key, key + 1, 1, begin, begin + Long.BYTES, data);
    }

    @Override
    public void close() {}
  }

  private static void assertNumbers(CachedChunk chunk, long key) {
    MemorySegment record = MemorySegment.ofArray(chunk.toArray(0));
    for (long at = 0; at < record.byteSize(); at += Long.BYTES) {
      if (record.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != key) {
        throw new AssertionError("chunk " + key + " is another one");
      }
    }
  }

  private static void use(ChunkCache cache, long key) throws IOException {
    CachedChunk chunk = cache.pin(key, chunk(key, SIZE), 0);
    assertNumbers(chunk, key);
    cache.unpin(chunk);
  }

  @Test
  void keepsAsManyAsThereIsRoomFor() throws IOException {
    ChunkCache cache = new ChunkCache(10 * SIZE, SIZE);
    for (int round = 0; round < 3; round++) {
      for (int key = 0; key < 10; key++) {
        use(cache, key);
      }
    }
    assertThat(cache.decodes()).isEqualTo(10);
    assertThat(cache.memory()).isEqualTo(10 * SIZE);
    use(cache, 10);
    assertThat(cache.memory()).isEqualTo(10 * SIZE);
    assertThat(cache.decodes()).isEqualTo(11);
  }

  /** Also where pieces do not divide what there may be. */
  @Test
  void takesNoMoreThanItMay() throws IOException {
    for (long bytes : new long[] {700_001, 2_500_000, 5_000_000, 9_999_999}) {
      for (int size : new int[] {SIZE, 100_000, 300_000}) {
        ChunkCache cache = new ChunkCache(bytes, size);
        for (long key = 0; key < 2 * bytes / size; key++) {
          cache.unpin(cache.pin(key, chunk(key, size), 0));
          assertThat(cache.memory()).as("%d of %d", size, bytes).isLessThanOrEqualTo(bytes);
        }
        // And not much less, or it would keep less than it was asked to.
        assertThat(cache.memory()).as("%d of %d", size, bytes).isGreaterThan(bytes / 10 * 9);
        cache.close();
      }
    }
  }

  /** Pinned chunks stay as they are, and others are apart then. */
  @Test
  void pinnedChunksAreNotOverwritten() throws IOException {
    ChunkCache cache = new ChunkCache(4 * SIZE, SIZE);
    List<CachedChunk> pinned = new ArrayList<>();
    for (int key = 0; key < 7; key++) {
      pinned.add(cache.pin(key, chunk(key, SIZE), 0));
    }
    assertThat(cache.memory()).isGreaterThan(4 * SIZE);
    for (int key = 100; key < 120; key++) {
      use(cache, key);
    }
    for (int key = 0; key < 7; key++) {
      assertNumbers(pinned.get(key), key);
      assertThat(cache.pin(key, chunk(key, SIZE), 0)).isSameAs(pinned.get(key));
      cache.unpin(pinned.get(key));
    }
    pinned.forEach(cache::unpin);
    assertThat(cache.memory()).isEqualTo(4 * SIZE);
    for (int key = 0; key < 50; key++) {
      use(cache, key);
    }
    assertThat(cache.memory()).isEqualTo(4 * SIZE);
  }

  @Test
  void chunksLargerThanTheCacheAreApart() throws IOException {
    ChunkCache cache = new ChunkCache(4 * SIZE, 5 << 20);
    for (long size : new long[] {5 * SIZE, 1 << 20, 5 << 20}) {
      CachedChunk chunk = cache.pin(size, chunk(size, size), 0);
      assertNumbers(chunk, size);
      assertThat(cache.memory()).isGreaterThanOrEqualTo(size);
      cache.unpin(chunk);
      assertThat(cache.memory()).isZero();
      long before = cache.decodes();
      cache.unpin(cache.pin(size, chunk(size, size), 0));
      assertThat(cache.decodes()).isEqualTo(before + 1);
    }
  }

  @Test
  void failuresLeaveNothing() throws IOException {
    ChunkCache cache = new ChunkCache(4 * SIZE, SIZE);
    for (int i = 0; i < 20; i++) {
      int key = i;
      assertThatIOException()
          .isThrownBy(() -> cache.pin(key, failing(SIZE), 0))
          .withMessage("no such luck");
      assertThatIOException().isThrownBy(() -> cache.pin(key, failing(2 << 20), 0));
      assertThatThrownBy(() ->
              cache.pin(
                  key,
                  _ -> {
                    throw new IllegalStateException("closed");
                  },
                  0))
          .hasMessage("closed");
    }
    assertThat(cache.memory()).isLessThanOrEqualTo(4 * SIZE);
    for (int key = 0; key < 4; key++) {
      use(cache, key);
    }
    use(cache, 0);
    assertThat(cache.decodes()).isEqualTo(4);
  }

  /** What somebody may see stays as it is; then all goes to others. */
  @Test
  void memoryOfPinnedChunksOutlivesTheCache() throws IOException {
    ChunkCache cache = new ChunkCache(10 * SIZE, SIZE);
    List<CachedChunk> pinned = new ArrayList<>();
    for (int key = 0; key < 10; key++) {
      pinned.add(cache.pin(key, chunk(key, SIZE), 0));
    }
    CachedChunk apart = cache.pin(10, chunk(10, SIZE), 0);
    cache.unpin(pinned.removeLast());
    cache.close();
    for (int key = 0; key < 9; key++) {
      assertThat(cache.memory()).isGreaterThanOrEqualTo(10 * SIZE);
      assertNumbers(pinned.get(key), key);
      cache.unpin(pinned.get(key));
    }
    takeAll(SIZE);
    assertNumbers(apart, 10);
    cache.unpin(apart);
    assertThat(cache.memory()).isZero();
    assertThat(takeAll(SIZE)).isGreaterThanOrEqualTo(SIZE);
  }

  @Test
  void closingLeavesTheMemoryToOthers() throws IOException {
    ChunkCache cache = new ChunkCache(8 << 20, 1 << 20);
    for (int key = 0; key < 8; key++) {
      cache.unpin(cache.pin(key, chunk(key, 1 << 20), 0));
    }
    long held = cache.memory();
    assertThat(held).isGreaterThanOrEqualTo(7 << 20);
    takeAll(1 << 20);
    cache.close();
    assertThat(cache.memory()).isZero();
    assertThat(takeAll(1 << 20)).isGreaterThanOrEqualTo(held);
  }

  /** Takes all memory that is kept for about {@code size} bytes; returns how much it was. */
  private static long takeAll(long size) {
    long bytes = 0;
    for (NativeMemory taken = KeptMemory.take(size); taken != null; taken = KeptMemory.take(size)) {
      bytes += taken.size();
    }
    return bytes;
  }

  private static ChunkCache.Source failing(long size) {
    return _ ->
        new ChunkCache.Decoding() {
          @Override
          public long size() {
            return size;
          }

          @Override
          public CachedChunk.Layout decode(MemorySegment segment, long begin) throws IOException {
            throw new IOException("no such luck");
          }

          @Override
          public void close() {}
        };
  }

  /** Those who wait for a chunk that cannot be decoded try it themselves. */
  @Test
  void waitersOutliveAFailure() throws Exception {
    ChunkCache cache = new ChunkCache(4 * SIZE, SIZE);
    CountDownLatch waiting = new CountDownLatch(1);
    AtomicInteger tries = new AtomicInteger();
    ChunkCache.Source source =
        _ -> {
          if (tries.getAndIncrement() == 0) {
            // The others have come by then, or come later: both are right.
            await(waiting);
            throw new IOException("the first one");
          }
          waiting.countDown();
          return new Numbers(5, SIZE);
        };
    AtomicInteger arrivals = new AtomicInteger();
    List<Throwable> thrown =
        WorkerThreads.race(
            4,
            () -> {
              if (arrivals.incrementAndGet() == 4) {
                waiting.countDown();
              }
              CachedChunk chunk = cache.pin(5, source, 0);
              assertNumbers(chunk, 5);
              cache.unpin(chunk);
            });
    assertThat(thrown).singleElement().isInstanceOf(IOException.class);
    assertThat(cache.decodes()).isEqualTo(1);
    assertThat(tries.get()).isEqualTo(2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void closing() throws IOException {
    ChunkCache cache = new ChunkCache(4 * SIZE, 2 << 20);
    CachedChunk inside = cache.pin(1, chunk(1, SIZE), 0);
    CachedChunk apart = cache.pin(2, chunk(2, 2 << 20), 0);
    cache.close();
    assertNumbers(inside, 1);
    assertNumbers(apart, 2);
    assertThat(cache.memory()).isEqualTo((2 << 20) + 4 * SIZE);
    cache.unpin(inside);
    assertThat(cache.memory()).isEqualTo(2 << 20);
    cache.unpin(apart);
    assertThat(cache.memory()).isZero();
    // Whoever began before has a chunk, and leaves nothing behind.
    use(cache, 3);
    assertThat(cache.memory()).isZero();
  }

  /** The memory of every chunk that is seen is its own, whatever else goes on. */
  @Test
  void manyThreads() throws Exception {
    ChunkCache cache = new ChunkCache(32 * SIZE, SIZE);
    AtomicInteger seeds = new AtomicInteger();
    List<Throwable> thrown =
        WorkerThreads.race(
            8,
            () -> {
              SplittableRandom random = new SplittableRandom(seeds.getAndIncrement());
              for (int i = 0; i < 20_000; i++) {
                long key = random.nextInt(i % 2 == 0 ? 20 : 200);
                long size = 16 + 8L * random.nextInt(300);
                CachedChunk chunk = cache.pin(key, chunk(key, size), 0);
                assertNumbers(chunk, key);
                cache.unpin(chunk);
              }
            });
    assertThat(thrown).isEmpty();
    assertThat(cache.memory()).isLessThanOrEqualTo(32 * SIZE);
  }
}
