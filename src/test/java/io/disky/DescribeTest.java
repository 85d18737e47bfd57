package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.disky.Compression.Codec;
import io.disky.CorruptFileException.Damage;
import io.disky.damage.FileDamage;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.SimpleChunkData;
import io.disky.oracle.StoredParts;
import io.disky.oracle.TransposedChunkData;
import io.disky.oracle.ZstdDialect;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What chunk headers tell of a file, and what record sizes and metadata do: descriptions of chunks
 * and files.
 */
class DescribeTest {
  private static final List<byte[]> RECORDS = SampleRecords.ofSizes(100, 200, 300);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private static final RecordsMetadata METADATA =
      RecordsMetadata.empty().withFileComment("described");

  /** One chunk of each kind that can be decoded. */
  private static RecordFileForge oneOfEachWhole() {
    return RecordFileForge.withSignature()
        .chunk(metadataChunk(METADATA))
        .simpleChunk(RECORDS)
        .zstdChunk(ZstdDialect.DISKY, RECORDS)
        .zstdChunk(ZstdDialect.RIEGELI, RECORDS)
        .chunk(ForgedChunk.simple(StoredParts.brotli(RECORDS), 3, 600))
        .chunk(ForgedChunk.simple(StoredParts.snappy(RECORDS), 3, 600))
        .chunk(
            ForgedChunk.of(ChunkTypes.TRANSPOSED, TransposedChunkData.ofRecords(RECORDS), 3, 600))
        .paddingChunk(1000)
        .padToBlockEnd()
        .chunk(ForgedChunk.signature());
  }

  private static ForgedChunk metadataChunk(RecordsMetadata metadata) {
    byte[] message = metadata.toByteArray();
    byte[] data = TransposedChunkData.ofRecords(List.of(message));
    return ForgedChunk.of(ChunkTypes.METADATA, data, 0, message.length);
  }

  /** One chunk of each kind; several that only their headers describe. */
  private static RecordFileForge oneOfEach() {
    return RecordFileForge.withSignature()
        .metadataChunk(SampleRecords.random(50))
        .simpleChunk(RECORDS)
        .zstdChunk(ZstdDialect.DISKY, RECORDS)
        .zstdChunk(ZstdDialect.RIEGELI, RECORDS)
        .chunk(compressedBy(ChunkTypes.BROTLI))
        .chunk(compressedBy(ChunkTypes.SNAPPY))
        .chunk(compressedBy('?'))
        .chunk(ForgedChunk.of(ChunkTypes.TRANSPOSED, new byte[] {0, 1, 2}, 7, 77))
        .chunk(ForgedChunk.of('X', new byte[10], 0, 0))
        .paddingChunk(1000)
        .padToBlockEnd()
        .chunk(ForgedChunk.signature());
  }

  private static ForgedChunk compressedBy(int type) {
    return ForgedChunk.simple(SimpleChunkData.of(type, new byte[9], new byte[9]), 5, 55);
  }

  private FileDescription describe(byte[] content) throws IOException {
    Files.write(file, content);
    try (RecordReader reader = RecordReader.open(file)) {
      return reader.describe();
    }
  }

  private List<ChunkDescription> chunks(byte[] content) throws IOException {
    Files.write(file, content);
    List<ChunkDescription> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunks::add);
    }
    return chunks;
  }

  @Test
  void chunksOfEveryKind() throws IOException {
    List<ChunkDescription> chunks = chunks(oneOfEach().bytes());

    assertThat(chunks)
        .extracting(ChunkDescription::type)
        .containsExactly(
            ChunkType.SIGNATURE,
            ChunkType.METADATA,
            ChunkType.SIMPLE,
            ChunkType.SIMPLE,
            ChunkType.SIMPLE,
            ChunkType.SIMPLE,
            ChunkType.SIMPLE,
            ChunkType.SIMPLE,
            ChunkType.TRANSPOSED,
            ChunkType.UNKNOWN,
            ChunkType.PADDING,
            ChunkType.PADDING,
            ChunkType.SIGNATURE);
    assertThat(chunks.stream().filter(chunk -> chunk.type().holdsRecords()))
        .extracting(ChunkDescription::codec)
        .map(Optional::orElseThrow)
        .containsExactly(
            Codec.NONE,
            Codec.ZSTD,
            Codec.ZSTD,
            Codec.BROTLI,
            Codec.SNAPPY,
            Codec.UNKNOWN,
            Codec.NONE);
    assertThat(chunks.stream().filter(chunk -> chunk.type() == ChunkType.SIMPLE))
        .extracting(ChunkDescription::dialect)
        .containsExactly(
            Optional.empty(),
            Optional.of(Dialect.DISKY),
            Optional.of(Dialect.RIEGELI),
            Optional.of(Dialect.RIEGELI),
            Optional.of(Dialect.RIEGELI),
            Optional.empty());
    assertThat(chunks)
        .extracting(ChunkDescription::recordCount)
        .containsExactly(0L, 0L, 3L, 3L, 3L, 5L, 5L, 5L, 7L, 0L, 0L, 0L, 0L);
  }

  @Test
  void goesOnAfterADamagedHeader() throws IOException {
    byte[] content = oneOfEach().bytes();
    List<ChunkDescription> all = chunks(content);
    Files.write(file, FileDamage.flip(content, all.get(3).begin()));
    List<ChunkDescription> listed = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(all.get(4).begin(), listed::add);
      assertThat(listed).isEqualTo(all.subList(4, all.size()));
      reader.forEachChunk(content.length, listed::add);
      reader.forEachChunk(Long.MAX_VALUE, listed::add);
      assertThat(listed).hasSize(all.size() - 4);
      for (long from : new long[] {all.get(3).begin(), all.get(4).begin() + 1, 65_540}) {
        assertThatExceptionOfType(CorruptFileException.class)
            .isThrownBy(() -> reader.forEachChunk(from, listed::add));
      }
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> reader.forEachChunk(-1, listed::add))
          .withMessage("the offset of a chunk is negative: -1");
      assertThat(listed).hasSize(all.size() - 4);
    }
  }

  @Test
  void typesWithoutCompressionNameNone() throws IOException {
    Set<ChunkType> without = EnumSet.of(ChunkType.SIGNATURE, ChunkType.PADDING, ChunkType.UNKNOWN);
    for (ChunkDescription chunk : chunks(oneOfEach().bytes())) {
      if (without.contains(chunk.type())) {
        assertThat(chunk.codec()).isEmpty();
        assertThat(chunk.dialect()).isEmpty();
      }
    }
  }

  @Test
  void chunksFillTheFile() throws IOException {
    byte[] content = oneOfEach().bytes();
    long end = 0;
    for (ChunkDescription chunk : chunks(content)) {
      assertThat(chunk.begin()).isEqualTo(end);
      end = chunk.end();
      assertThat(chunk.encodedBytes()).isBetween(0L, chunk.end() - chunk.begin() - 40);
    }
    assertThat(end).isEqualTo(content.length);
  }

  /** Chunks that hold no records, metadata among them, have no bytes of records. */
  @Test
  void recordBytesAreThoseOfRecords() throws IOException {
    byte[] content = oneOfEachWhole().bytes();
    List<ChunkDescription> chunks = chunks(content);

    assertThat(chunks.stream().filter(chunk -> !chunk.type().holdsRecords()))
        .extracting(ChunkDescription::recordBytes)
        .containsOnly(0L);
    assertThat(chunks.stream().mapToLong(ChunkDescription::recordBytes).sum())
        .isEqualTo(describe(content).recordBytes());
  }

  @Test
  void filesAreTheSumOfTheirChunks() throws IOException {
    byte[] content = oneOfEachWhole().bytes();
    List<ChunkDescription> chunks = chunks(content);
    FileDescription description = describe(content);

    assertThat(description.fileSize()).isEqualTo(content.length);
    assertThat(description.container()).isEqualTo(Container.RECORDS);
    assertThat(description.chunks())
        .containsOnly(
            Map.entry(ChunkType.SIGNATURE, 2L),
            Map.entry(ChunkType.METADATA, 1L),
            Map.entry(ChunkType.SIMPLE, 5L),
            Map.entry(ChunkType.TRANSPOSED, 1L),
            Map.entry(ChunkType.PADDING, 2L));
    assertThat(description.codecs())
        .containsExactly(
            Map.entry(Codec.NONE, 2L),
            Map.entry(Codec.ZSTD, 2L),
            Map.entry(Codec.BROTLI, 1L),
            Map.entry(Codec.SNAPPY, 1L));
    assertThat(description.dialects()).containsExactly(Dialect.DISKY, Dialect.RIEGELI);
    assertThat(description.recordChunks()).isEqualTo(6);
    assertThat(description.recordCount()).isEqualTo(6 * 3);
    assertThat(description.recordBytes()).isEqualTo(6 * 600);
    assertThat(description.metadata()).contains(METADATA);
    assertThat(description.encodedBytes())
        .isEqualTo(
            chunks.stream()
                .filter(chunk -> chunk.type().holdsRecords())
                .mapToLong(ChunkDescription::encodedBytes)
                .sum());
    assertThat(description.compressionRatio())
        .isEqualTo((double) description.recordBytes() / content.length, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void filesOfTheWriter(Dialect dialect) throws IOException {
    WriterOptions options = WriterOptions.defaults().withDialect(dialect).withChunkSize(2000);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 100; i++) {
        writer.write(SampleRecords.repetitive(50));
      }
    }
    OracleReader oracle = OracleReader.read(file);
    try (RecordReader reader = RecordReader.open(file)) {
      FileDescription description = reader.describe();
      assertThat(description.dialects()).containsExactly(dialect);
      assertThat(description.recordCount()).isEqualTo(100);
      assertThat(description.recordBytes()).isEqualTo(5000);
      assertThat(description.recordChunks()).isEqualTo(oracle.chunks().size() - 1);
      assertThat(description.codecs())
          .containsExactly(Map.entry(Codec.ZSTD, description.recordChunks()));
    }
  }

  @Test
  void emptyFilesHaveNothing() throws IOException {
    FileDescription nothing = describe(new byte[0]);
    assertThat(nothing.fileSize()).isZero();
    assertThat(nothing.chunks()).isEmpty();
    assertThat(nothing.codecs()).isEmpty();
    assertThat(nothing.dialects()).isEmpty();
    assertThat(nothing.compressionRatio()).isZero();

    FileDescription signature = describe(RecordFileForge.withSignature().bytes());
    assertThat(signature.chunks()).containsExactly(Map.entry(ChunkType.SIGNATURE, 1L));
    assertThat(signature.recordChunks()).isZero();
    assertThat(signature.compressionRatio()).isZero();
  }

  @Test
  void sizesOfRecordsAreThoseOfEveryChunk() throws IOException {
    SizeDistribution sizes = describe(oneOfEachWhole().bytes()).recordSizes();

    assertThat(sizes.count()).isEqualTo(18);
    assertThat(sizes.smallest()).isEqualTo(100);
    assertThat(sizes.largest()).isEqualTo(300);
    assertThat(sizes.total()).isEqualTo(6 * 600);
    assertThat(sizes.mean()).isEqualTo(200);
    assertThat(sizes.histogram())
        .containsExactly(Map.entry(64L, 6L), Map.entry(128L, 6L), Map.entry(256L, 6L));
  }

  /** With header, padding and block headers. */
  @Test
  void sizesOfChunksAreWhatTheyTakeInTheFile() throws IOException {
    byte[] content = oneOfEachWhole().bytes();
    long[] expected =
        chunks(content).stream()
            .filter(chunk -> chunk.type().holdsRecords())
            .mapToLong(chunk -> chunk.end() - chunk.begin())
            .sorted()
            .toArray();
    SizeDistribution sizes = describe(content).chunkSizes();

    assertThat(sizes.count()).isEqualTo(6);
    assertThat(sizes.smallest()).isEqualTo(expected[0]);
    assertThat(sizes.largest()).isEqualTo(expected[5]);
    assertThat(sizes.total()).isEqualTo(Arrays.stream(expected).sum());
    assertThat(sizes.histogram().values().stream().mapToLong(it -> it).sum()).isEqualTo(6);
  }

  /** Descriptions move nothing, in the middle of a chunk either. */
  @Test
  void readingGoesOnWhereItWas() throws IOException {
    byte[] content = oneOfEachWhole().bytes();
    FileDescription expected = describe(content);
    try (RecordReader reader = RecordReader.open(file)) {
      int read = 0;
      for (MemorySegment record : reader) {
        assertThat(record.byteSize()).isEqualTo(RECORDS.get(read % 3).length);
        if (read++ % 2 == 0) {
          assertThat(reader.describe()).isEqualTo(expected);
        }
      }
      assertThat(read).isEqualTo(18);
    }
  }

  @Test
  void damagedDataGoUnnoticed() throws IOException {
    byte[] content = RecordFileForge.withSignature().simpleChunk(RECORDS).bytes();
    byte[] damaged = FileDamage.flip(content, content.length - 1);

    assertThat(describe(damaged)).isEqualTo(describe(content));
  }

  /** Descriptions of files need record sizes and metadata, those of chunks do not. */
  @Test
  void whatIsReadBesideHeadersIsChecked() throws IOException {
    byte[] badSizes = SimpleChunkData.of(ChunkTypes.NONE, new byte[] {7}, new byte[6]);
    RecordFileForge forge = RecordFileForge.withSignature().simpleChunk(RECORDS);
    long position = forge.position();
    byte[] content = forge.chunk(ForgedChunk.simple(badSizes, 1, 6)).bytes();
    assertThat(chunks(content)).hasSize(3);
    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> describe(content))
        .withMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.position()).isEqualTo(position))
        .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.RECORD_SIZES));

    byte[] garbage =
        RecordFileForge.withSignature().metadataChunk(SampleRecords.random(50)).bytes();
    assertThat(chunks(garbage)).hasSize(2);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> describe(garbage));
  }

  @Test
  void damagedHeadersEndTheDescription() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature().simpleChunk(RECORDS);
    long position = forge.position();
    Files.write(file, FileDamage.flip(forge.simpleChunk(RECORDS).bytes(), position + 8));

    List<ChunkDescription> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.forEachChunk(chunks::add))
          .satisfies(e -> {
            assertThat(e.damage()).isEqualTo(Damage.CHUNK_HEADER);
            assertThat(e.position()).isEqualTo(position);
            assertThat(e.recordsRead()).as("the reader delivered none").isZero();
          });
      assertThat(chunks).hasSize(2);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::describe);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::recordCount);
    }
  }

  /** Nobody checked these figures: they may be anything, but not negative. */
  @Test
  void figuresOfHostileHeadersAreNotNegative() throws IOException {
    ForgedChunk huge = ForgedChunk.simple(RECORDS).withDecodedSize(-1).withRecords((1L << 56) - 1);
    byte[] content = RecordFileForge.withSignature().chunk(huge.withoutPadding()).bytes();
    Files.write(file, content);

    try (RecordReader reader = RecordReader.open(file)) {
      List<ChunkDescription> chunks = new ArrayList<>();
      try {
        reader.forEachChunk(chunks::add);
        assertThat(reader.recordCount()).isNotNegative();
      } catch (CorruptFileException e) {
        assertThat(e.damage()).isEqualTo(Damage.CHUNK_HEADER);
      }
      assertThat(chunks).allSatisfy(it -> assertThat(it.recordBytes()).isNotNegative());
    }
  }

  @Test
  void unknownTypesAreNotCounted() throws IOException {
    Files.write(file, oneOfEach().bytes());
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(UnsupportedFormatException.class)
          .isThrownBy(reader::recordCount)
          .withMessageContaining("0x58");
      assertThatExceptionOfType(IOException.class).isThrownBy(reader::describe);
    }
  }

  @Test
  void descriptionsCopyTheirCollections() {
    Map<ChunkType, Long> chunks = new HashMap<>(Map.of(ChunkType.SIMPLE, 2L));
    Map<Codec, Long> codecs = new EnumMap<>(Map.of(Codec.NONE, 2L));
    Set<Dialect> dialects = EnumSet.of(Dialect.DISKY);
    SizeDistribution none = new SizeDistribution(0, 0, 0, 0, new TreeMap<>());
    FileDescription description =
        new FileDescription(
            100,
            Container.RECORDS,
            chunks,
            codecs,
            dialects,
            5,
            50,
            60,
            none,
            none,
            Optional.empty());
    chunks.clear();
    codecs.clear();
    dialects.clear();

    assertThat(description.chunks()).containsExactly(Map.entry(ChunkType.SIMPLE, 2L));
    assertThat(description.codecs()).containsExactly(Map.entry(Codec.NONE, 2L));
    assertThat(description.dialects()).containsExactly(Dialect.DISKY);
    assertThat(description.compressionRatio()).isEqualTo(0.5);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> description.chunks().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> description.codecs().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> description.dialects().clear());
  }

  @Test
  void typesOfBytes() {
    assertThat(Arrays.stream(ChunkType.values()).filter(ChunkType::holdsRecords))
        .containsExactly(ChunkType.SIMPLE, ChunkType.TRANSPOSED);
    assertThat(ChunkType.of('r')).isEqualTo(ChunkType.SIMPLE);
    for (int type = 0; type < 256; type++) {
      boolean known = "smprt".indexOf(type) >= 0;
      assertThat(ChunkType.of(type) == ChunkType.UNKNOWN).isEqualTo(!known);
    }
  }
}
