package io.disky.bench;

import java.io.IOException;

/**
 * Reads records by number in a random order. Each run continues the order after the previous run,
 * so that no record is read a second time before all records have been read. limits/src/random.rs
 * defines the order, which is the same in all languages.
 */
final class RandomReading implements Work {
  private final Reading reading;
  private final long size;
  private final long[] indices;
  private long next;

  /** A way to read records. */
  @FunctionalInterface
  interface Reading {
    /** Reads the records at {@code indices} and returns their {@link Checksum}. */
    long read(long[] indices) throws IOException;
  }

  RandomReading(Arguments arguments, Reading reading) throws IOException {
    this.reading = reading;
    size = new RecordsFile(arguments.path("records")).count();
    indices = new long[arguments.number("count")];
  }

  @Override
  public void prepare() {
    for (int i = 0; i < indices.length; i++) {
      indices[i] = next;
      next = following(next);
    }
  }

  private long following(long index) {
    long mask = (Long.highestOneBit(size) << 1) - 1;
    long following = index;
    do {
      following = (following * 1_664_525 + 1_013_904_223) & mask;
    } while (following >= size);
    return following;
  }

  @Override
  public long run() throws IOException {
    return reading.read(indices);
  }
}
