package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordReader;
import io.disky.library.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;

/** The command line in a process of its own. */
final class CliProcess {
  private CliProcess() {}

  /** Starts it in {@code directory}; the options of the JVM come first, if there are any. */
  static Process start(Path directory, List<String> options, Object... args) throws IOException {
    List<String> command = command(options);
    Arrays.stream(args).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command).directory(directory.toFile()).start();
  }

  /** Sends a signal, such as INT. */
  static void signal(Process process, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** All that the process still says on its standard error. */
  static String messages(Process process) throws IOException {
    return new String(process.getErrorStream().readAllBytes(), UTF_8);
  }

  /**
   * Runs a script of bash in {@code directory}, in which {@code disky} is the command line.
   *
   * @return what it printed on both streams
   */
  static String script(Path directory, String... lines) throws IOException, InterruptedException {
    String command =
        command(List.of()).stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    String script = "disky() { " + command + " \"$@\"; }\n" + String.join("\n", lines);
    return run(directory, new ProcessBuilder("bash", "-c", script));
  }

  /** Runs what {@code builder} says, to its end; returns what it printed on both streams. */
  static String run(Path directory, ProcessBuilder builder)
      throws IOException, InterruptedException {
    Process process = builder.directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output;
  }

  private static List<String> command(List<String> options) {
    NativeLibrary.ensureLoaded();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-D" + NativeLibrary.PATH_PROPERTY + "=" + NativeLibrary.file().orElseThrow());
    command.addAll(options);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath())));
    command.add(Main.class.getName());
    return command;
  }

  /** The jars, or folders of classes, of the command line and its dependencies. */
  static List<String> classPath() {
    List<String> entries = new ArrayList<>();
    for (Class<?> type :
        List.of(Main.class, RecordReader.class, CommandLine.class, ProgressBar.class)) {
      try {
        URI entry = type.getProtectionDomain().getCodeSource().getLocation().toURI();
        entries.add(Path.of(entry).toString());
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
    return entries;
  }

  /** Waits until {@code directory} has a file whose name begins with {@code prefix}. */
  static void awaitFile(Path directory, String prefix, Process process) throws Exception {
    while (true) {
      assertThat(process.isAlive()).as("the process goes on").isTrue();
      if (Files.isDirectory(directory)) {
        try (var files = Files.list(directory)) {
          if (files.anyMatch(file -> file.getFileName().toString().startsWith(prefix))) {
            return;
          }
        }
      }
      Thread.sleep(10);
    }
  }
}
