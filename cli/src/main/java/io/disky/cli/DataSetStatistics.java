package io.disky.cli;

import io.disky.Compression;
import io.disky.FileDescription;
import io.disky.SizeDistribution;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The sums of the descriptions of several files. For one thread. */
final class DataSetStatistics {
  private static final SizeDistribution NO_SIZES =
      new SizeDistribution(0, 0, 0, 0, new TreeMap<>());

  private final Map<Compression.Codec, Long> codecs = new EnumMap<>(Compression.Codec.class);
  private long files;
  private long fileSize;
  private long records;
  private long recordBytes;
  private long encodedBytes;
  private SizeDistribution recordSizes = NO_SIZES;
  private SizeDistribution chunkSizes = NO_SIZES;

  /** Adds a file. */
  void add(FileDescription file) {
    files++;
    fileSize = sum(fileSize, file.fileSize());
    records = sum(records, file.recordCount());
    recordBytes = sum(recordBytes, file.recordBytes());
    encodedBytes = sum(encodedBytes, file.encodedBytes());
    file.codecs().forEach((codec, chunks) -> codecs.merge(codec, chunks, Long::sum));
    recordSizes = sum(recordSizes, file.recordSizes());
    chunkSizes = sum(chunkSizes, file.chunkSizes());
  }

  /** Headers can state numbers whose sum does not fit. */
  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  private static SizeDistribution sum(SizeDistribution a, SizeDistribution b) {
    if (a.count() == 0) {
      return b;
    }
    if (b.count() == 0) {
      return a;
    }
    SortedMap<Long, Long> histogram = new TreeMap<>(a.histogram());
    b.histogram().forEach((from, count) -> histogram.merge(from, count, DataSetStatistics::sum));
    return new SizeDistribution(
        sum(a.count(), b.count()),
        Math.min(a.smallest(), b.smallest()),
        Math.max(a.largest(), b.largest()),
        sum(a.total(), b.total()),
        histogram);
  }

  /** Number of files. */
  long files() {
    return files;
  }

  /** Sum of the sizes of the files in bytes. */
  long fileSize() {
    return fileSize;
  }

  /** Number of records. */
  long records() {
    return records;
  }

  /** Sum of the sizes of the records in bytes. */
  long recordBytes() {
    return recordBytes;
  }

  /** Sum of the sizes of the data of chunks with records, in bytes. */
  long encodedBytes() {
    return encodedBytes;
  }

  /** The record bytes divided by the size of the files; 0 if there are no bytes. */
  double compressionRatio() {
    return fileSize == 0 ? 0 : (double) recordBytes / fileSize;
  }

  /** Number of chunks with records, by the name of their codec. */
  SortedMap<String, Long> chunksByCodec() {
    SortedMap<String, Long> byName = new TreeMap<>();
    codecs.forEach((codec, chunks) -> byName.put(codec.toString(), chunks));
    return byName;
  }

  SizeDistribution recordSizes() {
    return recordSizes;
  }

  SizeDistribution chunkSizes() {
    return chunkSizes;
  }

  /** The mean number of records in a chunk; 0 if there are no chunks. */
  double recordsPerChunk() {
    return chunkSizes.count() == 0 ? 0 : (double) records / chunkSizes.count();
  }
}
