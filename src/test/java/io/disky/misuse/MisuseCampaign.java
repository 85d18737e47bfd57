package io.disky.misuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.RecordReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link Misuse} in many JVMs, with several kinds of heaps and compilers, and as many JVMs at
 * the same time as there are processors. Ends after enough operations, or after a broken promise.
 */
public final class MisuseCampaign {
  private static final long SLICE = 100_000;
  private static final List<List<String>> JVMS =
      List.of(
          List.of("-Xmx64m"),
          List.of("-Xmx48m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
          List.of("-Xmx64m", "-XX:+UseParallelGC", "-XX:-TieredCompilation"),
          List.of("-Xmx128m", "-XX:+UseZGC"));

  private final long seed;
  private final Path directory;
  private final PrintStream output;
  private final AtomicLong jvms = new AtomicLong();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

  /** The number of operations, or the deadline, that ends a campaign. */
  private record Goal(long operations, long deadline) {
    boolean isReached(long done) {
      return done >= operations || System.nanoTime() - deadline >= 0;
    }
  }

  /**
   * Creates a campaign.
   *
   * @param seed the seed of the first JVM; the other JVMs have the following numbers
   * @param directory the working directory of the JVMs; a JVM that crashes writes its report to it
   */
  MisuseCampaign(long seed, Path directory, PrintStream output) {
    this.seed = seed;
    this.directory = directory;
    this.output = output;
  }

  /**
   * Arguments: the number of operations, or the number of seconds followed by {@code s}; then a
   * seed; then the number of a round to repeat only this round.
   */
  public static void main(String[] args) throws Exception {
    String much = args.length > 0 ? args[0] : "3600s";
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime() & 0xffff_ffffL;
    Path directory = Files.createDirectories(Path.of("target", "misuse")).toAbsolutePath();
    MisuseCampaign campaign = new MisuseCampaign(seed, directory, System.out);
    System.out.println("seed " + seed);
    String failure;
    if (args.length > 2) {
      failure = campaign.repeat(Long.parseLong(args[2]), Long.parseLong(much));
    } else if (much.endsWith("s")) {
      long seconds = Long.parseLong(much.substring(0, much.length() - 1));
      failure = campaign.run(Long.MAX_VALUE, System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
    } else {
      failure = campaign.run(Long.parseLong(much), System.nanoTime() + Long.MAX_VALUE / 2);
    }
    if (failure != null) {
      System.out.println(failure);
      System.exit(1);
    }
  }

  /** Repeats a round in each kind of JVM. */
  @Nullable String repeat(long round, long most) throws Exception {
    for (int i = 0; i < JVMS.size() && failure.get() == null; i++) {
      runJvm(JVMS.get(i), seed, round, most);
    }
    return failure.get();
  }

  /**
   * Runs JVMs until the number of operations is reached.
   *
   * @return the broken promise; {@code null} if none was broken
   */
  @Nullable String run(long most) throws Exception {
    return run(most, System.nanoTime() + Long.MAX_VALUE / 2);
  }

  private @Nullable String run(long most, long deadline) throws Exception {
    Goal goal = new Goal(most, deadline);
    long began = System.nanoTime();
    int processors = Runtime.getRuntime().availableProcessors();
    long slice = Math.max(1, Math.min(SLICE, most / processors));
    try (ExecutorService executor = Executors.newFixedThreadPool(processors)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < processors; i++) {
        running.add(executor.submit(untilDone(goal, slice)));
      }
      for (Future<?> each : running) {
        await(each);
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    output.printf(
        "%,d operations in %d JVMs in %.0f seconds, %,.0f a second%n",
        operations.get(), jvms.get(), seconds, operations.get() / seconds);
    return failure.get();
  }

  private static void await(Future<?> running) throws Exception {
    try {
      running.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Callable<Void> untilDone(Goal goal, long slice) {
    return () -> {
      while (failure.get() == null && !goal.isReached(operations.get())) {
        long number = jvms.getAndIncrement();
        List<String> flags = JVMS.get((int) (number % JVMS.size()));
        runJvm(flags, seed + number, 0, slice);
      }
      return null;
    };
  }

  private void runJvm(List<String> flags, long jvmSeed, long round, long most)
      throws IOException, InterruptedException, URISyntaxException {
    List<String> command = command(flags);
    command.addAll(List.of(Long.toString(jvmSeed), Long.toString(round), Long.toString(most)));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String text;
    int status;
    try {
      process.getOutputStream().close();
      text = new String(process.getInputStream().readAllBytes(), UTF_8);
      status = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    if (status == 0 && text.startsWith("operations ")) {
      operations.addAndGet(Long.parseLong(text.lines().findFirst().orElseThrow().substring(11)));
      output.println("seed " + jvmSeed + " " + flags + ": " + text.replace('\n', ' ').strip());
    } else {
      failure.compareAndSet(
          null, "seed " + jvmSeed + " " + flags + ": exit status " + status + "\n" + text);
    }
  }

  private List<String> command(List<String> flags) throws URISyntaxException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("--enable-native-access=ALL-UNNAMED");
    // Exceptions that are thrown often keep their messages and stack traces.
    command.add("-XX:-OmitStackTraceInFastThrow");
    command.add("-XX:ErrorFile=" + directory.resolve("hs_err_%p.log"));
    for (String property :
        List.of("io.disky.library.path", "io.disky.library.dir", "disky.misuse.without")) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + "=" + value);
      }
    }
    command.add("-cp");
    command.add(
        classPathRoot(RecordReader.class) + File.pathSeparator + classPathRoot(Misuse.class));
    command.add(Misuse.class.getName());
    return command;
  }

  private static Path classPathRoot(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
