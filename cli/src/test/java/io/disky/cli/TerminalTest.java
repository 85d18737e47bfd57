package io.disky.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is printed on a terminal: no bytes that are not text, and colours if they are wanted. */
class TerminalTest {
  @TempDir private Path directory;

  @BeforeEach
  void beTerminal() {
    System.setProperty(StandardOutput.TERMINAL_PROPERTY, "true");
  }

  @AfterEach
  void forgetTerminal() {
    System.clearProperty(StandardOutput.TERMINAL_PROPERTY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "\u001b[2J", "\u007f", "\u00ff", "\u00c2\u009b"})
  void bytesThatAreNotTextAreRefused(String bytes) throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "text", bytes);
    for (String[] command :
        new String[][] {{"cat"}, {"head"}, {"grep", "-v", "x"}, {"sample", "-n2"}}) {
      List<Object> args = new ArrayList<>(List.of(command));
      args.add(file);
      CliRun run = CliRun.of(args.toArray());
      assertThat(run.status()).isIn(1, 2);
      assertThat(run.messages()).contains("is not text", "--format=hex", "--format=raw");
      assertThat(run.text()).isIn("text\n", "");
    }
    assertThat(CliRun.of("cat", "--format=raw", file).succeeds().text()).isEqualTo("text" + bytes);
    assertThat(CliRun.of("cat", "--format=lines", file).succeeds().text()).contains(bytes);
    assertThat(CliRun.of("cat", "--format=hex", file).succeeds().text()).startsWith("74657874\n");
    System.setProperty(StandardOutput.TERMINAL_PROPERTY, "false");
    assertThat(CliRun.of("cat", file).succeeds().text()).contains(bytes);
  }

  @Test
  void textIsPrinted() throws IOException {
    String text = new String("a\tb\r \u00e9 \u20ac".getBytes(UTF_8), ISO_8859_1);
    Path file = RecordTexts.write(directory.resolve("file"), text);
    assertThat(CliRun.of("cat", file).succeeds().text()).isEqualTo(text + "\n");
  }

  private String help(boolean terminal, Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        CliProcess.builder(
            List.of("-D" + StandardOutput.TERMINAL_PROPERTY + "=" + terminal), "count", "--help");
    builder.environment().remove("NO_COLOR");
    builder.environment().put("TERM", "xterm");
    builder.environment().putAll(environment);
    return CliProcess.run(directory, builder);
  }

  @Test
  void helpHasColoursOnATerminalOnly() throws Exception {
    assertThat(help(true, Map.of())).contains("\u001b[1m", "disky count");
    assertThat(help(true, Map.of("NO_COLOR", "1")))
        .contains("disky count")
        .doesNotContain("\u001b");
    assertThat(help(false, Map.of())).contains("disky count").doesNotContain("\u001b");
  }
}
