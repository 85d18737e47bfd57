package io.disky.bench;

import io.disky.Compression;
import io.disky.Container;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Measures reading over HTTP from a server on this machine that answers each request after 50 ms,
 * with at most 25 MB per second on each connection.
 */
final class RemoteFiles {
  private static final int WARM_UP_PASSES = 1;
  private static final int SCATTERED_FILE = 64_000;
  private static final int LARGE = 64 << 10;
  private static final int SMALL = 1_000;
  private static final long RATE = 25_000_000;

  private final Settings settings;
  private final Path directory;
  private final long size;
  private final int delayMillis;

  RemoteFiles(Settings settings) throws IOException {
    this.settings = settings;
    this.directory = Files.createDirectories(settings.directory().resolve("remote"));
    this.size = settings.isMeasured() ? 1 << 30 : 2 << 20;
    this.delayMillis = settings.isMeasured() ? 50 : 1;
  }

  /** What {@link #run} returns if nothing is measured. */
  static RemoteTimes none() {
    return new RemoteTimes(0, 0, List.of(), List.of());
  }

  RemoteTimes run() throws IOException {
    Path large = directory.resolve("large");
    Path small = directory.resolve("small");
    write(large, size / LARGE, LARGE, Container.RECORDS);
    write(small, settings.isMeasured() ? SCATTERED_FILE : 600, SMALL, Container.ARRAY_RECORD);
    List<RemoteTimes.Passes> passes = new ArrayList<>();
    List<RemoteTimes.Visit> visits = new ArrayList<>();
    String warmUp = String.valueOf(settings.isMeasured() ? WARM_UP_PASSES : 0);
    for (int round = 0; round < settings.rounds(); round++) {
      List<Long> times = read(large, warmUp);
      passes.add(new RemoteTimes.Passes(times.get(0), times.get(1), times.get(2), times.get(3)));
      List<Long> visit = read(small, "scattered");
      visits.add(new RemoteTimes.Visit(visit.get(0), visit.get(1)));
    }
    Files.delete(large);
    Files.delete(small);
    return new RemoteTimes(size, delayMillis * 1e6, passes, visits);
  }

  private static void write(Path file, long records, int recordSize, Container container)
      throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withContainer(container);
    if (container == Container.ARRAY_RECORD) {
      options = options.withGroupSize(1);
    }
    Random random = new Random(1);
    byte[] record = new byte[recordSize];
    Files.deleteIfExists(file);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (long i = 0; i < records; i++) {
        random.nextBytes(record);
        writer.write(record);
      }
    }
  }

  /** The numbers that a new JVM prints, which reads {@code file} from a server in another one. */
  private List<Long> read(Path file, String what) throws IOException {
    Process server =
        start(
            RangeServer.class,
            List.of(file.toString(), String.valueOf(delayMillis), String.valueOf(RATE)));
    try (BufferedReader port = server.inputReader()) {
      Process client =
          start(
              RemoteReading.class,
              List.of(port.readLine(), String.valueOf(Files.size(file)), what));
      try (BufferedReader numbers = client.inputReader()) {
        List<Long> result = numbers.lines().map(Long::valueOf).toList();
        if (client.waitFor() != 0) {
          throw new IOException("a JVM could not read a remote file");
        }
        return result;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      } finally {
        client.destroyForcibly();
      }
    } finally {
      server.destroyForcibly();
    }
  }

  private Process start(Class<?> main, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(WorkerProcess.javaCommand(settings, Build.current(), main));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
