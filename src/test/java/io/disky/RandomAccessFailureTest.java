package io.disky;

import static io.disky.testing.NumberedRecords.bytes;
import static io.disky.testing.NumberedRecords.record;
import static io.disky.testing.NumberedRecords.shuffled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files and options with which records cannot be read by number. */
class RandomAccessFailureTest {
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

  @Test
  void optionsThatAreRefused() {
    ReaderOptions reading = ReaderOptions.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> openWith(reading.withCorruptionStrategy(CorruptionStrategy.RECOVER)))
        .withMessageContaining("numbers of the records");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> openWith(reading.withFollow(true)))
        .withMessageContaining("open it again");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> openWith(reading.withRange(0, 100)))
        .withMessageContaining("range");
    assertThatIllegalArgumentException().isThrownBy(() -> RandomAccessReader.open(List.of()));
  }

  private void openWith(ReaderOptions options) throws IOException {
    RandomAccessReader.open(file, RandomAccessOptions.defaults().withReaderOptions(options))
        .close();
  }

  @Test
  void limitsHold() throws IOException {
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withReaderOptions(ReaderOptions.defaults().withMaxRecordsPerChunk(PER_CHUNK - 1));
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      assertThatExceptionOfType(ChunkTooLargeException.class).isThrownBy(() -> reader.get(3));
    }
  }

  @Test
  void filesThatAreNotThere() throws IOException {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(directory.resolve("none")));
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(List.of(file, directory.resolve("none"))));
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  /** A chunk that is damaged costs its records, and each who asks for them learns why. */
  @Test
  void damageIsOfItsChunk() throws IOException {
    Path damaged = directory.resolve("damaged");
    byte[] content = Files.readAllBytes(file);
    long begin;
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      begin = reader.position(300).chunkBegin();
    }
    content[(int) begin + 45] ^= 1;
    Files.write(damaged, content);
    try (RandomAccessReader reader = RandomAccessReader.open(damaged);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < RECORDS; i++) {
        int index = i;
        if (i / PER_CHUNK == 300 / PER_CHUNK) {
          assertThatExceptionOfType(CorruptFileException.class)
              .isThrownBy(() -> reader.get(index))
              .withMessageNotContaining("read before")
              .satisfies(e -> assertThat(e.position()).isEqualTo(begin));
        } else {
          assertThat(reader.get(i)).isEqualTo(record(i));
        }
      }
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.getAll(shuffled(RECORDS, SEED), arena));
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.batch(0, RECORDS));
      assertThat(reader.get(0)).isEqualTo(record(0));
    }
  }

  /** A file that becomes shorter while it is open is an exception and no crash. */
  @Test
  void filesThatAreCutMeanwhile() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.get(0)).isEqualTo(record(0));
      try (var channel =
          java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(file) / 2);
      }
      assertThatExceptionOfType(IOException.class).isThrownBy(() -> reader.get(RECORDS - 1));
      assertThat(reader.get(1)).isEqualTo(record(1));
    }
  }

  /**
   * Files with several records in a chunk and with one, and caches that hold all chunks, the chunks
   * of small calls, or none.
   */
  private static Stream<Arguments> filesAndCaches() {
    return Stream.of(Compression.none(), Compression.zstd())
        .flatMap(compression ->
            Stream.of(1, 3, PER_CHUNK)
                .flatMap(perChunk ->
                    Stream.of(0L, 4_000L, 64L << 20)
                        .map(cache -> arguments(compression, perChunk, cache))));
  }

  /** Chunks are read together, but a damaged one affects its own records only. */
  @ParameterizedTest
  @MethodSource("filesAndCaches")
  void damageOfOneChunkAmongMany(Compression compression, int perChunk, long cache)
      throws IOException {
    int chunks = 200;
    int count = chunks * perChunk;
    Path intact = NumberedRecords.write(directory.resolve("many"), compression, chunks, perChunk);
    int bad = 77 * perChunk;
    for (int parallelism : new int[] {0, 2}) {
      RandomAccessOptions options =
          RandomAccessOptions.defaults().withCacheSize(cache).withParallelism(parallelism);
      // In the header, and in the data.
      for (int at : new int[] {17, 41}) {
        Path damaged = directory.resolve("damaged");
        Files.copy(intact, damaged, StandardCopyOption.REPLACE_EXISTING);
        try (RandomAccessReader reader = RandomAccessReader.open(damaged, options);
            Arena arena = Arena.ofConfined()) {
          long begin = reader.position(bad).chunkBegin();
          damage(damaged, begin + at);
          assertThat(visited(reader, LongStream.range(0, count).filter(i -> i / perChunk != 77)))
              .isEqualTo(count - perChunk);
          assertThatExceptionOfType(CorruptFileException.class)
              .isThrownBy(() -> visited(reader, LongStream.range(0, count)))
              .satisfies(e -> assertThat(e.position()).isEqualTo(begin));
          assertThatExceptionOfType(CorruptFileException.class)
              .isThrownBy(() -> reader.getAll(shuffled(count, SEED), arena))
              .satisfies(e -> assertThat(e.position()).isEqualTo(begin));
          assertThatExceptionOfType(CorruptFileException.class)
              .isThrownBy(() -> reader.get(bad))
              .satisfies(e -> assertThat(e.position()).isEqualTo(begin));
          assertThat(reader.get(bad - 1)).isEqualTo(record(bad - 1));
          assertThat(reader.get(bad + perChunk)).isEqualTo(record(bad + perChunk));
        }
      }
    }
  }

  private static void damage(Path file, long position) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[(int) position] ^= 4;
    Files.write(file, content);
  }

  /** Checks the records that a visit takes, and returns their number. */
  private static int visited(RandomAccessReader reader, LongStream indices) throws IOException {
    long[] wanted = indices.toArray();
    List<Long> seen = new ArrayList<>();
    try {
      reader.visitAll(
          wanted,
          (index, found) -> {
            assertThat(bytes(found)).isEqualTo(record((int) index));
            seen.add(index);
          });
    } finally {
      // In order, without a gap.
      for (int i = 0; i < seen.size(); i++) {
        assertThat(seen.get(i)).isEqualTo(wanted[i]);
      }
    }
    return seen.size();
  }

  /** A file that becomes shorter is an exception for calls that read several chunks together. */
  @Test
  void filesThatAreCutWhileManyAreRead() throws IOException {
    RandomAccessOptions options = RandomAccessOptions.defaults().withCacheSize(0);
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(file) / 2);
      }
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> visited(reader, LongStream.range(0, RECORDS)));
      assertThat(visited(reader, LongStream.range(0, PER_CHUNK))).isEqualTo(PER_CHUNK);
    }
  }
}
