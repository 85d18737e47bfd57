package io.disky.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.damage.FileDamage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code disky verify}. */
class VerifyCommandTest {
  @TempDir Path directory;

  /** A file of three chunks, the second of which begins at the second position. */
  private final List<Long> begins = new ArrayList<>();

  private byte[] threeChunks() {
    begins.clear();
    RecordFileForge forge = RecordFileForge.withSignature();
    for (int size : new int[] {3, 4, 5}) {
      begins.add(forge.position());
      forge.simpleChunk(new byte[size]);
    }
    return forge.bytes();
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  @Test
  void goldenFilesAreIntact() {
    List<Object> args = new ArrayList<>(List.of("verify"));
    StringBuilder lines = new StringBuilder();
    for (GoldenManifest.Entry golden : GoldenManifest.all()) {
      for (Path file : golden.files()) {
        args.add(file);
        lines.append(file).append(": intact\n");
      }
    }
    assertThat(CliRun.of(args.toArray()).succeeds().text()).isEqualTo(lines.toString());
    args.add("--deep");
    assertThat(CliRun.of(args.toArray()).succeeds().text()).isEqualTo(lines.toString());
  }

  @Test
  void printsALineForEachDamagedPart() throws IOException {
    byte[] content = threeChunks();
    byte[] damaged = FileDamage.flip(content, begins.get(0) + 43);
    Path file = file("damaged", FileDamage.concatenate(damaged, new byte[100]));
    Path intact = file("intact", content);

    CliRun run = CliRun.of("verify", file, intact);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.messages()).isEmpty();
    List<String> lines = run.text().lines().toList();
    assertThat(lines.size()).isEqualTo(3);
    assertThat(lines.get(0))
        .startsWith(
            "%s: damaged from %d to %d: byte %d: "
                .formatted(file, begins.get(0), begins.get(1), begins.get(0)))
        .contains("hash");
    assertThat(lines.get(1))
        .startsWith(
            file + ": damaged from " + content.length + " to " + (content.length + 100) + ": ");
    assertThat(lines.get(2)).isEqualTo(intact + ": intact");
  }

  @Test
  void tornTailsAndJunkAtTheEndAreDamage() throws IOException {
    byte[] content = threeChunks();
    Path torn = file("torn", FileDamage.truncate(content, content.length - 1));
    Path junk = file("junk", FileDamage.concatenate(content, new byte[1]));
    Path text = file("text", "this is no record file".getBytes(US_ASCII));
    for (String option : new String[] {"--deep", "--"}) {
      CliRun run = CliRun.of("verify", option, torn, junk, text);
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.text().lines().toList())
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .startsWith(
                          "%s: damaged from %d to %d: "
                              .formatted(torn, begins.get(2), content.length - 1)),
              line ->
                  assertThat(line)
                      .startsWith(
                          "%s: damaged from %d to %d: "
                              .formatted(junk, content.length, content.length + 1)),
              line -> assertThat(line).startsWith(text + ": damaged from 0 to 22: "));
    }
  }

  @Test
  void aFileThatCannotBeReadDoesNotStopTheOthers() throws IOException {
    Path intact = file("intact", threeChunks());
    Path missing = directory.resolve("missing");
    CliRun run = CliRun.of("verify", missing, intact);
    run.fails(missing.toString(), "cannot open");
    assertThat(run.text()).isEqualTo(intact + ": intact\n");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    CliRun.of("verify", empty).fails(empty.toString(), "directory");
  }

  private static long endOfRecords(Path file) throws IOException {
    long[] end = new long[1];
    try (RecordReader reader = RecordReader.open(file)) {
      reader.forEachChunk(chunk -> end[0] = chunk.type().holdsRecords() ? chunk.end() : end[0]);
    }
    return end[0];
  }

  /** If its writer was killed, an ArrayRecord has no index or only a part of it. */
  @Test
  void anArrayRecordWithoutItsIndexIsNotIntact() throws IOException {
    Path whole = directory.resolve("whole.array_record-00000-of-00001");
    CliRun.with("one\ntwo\n", "write", "--container=array_record", whole).succeeds();
    byte[] content = Files.readAllBytes(whole);
    Path renamed = file("renamed", content);
    Path noPostscript = file("a", FileDamage.truncate(content, content.length - (1 << 16)));
    Path moved = file("b", FileDamage.concatenate(content, content));
    byte[] groups = FileDamage.truncate(content, endOfRecords(whole));
    Path noIndex = file("c.ArrayRecord", groups);
    Path anyFile = file("array_record", groups);
    for (String option : new String[] {"--deep", "--"}) {
      CliRun run =
          CliRun.of("verify", option, whole, renamed, noPostscript, moved, noIndex, anyFile);
      assertThat(run.messages()).isEmpty();
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.text().lines().map(line -> line.replaceAll(": this Array.*", "")))
          .containsExactly(
              whole + ": intact",
              renamed + ": intact",
              noPostscript + ": no index",
              moved + ": intact",
              noIndex + ": no index",
              anyFile + ": intact");
    }
  }

  @Test
  void decodesOnlyIfToldTo() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature().simpleChunk(new byte[3]);
    long begin = forge.position();
    forge.chunk(ForgedChunk.simple(List.of(new byte[9])).withDecodedSize(3));
    long end = forge.position();
    Path file = file("lying", forge.simpleChunk(new byte[4]).bytes());

    assertThat(CliRun.of("verify", file).succeeds().text()).isEqualTo(file + ": intact\n");

    CliRun deep = CliRun.of("verify", "--deep", file);
    assertThat(deep.status()).isEqualTo(1);
    assertThat(deep.text())
        .startsWith(file + ": damaged from " + begin + " to " + end + ": ")
        .hasLineCount(1);
  }

  @Test
  void readsStandardInput() {
    byte[] content = threeChunks();
    assertThat(CliRun.with(content, "verify", "-").succeeds().text()).isEqualTo("-: intact\n");
    CliRun damaged = CliRun.with(FileDamage.flip(content, begins.get(1)), "verify", "-");
    assertThat(damaged.status()).isEqualTo(1);
    assertThat(damaged.text())
        .startsWith("-: damaged from " + begins.get(1) + " to " + begins.get(2) + ": ");
  }
}
