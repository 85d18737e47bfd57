package io.disky;

import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What damage costs a reader by number: the table of {@code docs/guides/damage.md}. */
class RandomAccessDamageTest {
  private static final int RECORDS = 4000;
  private static final int PER_CHUNK = 100;
  private static final int BLOCK = 65_536;
  private static final int CHUNK_HEADER = 40;

  @TempDir private Path directory;

  /** How a reader finds the chunks. */
  private enum Index {
    HEADERS,
    SAVED,
    FOOTER
  }

  enum Cost {
    NOTHING,
    RECORDS_OF_ONE_CHUNK,
    OPENING_FAILS
  }

  static Stream<Arguments> rows() {
    Cost none = Cost.NOTHING;
    Cost one = Cost.RECORDS_OF_ONE_CHUNK;
    Cost all = Cost.OPENING_FAILS;
    return Stream.of(
        arguments("data of a chunk", flip(Place.MIDDLE, CHUNK_HEADER + 300), one, one, one),
        arguments("header of a chunk", flip(Place.MIDDLE, 3), all, one, one),
        arguments("file signature", flip(Place.BEGIN, 3), all, none, all),
        arguments("end of the file signature", flip(Place.BEGIN, 30), all, none, all),
        arguments("block header", flip(Place.BLOCK_HEADER, 4), one, one, one),
        arguments("bytes after the last chunk", append((byte) 7), all, all, all),
        arguments("zeros after the last chunk", append((byte) 0), all, all, all),
        arguments("missing end", cut(CHUNK_HEADER + 300), all, all, all));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void damageCosts(String name, Edit damage, Cost headers, Cost saved, Cost footer)
      throws IOException {
    assertThat(cost(Index.HEADERS, damage)).as("chunk headers").isEqualTo(headers);
    assertThat(cost(Index.SAVED, damage)).as("saved index").isEqualTo(saved);
    assertThat(cost(Index.FOOTER, damage)).as("footer").isEqualTo(footer);
  }

  /**
   * The parts of an ArrayRecord after its index, by their distance from the end.
   *
   * @param counted how many records the reader counts in addition to those of the user
   */
  @ParameterizedTest(name = "{0} at byte {1} from the end")
  @CsvSource({
    "padding, 8, NOTHING, 0",
    "padding, 40, NOTHING, 0",
    "padding, 64, NOTHING, 0",
    "padding, 300, NOTHING, 0",
    "padding, 60000, NOTHING, 0",
    "header of the padding, 65420, NOTHING, 0",
    "data of the postscript, 65465, NOTHING, 3",
    "header of the postscript, 65490, OPENING_FAILS, 0",
    "header of the postscript, 65510, OPENING_FAILS, 0",
    "block header, 65530, NOTHING, 0",
    "block header, 65536, NOTHING, 0",
    "padding before the postscript, 66000, NOTHING, 0",
  })
  void damageToTheEndOfAnArrayRecord(String part, int fromEnd, Cost expected, int counted)
      throws IOException {
    assertThat(cost(Index.FOOTER, flip(Place.END, -fromEnd))).isEqualTo(expected);
    Path file = directory.resolve(Index.FOOTER.name());
    if (expected == Cost.NOTHING) {
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        assertThat(reader.recordCount()).isEqualTo(RECORDS + counted);
        for (int i = 0; i < counted; i++) {
          long number = (long) RECORDS + i;
          assertThatExceptionOfType(CorruptFileException.class)
              .isThrownBy(() -> reader.get(number));
        }
      }
    }
    ReaderOptions recover =
        ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);
    try (RecordReader reader = RecordReader.open(file, recover)) {
      assertThat(reader.stream().count()).isEqualTo(RECORDS);
      assertThat(reader.skippedRegions()).isNotEmpty();
    }
  }

  /** The records of the footer then count as records, after those of the user. */
  @Test
  void damageToTheDataOfAFooterCostsNothing() throws IOException {
    assertThat(cost(Index.FOOTER, flip(Place.FOOTER, CHUNK_HEADER + 5))).isEqualTo(Cost.NOTHING);
    try (RandomAccessReader reader =
        RandomAccessReader.open(directory.resolve(Index.FOOTER.name()))) {
      assertThat(reader.recordCount()).isGreaterThan(RECORDS);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(() -> reader.get(RECORDS));
    }
  }

  @Test
  void aFooterIsAChunkWhoseHeaderIsNeededWithoutIt() throws IOException {
    assertThat(cost(Index.FOOTER, flip(Place.FOOTER, 3))).isEqualTo(Cost.OPENING_FAILS);
  }

  /** To list chunks by their headers, a reader needs the block header inside a chunk header. */
  @Test
  void aBlockHeaderInsideAChunkHeaderIsNeededToOpenTheFile() throws IOException {
    Path file = directory.resolve("interrupted");
    int first = BLOCK - 1000;
    first += (int) (BLOCK - 16 - beginOfSecondChunk(file, first));
    assertThat(beginOfSecondChunk(file, first)).isEqualTo(BLOCK - 16);
    byte[] content = Files.readAllBytes(file);
    content[BLOCK + 4] ^= 1;
    Files.write(file, content);
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(file));
  }

  private static long beginOfSecondChunk(Path file, int sizeOfFirst) throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(new byte[sizeOfFirst]);
      writer.flush();
      writer.write(new byte[100]);
    }
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      return reader.position(1).chunkBegin();
    }
  }

  private Cost cost(Index index, Edit damage) throws IOException {
    Path file = directory.resolve(index.name());
    write(file, index);
    byte[] content = Files.readAllBytes(file);
    Edit.Layout layout;
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      layout = layout(reader, content);
      if (index == Index.SAVED) {
        reader.saveIndex();
      }
    }
    FileTime time = Files.getLastModifiedTime(file);
    Files.write(file, damage.apply(content, layout));
    Files.setLastModifiedTime(file, time); // as if the disk had changed the bytes
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.recordCount()).isGreaterThanOrEqualTo(RECORDS);
      return cost(reader);
    } catch (CorruptFileException e) {
      assertThat(e).hasMessageNotContaining("read before");
      return Cost.OPENING_FAILS;
    }
  }

  /** Reads each record. Those that are lost are all of one chunk. */
  private static Cost cost(RandomAccessReader reader) {
    Set<Long> chunks = new HashSet<>();
    Set<Long> lost = new HashSet<>();
    for (int i = 0; i < RECORDS; i++) {
      long chunk = reader.position(i).chunkBegin();
      try {
        assertThat(reader.get(i)).isEqualTo(record(i));
        assertThat(chunks).doesNotContain(chunk);
      } catch (IOException e) {
        assertThat(e).isInstanceOf(CorruptFileException.class);
        chunks.add(chunk);
        lost.add((long) i);
      }
    }
    assertThat(chunks).hasSizeLessThan(2);
    if (lost.isEmpty()) {
      return Cost.NOTHING;
    }
    assertThat(lost).hasSize(PER_CHUNK);
    return Cost.RECORDS_OF_ONE_CHUNK;
  }

  private static void write(Path file, Index index) throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(Compression.none());
    if (index == Index.FOOTER) {
      options = options.withContainer(Container.ARRAY_RECORD).withGroupSize(PER_CHUNK);
    }
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(record(i));
        if (index != Index.FOOTER && i % PER_CHUNK == PER_CHUNK - 1) {
          writer.flush();
        }
      }
    }
  }

  private static Edit.Layout layout(RandomAccessReader reader, byte[] content) {
    int middle = (int) reader.position(RECORDS / 2).chunkBegin();
    int last = (int) reader.position(RECORDS - 1).chunkBegin();
    long data = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong(last + 8);
    int end = last + CHUNK_HEADER + (int) data;
    assertThat(end / BLOCK).as("no block header is in the last chunk").isEqualTo(last / BLOCK);
    for (int i = 0; i < RECORDS; i++) {
      long begin = reader.position(i).chunkBegin();
      assertThat(begin % BLOCK).as("no chunk header is interrupted").isBetween(1L, BLOCK - 40L);
    }
    return new Edit.Layout(middle, last, BLOCK, end, content.length);
  }

  /** A place in a file. */
  enum Place {
    BEGIN,
    MIDDLE,
    BLOCK_HEADER,
    FOOTER,
    END
  }

  /** Damages the content of a file. */
  interface Edit {
    byte[] apply(byte[] content, Layout layout);

    /**
     * Offsets in a file.
     *
     * @param middle where a chunk begins
     * @param last where the last chunk with records begins
     * @param blockHeader where a block header is, which interrupts the data of a chunk
     * @param footer where the chunk after the last one begins
     * @param end the size of the file
     */
    record Layout(int middle, int last, int blockHeader, int footer, int end) {
      int offset(Place place) {
        return switch (place) {
          case BEGIN -> 0;
          case MIDDLE -> middle;
          case BLOCK_HEADER -> blockHeader;
          case FOOTER -> footer;
          case END -> end;
        };
      }
    }
  }

  private static Edit flip(Place place, int offset) {
    return (content, layout) -> {
      byte[] damaged = content.clone();
      damaged[layout.offset(place) + offset] ^= 1;
      return damaged;
    };
  }

  private static Edit append(byte value) {
    return (content, layout) -> {
      byte[] longer = Arrays.copyOf(content, content.length + 1000);
      Arrays.fill(longer, content.length, longer.length, value);
      return longer;
    };
  }

  private static Edit cut(int bytesOfLastChunk) {
    return (content, layout) -> Arrays.copyOf(content, layout.last() + bytesOfLastChunk);
  }
}
