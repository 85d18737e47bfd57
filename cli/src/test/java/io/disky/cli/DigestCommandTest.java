package io.disky.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.damage.FileDamage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordDigest;
import io.disky.oracle.RecordFileForge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code disky digest}. */
class DigestCommandTest {
  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("io.disky.oracle.GoldenManifest#all")
  void printsTheFiguresOfGoldenFiles(GoldenManifest.Entry golden) {
    assertThat(CliRun.of("digest", golden.location()).succeeds().text()).isEqualTo(line(golden));
  }

  @Test
  void namesWhatItDoesNotKnow() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature();
    byte[] file = forge.chunk(ForgedChunk.of('X', new byte[1], 1, 1)).bytes();
    Path unknown = Files.write(directory.resolve("unknown"), file);
    CliRun.of("digest", unknown).fails(unknown.toString(), "unknown chunk type 0x58", "byte 64");
  }

  @Test
  void goesOnAfterAFailure() {
    GoldenManifest.Entry golden = GoldenManifest.entry("disky/lines.none.disky");
    Path missing = directory.resolve("missing");
    CliRun run = CliRun.of("digest", golden.location(), missing, golden.location());
    run.fails(missing.toString());
    assertThat(run.text()).isEqualTo(line(golden) + line(golden));
  }

  @Test
  void tellsWhereAFileIsDamaged() throws IOException {
    byte[] file = Files.readAllBytes(GoldenManifest.entry("disky/lines.none.disky").location());
    Path damaged = Files.write(directory.resolve("damaged"), FileDamage.flip(file, 150_000));
    CliRun run = CliRun.of("digest", damaged);
    run.fails(damaged + ": byte 1");
    assertThat(run.messages()).hasLineCount(1);
    assertThat(run.output()).isEmpty();
  }

  @Test
  void doesNotShowTheTemporaryFileOfStandardInput() {
    CliRun run = CliRun.with("this is no record file", "digest", "-");
    run.fails("disky: standard input: byte 0");
  }

  @Test
  void readsStandardInput() throws IOException {
    GoldenManifest.Entry golden = GoldenManifest.entry("disky/mixed.zstd.disky");
    byte[] bytes = Files.readAllBytes(golden.location());
    assertThat(CliRun.with(bytes, "digest", "-").succeeds().text())
        .isEqualTo(line(golden).replace(golden.location().toString(), "-"));
  }

  @Test
  void sortsTheRecordsOfShardsAsUnsignedBytes() throws IOException {
    Path shards = Files.createDirectory(directory.resolve("shards"));
    RecordTexts.write(shards.resolve("shard-10"), "\u00ff", "", "ab", "b");
    RecordTexts.write(shards.resolve("shard-9"), "a", "\u007f", "a\u0080", "a\u0001");
    Files.createDirectory(shards.resolve("directory"));
    RecordTexts.file(shards.resolve(".hidden"), "no record file");
    List<byte[]> records =
        List.of("", "a", "a\u0001", "ab", "a\u0080", "b", "\u007f", "\u00ff").stream()
            .map(text -> text.getBytes(ISO_8859_1))
            .toList();
    String expected = RecordDigest.of(records) + "  8 10 " + shards + "\n";
    assertThat(CliRun.of("digest", shards).succeeds().text()).isEqualTo(expected);
  }

  @Test
  void refusesADirectoryWithoutShards() {
    CliRun.of("digest", directory).fails(directory.toString(), "contains no shards");
  }

  @Test
  void digestsRecordsOfAllSizes() throws IOException {
    long seed = 20_260_117;
    Random random = new Random(seed);
    RecordDigest expected = new RecordDigest();
    Path file = directory.resolve("file");
    ByteArrayOutputStream prefixed = new ByteArrayOutputStream();
    for (int size : new int[] {0, 1, 65_527, 65_528, 65_532, 3, 65_536, 200_000, 0, 5_000_000}) {
      byte[] record = new byte[size];
      random.nextBytes(record);
      expected.add(record);
      for (int shift = 0; shift < 32; shift += 8) {
        prefixed.write(size >> shift);
      }
      prefixed.writeBytes(record);
    }
    CliRun.with(prefixed.toByteArray(), "write", "--length-prefixed", file).succeeds();
    assertThat(CliRun.of("digest", file).succeeds().text())
        .as("seed %d", seed)
        .startsWith(expected.finish() + "  10 ");
  }

  private static String line(GoldenManifest.Entry golden) {
    return golden.digest()
        + "  "
        + golden.records()
        + " "
        + golden.bytes()
        + " "
        + golden.location()
        + "\n";
  }
}
