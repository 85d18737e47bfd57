package io.disky.examples;

import io.disky.loader.LoadedBatch;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How many records of each size there are, with a stream over the records of each batch. */
public final class StreamedSizes {
  private StreamedSizes() {}

  /** The number of records of each size in bytes. */
  public static Map<Long, Long> count(Iterable<LoadedBatch> batches) {
    Map<Long, Long> sizes = new TreeMap<>();
    for (LoadedBatch batch : batches) {
      try (batch) {
        batch.stream()
            .collect(Collectors.groupingBy(MemorySegment::byteSize, Collectors.counting()))
            .forEach((size, count) -> sizes.merge(size, count, Long::sum));
      }
    }
    return sizes;
  }
}
