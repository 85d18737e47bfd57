package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.Compression;
import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;
import io.disky.random.SharedReaders.SharedReader;
import io.disky.testing.NumberedRecords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SharedReadersTest {
  private static final int THREADS = 4 * SharedReaders.MOST;
  private static final int ROUNDS = 200;

  @TempDir private Path directory;
  private SharedReaders readers;

  @BeforeEach
  void setUp() throws Exception {
    Path file = NumberedRecords.write(directory.resolve("file"), Compression.none(), 1, 1);
    ReaderSettings options =
        new ReaderSettings(
            1 << 20, 1 << 20, 1 << 20, false, false, false, true, 0, Long.MAX_VALUE, null);
    readers = new SharedReaders(NativeReader.open(file, options), "file");
  }

  /** Threads of both kinds, several for each reader that there may be. */
  private static ExecutorService executor(boolean virtual) {
    return virtual
        ? Executors.newVirtualThreadPerTaskExecutor()
        : Executors.newFixedThreadPool(THREADS);
  }

  @Test
  void nobodySharesAReaderAndEverybodyGetsOne() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      Set<SharedReader> inUse = ConcurrentHashMap.newKeySet();
      Set<SharedReader> seen = ConcurrentHashMap.newKeySet();
      try (ExecutorService executor = executor(virtual)) {
        List<Future<Integer>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          threads.add(executor.submit(() -> takeTurns(inUse, seen)));
        }
        for (Future<Integer> thread : threads) {
          assertThat(thread.get()).isEqualTo(ROUNDS);
        }
      }
      assertThat(inUse).isEmpty();
      assertThat(seen).hasSizeBetween(1, SharedReaders.MOST);
    }
    readers.close();
  }

  @SuppressWarnings("ThreadPriorityCheck") // Whoever yields holds a reader that others wait for.
  private int takeTurns(Set<SharedReader> inUse, Set<SharedReader> seen) throws Exception {
    int turns = 0;
    for (int round = 0; round < ROUNDS; round++) {
      SharedReader reader = readers.take();
      turns += inUse.add(reader) ? 1 : 0;
      seen.add(reader);
      Thread.yield();
      inUse.remove(reader);
      readers.give(reader);
    }
    return turns;
  }

  /** All are taken, and as many threads wait for one when they are closed. */
  @Test
  void closingWaitsForThoseInUseAndRefusesThoseWhoWait() throws Exception {
    List<SharedReader> taken = new ArrayList<>();
    for (int i = 0; i < SharedReaders.MOST; i++) {
      taken.add(readers.take());
    }
    CountDownLatch begun = new CountDownLatch(SharedReaders.MOST);
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      List<Future<?>> waiting = new ArrayList<>();
      for (int i = 0; i < SharedReaders.MOST; i++) {
        waiting.add(
            executor.submit(() -> {
              begun.countDown();
              assertThatIllegalStateException().isThrownBy(readers::take);
            }));
      }
      begun.await();
      Future<?> closing = executor.submit(readers::close);
      for (Future<?> thread : waiting) {
        thread.get();
      }
      assertThat(closing.isDone()).isFalse();
      taken.forEach(readers::give);
      closing.get();
    }
    assertThatIllegalStateException().isThrownBy(readers::take);
  }
}
