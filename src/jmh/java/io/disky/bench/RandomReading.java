package io.disky.bench;

import java.io.IOException;

/**
 * Reads records by their numbers, in an order that jumps about in the file. A run goes on where the
 * one before has stopped, so that in time all records are read, and none again before that. The
 * order is that of the other languages.
 */
final class RandomReading implements Work {
  private final Reading reading;
  private final long size;
  private final long stride;
  private final long[] indices;
  private long step;

  /** Reads records. */
  @FunctionalInterface
  interface Reading {
    /** What {@link Checksum} says of all of them. */
    long read(long[] indices) throws IOException;
  }

  RandomReading(Arguments arguments, Reading reading) throws IOException {
    this.reading = reading;
    size = new RecordsFile(arguments.path("records")).count();
    // The golden ratio of the file: any number of steps from anywhere are spread over all of it.
    stride = size * 618_034 / 1_000_000 | 1;
    indices = new long[arguments.number("count")];
  }

  @Override
  public void prepare() {
    for (int i = 0; i < indices.length; i++) {
      indices[i] = step * stride % size;
      step = (step + 1) % size;
    }
  }

  @Override
  public long run() throws IOException {
    return reading.read(indices);
  }
}
