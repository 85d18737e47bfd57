package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands in the loading guide print the output that the page shows. */
class LoadingGuideCommandsTest {
  private static final Path GUIDE =
      Files.exists(Path.of("docs/loading.md"))
          ? Path.of("docs/loading.md")
          : Path.of("../docs/loading.md");

  private static final Pattern COMMAND =
      Pattern.compile("```sh\ndisky ([^\n]*)\n```\n\nprints:\n\n```text\n(.*?)```", Pattern.DOTALL);

  @TempDir Path directory;

  @BeforeEach
  void makeFiles() {
    write("news.disky", 1000);
    write("books.disky", 50);
  }

  private void write(String name, int records) {
    List<String> lines = IntStream.range(0, records).mapToObj("record %093d"::formatted).toList();
    CliRun.with(
            String.join("\n", lines) + "\n",
            "write",
            "--lines",
            "--chunk-size=4KiB",
            directory.resolve(name))
        .succeeds();
  }

  @Test
  void everyCommandPrintsWhatThePageSays() throws IOException {
    String page = Files.readString(GUIDE);
    List<MatchResult> commands = COMMAND.matcher(page).results().toList();
    assertThat(commands).hasSizeGreaterThanOrEqualTo(2);
    assertThat(page.split("```sh\n", -1))
        .as("each command states its output")
        .hasSize(commands.size() + 1);
    for (MatchResult command : commands) {
      Object[] arguments =
          Arrays.stream(command.group(1).split(" ", -1))
              .map(word -> word.endsWith(".disky") ? directory.resolve(word) : word)
              .toArray();
      assertThat(CliRun.of(arguments).succeeds().text())
          .as(command.group(1))
          .isEqualTo(command.group(2));
    }
  }
}
