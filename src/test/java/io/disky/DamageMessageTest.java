package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.disky.damage.FileDamage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of messages about damage that depend on what was read, and on where the damage is. */
class DamageMessageTest {
  private static final String REMEDY =
      "; if a crash has torn its end, 'disky repair' or RecordWriter.repair cuts it off";

  @TempDir private Path directory;
  private Path file;
  private byte[] intact = new byte[0];
  private long lastChunk;

  @BeforeEach
  void writeFile() throws IOException {
    file = directory.resolve("records");
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < 3; i++) {
        lastChunk = writer.fileSize();
        writer.write("record " + i);
        writer.flush();
      }
    }
    intact = Files.readAllBytes(file);
  }

  private static void readAll(RecordReader reader) throws IOException {
    while (reader.next() != null) {}
  }

  private CorruptFileException failure(ThrowingCallable call) {
    CorruptFileException failure = catchThrowableOfType(CorruptFileException.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }

  private CorruptFileException reading() {
    return failure(() -> {
      try (RecordReader reader = RecordReader.open(file)) {
        readAll(reader);
      }
    });
  }

  @Test
  void aTornEndHasItsRemedy() throws IOException {
    byte[] zeros = new byte[3000];
    byte[] other = new byte[3000];
    Arrays.fill(other, (byte) 0xA5);
    for (byte[] tail : new byte[][] {zeros, other, new byte[1]}) {
      Files.write(file, FileDamage.concatenate(intact, tail));
      assertThat(reading()).hasMessageEndingWith("3 records were read before" + REMEDY);
      assertThat(failure(() -> RandomAccessReader.open(file).close())).hasMessageEndingWith(REMEDY);
    }
    Files.write(file, FileDamage.flip(intact, lastChunk + 41));
    assertThat(reading()).hasMessageEndingWith("2 records were read before" + REMEDY);
    assertThat(RecordWriter.repair(file)).isPresent();
    try (RecordReader reader = RecordReader.open(file)) {
      readAll(reader);
      assertThat(reader.position().chunkBegin()).isEqualTo(lastChunk);
    }
  }

  @Test
  void damageThatNoCutRepairsHasNoSuchRemedy() throws IOException {
    for (long offset : new long[] {70, 64 + 41}) {
      Files.write(file, FileDamage.flip(intact, offset));
      assertThat(reading()).hasMessageNotContaining("repair");
    }
    assertThat(RecordWriter.findTornTail(file)).as("reads only the end").isEmpty();
    byte[] torn = FileDamage.concatenate(intact, new byte[3000]);
    Files.write(file, FileDamage.flip(torn, 64 + 41));
    assertThat(reading().position()).isEqualTo(64);
    assertThat(reading()).as("a cut does not repair this chunk").hasMessageNotContaining("repair");
    assertThat(
            failure(() -> {
              try (RecordReader reader =
                  RecordReader.open(MemorySegment.ofArray(Files.readAllBytes(file)))) {
                readAll(reader);
              }
            }))
        .hasMessageNotContaining("repair");
  }

  @Test
  void countsOnlyRecordsThatWereReadFromTheBeginning() throws IOException {
    Files.write(file, FileDamage.flip(intact, lastChunk + 41));
    try (RecordReader reader = RecordReader.open(file)) {
      var _ = reader.next();
      RecordPosition first = reader.lastPosition();
      assertThat(failure(() -> readAll(reader))).hasMessageContaining("2 records were read before");
      reader.seek(first);
      CorruptFileException moved = failure(() -> readAll(reader));
      assertThat(moved).hasMessageNotContaining("read before");
      assertThat(moved.recordsRead()).isEqualTo(4);
      reader.rewind();
      assertThat(failure(reader::verify)).hasMessageNotContaining("read before");
    }
    ReaderOptions range = ReaderOptions.defaults().withRange(100, Long.MAX_VALUE);
    try (RecordReader reader = RecordReader.open(file, range)) {
      assertThat(failure(() -> readAll(reader))).hasMessageNotContaining("read before");
    }
  }

  @Test
  void operationsThatReadNoRecordsDoNotCountThem() throws IOException {
    Files.write(file, Arrays.copyOf(intact, intact.length + 10));
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(failure(reader::recordCount))
          .hasMessageNotContaining("read before")
          .hasMessageEndingWith(REMEDY);
      assertThat(failure(reader::describe)).hasMessageNotContaining("read before");
    }
  }
}
