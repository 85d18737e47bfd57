package io.disky.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A JVM of its own, for what this one's flags or past would spoil. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Runs {@code main} in {@code directory} until it ends without a failure.
   *
   * @param options what the JVM itself is told
   * @return the numbers that it printed, each in a line with its name before it
   */
  public static Map<String, Long> run(
      Class<?> main, Path directory, List<String> options, String... arguments) throws Exception {
    Process process = start(command(main, options, arguments), directory);
    String output;
    try {
      output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
    } finally {
      process.destroyForcibly();
    }
    return numbers(output);
  }

  /**
   * Runs the class {@code main}, which uses the library, until it ends without a failure.
   *
   * @param classes the directory with the class
   * @param directory the working directory
   * @return what it printed
   */
  public static String output(
      String main, Path classes, Path directory, List<String> options, String... arguments)
      throws Exception {
    Process process = start(command(main, classes, options, arguments), directory);
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Starts {@code main} in {@code directory}. Its standard error is that of this process. */
  public static Process start(
      Class<?> main, Path directory, List<String> options, String... arguments) throws Exception {
    return start(command(main, options, arguments), directory);
  }

  private static List<String> command(Class<?> main, List<String> options, String... arguments)
      throws URISyntaxException {
    return command(main.getName(), classPathRoot(main), options, arguments);
  }

  private static List<String> command(
      String main, Path classes, List<String> options, String... arguments)
      throws URISyntaxException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    for (String property : List.of("io.disky.library.path", "io.disky.library.dir")) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + "=" + value);
      }
    }
    command.addAll(options);
    command.add("-cp");
    command.add(classPathRoot(RecordReader.class) + File.pathSeparator + classes);
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }

  private static Process start(List<String> command, Path directory) throws IOException {
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectError(Redirect.INHERIT)
        .start();
  }

  private static Map<String, Long> numbers(String output) {
    Map<String, Long> numbers = new HashMap<>();
    for (String line : output.lines().toList()) {
      int space = line.indexOf(' ');
      assertThat(line).as(output).matches("\\w+ -?\\d+");
      numbers.put(line.substring(0, space), Long.valueOf(line.substring(space + 1)));
    }
    return numbers;
  }

  /** Not the property java.class.path, on which a module under test is not. */
  private static Path classPathRoot(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
