package io.disky.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Runs any work of {@link Works} under JMH, for its profilers. A run reads or writes a complete
 * file.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class WorkBenchmark {
  /** The name of the work. */
  @Param({
    "disky-read-iteration",
    "disky-read-batches",
    "disky-read-arrays",
    "disky-write-arrays",
    "disky-write-segments",
    "disky-write-in-place",
    "avro-read",
    "avro-write",
    "stream-read",
    "stream-write"
  })
  public String work;

  /** The records. */
  @Param({"LINES", "CLASSES"})
  public Dataset dataset;

  /** The level of zstd, or {@code none}. */
  @Param({"none", "3"})
  public String level;

  /** Largest number of records in a file. */
  @Param("3000000")
  public long records;

  private Work measured;

  /** Writes the input of the work. */
  @Setup
  public void open() throws IOException {
    Path directory = Path.of(System.getProperty("disky.bench.directory")).resolve("jmh");
    Files.createDirectories(directory);
    long count = Math.min(records, dataset.mostRecords());
    Path name = directory.resolve(dataset.name() + "-" + count + "-" + Runtime.version());
    new RecordsFile(name).create(dataset, count);
    Path file = directory.resolve("file-" + ProcessHandle.current().pid());
    String[] arguments = {
      "work=" + work, "records=" + name, "level=" + level, "input=" + file, "output=" + file
    };
    if (work.contains("-read")) {
      String format = work.substring(0, work.indexOf('-'));
      arguments[0] =
          "work=" + (format.equals("disky") ? Contestants.DISKY_FILE : format + "-write");
      Work writing = Works.of(Arguments.parse(arguments));
      writing.prepare();
      writing.run();
      arguments[0] = "work=" + work;
    }
    measured = Works.of(Arguments.parse(arguments));
    file.toFile().deleteOnExit();
  }

  /** Removes the output of the previous run. */
  @Setup(Level.Invocation)
  public void prepare() throws IOException {
    measured.prepare();
  }

  /** Runs the work. */
  @Benchmark
  public long run() throws IOException {
    return measured.run();
  }
}
