package io.disky.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.disky.Compression;
import io.disky.RecordReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The records of a data set, each in an array. */
@State(Scope.Benchmark)
public class RecordArrays {
  byte[][] arrays;

  /** Fills the arrays. */
  @Setup
  public void load(WriteBenchmark benchmark) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader =
        RecordReader.open(Inputs.file(benchmark.dataset, Compression.none()))) {
      for (MemorySegment record : reader) {
        records.add(record.toArray(JAVA_BYTE));
      }
    }
    arrays = records.toArray(byte[][]::new);
  }
}
