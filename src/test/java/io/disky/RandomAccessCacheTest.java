package io.disky;

import static io.disky.testing.NumberedRecords.bytes;
import static io.disky.testing.NumberedRecords.record;
import static io.disky.testing.NumberedRecords.shuffled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which chunks are decoded, and how much memory they take. */
class RandomAccessCacheTest {
  private static final long SEED = 20261122;
  private static final int CHUNKS = 40;
  private static final int PER_CHUNK = 25;
  private static final int RECORDS = CHUNKS * PER_CHUNK;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100, 3000, 20_000, 1 << 30})
  void cachesOfAnySizeGiveTheSame(long cacheSize) throws IOException {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(cacheSize);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options);
        Arena arena = Arena.ofConfined()) {
      for (long index : shuffled(RECORDS, SEED)) {
        assertThat(reader.get(index)).isEqualTo(record((int) index));
        assertThat(bytes(reader.get(index, arena))).isEqualTo(record((int) index));
      }
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(cacheSize);
    }
  }

  @Test
  void chunksThatAreCachedAreDecodedOnce() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      for (int round = 0; round < 3; round++) {
        for (long index : shuffled(RECORDS, SEED + round)) {
          assertThat(reader.get(index)).isEqualTo(record((int) index));
        }
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
    }
  }

  /** What is wanted often stays, what was wanted once makes room. */
  @Test
  void chunksThatAreUsedOutliveThoseThatAreNot() throws IOException {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(8 * 2048);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      for (int chunk = 1; chunk < CHUNKS; chunk++) {
        assertThat(reader.get(0)).isEqualTo(record(0));
        int number = chunk * PER_CHUNK;
        assertThat(reader.get(number)).isEqualTo(record(number));
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
      // The others were not all kept.
      assertThat(reader.get(PER_CHUNK)).isEqualTo(record(PER_CHUNK));
      assertThat(reader.decodes()).isEqualTo(CHUNKS + 1);
    }
  }

  /** Calls whose chunks do not fit into the cache use it, but remove no chunk from it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void scatteredReadsLargerThanTheCacheKeepItAsItIs(int parallelism) throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(8 * 2048).withParallelism(parallelism);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      for (long chunk : new long[] {0, 5, 6, 17}) {
        reader.get(chunk * PER_CHUNK);
      }
      assertThat(reader.decodes()).isEqualTo(4);
      List<Long> seen = new ArrayList<>();
      reader.visitAll(
          shuffled(RECORDS, SEED),
          (index, record) -> {
            assertThat(bytes(record)).isEqualTo(record((int) index));
            seen.add(index);
          });
      assertThat(seen).hasSize(RECORDS).isSorted();
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
      for (long chunk : new long[] {0, 5, 6, 17}) {
        reader.get(chunk * PER_CHUNK + 1);
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
      reader.get(PER_CHUNK);
      assertThat(reader.decodes()).isEqualTo(CHUNKS + 1);
    }
  }

  /** Calls whose chunks fit put them into the cache. */
  @Test
  void scatteredReadsThatFitFillTheCache() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      reader.visitAll(shuffled(RECORDS, SEED), (_, _) -> {});
      reader.visitAll(shuffled(RECORDS, SEED), (_, _) -> {});
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void scatteredReadsDecodeEachChunkOnce(int parallelism) throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(0).withParallelism(parallelism);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options);
        Arena arena = Arena.ofConfined()) {
      long[] indices = shuffled(RECORDS, SEED);
      List<MemorySegment> records = reader.getAll(indices, arena);
      for (int i = 0; i < indices.length; i++) {
        assertThat(bytes(records.get(i))).isEqualTo(record((int) indices[i]));
      }
      assertThat(reader.decodes()).isEqualTo(CHUNKS);
      assertThat(reader.chunkMemory()).isZero();
    }
  }

  /** Chunks of a megabyte are runs of their own, so that several are under way. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void scatteredReadsOfLargeChunks(int parallelism) throws IOException {
    Path large = directory.resolve("large");
    Random random = new Random(SEED);
    byte[][] records = new byte[60][300_000];
    try (RecordWriter writer =
        RecordWriter.open(large, WriterOptions.defaults().withCompression(Compression.none()))) {
      for (byte[] record : records) {
        random.nextBytes(record);
        writer.write(record);
      }
    }
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(3 << 20).withParallelism(parallelism);
    try (RandomAccessReader reader = RandomAccessReader.open(large, options);
        Arena arena = Arena.ofConfined()) {
      long[] indices = shuffled(60, SEED);
      List<MemorySegment> copies = reader.getAll(indices, arena);
      for (int i = 0; i < indices.length; i++) {
        assertThat(bytes(copies.get(i))).isEqualTo(records[(int) indices[i]]);
      }
      assertThat(reader.decodes()).isEqualTo(20);
      // A visitor that throws leaves nothing pinned.
      assertThatThrownBy(() ->
              reader.visitAll(
                  indices,
                  (index, _) -> {
                    if (index == 20) {
                      throw new InterruptedException("enough");
                    }
                  }))
          .isInstanceOf(InterruptedException.class);
      assertThat(reader.chunkMemory()).isLessThanOrEqualTo(3 << 20);
      for (int i = 0; i < 60; i++) {
        assertThat(reader.get(i)).isEqualTo(records[i]);
      }
    }
    assertThat(WorkerThreads.names("disky-random-access-")).isEmpty();
  }

  /**
   * What is decoded ahead is bounded by what it takes in memory, not by what it takes in a file.
   */
  @ParameterizedTest
  @CsvSource({"1, 12", "4, 32", "64, 80"})
  void scatteredReadsOfWhatIsMuchLargerInMemory(int parallelism, long mostMebibytes)
      throws IOException {
    Path zeros = directory.resolve("zeros");
    writeZeros(zeros, 0, 300);
    assertThat(mostMemory(zeros, parallelism)).isLessThanOrEqualTo(mostMebibytes << 20);
  }

  /** The mean of all chunks says little about these. */
  @Test
  void scatteredReadsOfChunksThatAreLargerThanMost() throws IOException {
    Path zeros = directory.resolve("zeros");
    writeZeros(zeros, 10_000, 100);
    assertThat(mostMemory(zeros, 1)).isLessThanOrEqualTo(40 << 20);
  }

  private static void writeZeros(Path to, int small, int large) throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.zstd()).withChunkSize(1 << 20);
    byte[] zeros = new byte[(1 << 20) - 100];
    try (RecordWriter writer = RecordWriter.open(to, options)) {
      for (int i = 0; i < small + large; i++) {
        writer.write(i < small ? new byte[10] : zeros);
        writer.flush();
      }
    }
  }

  /** How much memory chunks have at most while all records are visited. */
  private static long mostMemory(Path path, int parallelism) throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults().withCacheSize(0).withParallelism(parallelism);
    long[] most = {0, 0};
    try (RandomAccessReader reader = RandomAccessReader.open(path, options)) {
      long[] all = new long[(int) reader.recordCount()];
      Arrays.setAll(all, i -> i);
      reader.visitAll(
          all,
          (index, record) -> {
            if (record.byteSize() > 10) {
              // Others get as far ahead as they may.
              Thread.sleep(5);
            }
            most[0] = Math.max(most[0], reader.chunkMemory());
            most[1]++;
          });
      assertThat(most[1]).isEqualTo(reader.recordCount());
      assertThat(reader.chunkMemory()).isZero();
      assertThat(reader.decodes()).isEqualTo(reader.recordCount());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return most[0];
  }
}
