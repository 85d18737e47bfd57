package io.disky.misuse;

import io.disky.RecordReader;
import io.disky.misuse.Mischief.Kind;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Misuses the library in a JVM of its own, in many rounds of operations that a program must not
 * perform, or not at that place or time. These promises must hold nevertheless: no crash, no
 * undocumented exception, no record with wrong bytes, no lost record, no call that never returns,
 * nothing left open.
 *
 * <p>The first broken promise ends the process with the exit status {@value #BROKEN}, after a line
 * with the command that repeats the round. {@code -Ddisky.misuse.without=stack,mapped} leaves out
 * these kinds of misbehaviour.
 */
public final class Misuse {
  /** The exit status after a broken promise. */
  static final int BROKEN = 1;

  /** The exit status if a round took longer than {@link #MOST_SECONDS}. */
  static final int STUCK = 3;

  // A round takes less than a second. This is long enough even if the machine stops for a while.
  private static final int MOST_SECONDS = 120;
  private static final long STACK_SIZE = 384 << 10;
  private static final int WAITS = 200;
  private static final long WAIT_MILLIS = 50;

  private final long seed;
  private final long operations;
  private final Set<Kind> kinds = kinds();
  private long round;
  private volatile @Nullable Round current;
  private volatile long currentBegan;
  private int status;

  private Misuse(long seed, long firstRound, long operations) {
    this.seed = seed;
    this.round = firstRound;
    this.operations = operations;
  }

  /**
   * Arguments: a seed, the number of the first round, and the number of operations after which to
   * end. With 1 operation only the first round runs.
   */
  public static void main(String[] args) throws Exception {
    quiet().setLevel(Level.OFF);
    Misuse misuse =
        new Misuse(Long.parseLong(args[0]), Long.parseLong(args[1]), Long.parseLong(args[2]));
    Thread thread = new Thread(null, misuse::run, "misuse", STACK_SIZE);
    thread.start();
    misuse.watch(thread);
    System.exit(misuse.status);
  }

  private static Logger quiet() {
    return LOGGER;
  }

  // The field keeps the logger reachable; otherwise its settings would be lost.
  private static final Logger LOGGER = Logger.getLogger("io.disky");

  private static Set<Kind> kinds() {
    Set<Kind> kinds = EnumSet.allOf(Kind.class);
    List<String> without = List.of(System.getProperty("disky.misuse.without", "").split(",", -1));
    kinds.removeIf(kind -> without.contains(kind.name().toLowerCase(Locale.ROOT)));
    return kinds;
  }

  private void run() {
    Path directory = null;
    try {
      directory = Files.createTempDirectory("disky-misuse");
      loadLibrary();
      int descriptors = descriptors();
      try (Workshop workshop = new Workshop(directory, STACK_SIZE)) {
        runRounds(workshop);
      }
      if (status == 0) {
        checkNothingIsLeft(descriptors);
      }
    } catch (IOException | InterruptedException e) {
      fail(e);
    } finally {
      delete(directory);
    }
  }

  /** Its use keeps a file open until the JVM ends. */
  private static void loadLibrary() throws IOException {
    RecordReader.open(MemorySegment.ofArray(new byte[0])).close();
  }

  private void runRounds(Workshop workshop) {
    long done = 0;
    long first = round;
    while (done < operations && status == 0) {
      Round next = new Round(mixed(seed, round), workshop, kinds);
      current = next;
      currentBegan = System.nanoTime();
      try {
        done += next.run();
      } catch (Throwable broken) {
        fail(broken);
        return;
      }
      round++;
    }
    currentBegan = System.nanoTime();
    System.out.println("operations " + done);
    System.out.println("rounds " + (round - first));
  }

  /** Mixes the bits, so that successive rounds do not have similar seeds. */
  private static long mixed(long seed, long round) {
    long mixed = (seed * 0x9e3779b97f4a7c15L + round) * 0xbf58476d1ce4e5b9L;
    return mixed ^ (mixed >>> 31);
  }

  private void fail(Throwable broken) {
    status = BROKEN;
    StringBuilder text =
        new StringBuilder("repeat: scripts/fuzz-api 1 " + seed + " " + round + "\n");
    Round failed = current;
    if (failed != null) {
      failed.log().forEach(line -> text.append(line).append('\n'));
    }
    System.err.print(text);
    broken.printStackTrace();
  }

  /** Waits for the working thread as long as it makes progress. */
  private void watch(Thread thread) throws InterruptedException {
    currentBegan = System.nanoTime();
    while (thread.isAlive()) {
      thread.join(1_000);
      long seconds = (System.nanoTime() - currentBegan) / 1_000_000_000L;
      if (thread.isAlive() && seconds > MOST_SECONDS) {
        stuck();
      }
    }
  }

  private void stuck() {
    fail(new IllegalStateException("a round does not end"));
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
      text.append(entry.getKey()).append(' ').append(entry.getKey().getState()).append('\n');
      for (StackTraceElement frame : entry.getValue()) {
        text.append("    ").append(frame).append('\n');
      }
    }
    System.err.print(text);
    System.err.flush();
    Runtime.getRuntime().halt(STUCK);
  }

  private void checkNothingIsLeft(int descriptorsBefore) throws InterruptedException {
    List<String> threads = threads();
    int descriptors = descriptors();
    // Threads end some time after the request to end.
    for (int i = 0; i < WAITS && (!threads.isEmpty() || descriptors > descriptorsBefore); i++) {
      System.gc();
      Thread.sleep(WAIT_MILLIS);
      threads = threads();
      descriptors = descriptors();
    }
    if (!threads.isEmpty() || descriptors > descriptorsBefore) {
      current = null;
      fail(
          new IllegalStateException(
              "not ended: threads " + threads + ", open files " + openFiles()));
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("disky"))
        .filter(name -> !name.contains("leaner") && !name.contains("forgotten"))
        .toList();
  }

  /** Number of open files; 0 if the operating system does not report it. */
  private static int descriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? 0 : names.length;
  }

  private static List<String> openFiles() {
    File[] links = new File("/proc/self/fd").listFiles();
    return links == null ? List.of() : List.of(links).stream().map(Misuse::target).toList();
  }

  private static String target(File link) {
    try {
      return Files.readSymbolicLink(link.toPath()).toString();
    } catch (IOException e) {
      return link.toString();
    }
  }

  private static void delete(@Nullable Path directory) {
    File[] files = directory == null ? null : directory.toFile().listFiles();
    if (files != null) {
      for (File file : files) {
        if (!file.delete()) {
          System.err.println(file + " could not be deleted");
        }
      }
      directory.toFile().delete();
    }
  }
}
