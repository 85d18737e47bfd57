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

/** Runs the command line in a process of its own. */
final class CliProcess {
  private CliProcess() {}

  /**
   * Starts the command line in {@code directory}. Options of the JVM come first in the arguments.
   */
  static Process start(Path directory, List<String> options, Object... args) throws IOException {
    return builder(options, args).directory(directory.toFile()).start();
  }

  /** A process that is not started yet. */
  static ProcessBuilder builder(List<String> options, Object... args) {
    List<String> command = command(options);
    Arrays.stream(args).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command);
  }

  /** Sends a signal, such as INT. */
  static void signal(Process process, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Reads the rest of the standard error of the process. */
  static String messages(Process process) throws IOException {
    return new String(process.getErrorStream().readAllBytes(), UTF_8);
  }

  /**
   * Runs a bash script in {@code directory}. In the script {@code disky} is the command line.
   *
   * @return the output of the script on both streams
   */
  static String script(Path directory, String... lines) throws IOException, InterruptedException {
    String command =
        command(List.of()).stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    String script = "disky() { " + command + " \"$@\"; }\n" + String.join("\n", lines);
    return run(directory, new ProcessBuilder("bash", "-c", script));
  }

  /** Runs the process of {@code builder} to its end. Returns its output on both streams. */
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

  /** The class path of the command line: jars, or folders of classes. */
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

  /** Waits until {@code directory} contains a file whose name begins with {@code prefix}. */
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
