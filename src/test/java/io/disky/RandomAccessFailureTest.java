package io.disky;

import static io.disky.testing.NumberedRecords.record;
import static io.disky.testing.NumberedRecords.shuffled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
