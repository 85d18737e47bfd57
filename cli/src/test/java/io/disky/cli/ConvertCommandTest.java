package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.ZstdDialect;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code disky convert}. */
class ConvertCommandTest {
  private static final Path GOLDEN = GoldenManifest.entry("disky/lines.none.disky").location();

  @TempDir Path directory;
  private static final Path COMMENTED =
      GoldenManifest.entry("riegeli/lines.zstd.riegeli").location();

  private Path in;
  private Path out;

  @BeforeEach
  void nameFiles() throws IOException {
    in = RecordTexts.write(directory.resolve("in.disky"), "one", "", "three");
    out = directory.resolve("out.disky");
  }

  private static String digest(Path file) {
    String line = CliRun.of("digest", file).succeeds().text();
    return line.substring(0, line.indexOf("  "));
  }

  /** Golden files that contain only records of the user. */
  static Stream<GoldenManifest.Entry> files() {
    return GoldenManifest.all().stream().filter(entry -> !entry.isSharded());
  }

  // Records

  @ParameterizedTest
  @MethodSource("files")
  void keepsRecordsAndTheirOrder(GoldenManifest.Entry golden) throws IOException {
    CliRun.of("convert", "--no-metadata", "--chunk-size=100K", golden.location(), out).succeeds();
    List<byte[]> records = OracleReader.read(out).records();
    assertThat(records).hasSize(Math.toIntExact(golden.records()));
    assertThat(golden.digestOf(records)).isEqualTo(golden.digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "zstd", "zstd:-20", "zstd:19", "brotli", "brotli:0", "snappy"})
  void convertsThereAndBack(String compression) throws IOException {
    Path there = directory.resolve("there");
    CliRun.of("convert", "--dialect=riegeli", "--compression", compression, GOLDEN, there)
        .succeeds();
    assertThat(CliRun.of("describe", there).succeeds().text())
        .contains("compression    " + compression.replaceAll(":.*", ""));
    CliRun.of("convert", "--dialect=disky", "--compression=none", there, out).succeeds();
    assertThat(OracleReader.read(out).records())
        .containsExactlyElementsOf(OracleReader.read(GOLDEN).records());
  }

  @Test
  void writesTheDialectAskedFor() throws IOException {
    CliRun.of("convert", "--dialect=riegeli", in, out).succeeds();
    assertThat(OracleReader.read(out).chunks().get(1).dialect()).contains(ZstdDialect.RIEGELI);
    CliRun.of("convert", "--force", in, out).succeeds();
    assertThat(OracleReader.read(out).chunks().get(1).dialect()).contains(ZstdDialect.DISKY);
    assertThat(RecordTexts.in(out)).containsExactly("one", "", "three");
  }

  @Test
  void cutsAndJoinsChunks() throws IOException {
    CliRun.of("convert", "--chunk-size=1", in, out).succeeds();
    assertThat(OracleReader.read(out).chunks()).hasSize(4);
    Path joined = directory.resolve("joined");
    CliRun.of("convert", out, joined).succeeds();
    assertThat(OracleReader.read(joined).chunks()).hasSize(2);
    assertThat(RecordTexts.in(joined)).containsExactly("one", "", "three");
  }

  @Test
  void convertsFilesWithoutRecords() throws IOException {
    CliRun.of("convert", Files.createFile(directory.resolve("empty")), out).succeeds();
    assertThat(RecordTexts.in(out)).isEmpty();
    assertThat(out).isNotEmptyFile();
  }

  private static final List<List<String>> LAYOUTS =
      List.of(
          List.of("--dialect=disky", "--compression=zstd:5", "--chunk-size=3000"),
          List.of(
              "--dialect=riegeli",
              "--compression=brotli:2",
              "--transpose",
              "--bucket-fraction=0.5",
              "--file-comment=cats",
              "--padding=64KiB"),
          List.of("--container=array_record", "--group-size=3", "--compression=none"),
          List.of("--container=array_record", "--transpose", "--compression=snappy"));

  static Stream<Arguments> pairsOfLayouts() {
    return LAYOUTS.stream().flatMap(from -> LAYOUTS.stream().map(to -> Arguments.of(from, to)));
  }

  private static CliRun convert(List<String> options, Path in, Path out) {
    List<Object> arguments = new ArrayList<>(List.of("convert"));
    arguments.addAll(options);
    arguments.addAll(List.of(in, out));
    return CliRun.of(arguments.toArray());
  }

  @ParameterizedTest
  @MethodSource("pairsOfLayouts")
  void convertsAnyLayoutToAnyOther(List<String> from, List<String> to) {
    Path between = directory.resolve("between");
    convert(from, GOLDEN, between).succeeds();
    List<String> options = new ArrayList<>(to);
    options.add("--no-metadata");
    convert(options, between, out).succeeds();
    assertThat(digest(between)).isEqualTo(digest(GOLDEN));
    assertThat(digest(out)).isEqualTo(digest(GOLDEN));

    boolean isArrayRecord = to.contains("--container=array_record");
    assertThat(CliRun.of("describe", out).succeeds().text())
        .contains("container      " + (isArrayRecord ? "array_record" : "records") + "\n");
  }

  // Metadata

  private static Optional<RecordsMetadata> metadata(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      return reader.metadata();
    }
  }

  @Test
  void carriesTheMetadataOver() throws IOException {
    CliRun.of("convert", "--dialect=riegeli", COMMENTED, out).succeeds();
    assertThat(metadata(out))
        .contains(RecordsMetadata.empty().withFileComment("golden lines zstd"));
    CliRun.of("convert", "--container=array_record", "--force", COMMENTED, out).succeeds();
    assertThat(metadata(out))
        .contains(RecordsMetadata.empty().withFileComment("golden lines zstd"));
  }

  @Test
  void saysWhenMetadataAreLeftOut() throws IOException {
    CliRun run = CliRun.of("convert", COMMENTED, out);
    assertThat(run.status()).isZero();
    assertThat(run.messages())
        .startsWith("disky: " + COMMENTED + ": its file metadata are left out")
        .contains("--dialect=riegeli")
        .hasLineCount(1);
    assertThat(metadata(out)).isEmpty();
    CliRun.of("convert", "--force", "--no-metadata", COMMENTED, out).succeeds();
    assertThat(metadata(out)).isEmpty();
  }

  @Test
  void takesOtherMetadataOrNone() throws IOException {
    CliRun.of("convert", "--dialect=riegeli", "--file-comment=cats", COMMENTED, out).succeeds();
    assertThat(metadata(out)).contains(RecordsMetadata.empty().withFileComment("cats"));
    CliRun.of("convert", "--dialect=riegeli", "--no-metadata", "--force", COMMENTED, out)
        .succeeds();
    assertThat(metadata(out)).isEmpty();
  }

  /** Metadata are read before OUT is created. */
  @Test
  void metadataThatAreNone() throws IOException {
    byte[] content = RecordFileForge.withSignature().metadataChunk(new byte[] {0, 9}).bytes();
    Path garbage = Files.write(directory.resolve("garbage"), content);
    CliRun.of("convert", "--dialect=riegeli", garbage, out).fails(garbage + ": byte 64: ");
    assertThat(out).doesNotExist();
    CliRun.of("convert", "--dialect=riegeli", "--no-metadata", garbage, out).succeeds();
  }

  // Streams

  @Test
  void arrayRecordsThroughStandardInputAndOutput() throws IOException {
    Path golden = GoldenManifest.entry("arrayrecord/mixed.zstd.arrayrecord").location();
    CliRun run =
        CliRun.with(
            Files.readAllBytes(golden),
            "convert",
            "--container=array_record",
            "--group-size=5",
            "-",
            "-");
    Files.write(out, run.succeeds().output());
    assertThat(digest(out)).isEqualTo(digest(golden));
    assertThat(CliRun.of("describe", out).succeeds().text())
        .contains("7 simple, 1 footer, 1 postscript");
    CliRun.with(Files.readAllBytes(golden), "convert", "--force", "-", out).succeeds();
    assertThat(digest(out)).isEqualTo(digest(golden));
  }

  @Test
  void readsStandardInputAndWritesStandardOutput() throws IOException {
    byte[] bytes = Files.readAllBytes(in);
    CliRun.with(bytes, "convert", "-", out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("one", "", "three");
    assertThat(RecordTexts.in(CliRun.of("convert", in, "-").succeeds().output()))
        .containsExactly("one", "", "three");
    assertThat(RecordTexts.in(CliRun.with(bytes, "convert", "-", "-").succeeds().output()))
        .containsExactly("one", "", "three");
  }

  @Test
  void writesNothingToStandardOutputUnlessAllIsWell() throws IOException {
    byte[] damaged = FileDamage.flip(Files.readAllBytes(GOLDEN), 150_000);
    CliRun run = CliRun.with(damaged, "convert", "-", "-");
    run.fails("standard input: byte 1");
    assertThat(run.messages()).hasLineCount(1).doesNotContain(".tmp");
    assertThat(run.output()).isEmpty();
  }

  // Failures

  @Test
  void leavesNoFileOfADamagedOne() throws IOException {
    byte[] file = Files.readAllBytes(GOLDEN);
    Path damaged = Files.write(directory.resolve("damaged"), FileDamage.flip(file, 150_000));
    CliRun run = CliRun.of("convert", damaged, out);
    run.fails(damaged + ": byte 1", "\ndisky: " + out + ": removed, because it is incomplete\n");
    assertThat(run.messages()).hasLineCount(2);
    assertThat(out).doesNotExist();

    RecordTexts.write(out, "old");
    CliRun.of("convert", "--force", damaged, out).fails(damaged + ": byte 1");
    assertThat(out).doesNotExist();
  }

  @Test
  void leavesAnExistingFileAlone() throws IOException {
    RecordTexts.write(out, "old");
    CliRun run = CliRun.of("convert", in, out);
    run.fails(out + ": exists already; --force overwrites it");
    assertThat(run.messages()).doesNotContain("--append");
    assertThat(RecordTexts.in(out)).containsExactly("old");
    CliRun.of("convert", "--append", in, out).isRefused("--append");
    CliRun.of("convert", "--force", in, out).succeeds();
    assertThat(RecordTexts.in(out)).containsExactly("one", "", "three");
  }

  @Test
  void looksAtItsInputBeforeItTouchesTheOutput() throws IOException {
    RecordTexts.write(out, "old");
    Path missing = directory.resolve("missing");
    CliRun.of("convert", "--force", missing, out).fails(missing + ": cannot open: No such file");
    Path text = RecordTexts.file(directory.resolve("text"), "no record file".repeat(10));
    CliRun.of("convert", "--force", text, out).fails(text.toString());
    Path none = Files.createDirectory(directory.resolve("none"));
    CliRun.of("convert", "--force", none, out).fails(none.toString());
    assertThat(RecordTexts.in(out)).containsExactly("old");
  }

  @Test
  void refusesToReadWhatItWrites() throws IOException {
    CliRun.of("convert", "--force", in, in).isRefused(in + " is both IN and OUT");
    CliRun.of("convert", in, in).isRefused(in + " is both IN and OUT");
    Path same = directory.resolve(".").resolve(in.getFileName());
    CliRun.of("convert", "--force", same, in).isRefused("both IN and OUT");
    Path link = Files.createSymbolicLink(directory.resolve("link"), in);
    CliRun.of("convert", "--force", in, link).isRefused("both IN and OUT");
    Path name = Files.createLink(directory.resolve("name"), in);
    CliRun.of("convert", "--force", name, in).isRefused("both IN and OUT");
    assertThat(RecordTexts.in(in)).containsExactly("one", "", "three");
  }

  @Test
  void refusesOptionsThatDoNotGoTogether() {
    CliRun.of("convert", "--compression=snappy", in, out)
        .isRefused("snappy", "not readable by upstream", "--dialect=riegeli");
    CliRun.of("convert", "--dialect=disky", "--container=array_record", in, out)
        .isRefused("--container=array_record", "--dialect=disky");
    CliRun.of("convert", "--group-size=5", in, out).isRefused("--group-size");
    CliRun.of("convert", "--compression=none", "--window-log=20", in, out)
        .isRefused("no window_log");
    CliRun.of("convert", in).isRefused("OUT");
    CliRun.of("convert").isRefused("IN");
    CliRun.of("convert", in, out, in).isRefused(in.toString());
    assertThat(out).doesNotExist();
  }

  @Test
  void reportsPlacesThatCannotBeWritten() {
    CliRun.of("convert", in, directory.resolve("missing").resolve("out")).fails("missing");
    CliRun.of("convert", "--force", in, directory).fails(directory.toString());
    assertThat(directory).isDirectory();
  }

  @Test
  void keepsTheDigest() {
    CliRun.of("convert", "--dialect=riegeli", "--compression=brotli:9", GOLDEN, out).succeeds();
    assertThat(digest(out)).isEqualTo(digest(GOLDEN));
  }
}
