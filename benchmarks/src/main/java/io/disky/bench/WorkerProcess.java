package io.disky.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Starts and controls a process that runs one work on request; see {@link Worker}. */
final class WorkerProcess implements AutoCloseable {
  private static final long MOST_MINUTES = 5;
  private static final long BYTES_PER_MINUTE = 1_000_000_000;
  private static final ScheduledExecutorService DEADLINES =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private final String name;
  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;

  /**
   * The answer of a process to one request.
   *
   * @param checksum the result of a run, which depends on all of its work
   * @param allocated heap memory that the last run allocated, in bytes
   * @param nanos time of each run in nanoseconds
   */
  record Answer(long checksum, long allocated, List<Long> nanos) {
    private static Answer parse(String line) {
      String[] numbers = line.trim().split(" ");
      return new Answer(
          Long.parseLong(numbers[0]),
          Long.parseLong(numbers[1]),
          Arrays.stream(numbers).skip(2).map(Long::valueOf).toList());
    }
  }

  private WorkerProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
    this.answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /** Starts a process. Call {@link #awaitReady} before the first request. */
  static WorkerProcess start(
      Settings settings, Contestant.Language language, String work, List<String> arguments)
      throws IOException {
    return start(settings, Build.current(), language, work, arguments);
  }

  /** Does the same as the other method; the process uses {@code build}. */
  static WorkerProcess start(
      Settings settings,
      Build build,
      Contestant.Language language,
      String work,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(command(settings, build, language));
    command.add("work=" + work);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    return new WorkerProcess(work, builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private static List<String> command(
      Settings settings, Build build, Contestant.Language language) {
    return switch (language) {
      case JAVA -> javaCommand(settings, build, Worker.class);
      case NATIVE -> List.of(build.limits());
      case PYTHON ->
          List.of(
              String.valueOf(settings.python()), System.getProperty("disky.bench.python.worker"));
    };
  }

  /** The command that starts {@code main} with {@code build}. */
  static List<String> javaCommand(Settings settings, Build build, Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(settings.java());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dio.disky.library.dir=" + build.libraries());
    // Suppresses the message of Avro's logger that it logs nothing.
    command.add("-Dslf4j.internal.verbosity=ERROR");
    command.add("-cp");
    command.add(build.classPath());
    command.add(main.getName());
    return command;
  }

  /** Waits until the process has finished its preparation, which is not measured. */
  void awaitReady() throws IOException {
    String line = read(MOST_MINUTES);
    if (!line.equals("ready")) {
      throw new IOException(name + " answered: " + line);
    }
  }

  /** Runs the work at least once, and for at least {@code millis} milliseconds. */
  Answer measure(int millis) throws IOException {
    return measure(millis, MOST_MINUTES);
  }

  /**
   * Does the same as {@link #measure(int)}. The process counts as stuck after {@code mostMinutes}.
   */
  Answer measure(int millis, long mostMinutes) throws IOException {
    requests.write(Integer.toString(millis));
    requests.newLine();
    requests.flush();
    return Answer.parse(read(mostMinutes));
  }

  /**
   * Time in minutes after which a run over {@code bytes} bytes counts as stuck. Allows for slow
   * disks.
   */
  static long mostMinutes(long bytes) {
    return MOST_MINUTES + bytes / BYTES_PER_MINUTE;
  }

  private String read(long mostMinutes) throws IOException {
    Future<?> end = DEADLINES.schedule(process::destroyForcibly, mostMinutes, TimeUnit.MINUTES);
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException(name + " has ended or was stuck; the standard error says why");
      }
      return line;
    } finally {
      end.cancel(false);
    }
  }

  /** Peak memory of the process in KiB; 0 if the operating system does not report it. */
  long peakMemory() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }

  /** Ends the process. */
  @Override
  public void close() throws IOException {
    requests.close();
    answers.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
