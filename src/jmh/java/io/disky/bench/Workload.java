package io.disky.bench;

import io.disky.Compression;
import io.disky.FileDescription;
import io.disky.RecordReader;
import java.io.IOException;
import java.util.Locale;

/**
 * What one round of benchmarks works on.
 *
 * @param dataset the records
 * @param compression how they are compressed
 * @param records number of records
 * @param bytes sum of their sizes in bytes
 */
record Workload(Dataset dataset, Compression compression, long records, long bytes) {
  static Workload of(Dataset dataset, Compression compression) throws IOException {
    try (RecordReader reader = RecordReader.open(Inputs.file(dataset, compression))) {
      FileDescription description = reader.describe();
      return new Workload(dataset, compression, description.records(), description.recordBytes());
    }
  }

  boolean isCompressed() {
    return !compression.equals(Compression.none());
  }

  @Override
  public String toString() {
    return dataset.name().toLowerCase(Locale.ROOT) + ", " + compression;
  }
}
