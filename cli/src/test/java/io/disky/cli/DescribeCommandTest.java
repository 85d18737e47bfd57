package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Dialect;
import io.disky.RecordWriter;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code disky describe}. */
class DescribeCommandTest {
  @TempDir Path directory;

  @Test
  void describesAFile() {
    Path file = GoldenManifest.entry("disky/lines.zstd.disky").location();
    assertThat(CliRun.of("describe", file).succeeds().text())
        .contains("file           " + file)
        .contains("size           82,068 bytes")
        .contains("records        6,000")
        .contains("record bytes   307,823")
        .contains("ratio          3.75")
        .contains("compression    zstd")
        .contains("dialect        disky")
        .contains("container      records")
        .contains("encoded bytes  ")
        .contains("chunks         1 signature, 19 simple")
        .contains("chunk sizes    ")
        .containsPattern("record sizes   [0-9]+ to [0-9]+ bytes, mean 51\\.3")
        .containsPattern("  32 to 63 +[0-9,]+ +[0-9.]+%  #+");
  }

  @Test
  void describesAFileWithoutRecords() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(CliRun.of("describe", empty).succeeds().text())
        .contains("size           0 bytes", "ratio          0.00", "chunks         -");
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#beyondOracle")
  void describesEveryCodecAndTypeOfChunks(GoldenManifest.Entry golden) {
    assertThat(CliRun.of("describe", golden.location()).succeeds().text())
        .contains(String.format(Locale.ROOT, "records        %,d%n", golden.records()))
        .contains("compression    " + golden.describedCodec())
        .contains(golden.isTransposed() ? " transposed" : " simple");
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#arrayRecords")
  void describesArrayRecords(GoldenManifest.Entry golden) {
    boolean isEmpty = golden.records() == 0;
    String type = golden.isTransposed() ? " transposed, " : " simple, ";
    assertThat(CliRun.of("describe", golden.location()).succeeds().text())
        .contains("container      array_record\n")
        .contains(String.format(Locale.ROOT, "records        %,d%n", golden.records()))
        .contains("compression    " + (isEmpty ? "-" : golden.describedCodec()))
        .contains(isEmpty ? " 1 signature" : type)
        .contains("1 footer, 1 postscript");
    Map<?, ?> json = json(CliRun.of("describe", "--json", golden.location()).succeeds());
    assertThat(json.get("container")).isEqualTo("array_record");
    assertThat(json.get("lacksIndex")).isEqualTo(false);
    assertThat(json.get("records")).isEqualTo(golden.records());
  }

  /** The name shows that it is an ArrayRecord; nothing else does. */
  @Test
  void describesAnArrayRecordWithoutItsIndex() throws IOException {
    Path named = RecordTexts.write(directory.resolve("train.arrayrecord_0"), "one", "two");
    assertThat(CliRun.of("describe", named).succeeds().text())
        .contains(
            "container      records\nindex          missing: this ArrayRecord is incomplete\n");
    assertThat(json(CliRun.of("describe", "--json", named).succeeds()).get("lacksIndex"))
        .isEqualTo(true);
    Path other = RecordTexts.write(directory.resolve("train"), "one", "two");
    assertThat(CliRun.of("describe", other).succeeds().text()).doesNotContain("index ");
  }

  /**
   * Texts in the metadata of a file must not control the terminal. The JSON output contains them
   * unchanged.
   */
  @Test
  void printsMetadata() throws IOException {
    String comment = "cats\u001b[2J\n\r\t\u0007\u0085 \u00fc";
    RecordsMetadata metadata =
        RecordsMetadata.empty()
            .withFileComment(comment)
            .withRecordTypeName("cats.Cat\u001b")
            .withRecordWriterOptions("zstd:3\u0000")
            .withNumRecords(1234)
            .withFileDescriptor(new byte[3]);
    Path file = directory.resolve("cats");
    WriterOptions options = WriterOptions.defaults().withDialect(Dialect.RIEGELI);
    RecordWriter.open(file, options.withMetadata(metadata)).close();

    String text = CliRun.of("describe", file).succeeds().text();
    assertThat(text)
        .contains("file comment   'cats'$'\\033''[2J'$'\\n\\r\\t\\a\\302\\205'' ")
        .contains("record type    'cats.Cat'$'\\033'\n")
        .contains("written with   'zstd:3'$'\\000'\n")
        .contains("stated records 1,234\n")
        .doesNotContain("\u001b", "\u0007", "\u0000", "\u0085", "\r", "\t");

    Map<?, ?> json = json(CliRun.of("describe", "--json", file).succeeds());
    Map<?, ?> described = (Map<?, ?>) json.get("metadata");
    assertThat(described.get("fileComment")).isEqualTo(comment);
    assertThat(described.get("recordTypeName")).isEqualTo("cats.Cat\u001b");
    assertThat(described.get("recordWriterOptions")).isEqualTo("zstd:3\u0000");
    assertThat(described.get("numRecords")).isEqualTo(1234L);
    assertThat(described.get("fileDescriptors")).isEqualTo(1L);
    assertThat(described.get("size")).isEqualTo((long) metadata.toByteArray().length);
  }

  @Test
  void tellsMetadataThatAreMissingByNull() throws IOException {
    Path file = directory.resolve("cats");
    WriterOptions options = WriterOptions.defaults().withDialect(Dialect.RIEGELI);
    RecordWriter.open(file, options.withMetadata(RecordsMetadata.empty())).close();
    Map<?, ?> json = json(CliRun.of("describe", "--json", file).succeeds());
    Map<?, ?> described = (Map<?, ?>) json.get("metadata");
    assertThat(described.get("fileComment")).isNull();
    assertThat(described.get("numRecords")).isNull();
    assertThat(described.get("size")).isEqualTo(0L);
    Path without = RecordTexts.write(directory.resolve("without"), "a");
    Map<?, ?> none = json(CliRun.of("describe", "--json", without).succeeds());
    assertThat(none.containsKey("metadata")).isTrue();
    assertThat(none.get("metadata")).isNull();
  }

  @Test
  void printsSizesInJson() {
    Path file = GoldenManifest.entry("arrayrecord/mixed.zstd.arrayrecord").location();
    Map<?, ?> json = json(CliRun.of("describe", "--json", file).succeeds());
    Map<?, ?> sizes = (Map<?, ?>) json.get("recordSizes");
    assertThat(sizes.get("smallest")).isEqualTo(0L);
    assertThat(sizes.get("largest")).isEqualTo(200_000L);
    assertThat((List<?>) sizes.get("histogram"))
        .map(it -> (Map<?, ?>) it)
        .first()
        .satisfies(it -> {
          assertThat(it.get("from")).isEqualTo(0L);
          assertThat(it.get("to")).isEqualTo(0L);
          assertThat(it.get("count")).isEqualTo(4L);
        });
    long count =
        ((List<?>) sizes.get("histogram"))
            .stream().mapToLong(it -> (Long) ((Map<?, ?>) it).get("count")).sum();
    assertThat(count).isEqualTo(34);
    assertThat(((Map<?, ?>) json.get("chunkSizes")).get("largest")).isInstanceOf(Long.class);
  }

  @Test
  void printsATableOfChunks() {
    Path file = GoldenManifest.entry("riegeli/lines.zstd.riegeli").location();
    String text = CliRun.of("describe", "--chunks", file).succeeds().text();
    assertThat(
            text.lines()
                .dropWhile(line -> !line.isEmpty())
                .map(line -> line.strip().split(" +"))
                .limit(5))
        .satisfiesExactly(
            blank -> assertThat(blank).containsExactly(""),
            head -> assertThat(head).startsWith("begin", "end", "type", "codec", "dialect"),
            first -> assertThat(first).startsWith("0", "64", "signature", "-", "-", "0"),
            second -> assertThat(second).startsWith("64").contains("metadata"),
            third -> assertThat(third).contains("simple", "zstd", "riegeli"));
  }

  @Test
  void printsJson() {
    GoldenManifest.Entry golden = GoldenManifest.entry("disky/appended.disky");
    Map<?, ?> json = json(CliRun.of("describe", "--json", golden.location()).succeeds());
    assertThat(json.keySet())
        .map(Object::toString)
        .containsExactly(
            "file",
            "fileSize",
            "container",
            "lacksIndex",
            "records",
            "recordBytes",
            "encodedBytes",
            "compressionRatio",
            "dialects",
            "chunksByCodec",
            "chunksByType",
            "recordSizes",
            "chunkSizes",
            "metadata");
    assertThat(json.get("file")).isEqualTo(golden.location().toString());
    assertThat(json.get("records")).isEqualTo(900L);
    assertThat(json.get("recordBytes")).isEqualTo(45_606L);
    assertThat(json.get("dialects")).isEqualTo(List.of("disky"));
    assertThat(json.get("compressionRatio")).isInstanceOf(Double.class);
    assertThat(json.get("chunksByCodec"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("none", "zstd");
    assertThat(json.get("chunksByType"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("signature", 1L);
  }

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#forOracle")
  void listsChunksAsTheyAre(GoldenManifest.Entry golden) throws IOException {
    if (golden.isSharded()) {
      return;
    }
    Map<?, ?> json = json(CliRun.of("describe", "--json", "--chunks", golden.location()));
    List<?> expected =
        OracleReader.read(golden.location()).chunks().stream()
            .map(chunk -> List.of(chunk.begin(), chunk.end(), chunk.records(), chunk.dataSize()))
            .toList();
    assertThat((List<?>) json.get("chunks"))
        .map(chunk -> (Map<?, ?>) chunk)
        .map(chunk ->
            List.of(
                chunk.get("begin"),
                chunk.get("end"),
                chunk.get("records"),
                chunk.get("encodedBytes")))
        .isEqualTo(expected);
  }

  @Test
  void tellsUnknownValuesByNull() {
    Path file = GoldenManifest.entry("disky/lines.none.disky").location();
    List<?> chunks =
        (List<?>) json(CliRun.of("describe", "--json", "--chunks", file)).get("chunks");
    Map<?, ?> signature = (Map<?, ?>) chunks.get(0);
    assertThat(signature.get("codec")).isNull();
    assertThat(signature.containsKey("codec")).isTrue();
    assertThat(((Map<?, ?>) chunks.get(1)).get("codec")).isEqualTo("none");
    assertThat(((Map<?, ?>) chunks.get(1)).get("dialect")).isNull();
  }

  @Test
  void escapesTheNameInJson() throws IOException {
    Path file = RecordTexts.write(directory.resolve("quote\" back\\slash\ttab"), "a");
    Map<?, ?> json = json(CliRun.of("describe", "--json", file).succeeds());
    assertThat(json.get("file")).isEqualTo(file.toString());
  }

  @Test
  void readsStandardInput() throws IOException {
    byte[] file = Files.readAllBytes(GoldenManifest.entry("disky/mixed.zstd.disky").location());
    Map<?, ?> json = json(CliRun.with(file, "describe", "--json", "--chunks", "-").succeeds());
    assertThat(json.get("file")).isEqualTo("-");
    assertThat(json.get("records")).isEqualTo(34L);
  }

  @Test
  void tellsWhereAFileIsDamaged() throws IOException {
    byte[] file = Files.readAllBytes(GoldenManifest.entry("disky/lines.none.disky").location());
    Path torn = Files.write(directory.resolve("torn"), FileDamage.truncate(file, 200_000));
    CliRun run = CliRun.of("describe", "--json", "--chunks", torn);
    run.fails(torn + ": byte 1");
    assertThat(run.output()).isEmpty();
  }

  @Test
  void describesFilesThatExist() {
    CliRun.of("describe").isRefused("FILE");
    CliRun.of("describe", directory.resolve("missing")).fails("missing");
  }

  private static Map<?, ?> json(CliRun run) {
    assertThat(run.output()).isNotEmpty();
    return (Map<?, ?>) JsonText.parse(run.text());
  }
}
