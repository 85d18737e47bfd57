package io.disky;

import static io.disky.TwoRecordChunks.RECORDS;
import static io.disky.TwoRecordChunks.numbers;
import static io.disky.TwoRecordChunks.rest;
import static io.disky.TwoRecordChunks.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.FileDamage;
import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader says of the complete file, whatever its position. */
class WholeFileTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = TwoRecordChunks.write(directory.resolve("records"));
  }

  @Test
  void countsAndDescriptionsLeaveThePositionAlone() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      for (int i = 0; i < RECORDS; i++) {
        MemorySegment record = records.next();
        assertWhole(reader);
        assertThat(text(record)).isEqualTo("" + i);
        assertThat(records.hasNext()).isEqualTo(i < RECORDS - 1);
        assertWhole(reader);
        assertThat(text(record)).isEqualTo("" + i);
      }
      assertWhole(reader);
    }
  }

  private static void assertWhole(RecordReader reader) throws IOException {
    assertThat(reader.recordCount()).isEqualTo(RECORDS);
    assertThat(reader.describe().recordCount()).isEqualTo(RECORDS);
    List<ChunkDescription> chunks = new ArrayList<>();
    reader.forEachChunk(chunks::add);
    assertThat(chunks).hasSize(1 + RECORDS / 2);
  }

  @Test
  void chunksMayBeReadWhileTheyAreDescribed() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      List<String> read = new ArrayList<>();
      Iterator<MemorySegment> records = reader.iterator();
      reader.forEachChunk(chunk -> {
        if (chunk.recordCount() == 0) {
          return;
        }
        assertThat(records.hasNext()).isTrue();
        read.add(text(records.next()));
        read.add(text(records.next()));
      });
      assertThat(read).isEqualTo(numbers(0));
    }
  }

  @Test
  void actionsThatThrowEndTheDescription() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      IllegalArgumentException failure = new IllegalArgumentException();
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              reader.forEachChunk(chunk -> {
                throw failure;
              }))
          .isSameAs(failure);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void filesAreReadAsTheyWereWhenOpened() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      long size = Files.size(file);
      WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
      try (RecordWriter writer = RecordWriter.open(file, append)) {
        writer.write("more".getBytes(UTF_8));
      }

      assertThat(reader.fileSize()).isEqualTo(size);
      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      FileDescription description = reader.describe();
      assertThat(description.fileSize()).isEqualTo(size);
      assertThat(description.recordCount()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(rest(reader)).hasSize(RECORDS + 1);
    }
  }

  @Test
  void filesThatWereReplacedAreReadAsTheyWere() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Files.move(file, directory.resolve("moved"));
      RecordWriter.open(file).close();

      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      assertThat(reader.describe().recordCount()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void filesThatWereDeletedAreReadAsTheyWere() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Files.delete(file);

      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      assertThat(reader.describe().recordCount()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void filesThatBecomeShorterAreTruncated() throws IOException {
    Path large = directory.resolve("larger than what is kept of the beginning");
    try (RecordWriter writer =
        RecordWriter.open(large, WriterOptions.defaults().withCompression(Compression.none()))) {
      writer.write(new byte[1000]);
      writer.flush();
      writer.write(new byte[100_000]);
    }
    long size = Files.size(large);
    try (RecordReader reader = RecordReader.open(large)) {
      reader.nextBatch();
      try (FileChannel channel = FileChannel.open(large, StandardOpenOption.WRITE)) {
        channel.truncate(size - 30);
      }
      List<byte[]> records = new ArrayList<>();
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> ReadingWay.NEXT_BATCH.read(reader, records::add))
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.TRUNCATED));
    }
  }

  @Test
  void filesWithoutRecords() throws IOException {
    for (int size : new int[] {0, 64}) {
      Path empty = directory.resolve("empty" + size);
      Files.write(empty, FileDamage.truncate(Files.readAllBytes(file), size));
      for (ReadingWay way : ReadingWay.values()) {
        assertThat(way.read(empty)).isEmpty();
      }
      try (RecordReader reader = RecordReader.open(empty)) {
        assertThat(reader.fileSize()).isEqualTo(size);
        assertThat(reader.recordCount()).isZero();
        assertThat(reader.describe().recordCount()).isZero();
        assertThat(reader.describe().fileSize()).isEqualTo(size);
      }
    }
  }

  @Test
  void manyReadersOfOneFile() throws IOException {
    List<RecordReader> readers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      readers.add(RecordReader.open(file));
    }
    for (RecordReader reader : readers) {
      assertThat(text(reader.next())).isEqualTo("0");
    }
    for (RecordReader reader : readers) {
      assertThat(rest(reader)).isEqualTo(numbers(1));
      reader.close();
    }
  }
}
