package io.disky.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.damage.FileDamage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The oracle reads the files of the forge, with chunks at every position relative to block headers.
 */
class RecordFileForgeTest {
  private static final int BLOCK = BlockLayout.BLOCK_SIZE;
  private static final int BLOCK_HEADER = BlockLayout.BLOCK_HEADER_SIZE;

  /** Chunk header, compression type, size of the sizes, and a record size of 3 bytes. */
  private static final int OVERHEAD_OF_ONE_RECORD = 40 + 1 + 1 + 3;

  @Test
  void theSignatureIsTheSpecifiedOne() {
    String specified =
        "83af70d10d884a3f"
            + "0000000000000000"
            + "4000000000000000"
            + "91bac23c9287e1a9"
            + "0000000000000000"
            + "e19f13c0e9b1c372"
            + "7300000000000000"
            + "0000000000000000";
    assertThat(RecordFileForge.withSignature().bytes())
        .isEqualTo(HexFormat.of().parseHex(specified));
  }

  @Test
  void aSignatureAloneIsAFileWithoutRecords() {
    OracleReader reader = OracleReader.parse(RecordFileForge.withSignature().bytes());
    assertThat(reader.records()).isEmpty();
    assertThat(reader.chunks())
        .containsExactly(
            new OracleReader.Chunk(0, 64, ChunkTypes.SIGNATURE, 0, 0, 0, -1, Optional.empty()));
  }

  @Test
  void noByteAtAllIsAFileWithoutRecords() {
    assertThat(OracleReader.parse(new RecordFileForge().bytes()).chunks()).isEmpty();
  }

  @Test
  void chunksMayEndAnywhereAroundABlockBoundary() {
    for (int end = BLOCK - 100; end <= BLOCK + 100; end++) {
      if (!BlockLayout.isChunkBoundary(end)) {
        continue;
      }
      long headers = end > BLOCK ? BLOCK_HEADER : 0;
      byte[] first = random((int) (end - 64 - headers - OVERHEAD_OF_ONE_RECORD));
      List<byte[]> records = List.of(first, random(3), random(2 * BLOCK));
      RecordFileForge forge = RecordFileForge.withSignature().simpleChunk(records.get(0));
      assertThat(forge.position()).isEqualTo(end);
      forge.simpleChunk(records.get(1)).simpleChunk(records.get(2));
      assertRecords(forge.bytes(), records);
    }
  }

  @Test
  void chunksMayBeginAnywhereAroundABlockBoundary() {
    for (int begin = 2 * BLOCK - 100; begin <= 2 * BLOCK + 100; begin++) {
      RecordFileForge forge = RecordFileForge.withSignature();
      if (!BlockLayout.isChunkBoundary(begin)) {
        int inside = begin;
        assertThatThrownBy(() -> forge.padTo(inside)).isInstanceOf(IllegalArgumentException.class);
        continue;
      }
      List<byte[]> records = List.of(new byte[0], random(1), random(200));
      forge.padTo(begin).simpleChunk(records.get(0)).simpleChunk(records.get(1), records.get(2));
      byte[] file = forge.bytes();
      assertRecords(file, records);
      assertThat(OracleReader.parse(file).chunks().get(2).begin()).isEqualTo(begin);
    }
  }

  @Test
  void chunksOccupyAsManyBytesAsTheyHaveRecords() {
    for (int count = BLOCK - 70; count <= BLOCK - 30; count++) {
      List<byte[]> records = new ArrayList<>(Collections.nCopies(count, new byte[0]));
      RecordFileForge forge =
          RecordFileForge.withSignature().zstdChunk(ZstdDialect.RIEGELI, records);
      long end = 64L + count;
      boolean inside = end > BLOCK && end <= BLOCK + BLOCK_HEADER;
      assertThat(forge.position()).isEqualTo(inside ? BLOCK + BLOCK_HEADER + 1 : end);
      records.add(random(5));
      assertRecords(forge.simpleChunk(records.getLast()).bytes(), records);
    }
  }

  @Test
  void uncompressedSizesLeaveNothingToPad() {
    List<byte[]> records = Collections.nCopies(70_000, new byte[0]);
    for (ForgedChunk chunk :
        List.of(ForgedChunk.simple(records), ForgedChunk.zstd(ZstdDialect.DISKY, 3, records))) {
      RecordFileForge forge = RecordFileForge.withSignature().chunk(chunk);
      assertThat(forge.bytes())
          .isEqualTo(RecordFileForge.withSignature().chunk(chunk.withoutPadding()).bytes());
      assertRecords(forge.bytes(), records);
    }
  }

  @Test
  void recordsOverManyBlocksAreReadBack() {
    List<byte[]> records = List.of(random(10 * BLOCK + 17), random(1), random(3 * BLOCK));
    assertRecords(RecordFileForge.withSignature().simpleChunk(records).bytes(), records);
  }

  @ParameterizedTest
  @EnumSource
  void bothDialectsAreReadBack(ZstdDialect dialect) {
    List<byte[]> records = recordsOf(0, 1, 126, 127, 128, 129, 16383, 16384, 16385, 2 << 20);
    byte[] file = RecordFileForge.withSignature().zstdChunk(dialect, records).bytes();
    assertRecords(file, records);
    OracleReader.Chunk chunk = OracleReader.parse(file).chunks().getLast();
    assertThat(chunk.compression()).isEqualTo(ChunkTypes.ZSTD);
    assertThat(chunk.dialect()).contains(dialect);
    assertThat(chunk.records()).isEqualTo(records.size());
    assertThat(chunk.decodedSize()).isEqualTo(SimpleChunkData.totalSize(records));
  }

  @ParameterizedTest
  @CsvSource({"DISKY, 0", "DISKY, 1", "RIEGELI, 0", "RIEGELI, 1"})
  void chunksWithoutAnyValueAreReadBack(ZstdDialect dialect, int count) {
    List<byte[]> records = Collections.nCopies(count, new byte[0]);
    assertRecords(RecordFileForge.withSignature().zstdChunk(dialect, records).bytes(), records);
    assertRecords(RecordFileForge.withSignature().simpleChunk(records).bytes(), records);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9, 10})
  void overlongVarintsAreReadBack(int length) {
    byte[] record = random(100);
    byte[] sizes = SimpleChunkData.varint(record.length, length);
    byte[] sizesSize = SimpleChunkData.varint(sizes.length, length);
    byte[] plain = SimpleChunkData.of(ChunkTypes.NONE, sizesSize, sizes, record);
    byte[] disky =
        SimpleChunkData.of(ChunkTypes.ZSTD, sizesSize, sizes, ZstdFrames.compress(record, 3));
    byte[] riegeli =
        SimpleChunkData.of(
            ChunkTypes.ZSTD,
            SimpleChunkData.concatenate(List.of(sizesSize, ZstdFrames.compress(sizes, 3))),
            SimpleChunkData.concatenate(
                List.of(
                    SimpleChunkData.varint(record.length, length),
                    ZstdFrames.compress(record, 3))));
    RecordFileForge forge = RecordFileForge.withSignature();
    for (byte[] data : List.of(plain, disky, riegeli)) {
      forge.chunk(ForgedChunk.simple(data, 1, record.length));
    }
    assertRecords(forge.bytes(), List.of(record, record, record));
  }

  @Test
  void oddButValidFramesAreReadBack() {
    byte[] record = random(300_000);
    RecordFileForge forge = RecordFileForge.withSignature();
    List<byte[]> frames =
        List.of(
            ZstdFrames.compressWithoutContentSize(record),
            ZstdFrames.compressWithChecksum(record),
            ZstdFrames.stored(record.length, record));
    for (byte[] frame : frames) {
      byte[] data =
          SimpleChunkData.of(ChunkTypes.ZSTD, SimpleChunkData.sizes(record.length), frame);
      forge.chunk(ForgedChunk.simple(data, 1, record.length));
    }
    assertRecords(forge.bytes(), List.of(record, record, record));
  }

  @Test
  void chunksWithoutRecordsAreSteppedOver() {
    RecordFileForge forge =
        RecordFileForge.withSignature()
            .metadataChunk(random(BLOCK))
            .simpleChunk(random(1))
            .paddingChunk(0)
            .chunk(ForgedChunk.signature())
            .simpleChunk(random(2))
            .padToBlockEnd();
    assertThat(forge.position() % BLOCK).isZero();
    assertRecords(forge.bytes(), List.of(random(1), random(2)));
  }

  @Test
  void filesOfWholeBlocksMayBeConcatenated() {
    byte[] file = RecordFileForge.withSignature().simpleChunk(random(9)).padToBlockEnd().bytes();
    assertRecords(FileDamage.concatenate(file, file), List.of(random(9), random(9)));
  }

  @Test
  void paddingEndsAtTheBlockAfterWhereItDoesNotFit() {
    for (int room = 1; room < 80; room++) {
      RecordFileForge forge = RecordFileForge.withSignature().padTo(BLOCK - room).padToBlockEnd();
      assertThat(forge.position()).isEqualTo(room < 40 ? 2 * BLOCK : BLOCK);
      assertRecords(forge.simpleChunk(random(1)).bytes(), List.of(random(1)));
      assertThat(forge.padToBlockEnd().padToBlockEnd().position() % BLOCK).isZero();
    }
  }

  @Test
  void chunksMustNotFollowBytesThatEndInABlockHeader() {
    RecordFileForge forge = new RecordFileForge().raw(new byte[BLOCK + 1]);
    assertThatThrownBy(() -> forge.chunk(ForgedChunk.signature()))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void chunksOfRandomSizesAreReadBack(long seed) {
    Random random = new Random(seed);
    RecordFileForge forge = RecordFileForge.withSignature();
    List<byte[]> written = new ArrayList<>();
    for (int chunk = 0; chunk < 60; chunk++) {
      int bound = 1 << random.nextInt(17);
      int count = random.nextInt(4);
      List<byte[]> records =
          IntStream.range(0, count).mapToObj(i -> random(random.nextInt(bound))).toList();
      switch (random.nextInt(4)) {
        case 0 -> forge.simpleChunk(records);
        case 1 -> forge.zstdChunk(ZstdDialect.DISKY, records);
        case 2 -> forge.zstdChunk(ZstdDialect.RIEGELI, records);
        default -> forge.simpleChunk(records).paddingChunk(random.nextInt(bound));
      }
      written.addAll(records);
    }
    assertRecords(forge.bytes(), written);
  }

  /** Bytes that depend on nothing but their number. */
  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static List<byte[]> recordsOf(int... sizes) {
    return IntStream.of(sizes).mapToObj(RecordFileForgeTest::random).toList();
  }

  private static void assertRecords(byte[] file, List<byte[]> expected) {
    List<byte[]> actual = OracleReader.parse(file).records();
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      if (!Arrays.equals(actual.get(i), expected.get(i))) {
        assertThat(actual.get(i)).as("record %d", i).isEqualTo(expected.get(i));
      }
    }
  }
}
