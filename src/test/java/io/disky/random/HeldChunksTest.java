package io.disky.random;

import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.disky.Compression;
import io.disky.Dialect;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.engine.EngineException;
import io.disky.engine.ReaderSettings;
import io.disky.memory.MemoryFault;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chunks that several threads hold, and failures that are not of a chunk. */
@Timeout(120)
class HeldChunksTest {
  private static final long SEED = 20261130;
  private static final int CHUNKS = 300;
  private static final int PER_CHUNK = 5;
  private static final int BAD = 100;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  /** No failure is of a chunk: as if the disk had failed. Each runs {@code action} first. */
  private record DiskFailures(Runnable action) implements IndexFailures {
    @Override
    public IOException exception(EngineException failure) {
      return new IOException("disk: " + failure.getMessage());
    }

    @Override
    public IOException exception(EngineException failure, String advice) {
      return exception(failure);
    }

    @Override
    public IOException exception(MemoryFault fault) {
      return fault;
    }

    @Override
    public boolean isOfChunk(IOException failure) {
      action.run();
      return false;
    }

    @Override
    public IOException disagreement(long position, String detail) {
      return new IOException("disk: " + detail);
    }
  }

  /** Saved indexes, of which there are none. */
  private static final class NoIndexes implements IndexRecordFiles {
    @Override
    public Records open(Path path, Limits limits) throws IOException {
      throw new IOException("there are none");
    }

    @Override
    public void write(Path path, long chunkSize, ByteBuffer first, Iterator<ByteBuffer> rest)
        throws IOException {
      throw new IOException("there are none");
    }
  }

  private IndexedFiles open() throws IOException {
    return open(() -> {});
  }

  private IndexedFiles open(Runnable atFailure) throws IOException {
    ReaderSettings reading =
        new ReaderSettings(
            1 << 30, Long.MAX_VALUE, 1 << 20, false, false, false, true, 0, Long.MAX_VALUE, null);
    RandomAccessSettings settings =
        new RandomAccessSettings(0, 0, true, false, false, null, 1 << 20, 1, null, reading);
    return IndexedFiles.open(
        List.of(new FileLocation.Local(file)),
        settings,
        new NoIndexes(),
        _ -> new DiskFailures(atFailure));
  }

  private static void close(IndexedFiles files) {
    files.remembered();
    files.run();
  }

  /** Damages a chunk, or makes it intact again. */
  private void flip(IndexedFiles files) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[(int) files.files().getFirst().index().begin(BAD) + 41] ^= 1;
    Files.write(file, content);
  }

  private static void assertRecord(HeldChunk chunk, int number) {
    int index = chunk.indexOf(number);
    assertThat(
            chunk
                .data()
                .asSlice(chunk.place(index), chunk.size(index))
                .toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(record(number));
  }

  @Test
  void everyoneGetsTheSameChunk() throws Exception {
    IndexedFiles files = open();
    HeldChunks held = new HeldChunks(files);
    int threads = 8;
    CyclicBarrier all = new CyclicBarrier(threads);
    List<Throwable> thrown =
        WorkerThreads.race(
            threads,
            () -> {
              for (int chunk = 0; chunk < 50; chunk++) {
                HeldChunk found = held.hold(chunk);
                all.await();
                assertRecord(found, chunk * PER_CHUNK + 3);
                all.await();
                held.release(found);
              }
            });
    assertThat(thrown).isEmpty();
    assertThat(files.cache().decodes()).isEqualTo(50);
    held.close();
    assertThat(files.cache().memory()).isZero();
    close(files);
  }

  /** More chunks than the table has at first, and released in another order. */
  @Test
  void manyChunks() throws IOException {
    IndexedFiles files = open();
    HeldChunks held = new HeldChunks(files);
    List<HeldChunk> chunks = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        assertThat(held.holds(chunk)).isFalse();
        chunks.add(held.hold(chunk));
        assertThat(held.holds(chunk)).isTrue();
      }
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        HeldChunk shared = held.share(chunk);
        assertThat(shared).isSameAs(chunks.get(chunk));
        assertRecord(shared, chunk * PER_CHUNK);
        held.release(shared);
      }
      Collections.shuffle(chunks, new Random(SEED + round));
      chunks.forEach(held::release);
      chunks.clear();
    }
    assertThat(held.share(7)).isNull();
    assertThat(files.cache().decodes()).isEqualTo(3 * CHUNKS);
    held.close();
    assertThat(files.cache().memory()).isZero();
    close(files);
  }

  /** A thread that waits for another one that fails tries it itself, and gets the failure. */
  @Test
  void failuresThatAreNotOfAChunkReachEveryone() throws Exception {
    IndexedFiles files = open();
    HeldChunks held = new HeldChunks(files);
    flip(files);
    List<Throwable> thrown = WorkerThreads.race(6, () -> held.hold(BAD));
    assertThat(thrown).hasSize(6).allSatisfy(e -> assertThat(e).hasMessageStartingWith("disk: "));
    assertThat(held.holds(BAD)).isFalse();
    assertThat(files.cache().memory()).isZero();
    flip(files);
    HeldChunk chunk = held.hold(BAD);
    assertRecord(chunk, BAD * PER_CHUNK);
    held.release(chunk);
    held.close();
    assertThat(files.cache().memory()).isZero();
    close(files);
  }

  /** The thread that decodes fails only after another one has begun to wait for it. */
  @Test
  void whoWaitsForAThreadThatFailsTriesItself() throws Exception {
    AtomicReference<Thread> waiting = new AtomicReference<>();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<HeldChunks> held = new AtomicReference<>();
    AtomicInteger failures = new AtomicInteger();
    IndexedFiles files =
        open(() -> {
          if (failures.getAndIncrement() == 0) {
            Thread other =
                new Thread(() -> thrown.set(WorkerThreads.thrownBy(() -> held.get().hold(BAD))));
            waiting.set(other);
            other.start();
            while (other.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
          }
        });
    held.set(new HeldChunks(files));
    flip(files);
    assertThatIOException().isThrownBy(() -> held.get().hold(BAD));
    waiting.get().join();
    assertThat(thrown.get()).isInstanceOf(IOException.class).hasMessageStartingWith("disk: ");
    assertThat(failures).hasValue(2);
    assertThat(held.get().holds(BAD)).isFalse();
    held.get().close();
    assertThat(files.cache().memory()).isZero();
    close(files);
  }

  /** A read that fails has nothing in memory, and holds no chunk. */
  @Test
  void readsThatFailReleaseEverything() throws IOException {
    IndexedFiles files = open();
    HeldChunks held = new HeldChunks(files);
    GatheredRecords records = new GatheredRecords(files, held);
    HeldChunk first = held.hold(1);
    flip(files);
    long[] numbers = LongStream.range(0, (long) CHUNKS * PER_CHUNK).toArray();
    for (int round = 0; round < 2; round++) {
      assertThatIOException()
          .isThrownBy(() -> records.read(numbers, numbers.length))
          .withMessageStartingWith("disk: ");
      assertThat(files.cache().memory()).isEqualTo(first.bytes() + records.spareBytes());
    }
    held.release(first);
    assertThat(held.holds(1)).isFalse();
    flip(files);
    records.read(numbers, numbers.length);
    assertThat(records.size(77)).isEqualTo(record(77).length);
    records.close();
    held.close();
    assertThat(files.cache().memory()).isZero();
    close(files);
  }

  /** Calls of the engine that read nothing are not made again and again. */
  @Test
  void filesWhoseChunksCannotBePicked() throws IOException {
    List<Boolean> worthwhile = new ArrayList<>();
    for (boolean transpose : new boolean[] {false, true}) {
      Files.delete(file);
      WriterOptions options =
          WriterOptions.defaults()
              .withDialect(Dialect.RIEGELI)
              .withTranspose(transpose)
              .withChunkSize(300);
      try (RecordWriter writer = RecordWriter.open(file, options)) {
        for (int i = 0; i < 1_000; i++) {
          writer.write(record(i));
        }
      }
      IndexedFiles files = open();
      HeldChunks held = new HeldChunks(files);
      GatheredRecords records = new GatheredRecords(files, held);
      records.read(LongStream.range(0, 1_000).toArray(), 1_000);
      assertThat(records.size(999)).isEqualTo(record(999).length);
      worthwhile.add(files.files().getFirst().mayPick());
      records.close();
      held.close();
      assertThat(files.cache().memory()).isZero();
      close(files);
    }
    assertThat(worthwhile).containsExactly(true, false);
  }
}
