package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code disky recover} writes files in the way in which its inputs were written. */
class RecoverOptionsTest {
  @TempDir private Path directory;
  private Path in;
  private Path out;

  /** What a chunk of records shows of the options with which it was written. */
  private record Shape(
      ChunkType type,
      Optional<Compression.Codec> codec,
      Optional<Dialect> dialect,
      long records,
      long bytes) {
    static Shape of(ChunkDescription chunk) {
      return new Shape(
          chunk.type(), chunk.codec(), chunk.dialect(), chunk.recordCount(), chunk.recordBytes());
    }
  }

  @BeforeEach
  void setUp() {
    in = directory.resolve("in");
    out = directory.resolve("out");
  }

  private static List<ChunkDescription> chunks(Path file) throws IOException {
    List<ChunkDescription> chunks = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunks::add);
    }
    return chunks;
  }

  private static List<Shape> shapes(Path file) throws IOException {
    return chunks(file).stream()
        .filter(chunk -> chunk.recordCount() > 0 && chunk.type().holdsRecords())
        .map(Shape::of)
        .toList();
  }

  private void recover(Object... options) {
    Object[] args =
        Stream.of(List.of("recover", "-f"), List.of(options), List.of(in, out))
            .flatMap(List::stream)
            .toArray();
    assertThat(CliRun.of(args).status()).isZero();
  }

  static List<String> goldenFiles() {
    return GoldenManifest.all().stream()
        .filter(entry -> !entry.isSharded())
        .map(GoldenManifest.Entry::path)
        .toList();
  }

  /** Copies a golden file, whose name is part of what shows how it was written. */
  private void copy(String path) throws IOException {
    in = directory.resolve(path.substring(path.lastIndexOf('/') + 1));
    Files.copy(GoldenManifest.entry(path).location(), in);
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void filesOfOtherWritersKeepTheirOptions(String path) throws IOException {
    copy(path);
    recover();
    List<Shape> before = shapes(in);
    List<Shape> after = shapes(out);
    if (path.startsWith("disky/")) {
      // Upstream disky ends a chunk after the record that exceeds the chunk size, not before it.
      assertThat(largest(after)).isLessThanOrEqualTo(largest(before));
      assertThat(after.size()).isBetween(before.size() / 2, before.size() + 1);
      assertThat(before).extracting(Shape::codec).containsAll(codecs(after));
      assertThat(before).extracting(Shape::dialect).containsAll(dialects(after));
    } else {
      assertThat(after).isEqualTo(before);
    }
    try (RecordReader input = RecordReader.open(in);
        RecordReader output = RecordReader.open(out)) {
      assertThat(output.metadata()).isEqualTo(input.metadata());
      assertThat(output.describe().container()).isEqualTo(input.describe().container());
    }
    assertThat(paddings(out)).isEqualTo(paddings(in));
  }

  private static long largest(List<Shape> shapes) {
    return shapes.stream().mapToLong(shape -> shape.bytes() + 8 * shape.records()).max().orElse(0);
  }

  private static List<Optional<Compression.Codec>> codecs(List<Shape> shapes) {
    return shapes.stream().map(Shape::codec).toList();
  }

  private static List<Optional<Dialect>> dialects(List<Shape> shapes) {
    return shapes.stream().map(Shape::dialect).toList();
  }

  private static long paddings(Path file) throws IOException {
    return chunks(file).stream().filter(chunk -> chunk.type() == ChunkType.PADDING).count();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "riegeli/lines.brotli.transposed.riegeli",
        "riegeli/lines.zstd.riegeli",
        "arrayrecord/lines.snappy.arrayrecord",
        "disky/lines.zstd19.disky"
      })
  void damagedHeadersHideNoOptions(String path) throws IOException {
    copy(path);
    byte[] content = Files.readAllBytes(in);
    List<ChunkDescription> chunks = chunks(in);
    List<ChunkDescription> records =
        chunks.stream().filter(chunk -> chunk.type().holdsRecords()).toList();
    content = FileDamage.flip(content, 3);
    content = FileDamage.flip(content, records.get(0).begin() + 3);
    content = FileDamage.flip(content, records.get(2).begin() + 3);
    Files.write(in, content);
    recover();
    List<Shape> after = shapes(out);
    Shape first = Shape.of(records.getFirst());
    assertThat(after).extracting(Shape::type).containsOnly(first.type());
    assertThat(after).extracting(Shape::codec).containsOnly(first.codec());
    assertThat(after).extracting(Shape::dialect).containsOnly(first.dialect());
    assertThat(after.size()).isBetween(2, records.size());
    assertThat(largest(after))
        .isLessThanOrEqualTo(largest(records.stream().map(Shape::of).toList()));
  }

  private void write(WriterOptions options, int records) throws IOException {
    try (RecordWriter writer = RecordWriter.open(in, options)) {
      for (byte[] record : SampleRecords.lines(records)) {
        writer.write(record);
      }
    }
  }

  private static final WriterOptions RIEGELI =
      WriterOptions.defaults().withDialect(Dialect.RIEGELI);
  private static final WriterOptions ARRAY =
      WriterOptions.defaults().withContainer(Container.ARRAY_RECORD);

  private static Container container(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      return reader.describe().container();
    }
  }

  @Test
  void anArrayRecordWithoutItsIndexStaysOne() throws IOException {
    in = directory.resolve("a.array_record");
    write(ARRAY, 20);
    List<Shape> before = shapes(in);
    long index =
        chunks(in).stream()
            .filter(chunk -> chunk.type() == ChunkType.FOOTER)
            .findFirst()
            .orElseThrow()
            .begin();
    Files.write(in, FileDamage.truncate(Files.readAllBytes(in), index));
    recover();
    assertThat(container(out)).isEqualTo(Container.ARRAY_RECORD);
    assertThat(before).extracting(Shape::records).containsOnly(1L);
    assertThat(shapes(out)).isEqualTo(before);
  }

  @Test
  void paddingOfGroupsAndFilesIsKept() throws IOException {
    write(ARRAY.withPadding(65_536), 3);
    recover();
    assertThat(chunks(out)).isEqualTo(chunks(in));
    Files.delete(in);
    write(ARRAY, 3);
    recover();
    assertThat(chunks(out)).isEqualTo(chunks(in));
    Files.delete(in);
    write(RIEGELI.withPadding(4096), 3);
    recover();
    assertThat(Files.size(out)).isEqualTo(4096);
    recover("--padding=1");
    assertThat(Files.size(out)).isLessThan(4096);
    // The metadata state padding that a file lacks, although its end is intact.
    Files.delete(in);
    write(RIEGELI.withMetadata(stating("padding")), 3);
    recover();
    assertThat(Files.size(out)).isLessThan(4096);
    // The end is lost, and the padding with it.
    Files.write(in, FileDamage.concatenate(Files.readAllBytes(in), new byte[10]));
    recover();
    assertThat(Files.size(out)).isEqualTo(65_536);
  }

  private static RecordsMetadata stating(String options) {
    return RecordsMetadata.empty().withRecordWriterOptions(options);
  }

  private static InputOptions inputOptions(Path file) throws IOException {
    RecordFile input = new RecordFile(file.toString(), file);
    return InputOptions.of(input, RecoverySettings.recovering(region -> {}));
  }

  @Test
  void metadataAddWhatChunksDoNotShow() throws IOException {
    String text =
        " transpose,brotli:3 ,window_log:18,chunk_size:2k,bucket_fraction:0.5,parallelism:2";
    write(
        RIEGELI
            .withCompression(Compression.brotli(3))
            .withTranspose(true)
            .withChunkSize(2048)
            .withMetadata(stating(text)),
        300);
    InputOptions options = inputOptions(in);
    assertThat(options)
        .isEqualTo(
            new InputOptions(
                Container.RECORDS,
                Dialect.RIEGELI,
                Compression.brotli(3).withWindowLog(18),
                true,
                0.5,
                2048L,
                null,
                null));
    recover();
    assertThat(shapes(out)).isEqualTo(shapes(in));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "zstd:9,chunk_size:1M,group_size:7",
        "chunk_size:1",
        "brotli:11x,window_log:99,chunk_size:,bucket_fraction:7,final_padding:-4,group_size:x",
        "chunk_size:99999999999999999999,,:,::,window_log:,padding:0"
      })
  void metadataThatContradictTheChunksChangeNothing(String text) throws IOException {
    write(
        RIEGELI
            .withCompression(Compression.brotli())
            .withChunkSize(2000)
            .withMetadata(stating(text)),
        300);
    InputOptions options = inputOptions(in);
    assertThat(options.compression()).isEqualTo(Compression.brotli());
    assertThat(options.chunkSize()).isBetween(1900L, 2000L);
    assertThat(options.bucketFraction()).isNull();
    assertThat(options.groupSize()).isNull();
    assertThat(options.finalPadding()).isNull();
  }

  @Test
  void aFileOfOneChunkHasTheDefaultChunkSizeOrMore() throws IOException {
    write(WriterOptions.defaults(), 3);
    assertThat(inputOptions(in).chunkSize()).isEqualTo(WriterOptions.DEFAULT_CHUNK_SIZE);
    Files.delete(in);
    try (RecordWriter writer =
        RecordWriter.open(in, WriterOptions.defaults().withChunkSize(8 << 20))) {
      writer.write(new byte[2 << 20]);
      writer.write(new byte[1 << 20]);
    }
    assertThat(inputOptions(in).chunkSize()).isEqualTo((3L << 20) + 16);
  }

  @Test
  void optionsSayOtherwise() throws IOException {
    copy("arrayrecord/protos.brotli.transposed.arrayrecord");
    recover("-c", "zstd:1", "--no-transpose", "--group-size=10");
    assertThat(shapes(out)).extracting(Shape::type).containsOnly(ChunkType.SIMPLE);
    assertThat(shapes(out))
        .extracting(Shape::codec)
        .containsOnly(Optional.of(Compression.Codec.ZSTD));
    assertThat(shapes(out)).extracting(Shape::records).containsOnly(10L);

    recover("--bucket-fraction=0.5", "--container=records");
    assertThat(container(out)).isEqualTo(Container.RECORDS);
    assertThat(shapes(out)).extracting(Shape::type).containsOnly(ChunkType.TRANSPOSED);

    recover("--dialect=disky");
    assertThat(container(out)).isEqualTo(Container.RECORDS);
    assertThat(shapes(out)).extracting(Shape::dialect).containsOnly(Optional.of(Dialect.DISKY));

    copy("disky/lines.zstd.disky");
    recover("--container=array_record", "--window-log=12");
    assertThat(container(out)).isEqualTo(Container.ARRAY_RECORD);
    recover("--chunk-size=1MiB");
    assertThat(shapes(out)).hasSize(1);
    CliRun.of("recover", "-f", "--group-size=2", in, out)
        .isRefused("--group-size needs --container=array_record");
  }
}
