package io.disky.spark.benchmark;

import com.sun.management.OperatingSystemMXBean;
import io.disky.Compression;
import io.disky.MultiThreadedReader;
import io.disky.MultiThreadedReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordWriter;
import io.disky.Shards;
import io.disky.WriterOptions;
import io.disky.spark.testing.SharedSpark;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads the same records of 1 KB with two cores: with the library alone, and with Spark from disky,
 * Avro and Parquet files. Prints the medians of rounds in which they alternate.
 *
 * <p>Arguments: a directory with room for the files, the number of rounds, and the number of
 * records.
 */
public final class ReadBenchmark {
  private static final int RECORD_SIZE = 1000;
  private static final int FILES = 8;
  private static final int CORES = 2;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final SparkSession spark = SharedSpark.session();
  private final Path directory;
  private final int records;

  private ReadBenchmark(Path directory, int records) {
    this.directory = directory;
    this.records = records;
  }

  /** A way to read all records. */
  @FunctionalInterface
  private interface Contestant {
    void run() throws Exception;
  }

  /** Measures. */
  public static void main(String[] args) throws Exception {
    ReadBenchmark benchmark = new ReadBenchmark(Path.of(args[0]), Integer.parseInt(args[2]));
    for (String codec : List.of("none", "zstd")) {
      benchmark.measure(codec, Integer.parseInt(args[1]));
    }
    benchmark.spark.stop();
  }

  private void measure(String codec, int rounds) throws Exception {
    Path disky = directory.resolve("disky-" + codec);
    write(disky, codec);
    Dataset<Row> frame = spark.read().format("disky").load(disky.toString());
    Path avro = save(frame, "avro", codec.equals("none") ? "uncompressed" : "zstandard");
    Path parquet = save(frame, "parquet", codec.equals("none") ? "uncompressed" : "zstd");
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    contestants.put("library, parallel reader", () -> parallelReader(disky, false));
    contestants.put("library, records copied to arrays", () -> parallelReader(disky, true));
    for (String format : List.of("disky", "avro", "parquet")) {
      Path path = format.equals("disky") ? disky : format.equals("avro") ? avro : parquet;
      contestants.put(format + ", sum of lengths", () -> sum(format, path));
      contestants.put(format + ", all rows", () -> rows(format, path));
    }
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Map<String, List<Double>> processor = new LinkedHashMap<>();
    for (int round = -2; round < rounds; round++) {
      for (Map.Entry<String, Contestant> contestant : contestants.entrySet()) {
        long cpuBegin = SYSTEM.getProcessCpuTime();
        long begin = System.nanoTime();
        contestant.getValue().run();
        double taken = (System.nanoTime() - begin) / 1e9;
        double used = (SYSTEM.getProcessCpuTime() - cpuBegin) / 1e9;
        if (round >= 0) {
          seconds.computeIfAbsent(contestant.getKey(), key -> new ArrayList<>()).add(taken);
          processor.computeIfAbsent(contestant.getKey(), key -> new ArrayList<>()).add(used);
        }
      }
    }
    System.out.println(codec + ", " + records + " records of " + RECORD_SIZE + " bytes");
    seconds.forEach((name, taken) -> print(name, taken, processor.get(name)));
  }

  private void print(String contestant, List<Double> seconds, List<Double> processor) {
    double median = median(seconds);
    double megabytes = (double) records * RECORD_SIZE / 1e6;
    System.out.printf(
        "  %-34s median %.3f s, best %.3f s, of processors %.3f s, %6.0f MB/s, %5.2f million/s%n",
        contestant,
        median,
        Collections.min(seconds),
        median(processor),
        megabytes / median,
        records / median / 1e6);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private Path save(Dataset<Row> frame, String format, String codec) {
    Path path = directory.resolve(format + "-" + codec);
    frame
        .coalesce(CORES)
        .write()
        .format(format)
        .mode("overwrite")
        .option("compression", codec)
        .option("maxRecordsPerFile", records / FILES)
        .save(path.toString());
    return path;
  }

  /** Lines of a log: words that repeat, and digits that do not. */
  private void write(Path path, String codec) throws IOException {
    Files.createDirectories(path);
    Random random = new Random(1);
    String[] words = new String[512];
    for (int i = 0; i < words.length; i++) {
      words[i] = Long.toString(random.nextLong() >>> 20, 36);
    }
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.parse(codec));
    for (int file = 0; file < FILES; file++) {
      try (RecordWriter writer = RecordWriter.open(path.resolve("shard_" + file), options)) {
        for (int i = 0; i < records / FILES; i++) {
          writer.write(record(random, words));
        }
      }
    }
  }

  private static byte[] record(Random random, String[] words) {
    StringBuilder text = new StringBuilder(RECORD_SIZE + 20);
    while (text.length() < RECORD_SIZE) {
      text.append(words[random.nextInt(words.length)]).append(' ');
      if (random.nextInt(3) == 0) {
        text.append(random.nextInt(100_000)).append(' ');
      }
    }
    return text.substring(0, RECORD_SIZE).getBytes(StandardCharsets.US_ASCII);
  }

  private static void parallelReader(Path path, boolean copy) throws Exception {
    MultiThreadedReaderOptions options =
        MultiThreadedReaderOptions.defaults().withNumShards(CORES).withParallelism(CORES);
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.inDirectory(path), options);
        ExecutorService consumers = Executors.newFixedThreadPool(CORES)) {
      Callable<Long> task = () -> consume(reader, copy);
      for (Future<Long> sum : consumers.invokeAll(List.of(task, task))) {
        if (sum.get() < 0) {
          throw new AssertionError();
        }
      }
    }
  }

  private static long consume(MultiThreadedReader reader, boolean copy) throws IOException {
    long sum = 0;
    while (true) {
      try (RecordBatch batch = reader.nextBatch()) {
        if (batch == null) {
          return sum;
        }
        for (int i = 0; i < batch.recordCount(); i++) {
          MemorySegment record = batch.get(i);
          sum += copy ? record.toArray(ValueLayout.JAVA_BYTE).length : record.byteSize();
        }
      }
    }
  }

  private void sum(String format, Path path) {
    Row row =
        spark.read().format(format).load(path.toString()).selectExpr("sum(length(record))").first();
    if (row.getLong(0) != (long) records / FILES * FILES * RECORD_SIZE) {
      throw new AssertionError(row);
    }
  }

  private void rows(String format, Path path) {
    spark
        .read()
        .format(format)
        .load(path.toString())
        .write()
        .format("noop")
        .mode("overwrite")
        .save();
  }
}
