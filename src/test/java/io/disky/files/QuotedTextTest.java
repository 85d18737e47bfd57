package io.disky.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and texts from outside. What ls prints for the names below was looked up with ls. */
class QuotedTextTest {
  private static final long SEED = 15;

  @ParameterizedTest
  @ValueSource(strings = {"a", "/tmp/part_0.disky", "-", "a~b#c", "ü€", "x:y,z@{1}%+"})
  void plainNamesStay(String name) {
    assertThat(QuotedText.name(name)).isEqualTo(name);
    assertThat(QuotedText.line(name)).isEqualTo(name);
    assertThat(QuotedText.message(name)).isEqualTo(name);
  }

  @Test
  void namesAreQuotedAsLsDoes() {
    assertThat(QuotedText.name("a b")).isEqualTo("'a b'");
    assertThat(QuotedText.name("")).isEqualTo("''");
    assertThat(QuotedText.name("~a")).isEqualTo("'~a'");
    assertThat(QuotedText.name("#a")).isEqualTo("'#a'");
    assertThat(QuotedText.name("it's")).isEqualTo("\"it's\"");
    assertThat(QuotedText.name("it's $5")).isEqualTo("'it'\\''s $5'");
    assertThat(QuotedText.name("a\nb")).isEqualTo("'a'$'\\n''b'");
    assertThat(QuotedText.name("\u001b[2J")).isEqualTo("''$'\\033''[2J'");
    assertThat(QuotedText.name("a\tb\u0007")).isEqualTo("'a'$'\\t''b'$'\\a'");
    assertThat(QuotedText.name("a\u0085\u202e")).isEqualTo("'a'$'\\302\\205\\342\\200\\256'");
    assertThat(QuotedText.name("a\u007f")).isEqualTo("'a'$'\\177'");
  }

  @Test
  void linesMayHaveSpaces() {
    assertThat(QuotedText.line("events of 'a' day")).isEqualTo("events of 'a' day");
    assertThat(QuotedText.line("'forged'")).isEqualTo("\"'forged'\"");
    assertThat(QuotedText.line("a\nb c")).isEqualTo("'a'$'\\n''b c'");
  }

  @Test
  void messagesAreEscapedOnly() {
    assertThat(QuotedText.message("it's \u001b[2J\n")).isEqualTo("it's \\033[2J\\n");
    assertThat(QuotedText.message("\ud800")).isEqualTo("\\ud800");
  }

  /** Whatever a name is, nothing steers the terminal, and a shell reads back the name. */
  @Test
  void shellsReadNamesBack() throws IOException, InterruptedException {
    Random random = new Random(SEED);
    String interesting = "ab '\"\\$`!\n\t\r\u001b\u0007\u0085\u202e\u00e9#~*?[";
    StringBuilder script = new StringBuilder();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      StringBuilder name = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) {
        name.append(interesting.charAt(random.nextInt(interesting.length())));
      }
      String quoted = QuotedText.name(name.toString());
      assertThat(quoted).as("seed %d, name %d", SEED, i).matches("[\\x20-\\x7e\u00e9]+");
      script.append("printf '%s\\0' ").append(quoted).append('\n');
      expected.append(name).append('\0');
    }
    Process bash = new ProcessBuilder("bash", "-s").start();
    bash.getOutputStream().write(script.toString().getBytes(StandardCharsets.UTF_8));
    bash.getOutputStream().close();
    String read = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).isZero();
    assertThat(read).isEqualTo(expected.toString());
  }
}
