package io.disky;

import static io.disky.testing.NumberedRecords.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.LifetimeAssert;
import io.disky.oracle.BlockLayout;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.NumberedRecords;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Indexes that are made from chunk headers, in parts of a file at once. */
class RandomAccessHeadersTest {
  private static final long SEED = 20261122;
  private static final int CHUNKS = 40;
  private static final int PER_CHUNK = 25;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.zstd(), CHUNKS, PER_CHUNK);
  }

  @ParameterizedTest
  @ValueSource(longs = {65_536, 100_000, 1 << 20})
  void partsOfTheWalkJoinUp(long minPart) throws IOException {
    Path large = directory.resolve("large");
    Random random = new Random(SEED);
    List<byte[]> records = new ArrayList<>();
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(3000);
    try (RecordWriter writer = RecordWriter.open(large, options)) {
      for (int i = 0; i < 4000; i++) {
        byte[] record = new byte[i % 500 == 77 ? 400_000 : random.nextInt(600)];
        random.nextBytes(record);
        records.add(record);
        writer.write(record);
      }
    }
    RandomAccessOptions reading = RandomAccessOptions.defaults();
    int chunkBegin;
    try (RandomAccessReader reader =
            RandomAccessReader.open(FileLocations.of(List.of(large)), reading, minPart);
        RandomAccessReader whole =
            RandomAccessReader.open(FileLocations.of(List.of(large)), reading, Long.MAX_VALUE)) {
      assertThat(reader.recordCount()).isEqualTo(4000);
      chunkBegin = (int) reader.position(2500).chunkBegin();
      for (int i = 0; i < 4000; i++) {
        assertThat(reader.position(i)).isEqualTo(whole.position(i));
        assertThat(reader.get(i)).isEqualTo(records.get(i));
      }
    }
    // A walk over chunk headers does not see all block headers, and parts need them only to begin.
    byte[] content = Files.readAllBytes(large);
    for (int block = 65_536; block < content.length; block += 65_536) {
      byte[] damaged = content.clone();
      damaged[block + 3] ^= 1;
      Files.write(large, damaged);
      assertSameOutcome(large, minPart);
    }
    // Chunk headers that are damaged are what one walk says they are.
    content[chunkBegin + 30] ^= 1;
    Files.write(large, content);
    CorruptFileException inParts = failureToOpen(large, minPart);
    CorruptFileException atOnce = failureToOpen(large, Long.MAX_VALUE);
    assertThat(inParts).hasMessage(atOnce.getMessage());
    assertThat(WorkerThreads.names("disky-index-")).isEmpty();
  }

  /**
   * A block header within a record says that a chunk begins there, and what is there looks like one
   * that ends where the chunk around it does. Only who comes from the front knows better.
   */
  @Test
  void aPartThatBeginsWithinARecordIsNotBelieved() throws IOException {
    int seam = 2 * BlockLayout.BLOCK_SIZE;
    byte[] record = new byte[150_000];
    // Where the record begins in the file, which is behind the chunk's header and sizes.
    record[0] = 0x5a;
    byte[] plain = embedding(record, seam);
    int begin = 64;
    while (plain[begin] != 0x5a || plain[begin + 1] != 0) {
      begin++;
    }
    int chunkEnd = (int) RecordFileForge.withSignature().simpleChunk(record).position();
    long dataSize = BlockLayout.usableBytes(seam, chunkEnd) - BlockLayout.CHUNK_HEADER_SIZE;
    byte[] chunk =
        new RecordFileForge()
            .raw(new byte[seam])
            .chunk(ForgedChunk.of(ChunkTypes.SIMPLE, new byte[(int) dataSize], 3, 100))
            .bytes();
    int headerBegin = seam + BlockLayout.BLOCK_HEADER_SIZE;
    System.arraycopy(
        chunk,
        headerBegin,
        record,
        (int) BlockLayout.usableBytes(begin, seam),
        BlockLayout.CHUNK_HEADER_SIZE);
    byte[] content = embedding(record, seam);
    // The forged block header, whose hash is right.
    System.arraycopy(chunk, seam, content, seam, BlockLayout.BLOCK_HEADER_SIZE);
    Path forged = directory.resolve("forged");
    Files.write(forged, content);
    try (RecordReader reader = RecordReader.open(forged)) {
      reader.seekToOffset(seam);
      assertThat(reader.position().chunkBegin()).isEqualTo(seam);
    }
    for (long minPart : new long[] {Long.MAX_VALUE, seam}) {
      try (RandomAccessReader reader =
          RandomAccessReader.open(
              FileLocations.of(List.of(forged)), RandomAccessOptions.defaults(), minPart)) {
        assertThat(reader.recordCount()).isEqualTo(3);
        assertThat(reader.position(1).chunkBegin()).isEqualTo(chunkEnd);
        // Who reads that chunk meets the block header.
        assertThatExceptionOfType(CorruptFileException.class).isThrownBy(() -> reader.get(0));
        assertThat(reader.get(1)).isEqualTo(record(1));
        assertThat(reader.get(2)).isEqualTo(record(2));
      }
    }
  }

  /** A file of two parts of {@code seam} bytes. */
  private static byte[] embedding(byte[] record, int seam) {
    return RecordFileForge.withSignature()
        .simpleChunk(record)
        .simpleChunk(record(1), record(2))
        .padTo(2L * seam)
        .bytes();
  }

  private static void assertSameOutcome(Path path, long minPart) {
    String expected = outcome(path, Long.MAX_VALUE);
    assertThat(outcome(path, minPart)).isEqualTo(expected);
  }

  private static String outcome(Path path, long minPart) {
    try (RandomAccessReader reader =
        RandomAccessReader.open(
            FileLocations.of(List.of(path)), RandomAccessOptions.defaults(), minPart)) {
      return "records: " + reader.recordCount();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static CorruptFileException failureToOpen(Path path, long minPart) throws IOException {
    try (RandomAccessReader reader =
        RandomAccessReader.open(
            FileLocations.of(List.of(path)), RandomAccessOptions.defaults(), minPart)) {
      throw new AssertionError(reader);
    } catch (CorruptFileException e) {
      return e;
    }
  }

  @Test
  void interruptEndsTheWalk() throws IOException {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> RandomAccessReader.open(file))
          .isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(LifetimeAssert.descriptors(file)).isZero();
  }

  @Test
  void truncatedFilesCannotBeIndexed() throws IOException {
    byte[] content = Files.readAllBytes(file);
    Path torn = directory.resolve("torn");
    Files.write(torn, Arrays.copyOf(content, content.length - 10));
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> RandomAccessReader.open(torn))
        .satisfies(e -> assertThat(e.damage()).isEqualTo(CorruptFileException.Damage.TRUNCATED));
    assertThat(LifetimeAssert.descriptors(torn)).isZero();
  }
}
