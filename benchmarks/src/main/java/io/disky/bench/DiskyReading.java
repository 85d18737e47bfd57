package io.disky.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.oracle.OracleReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** Reads a record file with this library, and with the independent reader of its tests. */
final class DiskyReading {
  private DiskyReading() {}

  /** Reads record by record, each as a segment. */
  static Work iteration(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> iterate(input);
  }

  static long iterate(Path input) throws IOException {
    long sum = 0;
    try (RecordReader reader = RecordReader.open(input)) {
      for (MemorySegment record : reader) {
        sum += Checksum.of(record);
      }
    }
    return sum;
  }

  /** Reads chunk by chunk and finds records by offsets, without an object for each record. */
  static Work batches(Arguments arguments) {
    return batches(arguments, ReaderOptions.defaults());
  }

  /** Does the same as {@link #batches(Arguments)}; other threads decode ahead. */
  static Work parallel(Arguments arguments) {
    return batches(
        arguments,
        ReaderOptions.defaults().withParallelism(Math.max(arguments.number("threads") - 1, 0)));
  }

  private static Work batches(Arguments arguments, ReaderOptions options) {
    return batches(arguments, options, DiskyReading::sum);
  }

  /** Reads all batches, and adds up what {@code sum} returns for each. */
  static Work batches(Arguments arguments, ReaderOptions options, ToLongFunction<RecordBatch> sum) {
    Path input = arguments.path("input");
    return () -> {
      long total = 0;
      try (RecordReader reader = RecordReader.open(input, options)) {
        for (RecordBatch next = reader.nextBatch(); next != null; next = reader.nextBatch()) {
          try (RecordBatch batch = next) {
            total += sum.applyAsLong(batch);
          }
        }
      }
      return total;
    };
  }

  /** The {@link Checksum} of a batch. */
  static long sum(RecordBatch batch) {
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long sum = 0;
    long begin = 0;
    for (int i = 0; i < batch.recordCount(); i++) {
      long end = ends.getAtIndex(JAVA_LONG, i);
      if (end > begin) {
        sum += end - begin + data.get(JAVA_BYTE, begin);
      }
      begin = end;
    }
    return sum;
  }

  /** Reads record by record and copies each into an array. */
  static Work arrays(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> {
      long sum = 0;
      try (RecordReader reader = RecordReader.open(input)) {
        for (MemorySegment record : reader) {
          sum += Checksum.of(record.toArray(JAVA_BYTE));
        }
      }
      return sum;
    };
  }

  /** Reads only the first record. */
  static Work first(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> {
      try (RecordReader reader = RecordReader.open(input)) {
        return Checksum.of(Objects.requireNonNull(reader.next()));
      }
    };
  }

  /** Reads with the independent reader of the tests, which keeps all records. */
  static Work oracle(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> {
      long sum = 0;
      for (byte[] record : OracleReader.read(input).records()) {
        sum += Checksum.of(record);
      }
      return sum;
    };
  }
}
