package io.disky.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.library.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs {@link RecordFileProgram} in a JVM of its own. Immutable. */
public final class RecordFileProcess {
  private final List<String> wrapper;
  private final List<String> options;

  private RecordFileProcess(List<String> wrapper, List<String> options) {
    this.wrapper = wrapper;
    this.options = options;
  }

  /** One whose JVM has these options. */
  public static RecordFileProcess withOptions(String... options) {
    return new RecordFileProcess(List.of(), List.of(options));
  }

  /** The same, started by a command that gets the JVM's command as its last arguments. */
  public RecordFileProcess startedBy(String... command) {
    return new RecordFileProcess(List.of(command), options);
  }

  /**
   * Runs the program to its end.
   *
   * @return what it printed
   * @throws AssertionError if it failed
   */
  public String run(String verb, Path path) throws IOException, InterruptedException {
    Process process = start(verb, path);
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as("status of the process, which printed %s", output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Starts the program. Its standard error goes to its standard output. */
  public Process start(String verb, Path path) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-D" + NativeLibrary.PATH_PROPERTY + "=" + library());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), RecordFileProgram.class.getName()));
    command.addAll(List.of(verb, path.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // They would change what the JVM prints, or how it runs.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    return builder.start();
  }

  /**
   * The one that this JVM loaded: nothing has to be extracted, which may be what cannot be done.
   */
  private static Path library() {
    NativeLibrary.ensureLoaded();
    return NativeLibrary.file().orElseThrow();
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator,
        Stream.of(RecordReader.class, RecordFileProgram.class)
            .map(RecordFileProcess::classPathEntry)
            .toList());
  }

  private static String classPathEntry(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
