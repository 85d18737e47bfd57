package io.disky.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.disky.Compression;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reads a file in the page cache and looks at each record. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ReadBenchmark {
  /** The records. */
  @Param public Dataset dataset;

  /** How they are compressed. */
  @Param({"none", "zstd:3"})
  public String compression;

  private final Arena arena = Arena.ofShared();
  private Path file;
  private MemorySegment path;
  private MemorySegment prepared;
  private boolean compressed;
  private long sum;

  /** Makes the file if there is none yet, and loads the library. */
  @Setup
  public void open() throws IOException {
    Compression parsed = Compression.parse(compression);
    compressed = !parsed.equals(Compression.none());
    file = Inputs.file(dataset, parsed);
    path = arena.allocateFrom(file.toString());
    prepared = NativeLimits.prepare(path);
    sum = NativeLimits.records(path);
  }

  /** Frees memory. */
  @TearDown
  public void close() {
    NativeLimits.release(prepared);
    arena.close();
  }

  /** Record by record, each a segment. */
  @Benchmark
  public long iteration(OpenReader open) {
    long total = 0;
    for (MemorySegment record : open.reader) {
      total += record.byteSize() + record.get(JAVA_BYTE, 0);
    }
    return checked(total, sum);
  }

  /** Chunk by chunk, records by their offsets, without objects. */
  @Benchmark
  public long batches(OpenReader open) throws IOException {
    long total = 0;
    RecordBatch next;
    while ((next = open.reader.nextBatch()) != null) {
      try (RecordBatch batch = next) {
        total += sum(batch);
      }
    }
    return checked(total, sum);
  }

  private static long sum(RecordBatch batch) {
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long total = 0;
    long begin = 0;
    for (int i = 0; i < batch.count(); i++) {
      long end = ends.getAtIndex(JAVA_LONG, i);
      total += end - begin + data.get(JAVA_BYTE, begin);
      begin = end;
    }
    return total;
  }

  /** Batch by batch and record by record in Rust. */
  @Benchmark
  public long rustLoop() {
    return checked(NativeLimits.records(path), sum);
  }

  /** read(2) and a hash of what was read; of compressed files, raw zstd on chunks in memory. */
  @Benchmark
  public long limit() throws IOException {
    return compressed
        ? NativeLimits.decompress(prepared)
        : checked(NativeLimits.readAndHash(path), Files.size(file));
  }

  /** read(2) alone. */
  @Benchmark
  public long systemCall() throws IOException {
    return checked(NativeLimits.read(path), Files.size(file));
  }

  private static long checked(long actual, long expected) {
    if (actual != expected) {
      throw new IllegalStateException(actual + " instead of " + expected);
    }
    return actual;
  }

  /**
   * A reader at the beginning of the file. Opening and closing are not measured: so few files are
   * opened that the JVM interprets the code for it, which takes longer than reading a chunk.
   */
  @State(Scope.Thread)
  public static class OpenReader {
    private RecordReader reader;

    /** Opens it. */
    @Setup(Level.Invocation)
    public void open(ReadBenchmark benchmark) throws IOException {
      reader = RecordReader.open(benchmark.file);
    }

    /** Closes it. */
    @TearDown(Level.Invocation)
    public void close() {
      reader.close();
    }
  }
}
