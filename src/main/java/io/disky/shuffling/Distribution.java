package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Distributes the records of consecutive positions over parts. For one thread. */
final class Distribution implements AutoCloseable {
  @SuppressWarnings("MustBeClosedChecker") // Closed with this object.
  private final Arena arena = Arena.ofConfined();

  private final long first;
  private final long count;
  private final long width;
  private final Growing[] parts;

  /** A part that is being written. */
  private static final class Growing {
    private final ChainWriter entries;
    private long lastNumber;
    private long bytes;

    Growing(ChainWriter entries) {
      this.entries = entries;
    }
  }

  /**
   * Begins parts in {@code file}.
   *
   * @param first the first position
   * @param count number of positions; at least 1
   * @param wanted number of parts; fewer if there are fewer positions
   */
  Distribution(long first, long count, int wanted, BlockFile file) {
    this.first = first;
    this.count = count;
    this.width = (count - 1) / wanted + 1;
    this.parts = new Growing[Math.toIntExact((count - 1) / width + 1)];
    long blockSize = file.blockSize();
    MemorySegment blocks = arena.allocate(parts.length * blockSize, Long.BYTES);
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Growing(new ChainWriter(file, blocks.asSlice(i * blockSize, blockSize)));
    }
  }

  /**
   * Begins the entry of a record. The caller adds the contents next.
   *
   * @param number larger than the number of the record before
   */
  ChainWriter begin(long position, long number, long size) throws IOException {
    Growing part = parts[(int) ((position - first) / width)];
    part.entries.putNumber(number - part.lastNumber);
    part.entries.putNumber(size);
    part.lastNumber = number;
    return part.entries;
  }

  /** Counts the size of a record that is not large. */
  void count(long position, long size) {
    parts[(int) ((position - first) / width)].bytes += size;
  }

  /** Completes the parts. */
  List<Part> end() throws IOException {
    List<Part> complete = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      long before = i * width;
      Chain entries = parts[i].entries.end();
      long positions = Math.min(width, count - before);
      complete.add(new Part(first + before, positions, parts[i].bytes, entries));
    }
    return complete;
  }

  @Override
  public void close() {
    arena.close();
  }
}
