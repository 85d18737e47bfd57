package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.damage.FileDamage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code disky grep} and {@code disky head}. */
class GrepCommandTest {
  private static final long SEED = 4_716;

  @TempDir Path directory;

  private Path animals;
  private Path other;

  @BeforeEach
  void write() throws IOException {
    animals =
        RecordTexts.write(directory.resolve("animals"), "cat", "dog", "Cat and dog", "", "eel");
    other = RecordTexts.write(directory.resolve("other"), "cow", "bobcat");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cat | cat",
        "^d.g$ | dog",
        "-i cat | cat,Cat and dog",
        "-v [ao] | ,eel",
        "-F . | ''",
        "-F -i CAT | cat,Cat and dog",
        "--hex 6f67 | dog,Cat and dog",
        "--hex 646F67 | dog,Cat and dog",
        "-m 1 -i cat | cat",
        "_ | cat,dog,Cat and dog,,eel",
        "-F _ | cat,dog,Cat and dog,,eel",
        "-F al | ''",
        "--threads=0 e | eel",
        "-p eel | 64/4:eel",
        "-p -v a | 64/1:dog,64/3:,64/4:eel"
      })
  void selectsRecords(String arguments, String expected) {
    List<Object> args = new ArrayList<>(List.of("grep"));
    for (String argument : arguments.split(" ", -1)) {
      args.add(argument.replace("_", ""));
    }
    args.add(animals);
    CliRun run = CliRun.of(args.toArray());
    assertThat(run.messages()).isEmpty();
    String[] lines = run.text().split("\n", -1);
    assertThat(String.join(",", Arrays.copyOf(lines, lines.length - 1))).isEqualTo(expected);
    assertThat(run.status()).isEqualTo(run.text().isEmpty() ? 1 : 0);
  }

  @Test
  void theExitStatusIsThatOfGrep() throws IOException {
    assertThat(CliRun.of("grep", "cat", animals).status()).isEqualTo(0);
    assertThat(CliRun.of("grep", "cow", animals).status()).isEqualTo(1);
    Path missing = directory.resolve("missing");
    CliRun run = CliRun.of("grep", "cat", missing, animals);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.messages()).contains(missing.toString());
    assertThat(run.text()).isEqualTo(animals + ":cat\n");
    assertThat(CliRun.of("grep", "-q", "cat", animals, missing).status()).isEqualTo(0);
    assertThat(CliRun.of("grep", "-q", "cow", animals, missing).status()).isEqualTo(2);
    assertThat(CliRun.of("grep", "-q", "cat", animals).text()).isEmpty();
    assertThat(CliRun.of("grep", "cat", directory.resolve("*.none")).status()).isEqualTo(2);
    assertThat(CliRun.of("grep", "(", animals).status()).isEqualTo(2);
  }

  @Test
  void namesFilesIfThereAreSeveral() {
    assertThat(CliRun.of("grep", "cat", animals, other).text())
        .isEqualTo(animals + ":cat\n" + other + ":bobcat\n");
    assertThat(CliRun.of("grep", "--no-filename", "cat", animals, other).text())
        .isEqualTo("cat\nbobcat\n");
    assertThat(CliRun.of("grep", "-c", "o", animals, other).text())
        .isEqualTo(animals + ":2\n" + other + ":2\n");
    assertThat(CliRun.of("grep", "-c", "cow", animals).text()).isEqualTo("0\n");
    assertThat(CliRun.of("grep", "-c", "-m1", "o", animals).text()).isEqualTo("1\n");
    assertThat(CliRun.of("grep", "--format=hex", "eel", animals, other).text())
        .isEqualTo(animals + ":65656c\n");
    assertThat(CliRun.of("grep", "--format=raw", "c.[tw]", animals, other).text())
        .isEqualTo("catcowbobcat");
  }

  @Test
  void printsPositionsThatCatTakes() throws IOException {
    Path file = directory.resolve("many");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      lines.append("line ").append(i).append('\n');
    }
    CliRun.with(lines.toString(), "write", "--chunk-size=2000", file).succeeds();
    CliRun run = CliRun.of("grep", "-p", "77$", file).succeeds();
    assertThat(run.text()).hasLineCount(30);
    for (String line : run.text().split("\n", -1)) {
      if (!line.isEmpty()) {
        String[] parts = line.split(":", 2);
        assertThat(CliRun.of("cat", "--limit=1", "--at", parts[0], file).succeeds().text())
            .isEqualTo(parts[1] + "\n");
      }
    }
    for (String threads : List.of("0", "1", "4")) {
      assertThat(CliRun.of("grep", "-p", "--threads", threads, "77$", file).text())
          .isEqualTo(run.text());
    }
  }

  @Test
  void bytesNeedNotBeText() throws IOException {
    Random random = new Random(SEED);
    byte[] bytes = new byte[20_000];
    random.nextBytes(bytes);
    Path record = Files.write(directory.resolve("record"), bytes);
    Path file = directory.resolve("bytes");
    CliRun.of("write", "--files", file, record).succeeds();
    for (int round = 0; round < 300; round++) {
      int begin = random.nextInt(bytes.length - 5);
      byte[] part = Arrays.copyOfRange(bytes, begin, begin + 1 + random.nextInt(5));
      String hex = HexFormat.of().formatHex(part);
      assertThat(CliRun.of("grep", "-q", "--threads=0", "--hex", hex, file).status())
          .as("seed %d, round %d: %s", SEED, round, hex)
          .isZero();
    }
    assertThat(CliRun.of("grep", "-q", "--hex", "00112233445566778899", file).status())
        .isEqualTo(1);
    Path text = directory.resolve("text");
    CliRun.with("K\u00e4se\n".getBytes(UTF_8), "write", text).succeeds();
    assertThat(CliRun.of("grep", "-q", "-F", "\u00e4", text).status()).isZero();
    assertThat(CliRun.of("grep", "-q", "^K.se$", text).status()).isZero();
    assertThat(CliRun.of("grep", "-q", "-i", "\u00c4SE", text).status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void recordsBeforeDamageAreSelected(int threads) throws IOException {
    Path file = directory.resolve("damaged");
    CliRun.with("a1\na2\na3\na4\n", "write", "--chunk-size=1", "--compression=none", file)
        .succeeds();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, FileDamage.flip(bytes, 64 + 2 * (bytes.length - 64) / 4 + 41));
    CliRun run = CliRun.of("grep", "--threads=" + threads, "a", file);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.text()).isEqualTo("a1\na2\n");
    CliRun recovered = CliRun.of("grep", "--recover", "a", file);
    assertThat(recovered.status()).isZero();
    assertThat(recovered.text()).isEqualTo("a1\na2\na4\n");
    assertThat(recovered.messages()).contains("skipped");
  }

  @Test
  void aPatternThatNeedsTooMuchStackIsAnError() throws IOException {
    Path record = RecordTexts.file(directory.resolve("record"), "ab".repeat(500_000));
    Path file = directory.resolve("file");
    CliRun.of("write", "--files", file, record).succeeds();
    CliRun run = CliRun.of("grep", "^(a|b)*$", file);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.messages()).contains("needs more stack").doesNotContain("defect");
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    CliRun.of("grep", "cat").isRefused("FILE");
    assertThat(CliRun.of("grep", "--hex", "64 6F 67", animals).text())
        .isEqualTo("dog\nCat and dog\n");
    CliRun.of("grep", "--hex", "6", animals).isRefused("two digits are a byte");
    CliRun.of("grep", "--hex", "-F", "66", animals).isRefused("--hex");
    CliRun.of("grep", "--hex", "-i", "66", animals).isRefused("--ignore-case");
    CliRun.of("grep", "-p", "--format=raw", "cat", animals).isRefused("--positions");
    CliRun.of("grep", "-m", "-1", "cat", animals).isRefused("--max-count");
  }

  // head

  @Test
  void headPrintsTheFirstRecordsOfEachFile() throws IOException {
    assertThat(CliRun.of("head", "-n2", animals, other).succeeds().text())
        .isEqualTo("cat\ndog\ncow\nbobcat\n");
    assertThat(CliRun.of("head", "-n0", animals).succeeds().text()).isEmpty();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines.append(i).append('\n');
    }
    Path many = directory.resolve("many");
    CliRun.with(lines.toString(), "write", "--chunk-size=20", many).succeeds();
    assertThat(CliRun.of("head", many).succeeds().text())
        .isEqualTo("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assertThat(CliRun.of("head", "-n100", many).succeeds().text()).isEqualTo(lines.toString());
    assertThat(CliRun.of("head", "-n1", "--format=hex", many).succeeds().text()).isEqualTo("30\n");
    assertThat(CliRun.with(Files.readAllBytes(many), "head", "-n1", "-").succeeds().text())
        .isEqualTo("0\n");
    CliRun.of("head", "-n", "-1", many).isRefused("--count");
  }

  /** Damage after the records that are printed is not reached. */
  @Test
  void headReadsNoFurtherThanItPrints() throws IOException {
    Path file = directory.resolve("damaged");
    CliRun.with("1\n2\n3\n4\n5\n6\n7\n8\n", "write", "--chunk-size=1", file).succeeds();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, FileDamage.flip(bytes, bytes.length - 1));
    assertThat(CliRun.of("head", "-n2", file).succeeds().text()).isEqualTo("1\n2\n");
    CliRun.of("head", "-n8", file).fails(file + ": byte ");
    assertThat(CliRun.of("head", "-n8", "--recover", file).text()).startsWith("1\n2\n3\n");
  }
}
