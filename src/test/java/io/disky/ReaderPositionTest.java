package io.disky;

import static io.disky.TwoRecordChunks.RECORDS;
import static io.disky.TwoRecordChunks.numbers;
import static io.disky.TwoRecordChunks.rest;
import static io.disky.TwoRecordChunks.text;
import static io.disky.TwoRecordChunks.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to read moves one position; a reader can go back to its first record. */
class ReaderPositionTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = TwoRecordChunks.write(directory.resolve("records"));
  }

  @Test
  void iterationAndNextShareThePosition() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(text(records.next())).isEqualTo("0");
      assertThat(text(reader.next())).isEqualTo("1");
      assertThat(records.hasNext()).isTrue();
      assertThat(text(reader.next())).isEqualTo("2");
      assertThat(text(records.next())).isEqualTo("3");
    }
  }

  @Test
  void nextReturnsNullAtTheEnd() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      for (String number : numbers(0)) {
        assertThat(text(reader.next())).isEqualTo(number);
      }
      assertThat(reader.next()).isNull();
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void nextThrowsWhatIterationWraps() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < RECORDS - 2; i++) {
        assertThat(text(reader.next())).isEqualTo(Integer.toString(i));
      }
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::next);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::next);
    }
  }

  @Test
  void thereIsOneIteratorUntilTheReaderIsMoved() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(text(reader.iterator().next())).isEqualTo("0");
      assertThatIllegalStateException()
          .isThrownBy(reader::iterator)
          .withMessageContaining(file.toString())
          .withMessageContaining("rewind()");
      assertThat(rest(reader)).as("other ways go on").isEqualTo(numbers(1));
      List<ThrowingCallable> moves =
          List.of(
              reader::rewind,
              () -> reader.seek(RecordPosition.START),
              () -> reader.seekNumeric(0),
              () -> reader.seekToOffset(0),
              () -> reader.search(record -> 1));
      for (ThrowingCallable move : moves) {
        assertThatCode(move).doesNotThrowAnyException();
        assertThat(text(reader.iterator().next())).isEqualTo("0");
        assertThatIllegalStateException().isThrownBy(reader::iterator);
      }
      reader.next();
      assertThat(reader.seekBack()).isTrue();
      assertThat(text(reader.iterator().next())).isEqualTo("1");
    }
  }

  @Test
  void rewindGoesBackToTheFirstRecord() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      reader.rewind();
      for (int times = 0; times < 3; times++) {
        List<String> records = new ArrayList<>();
        for (MemorySegment record : reader) {
          records.add(text(record));
        }
        assertThat(records).isEqualTo(numbers(0));
        reader.rewind();
      }
    }
  }

  @Test
  void rewindGoesBackToTheRange() throws IOException {
    long begin;
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < 7; i++) {
        reader.next();
      }
      begin = reader.lastPosition().chunkBegin();
    }
    ReaderOptions range = ReaderOptions.defaults().withRange(begin, Long.MAX_VALUE);
    try (RecordReader reader = RecordReader.open(file, range)) {
      assertThat(rest(reader)).isEqualTo(numbers(6));
      reader.rewind();
      assertThat(rest(reader)).isEqualTo(numbers(6));
    }
    long size = Files.size(file);
    ReaderOptions outside = ReaderOptions.defaults().withRange(size + 5, size + 9);
    try (RecordReader reader = RecordReader.open(file, outside)) {
      assertThat(reader.next()).isNull();
      reader.rewind();
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void streamsAreNotRewound() throws IOException {
    try (RecordReader reader = RecordReader.open(Files.newInputStream(file))) {
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(reader::rewind)
          .withMessageContaining("rewinding");
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void textSaysWhatIsRead() throws IOException {
    RecordReader reader = RecordReader.open(file);
    String size = ", fileSize=" + Files.size(file);
    assertThat(reader).hasToString("RecordReader[" + file + size + ", open=true]");
    reader.close();
    assertThat(reader).hasToString("RecordReader[" + file + size + ", open=false]");
  }

  @Test
  void everyWayContinuesWhereAnotherStopped() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(text(reader.next())).isEqualTo("0");
      assertThat(reader.stream().findFirst().map(TwoRecordChunks::text)).contains("1");
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(texts(batch)).containsExactly("2", "3");
      }
      assertThat(texts(reader.nextBatch(arena))).containsExactly("4", "5");
      assertThat(reader.spliterator().tryAdvance(it -> assertThat(text(it)).isEqualTo("6")))
          .isTrue();
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(() ->
              reader.visit(record -> {
                assertThat(text(record)).isEqualTo("7");
                throw new InterruptedException();
              }));
      try (Stream<RecordBatch> batches = reader.batches()) {
        assertThat(batches.map(TwoRecordChunks::textsAndClose).toList())
            .startsWith(List.of("8", "9"))
            .endsWith(List.of("18", "19"));
      }
    }
  }

  @Test
  void theEndIsTheEnd() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(rest(reader)).isEqualTo(numbers(0));

      Iterator<MemorySegment> records = reader.iterator();
      for (int i = 0; i < 3; i++) {
        assertThat(reader.next()).isNull();
        assertThat(records.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(records::next);
        assertThat(reader.nextBatch()).isNull();
        assertThat(reader.nextBatch(arena)).isNull();
        assertThat(reader.stream()).isEmpty();
        assertThat(rest(reader)).isEmpty();
      }
      assertThat(reader.batches()).isEmpty();
    }
  }
}
