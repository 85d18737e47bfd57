package io.disky.bench;

import io.disky.Compression;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
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

/** Writes records in memory to a new file, which is closed, too, but not synced. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class WriteBenchmark {
  /** The records. */
  @Param public Dataset dataset;

  /** How they are compressed. */
  @Param({"none", "zstd:3"})
  public String compression;

  private Compression parsed;
  private WriterOptions options;
  private Path destination;
  private long fileSize;

  /** Finds out what is to be written. */
  @Setup
  public void configure() throws IOException {
    parsed = Compression.parse(compression);
    options = WriterOptions.defaults().withCompression(parsed);
    fileSize = Files.size(Inputs.file(dataset, parsed));
  }

  /** Removes what was written before: that is not to be measured. */
  @Setup(Level.Invocation)
  public void clear() throws IOException {
    destination = Inputs.destination();
  }

  /** Checks that what was written has the size that it must have, and removes it. */
  @TearDown(Level.Invocation)
  public void check() throws IOException {
    if (Files.exists(destination) && Files.size(destination) != fileSize) {
      throw new IllegalStateException(
          Files.size(destination) + " bytes were written instead of " + fileSize);
    }
    Files.deleteIfExists(destination);
  }

  /** As byte arrays. */
  @Benchmark
  public long array(OpenWriter open, RecordArrays records) throws IOException {
    try (RecordWriter writer = open.writer) {
      for (byte[] bytes : records.arrays) {
        writer.write(bytes);
      }
      return writer.recordBytes();
    }
  }

  /** As segments of native memory. */
  @Benchmark
  public long segment(OpenWriter open, RecordSegments records) throws IOException {
    try (RecordWriter writer = open.writer) {
      long begin = 0;
      for (long end : records.ends) {
        writer.write(records.data.asSlice(begin, end - begin));
        begin = end;
      }
      return writer.recordBytes();
    }
  }

  /** Built in place: each is copied into its slot. */
  @Benchmark
  public long inPlace(OpenWriter open, RecordSegments records) throws IOException {
    try (RecordWriter writer = open.writer) {
      long first = 0;
      for (long end : records.ends) {
        long begin = first;
        writer.write(
            end - begin,
            slot -> {
              MemorySegment.copy(records.data, begin, slot, 0, end - begin);
              return end - begin;
            });
        first = end;
      }
      return writer.recordBytes();
    }
  }

  /** A copy, a hash and write(2) of the same bytes; for compressed files, raw zstd in memory. */
  @Benchmark
  public long limit(PreparedFile prepared) {
    return parsed.equals(Compression.none())
        ? NativeLimits.write(prepared.memory, prepared.path(destination))
        : NativeLimits.compress(prepared.memory, level(parsed));
  }

  /** The level, which stands after the colon. */
  private static int level(Compression compression) {
    String name = compression.toString();
    return Integer.parseInt(name.substring(name.indexOf(':') + 1));
  }

  /** A writer of a new file. Opening is not measured, as in {@link ReadBenchmark}. */
  @State(Scope.Thread)
  public static class OpenWriter {
    private RecordWriter writer;

    /** Opens it. */
    @Setup(Level.Invocation)
    public void open(WriteBenchmark benchmark) throws IOException {
      writer = RecordWriter.open(benchmark.destination, benchmark.options);
    }
  }

  /** The file that the limit writes again. */
  @State(Scope.Benchmark)
  public static class PreparedFile {
    private final Arena arena = Arena.ofShared();
    private MemorySegment memory;
    private MemorySegment destination;

    /** Loads the file. */
    @Setup
    public void load(WriteBenchmark benchmark) throws IOException {
      Path file = Inputs.file(benchmark.dataset, Compression.parse(benchmark.compression));
      memory = NativeLimits.prepare(arena.allocateFrom(file.toString()));
    }

    private MemorySegment path(Path path) {
      // It is the same one on every call.
      if (destination == null) {
        destination = arena.allocateFrom(path.toString());
      }
      return destination;
    }

    /** Frees memory. */
    @TearDown
    public void release() {
      NativeLimits.release(memory);
      arena.close();
    }
  }
}
