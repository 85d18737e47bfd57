package io.disky.s3;

import static io.disky.s3.LocalS3.address;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.Compression;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/**
 * Compares ways to read an object in order from the same server of S3, which answers each request
 * after 50 ms: {@code scripts/compare-stores}.
 */
final class StoreComparison {
  private static final int ROUNDS = 5;
  private static final int CONNECTIONS = 16;

  /** 524 MB: the requests of the link take four rounds. */
  private static final int RECORDS = 8_000;

  private static final int SIZE = 64 << 10;

  /** A way to read the object. */
  private interface Way {
    /** Reads the object; returns the seconds. */
    double read() throws Exception;
  }

  private StoreComparison() {}

  /** The first argument is a Python that has s3fs, if there is one. */
  public static void main(String[] arguments) throws Exception {
    System.setProperty("s3.spi.endpoint-protocol", "http");
    System.setProperty("aws.region", "us-east-1");
    try (LocalS3 s3 = new LocalS3();
        S3AsyncClient client = s3.client()) {
      S3Store store = S3Store.of(client);
      write(store);
      s3.proxy.latency(Duration.ofMillis(50));
      compare("16 connections, bytes only", () -> link(store), arguments, s3, store);
    }
  }

  private static void write(S3Store store) throws IOException {
    WriterOptions plain = WriterOptions.defaults().withCompression(Compression.none());
    Random random = new Random(1);
    byte[] record = new byte[SIZE];
    RecordWriter.writeAtomically(
        RemoteTarget.of(store, address("file")),
        plain,
        writer -> {
          for (int i = 0; i < RECORDS; i++) {
            random.nextBytes(record);
            writer.write(record);
          }
        });
  }

  private static void compare(String first, Way link, String[] arguments, LocalS3 s3, S3Store store)
      throws Exception {
    List<String> names = new ArrayList<>(List.of(first, "disky, S3Store", "disky, NIO provider"));
    List<Way> ways =
        new ArrayList<>(
            List.of(
                link,
                () -> seconds(() -> RecordReader.open(store.file(address("file")))),
                () -> seconds(() -> RecordReader.open(nioPath(s3)))));
    if (arguments.length > 0) {
      names.add("Python, s3fs, bytes only");
      ways.add(() -> python(arguments[0], s3));
    }
    double[][] seconds = new double[ways.size()][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int way = 0; way < ways.size(); way++) {
        seconds[way][round] = ways.get(way).read();
      }
    }
    for (int way = 0; way < ways.size(); way++) {
      double[] later = Arrays.copyOfRange(seconds[way], 1, ROUNDS);
      double reference = median(Arrays.copyOfRange(seconds[0], 1, ROUNDS));
      System.out.printf(
          "%-28s %.2f of the throughput of the first, in the first pass %.2f%n",
          names.get(way), reference / median(later), reference / seconds[way][0]);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private interface Opening {
    RecordReader open() throws IOException;
  }

  private static double seconds(Opening opening) throws IOException {
    long begin = System.nanoTime();
    try (RecordReader reader = opening.open()) {
      if (reader.stream().count() != RECORDS) {
        throw new AssertionError("records are missing");
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Reads ranges of 8 MiB, 16 at a time. */
  private static double link(S3Store store) throws Exception {
    long begin = System.nanoTime();
    AtomicLong next = new AtomicLong();
    try (Arena arena = Arena.ofShared();
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        MemorySegment target = arena.allocate(8 << 20);
        readers.add(threads.submit(() -> ranges(store, target, next)));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void ranges(S3Store store, MemorySegment target, AtomicLong next) {
    long size = target.byteSize();
    long from = next.getAndAdd(size);
    while (from < (long) RECORDS * SIZE) {
      store.file(address("file")).read(from, target, Optional.empty()).join();
      from = next.getAndAdd(size);
    }
  }

  private static Path nioPath(LocalS3 s3) {
    return Path.of(
        URI.create(
            "s3x://"
                + LocalS3.KEY_ID
                + ":"
                + LocalS3.SECRET.replace("/", "%2F")
                + "@127.0.0.1:"
                + s3.proxy.port()
                + "/"
                + LocalS3.BUCKET
                + "/file"));
  }

  private static double python(String executable, LocalS3 s3) throws Exception {
    Process process =
        new ProcessBuilder(
                executable,
                "stores/s3/src/test/python/read_object.py",
                "http://127.0.0.1:" + s3.proxy.port(),
                LocalS3.KEY_ID,
                LocalS3.SECRET,
                LocalS3.BUCKET + "/file")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String[] answer =
        new String(process.getInputStream().readAllBytes(), UTF_8).strip().split(" ", 2);
    if (process.waitFor() != 0 || Long.parseLong(answer[1]) < (long) RECORDS * SIZE) {
      throw new AssertionError("Python has not read the object");
    }
    return Double.parseDouble(answer[0]);
  }
}
