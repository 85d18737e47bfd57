package io.disky.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Arrays;

/** A run of the command line within this JVM. */
final class CliRun {
  private final int status;
  private final byte[] output;
  private final String messages;

  private CliRun(int status, byte[] output, String messages) {
    this.status = status;
    this.output = output;
    this.messages = messages;
  }

  /** Runs with empty standard input. */
  static CliRun of(Object... args) {
    return with(new byte[0], args);
  }

  /** Runs with {@code input} on standard input. */
  static CliRun with(String input, Object... args) {
    return with(input.getBytes(ISO_8859_1), args);
  }

  static CliRun with(byte[] input, Object... args) {
    return with(new ByteArrayInputStream(input), args);
  }

  static CliRun with(InputStream input, Object... args) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    CliRun run = into(output, input, args);
    return new CliRun(run.status, output.toByteArray(), run.messages);
  }

  /** Runs with another standard output. */
  static CliRun into(OutputStream output, InputStream input, Object... args) {
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    String[] texts = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int status = Main.run(texts, input, output, new PrintStream(messages, true, UTF_8));
    return new CliRun(status, new byte[0], messages.toString(UTF_8));
  }

  int status() {
    return status;
  }

  /** The bytes written to standard output. */
  byte[] output() {
    return output;
  }

  /** The text written to standard error. */
  String messages() {
    return messages;
  }

  /** Standard output with one character for each byte. */
  String text() {
    return new String(output, ISO_8859_1);
  }

  CliRun succeeds() {
    assertThat(messages).isEmpty();
    assertThat(status).isZero();
    return this;
  }

  /** Expects a failure of data or of input and output, reported in a line. */
  CliRun fails(String... parts) {
    return ends(1, parts);
  }

  /** Expects an error about the arguments. */
  CliRun isRefused(String... parts) {
    return ends(2, parts);
  }

  private CliRun ends(int expected, String... parts) {
    assertThat(messages).startsWith("disky: ").contains(parts).doesNotContain("\tat ");
    assertThat(status).isEqualTo(expected);
    return this;
  }
}
