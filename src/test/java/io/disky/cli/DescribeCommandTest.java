package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.FileDamage;
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
        .contains("chunks         1 signature, 19 simple")
        .hasLineCount(9);
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
        .contains("compression    " + golden.codec())
        .contains(golden.isTransposed() ? " transposed" : " simple");
  }

  @Test
  void printsATableOfChunks() {
    Path file = GoldenManifest.entry("riegeli/lines.zstd.riegeli").location();
    String text = CliRun.of("describe", "--chunks", file).succeeds().text();
    assertThat(text.lines().skip(9).map(line -> line.strip().split(" +")).limit(5))
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
            "records",
            "recordBytes",
            "encodedBytes",
            "compressionRatio",
            "dialects",
            "chunksByCodec",
            "chunksByType");
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
  void describesOneFile() {
    CliRun.of("describe").isRefused("FILE");
    CliRun.of("describe", "a", "b").isRefused("b");
    CliRun.of("describe", directory.resolve("missing")).fails("missing");
  }

  private static Map<?, ?> json(CliRun run) {
    assertThat(run.output()).isNotEmpty();
    return (Map<?, ?>) JsonText.parse(run.text());
  }
}
