package io.disky.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.disky.damage.FileDamage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle reads files that other programs wrote, and rejects every fault. */
class OracleReaderTest {
  private static final int SIGNATURE_SIZE = 64;
  private static final byte[] VALUES = {1, 2, 3, 4, 5};
  private static final byte[] SIZES = {2, 3};

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#forOracle")
  void goldenFilesGiveTheManifestsFigures(GoldenManifest.Entry entry) throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (Path file : entry.files()) {
      records.addAll(OracleReader.read(file).records());
    }
    assertThat(records).hasSize((int) entry.records());
    assertThat(SimpleChunkData.totalSize(records)).isEqualTo(entry.bytes());
    assertThat(entry.digestOf(records)).isEqualTo(entry.digest());
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#forOracle")
  void goldenFilesAreInTheDialectOfTheirWriter(GoldenManifest.Entry entry) throws IOException {
    ZstdDialect writers =
        entry.writer().startsWith("riegeli") ? ZstdDialect.RIEGELI : ZstdDialect.DISKY;
    Set<ZstdDialect> dialects =
        chunksOf(entry).stream()
            .flatMap(chunk -> chunk.dialect().stream())
            .collect(Collectors.toSet());
    assertThat(dialects).isEqualTo(entry.codec().contains("zstd") ? Set.of(writers) : Set.of());
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#forOracle")
  void goldenFilesAreChunksWithoutGaps(GoldenManifest.Entry entry) throws IOException {
    for (Path file : entry.files()) {
      long end = 0;
      for (OracleReader.Chunk chunk : OracleReader.read(file).chunks()) {
        assertThat(chunk.begin()).isEqualTo(end);
        end = chunk.end();
      }
      assertThat(file).hasSize(end);
    }
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#forOracle")
  void chunkHeadersAccountForAllRecords(GoldenManifest.Entry entry) throws IOException {
    List<OracleReader.Chunk> simple =
        chunksOf(entry).stream().filter(chunk -> chunk.type() == ChunkTypes.SIMPLE).toList();
    assertThat(simple.stream().mapToLong(OracleReader.Chunk::records).sum())
        .isEqualTo(entry.records());
    assertThat(simple.stream().mapToLong(OracleReader.Chunk::decodedSize).sum())
        .isEqualTo(entry.bytes());
  }

  @Test
  void goldenFilesHaveHashesOverLengthsOfEveryRemainder() throws IOException {
    Set<Long> remainders = new TreeSet<>();
    for (GoldenManifest.Entry entry : GoldenManifest.forOracle()) {
      chunksOf(entry).forEach(chunk -> remainders.add(chunk.dataSize() % 32));
    }
    assertThat(remainders).hasSize(32);
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#beyondOracle")
  void goldenFilesOfOtherKindsAreRejectedByName(GoldenManifest.Entry entry) {
    String kind = entry.isTransposed() ? "chunk type 't' (0x74)" : compressionType(entry);
    assertThatThrownBy(() -> OracleReader.read(entry.location()))
        .isInstanceOf(OracleException.class)
        .hasMessageContaining(kind);
  }

  private static String compressionType(GoldenManifest.Entry entry) {
    return entry.codec().equals("brotli")
        ? "compression type 'b' (0x62)"
        : "compression type 's' (0x73)";
  }

  @Test
  void everyFlippedBitIsNoticed() {
    byte[] file =
        RecordFileForge.withSignature()
            .simpleChunk(VALUES, SIZES)
            .zstdChunk(ZstdDialect.DISKY, VALUES, SIZES)
            .zstdChunk(ZstdDialect.RIEGELI, VALUES, SIZES)
            .bytes();
    for (int bit = 0; bit < 8 * file.length; bit++) {
      byte[] damaged = FileDamage.flip(file, bit / 8, 1 << bit % 8);
      assertThatThrownBy(() -> OracleReader.parse(damaged))
          .as("bit %d", bit)
          .isInstanceOf(OracleException.class);
    }
  }

  @Test
  void flippedBitsInBlockHeadersAreNoticed() {
    byte[] file = RecordFileForge.withSignature().simpleChunk(new byte[100_000]).bytes();
    for (int i = 0; i < BlockLayout.BLOCK_HEADER_SIZE; i++) {
      byte[] damaged = FileDamage.flip(file, BlockLayout.BLOCK_SIZE + i);
      assertRejected(damaged, BlockLayout.BLOCK_SIZE, "hash of the block header");
    }
  }

  @Test
  void everyTruncationInsideAChunkIsNoticed() {
    byte[] file = RecordFileForge.withSignature().simpleChunk(VALUES).simpleChunk(VALUES).bytes();
    long end = OracleReader.parse(file).chunks().get(1).end();
    for (int length = 1; length < file.length; length++) {
      byte[] truncated = FileDamage.truncate(file, length);
      if (length == SIGNATURE_SIZE || length == end) {
        assertThat(OracleReader.parse(truncated).records()).hasSize(length == end ? 1 : 0);
      } else {
        long begin = length < SIGNATURE_SIZE ? 0 : length < end ? SIGNATURE_SIZE : end;
        assertRejected(truncated, begin, "");
      }
    }
  }

  @Test
  void blockHeadersMustPointToTheirChunk() {
    byte[] file = RecordFileForge.withSignature().simpleChunk(new byte[100_000]).bytes();
    int block = BlockLayout.BLOCK_SIZE;
    long previous = (long) block - SIGNATURE_SIZE;
    long next = (long) file.length - block;
    assertThat(FileDamage.replaceBlockHeader(file, block, previous, next)).isEqualTo(file);
    assertRejected(
        FileDamage.replaceBlockHeader(file, block, previous + 1, next), block, "previous chunk");
    assertRejected(
        FileDamage.replaceBlockHeader(file, block, previous, next - 1), block, "next chunk");
  }

  @Test
  void theFirstChunkMustBeASignature() {
    assertRejected(new RecordFileForge().simpleChunk(VALUES).bytes(), 0, "not a signature");
  }

  @Test
  void hashesMustMatch() {
    ForgedChunk chunk = ForgedChunk.simple(List.of(VALUES));
    assertChunkRejected(chunk.withWrongHeaderHash(), "hash of the chunk header");
    assertChunkRejected(chunk.withWrongDataHash(), "hash of the chunk data");
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void dataMustBeInTheFile(long dataSize) {
    ForgedChunk chunk = ForgedChunk.simple(List.of(new byte[2])).withDeclaredDataSize(dataSize);
    assertChunkRejected(chunk, "the ");
  }

  @Test
  void recordCountsMustFitInTheFile() {
    ForgedChunk chunk = ForgedChunk.simple(List.of(VALUES)).withoutPadding();
    assertChunkRejected(chunk.withRecords((1L << 56) - 1), "the chunk ends at");
    assertChunkRejected(chunk.withRecords(1000), "the chunk ends at");
  }

  @ParameterizedTest
  @ValueSource(ints = {ChunkTypes.SIGNATURE, ChunkTypes.PADDING, ChunkTypes.METADATA})
  void chunksOfOtherTypesHaveNoRecords(int type) {
    assertChunkRejected(ForgedChunk.of(type, new byte[0], 1, 0), "record count");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 'R', 't', 255})
  void otherChunkTypesAreRejectedByName(int type) {
    assertChunkRejected(ForgedChunk.of(type, new byte[0], 0, 0), ChunkTypes.display(type));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 'b', 's', 255})
  void otherCompressionTypesAreRejectedByName(int compression) {
    byte[] data = SimpleChunkData.of(compression, SIZES, VALUES);
    assertChunkRejected(ForgedChunk.simple(data, 2, 5), ChunkTypes.display(compression));
  }

  @Test
  void simpleChunksHaveSizesOfTheirRecords() {
    assertChunkRejected(ForgedChunk.simple(new byte[0], 0, 0), "without data");
    assertSimpleRejected(SIZES, VALUES, 3, 5, "a varint is cut off");
    assertSimpleRejected(SIZES, VALUES, 1, 5, "more record sizes than records");
    assertSimpleRejected(new byte[] {2, 4}, VALUES, 2, 5, "add up to more");
    assertSimpleRejected(new byte[] {2, 2}, VALUES, 2, 5, "add up to less");
    assertSimpleRejected(SIZES, VALUES, 2, 4, "5 bytes of values");
    assertSimpleRejected(SIZES, VALUES, 2, 1L << 60, "5 bytes of values");
    assertSimpleRejected(SimpleChunkData.sizes(-1, 6), VALUES, 2, 5, "add up to more");
    assertSimpleRejected(SimpleChunkData.varint(5, 11), VALUES, 1, 5, "does not fit in 64 bits");
    byte[] tooLarge = {-1, -1, -1, -1, -1, -1, -1, -1, -1, 2};
    assertSimpleRejected(tooLarge, VALUES, 1, 5, "does not fit in 64 bits");
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 1L << 40, -1})
  void sizesMustBeInTheData(long sizesSize) {
    byte[] data =
        SimpleChunkData.of(ChunkTypes.NONE, SimpleChunkData.varint(sizesSize), SIZES, VALUES);
    assertChunkRejected(ForgedChunk.simple(data, 2, 5), "do not fit");
  }

  @ParameterizedTest
  @EnumSource
  void valuesMustBeOneWholeFrame(ZstdDialect dialect) {
    byte[] frame = ZstdFrames.compress(VALUES, 3);
    byte[] empty = ZstdFrames.compress(new byte[0], 3);
    byte[] skippable = ZstdFrames.skippable(VALUES);
    assertFrameRejected(dialect, FileDamage.concatenate(frame, empty), 5, "exactly one");
    assertFrameRejected(dialect, FileDamage.concatenate(frame, skippable), 5, "exactly one");
    assertFrameRejected(dialect, FileDamage.concatenate(frame, new byte[1]), 5, "exactly one");
    assertFrameRejected(dialect, FileDamage.truncate(frame, frame.length - 1), 5, "exactly one");
    assertFrameRejected(dialect, FileDamage.concatenate(skippable, frame), 5, "no zstd frame");
  }

  @ParameterizedTest
  @EnumSource
  void framesMustDecodeToTheSizePromised(ZstdDialect dialect) {
    byte[] frame = ZstdFrames.compress(VALUES, 3);
    byte[] sizeless = ZstdFrames.compressWithoutContentSize(VALUES);
    for (int size : new int[] {4, 6}) {
      assertFrameRejected(dialect, frame, size, "does not decode");
      assertFrameRejected(dialect, sizeless, size, "does not decode");
      assertFrameRejected(dialect, ZstdFrames.stored(size, VALUES), size, "does not decode");
      assertFrameRejected(dialect, ZstdFrames.stored(size, VALUES), 5, "does not decode");
    }
    assertFrameRejected(dialect, ZstdFrames.stored(1L << 60, VALUES), 1L << 60, "more than");
  }

  private static List<OracleReader.Chunk> chunksOf(GoldenManifest.Entry entry) throws IOException {
    List<OracleReader.Chunk> chunks = new ArrayList<>();
    for (Path file : entry.files()) {
      chunks.addAll(OracleReader.read(file).chunks());
    }
    return chunks;
  }

  private static void assertFrameRejected(
      ZstdDialect dialect, byte[] frame, long size, String problem) {
    byte[] data =
        switch (dialect) {
          case DISKY -> SimpleChunkData.of(ChunkTypes.ZSTD, SimpleChunkData.varint(size), frame);
          case RIEGELI ->
              SimpleChunkData.of(
                  ChunkTypes.ZSTD,
                  SimpleChunkData.prefixed(SimpleChunkData.varint(size), 3),
                  SimpleChunkData.prefixed(size, frame));
        };
    assertChunkRejected(ForgedChunk.simple(data, 1, size), problem);
  }

  private static void assertSimpleRejected(
      byte[] sizes, byte[] values, long records, long decodedSize, String problem) {
    byte[] data = SimpleChunkData.of(ChunkTypes.NONE, sizes, values);
    assertChunkRejected(ForgedChunk.simple(data, records, decodedSize), problem);
  }

  private static void assertChunkRejected(ForgedChunk chunk, String problem) {
    byte[] file = RecordFileForge.withSignature().chunk(chunk).bytes();
    assertRejected(file, SIGNATURE_SIZE, problem);
  }

  private static void assertRejected(byte[] file, long position, String problem) {
    OracleException rejection =
        catchThrowableOfType(OracleException.class, () -> OracleReader.parse(file));
    assertThat(rejection).isNotNull().hasMessageContaining(problem);
    assertThat(rejection.position()).isEqualTo(position);
  }
}
