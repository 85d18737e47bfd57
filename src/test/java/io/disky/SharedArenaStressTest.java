package io.disky;

import static io.disky.testing.NumberedRecords.assertRecords;
import static io.disky.testing.NumberedRecords.isRecord;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shared arena that one thread closes while others use what is in it. */
@SuppressWarnings("MustBeClosedChecker") // arenas are closed elsewhere
class SharedArenaStressTest {
  private static final int ROUNDS = 200;
  private static final int CHUNKS = 20;
  private static final int PER_CHUNK = 50;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  /** A thread sees the right bytes, until it sees that they are gone. */
  @Test
  void arenaIsClosedWhileThreadsRead() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < ROUNDS; round++) {
        Arena arena = Arena.ofShared();
        RecordBatch batch;
        try (RecordReader reader = RecordReader.open(file)) {
          batch = reader.nextBatch(arena);
        }
        assertRecords(batch, 0);
        CountDownLatch reading = new CountDownLatch(2);
        List<Future<Boolean>> outcomes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          outcomes.add(executor.submit(() -> readsUntilItEnds(batch, reading)));
        }
        reading.await();
        closeAtLast(arena);
        for (Future<Boolean> outcome : outcomes) {
          assertThat(outcome.get()).isTrue();
        }
        LifetimeAssert.assertEnded(batch);
      }
    }
  }

  private static boolean readsUntilItEnds(RecordBatch batch, CountDownLatch reading) {
    try {
      boolean right = true;
      for (int i = 0; right; i = (i + 1) % PER_CHUNK) {
        right = isRecord(batch.get(i), i);
        reading.countDown();
      }
      return false;
    } catch (IllegalStateException _) {
      return true;
    }
  }

  /** Closing is refused while a chunk is decoded into it, and may be tried again. */
  private static int closeAtLast(Arena arena) {
    int refusals = 0;
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException _) {
        refusals++;
      }
    }
    return refusals;
  }

  @Test
  void arenaIsClosedWhileAReaderDecodesIntoIt() throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < ROUNDS; round++) {
        Arena arena = Arena.ofShared();
        CountDownLatch decoding = new CountDownLatch(1);
        Future<Integer> closer =
            executor.submit(() -> {
              decoding.await();
              return closeAtLast(arena);
            });
        try (RecordReader reader = RecordReader.open(file)) {
          int decoded = decodesUntilItEnds(reader, arena, decoding);
          assertThat(closer.get()).isNotNegative();
          NumberedRecords.assertRest(reader, decoded * PER_CHUNK, CHUNKS * PER_CHUNK - 1);
        }
      }
    }
  }

  /** How many chunks the reader has passed when the arena is closed, or all are decoded. */
  private static int decodesUntilItEnds(RecordReader reader, Arena arena, CountDownLatch decoding)
      throws IOException {
    int decoded = 0;
    try {
      while (reader.nextBatch(arena) != null) {
        decoded++;
        decoding.countDown();
      }
    } catch (IllegalStateException _) {
      // Closed: the chunk that did not fit is the next one.
    }
    return decoded;
  }
}
