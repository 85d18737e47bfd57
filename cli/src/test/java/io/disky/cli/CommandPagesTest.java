package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The generated pages about the command line: completion for shells, and the manual page. */
class CommandPagesTest {
  private static final String REMEDY = "run scripts/generate-command-pages and commit the result";
  private static final CommandLine DISKY = ParsedCommandLine.all();
  private static final Map<String, String> PAGES =
      Map.of(
          "disky.bash", BashCompletion.of(DISKY),
          "_disky", ZshCompletion.of(DISKY),
          "disky.1", ManPage.of(DISKY));

  @TempDir private Path directory;

  /** The folder of the committed pages. */
  private static Path folder() {
    return Files.isDirectory(Path.of("cli")) ? Path.of("cli", "pages") : Path.of("pages");
  }

  @Test
  void pagesAreUpToDate() throws IOException {
    boolean write = Boolean.getBoolean("disky.pages.write");
    for (Map.Entry<String, String> page : PAGES.entrySet()) {
      Path file = folder().resolve(page.getKey());
      if (write) {
        Files.writeString(file, page.getValue());
      }
      assertThat(file).as(REMEDY).hasContent(page.getValue());
    }
  }

  @Test
  void pagesNameEveryCommandAndOption() {
    CommandPages.commands(DISKY)
        .forEach((name, command) -> {
          for (String page : PAGES.values()) {
            assertThat(page).contains(name);
          }
          for (String option : CommandPages.optionNames(command)) {
            assertThat(PAGES.get("disky.bash")).contains(option);
            assertThat(PAGES.get("_disky")).contains(option);
            assertThat(PAGES.get("disky.1")).contains("\\fB" + option.replace("-", "\\-"));
          }
        });
  }

  /** The guide has a table of all commands, with the line that describes each in the help. */
  @Test
  void theGuideListsAllCommands() throws IOException {
    StringBuilder table = new StringBuilder("| command | what it does |\n|---|---|\n");
    CommandPages.commands(DISKY)
        .forEach((name, command) ->
            table
                .append("| `")
                .append(name)
                .append("` | ")
                .append(CommandPages.header(command).replace("'", "`"))
                .append(" |\n"));
    Path root = Files.isDirectory(Path.of("cli")) ? Path.of("") : Path.of("..");
    assertThat(root.resolve("docs/guides/command-line.md")).content().contains(table + "\n");
  }

  private String run(String... command) throws Exception {
    return CliProcess.run(directory, new ProcessBuilder(command));
  }

  private boolean has(String program) throws Exception {
    return !run("sh", "-c", "command -v " + program + " || true").isEmpty();
  }

  private Path page(String name) throws IOException {
    return Files.writeString(directory.resolve(name), PAGES.get(name), UTF_8);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void bashCompletes() throws Exception {
    String script =
        """
        . ./disky.bash
        try() {
          COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
          _disky
          echo "${COMPREPLY[*]-}"
        }
        try disky ve
        try disky cat --fo
        try disky cat --format = he
        try disky cat -t le
        try disky cat fi
        try disky help cou
        try disky write --dia
        try disky -
        """;
    page("disky.bash");
    assertThat(run("bash", "-euc", script).lines())
        .containsExactly(
            "verify version",
            "--follow --format",
            "hex",
            "length-prefixed",
            "",
            "count",
            "--dialect",
            "-v -V --version -h --help");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void zshAcceptsItsCompletion() throws Exception {
    assumeTrue(has("zsh"), "there is no zsh");
    page("_disky");
    String script =
        """
        autoload -Uz compinit && compinit -u -d ./dump
        fpath=(. $fpath)
        autoload -Uz _disky && autoload -U +X _disky && echo read
        """;
    assertThat(run("zsh", "-fc", script)).isEqualTo("read\n");
    assertThat(run("zsh", "-n", "./_disky")).isEmpty();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void groffFormatsTheManualPageWithoutWarnings() throws Exception {
    assumeTrue(has("groff"), "there is no groff");
    page("disky.1");
    assertThat(run("groff", "-man", "-Tascii", "-ww", "-z", "disky.1")).isEmpty();
    List<String> text =
        run("sh", "-c", "groff -man -Tascii -P-cbou disky.1").lines().map(String::strip).toList();
    assertThat(text)
        .contains("NAME", "disky - writes and reads record files", "DISKY CAT")
        .anyMatch(line -> line.startsWith("-n, --limit=N"))
        .anyMatch(line -> line.startsWith("-F "));
  }
}
