package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleException;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.ZstdDialect;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files with any bit flipped, or with any content behind valid hashes. */
@Timeout(120)
class BitFlipTest {
  private static final int BLOCK = 1 << 16;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  @Test
  void anyBitOfUncompressedChunks() throws IOException {
    byte[] content =
        RecordFileForge.withSignature()
            .simpleChunk(SampleRecords.lines(3))
            .paddingChunk(20)
            .simpleChunk(SampleRecords.ofSizes(0, 30))
            .bytes();
    assertNoticed(content, IntStream.range(0, content.length));
  }

  @ParameterizedTest
  @EnumSource
  void anyBitOfCompressedChunks(ZstdDialect dialect) throws IOException {
    byte[] content =
        RecordFileForge.withSignature()
            .zstdChunk(dialect, SampleRecords.lines(5))
            .metadataChunk(SampleRecords.random(20))
            .zstdChunk(dialect, SampleRecords.ofSizes(0, 30))
            .bytes();
    assertNoticed(content, IntStream.range(0, content.length));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void someBitsOfFilesOfOthers(long seed) throws IOException {
    Random random = new Random(seed);
    for (String path : List.of("disky/lines.zstd.disky", "riegeli/mixed.none.riegeli")) {
      byte[] content = Files.readAllBytes(GoldenManifest.entry(path).location());
      Files.write(file, content);
      assertNoticed(content, random.ints(2, 0, content.length));
    }
  }

  @Test
  void anyBitAroundBlockHeaders() throws IOException {
    byte[] content =
        RecordFileForge.withSignature()
            .simpleChunk(SampleRecords.random(1000))
            .padTo(BLOCK - 15)
            .simpleChunk(SampleRecords.random(BLOCK), new byte[3])
            .simpleChunk(SampleRecords.lines(2))
            .bytes();
    assertNoticed(
        content,
        IntStream.concat(
            IntStream.range(BLOCK - 30, BLOCK + 60),
            IntStream.range(2 * BLOCK - 10, 2 * BLOCK + 30)));
  }

  /** Every flip is an exception after the records before it. */
  private void assertNoticed(byte[] content, IntStream positions) throws IOException {
    List<byte[]> all = OracleReader.parse(content).records();
    for (int position : positions.toArray()) {
      for (int bit = 0; bit < 8; bit++) {
        List<byte[]> read = new ArrayList<>();
        assertThat(readFlipped(content, position, 1 << bit, read))
            .as("bit %d of byte %d is noticed", bit, position)
            .isTrue();
        assertThat(read.size()).isLessThanOrEqualTo(all.size());
        SampleRecords.assertSame(read, all.subList(0, read.size()));
      }
    }
  }

  /** What fills a chunk up to the number of its records is not hashed, and is not looked at. */
  @Test
  void anyBitOfAPaddedChunk() throws IOException {
    List<byte[]> all = Collections.nCopies(3000, new byte[0]);
    byte[] content = RecordFileForge.withSignature().zstdChunk(ZstdDialect.RIEGELI, all).bytes();
    for (int position = 0; position < content.length; position++) {
      List<byte[]> read = new ArrayList<>();
      boolean noticed = readFlipped(content, position, 1 << (position % 8), read);
      assertThat(read.size()).isEqualTo(noticed ? 0 : all.size());
      assertThat(noticed || position > 100).as("byte %d", position).isTrue();
    }
  }

  /** Says whether reading failed. */
  private boolean readFlipped(byte[] content, int position, int mask, List<byte[]> read)
      throws IOException {
    if (!Files.exists(file)) {
      Files.write(file, content);
    }
    put(position, (byte) (content[position] ^ mask));
    try (RecordReader reader = RecordReader.open(file)) {
      ReadingWay.NEXT_BATCH.read(reader, read::add);
      return false;
    } catch (CorruptFileException e) {
      assertThat(e.recordsRead()).isEqualTo(read.size());
      assertThat(e.position()).isBetween(0L, (long) content.length);
      return true;
    } finally {
      put(position, content[position]);
    }
  }

  private void put(int position, byte value) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {value}), position);
    }
  }

  static LongStream seeds() {
    return LongStream.concat(LongStream.rangeClosed(1, 20), LongStream.of(new Random().nextLong()));
  }

  /** The engine and an independent reader agree on what is a chunk, and on its records. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyChunkBehindValidHashes(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] content =
          RecordFileForge.withSignature()
              .simpleChunk(SampleRecords.lines(2))
              .chunk(mutated(random))
              .simpleChunk(SampleRecords.lines(1))
              .bytes();
      assertAgreement(content);
    }
  }

  private void assertAgreement(byte[] content) throws IOException {
    List<byte[]> expected = null;
    String reason = "the oracle reads it";
    try {
      expected = OracleReader.parse(content).records();
    } catch (OracleException e) {
      reason = e.getMessage();
    }
    // Some file systems wait for the disk where a file is overwritten.
    Files.deleteIfExists(file);
    Files.write(file, content);
    List<byte[]> read = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      ReadingWay.NEXT_BATCH.read(reader, read::add);
      assertThat(expected).as("the engine reads it, but the oracle: %s", reason).isNotNull();
      SampleRecords.assertSame(read, expected);
    } catch (CorruptFileException | UnsupportedFormatException | ChunkTooLargeException e) {
      assertThat(expected).as("the oracle reads it, but the engine: %s", e.getMessage()).isNull();
      assertThat(read).hasSize(2);
    }
  }

  private static ForgedChunk mutated(Random random) {
    List<byte[]> records = SampleRecords.lines(1 + random.nextInt(20));
    ForgedChunk chunk =
        switch (random.nextInt(3)) {
          case 0 -> ForgedChunk.simple(records);
          case 1 -> ForgedChunk.zstd(ZstdDialect.DISKY, 3, records);
          default -> ForgedChunk.zstd(ZstdDialect.RIEGELI, 3, records);
        };
    byte[] data = chunk.data().clone();
    int changes = random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      // The sizes and the frame's header, at the beginning, are the more interesting part.
      int bound = random.nextBoolean() ? data.length : Math.min(data.length, 30);
      data[random.nextInt(bound)] = anyByte(random);
    }
    int type = random.nextInt(20) == 0 ? anyByte(random) & 0xff : chunk.type();
    return ForgedChunk.of(
            type, data, changed(random, chunk.records()), changed(random, chunk.decodedSize()))
        .withDeclaredDataSize(random.nextInt(20) == 0 ? changed(random, data.length) : data.length);
  }

  private static byte anyByte(Random random) {
    byte[] likely = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, 'z', 's', 'p', 'm'};
    return random.nextBoolean() ? likely[random.nextInt(likely.length)] : (byte) random.nextInt();
  }

  private static long changed(Random random, long number) {
    return switch (random.nextInt(10)) {
      case 0 -> number + 1;
      case 1 -> Math.max(0, number - 1);
      case 2 -> number + random.nextInt(1000);
      default -> number;
    };
  }
}
