package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.damage.FileDamage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command prints a name in quotes if the name would control the terminal or forge a line. */
class PrintedNamesTest {
  private static final String NAME = "a: intact\n\u001b[2J\u202e";
  private static final String QUOTED = "'$'\\n\\033''[2J'$'\\342\\200\\256'";

  @TempDir private Path directory;
  private Path strange;
  private Path damaged;
  private Path junk;
  private Path missing;

  @BeforeEach
  void setUp() throws IOException {
    strange = RecordTexts.write(directory.resolve(NAME), "a", "b");
    damaged = directory.resolve("damaged" + NAME);
    Files.write(damaged, FileDamage.flip(Files.readAllBytes(strange), 110));
    junk = Files.writeString(directory.resolve("junk" + NAME), "\u001b[2J this is none");
    missing = directory.resolve("missing" + NAME);
  }

  private static void assertQuoted(CliRun run, Object... command) {
    String all = new String(run.output(), UTF_8) + run.messages();
    assertThat(all)
        .as("%s", Arrays.toString(command))
        .contains(QUOTED)
        .doesNotContain("\u001b", "\u202e", "intact\n\u001b");
    assertThat(all.lines()).allMatch(line -> !line.startsWith("[2J"));
  }

  @Test
  void everyCommandQuotesThem() throws IOException {
    Path target = Files.createDirectory(directory.resolve("target" + NAME));
    List<Object[]> commands = new ArrayList<>();
    for (Path file : new Path[] {strange, damaged, junk, missing}) {
      for (String command : new String[] {"count", "verify", "digest"}) {
        commands.add(new Object[] {command, file, strange});
      }
      commands.add(new Object[] {"describe", file});
      commands.add(new Object[] {"repair", "--dry-run", file});
      commands.add(new Object[] {"index", "--directory", target, file});
    }
    for (Path file : new Path[] {damaged, junk, missing}) {
      commands.add(new Object[] {"cat", file});
      commands.add(new Object[] {"cat", "--record", "0", file});
      commands.add(new Object[] {"convert", file, target.resolve("out")});
      commands.add(new Object[] {"shuffle", file, target.resolve("out")});
      commands.add(new Object[] {"sample", "--fraction=1", file});
      commands.add(new Object[] {"stats", file});
      commands.add(new Object[] {"head", file});
      commands.add(new Object[] {"grep", "x", file});
      commands.add(new Object[] {"diff", file, strange});
      commands.add(new Object[] {"diff", "--unordered", strange, file});
      commands.add(new Object[] {"merge", file, target.resolve("out")});
      commands.add(new Object[] {"extract", file, target});
      commands.add(new Object[] {"convert", "--from=tfrecord", file, target.resolve("out")});
      commands.add(new Object[] {"convert", "--from=bagz", file, target.resolve("out")});
      commands.add(new Object[] {"split", "--shards=1", "--output-directory", target, file});
    }
    commands.add(new Object[] {"verify", "--deep", damaged});
    commands.add(new Object[] {"cat", "--recover", damaged});
    commands.add(new Object[] {"recover", damaged, target.resolve("recovered")});
    commands.add(new Object[] {"convert", strange, strange});
    commands.add(new Object[] {"convert", "--force", strange, strange});
    commands.add(new Object[] {"convert", "--to=tfrecord", strange, strange});
    commands.add(new Object[] {"convert", "--to=tfrecord", strange, junk});
    commands.add(
        new Object[] {"convert", "--from=tfrecord", "--recover", junk, target.resolve("r")});
    commands.add(new Object[] {"merge", strange, strange});
    commands.add(new Object[] {"extract", strange, target});
    commands.add(new Object[] {"cat", "--format=json", "--type=a", strange});
    commands.add(new Object[] {"grep", "-c", "x", strange, strange});
    commands.add(new Object[] {"plan", junk});
    commands.add(new Object[] {"plan", missing});
    commands.add(new Object[] {"shuffle", strange, strange});
    commands.add(new Object[] {"shuffle", junk, strange});
    commands.add(new Object[] {"sample", "-n1", "--output", strange, strange});
    commands.add(new Object[] {"split", "--shards=1", "--output-directory", junk, directory});
    commands.add(new Object[] {"stats", "--svg", junk, directory});
    commands.add(new Object[] {"write", strange, strange});
    commands.add(new Object[] {"write", "--append", junk, strange});
    commands.add(new Object[] {"write", "--length-prefixed", directory.resolve("new"), junk});
    commands.add(new Object[] {"write", "--jdk-classes", directory.resolve("new"), junk});
    commands.add(new Object[] {"write", directory.resolve("new"), missing});
    commands.add(new Object[] {"write", "--shards", "1", strange, junk});
    commands.add(new Object[] {"count", directory.resolve("none*" + NAME)});
    commands.add(new Object[] {"count", target.resolve(".")});
    Files.createDirectories(target);
    for (Object[] command : commands) {
      assertQuoted(CliRun.of(command), command);
    }
  }

  @Test
  void whatIsLeftOutIsQuoted() throws IOException {
    Path shards = Files.createDirectory(directory.resolve("shards"));
    Path shard = Files.copy(strange, shards.resolve("s" + NAME));
    CliRun.of("index", shard);
    CliRun run = CliRun.of("count", shards);
    assertThat(run.status()).isZero();
    assertQuoted(run);
  }

  @Test
  void jsonIsEscapedAsJson() {
    String json = CliRun.of("describe", "--json", strange).succeeds().text();
    assertThat(json).contains("a: intact\\u000a\\u001b[2J\\u202e\"").doesNotContain(QUOTED);
  }

  @Test
  void plainNamesAreNotQuoted() throws IOException {
    Path plain = RecordTexts.write(directory.resolve("plain"), "a");
    assertThat(CliRun.of("verify", plain).succeeds().text()).isEqualTo(plain + ": intact\n");
    Path spaced = RecordTexts.write(directory.resolve("two words"), "a");
    assertThat(CliRun.of("verify", spaced).succeeds().text())
        .isEqualTo("'" + spaced + "': intact\n");
  }
}
