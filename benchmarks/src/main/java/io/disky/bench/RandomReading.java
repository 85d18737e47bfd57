package io.disky.bench;

import java.io.IOException;

/**
 * Reads records by number in a random order. Each run continues the order after the previous run,
 * so that no record is read a second time before all records have been read.
 */
final class RandomReading implements Work {
  private final Reading reading;
  private final RandomOrder order;
  private final int count;
  private long[] indices = {};

  /** A way to read records. */
  @FunctionalInterface
  interface Reading {
    /** Reads the records at {@code indices} and returns their {@link Checksum}. */
    long read(long[] indices) throws IOException;
  }

  RandomReading(Arguments arguments, Reading reading) throws IOException {
    this.reading = reading;
    order = new RandomOrder(new RecordsFile(arguments.path("records")).count());
    count = arguments.number("count");
  }

  @Override
  public void prepare() {
    indices = order.next(count);
  }

  @Override
  public long run() throws IOException {
    return reading.read(indices);
  }
}
