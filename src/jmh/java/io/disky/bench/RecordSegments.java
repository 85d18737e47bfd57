package io.disky.bench;

import io.disky.Compression;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The records of a data set one after the other in native memory. */
@State(Scope.Benchmark)
public class RecordSegments {
  private final Arena arena = Arena.ofShared();
  private long size;

  /** All records. */
  MemorySegment data;

  /** Where each ends. */
  long[] ends;

  /** Fills the memory. */
  @Setup
  public void load(WriteBenchmark benchmark) throws IOException {
    LongStream.Builder recordEnds = LongStream.builder();
    try (RecordReader reader =
        RecordReader.open(Inputs.file(benchmark.dataset, Compression.none()))) {
      data = arena.allocate(reader.describe().recordBytes());
      for (MemorySegment record : reader) {
        MemorySegment.copy(record, 0, data, size, record.byteSize());
        size += record.byteSize();
        recordEnds.add(size);
      }
    }
    ends = recordEnds.build().toArray();
  }

  /** Frees the memory. */
  @TearDown
  public void release() {
    arena.close();
  }
}
