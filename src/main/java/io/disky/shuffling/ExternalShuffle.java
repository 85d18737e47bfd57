package io.disky.shuffling;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Puts records into another order in bounded memory. If they do not fit into the memory, this
 * object distributes them over parts of consecutive positions in a temporary file, and then loads
 * one part after the other; a part that does not fit is distributed again. For one thread.
 */
public final class ExternalShuffle {
  private final String name;
  private final long records;
  private final long bytes;
  private final LongUnaryOperator positionOf;
  private final ShuffleMemory memory;
  private final Path directory;
  private final ShuffleSteps steps;
  private long temporaryBytes;

  /**
   * A shuffle that has not begun.
   *
   * @param name the name of the input in messages
   * @param records number of records, from 0 to {@code records} - 1
   * @param bytes sum of their sizes
   * @param positionOf the new position of the record with a number: a permutation
   * @param directory the directory of the temporary file
   * @param listener gets the number of bytes of records that were read or written, after about each
   *     MiB
   */
  public ExternalShuffle(
      String name,
      long records,
      long bytes,
      LongUnaryOperator positionOf,
      ShuffleMemory memory,
      Path directory,
      LongConsumer listener) {
    this.name = name;
    this.records = records;
    this.bytes = bytes;
    this.positionOf = positionOf;
    this.memory = memory;
    this.directory = directory;
    this.steps = new ShuffleSteps(name, listener);
  }

  /**
   * Passes the records of {@code input} to {@code target} in their new order.
   *
   * @throws java.io.InterruptedIOException if the thread is interrupted; it stays interrupted
   * @throws IOException if the input or the target throws it, the temporary file cannot be created,
   *     written or read, or the input does not have the stated records
   * @throws X if the target throws it
   */
  public <X extends Throwable> void run(RecordInput input, RecordTarget<X> target)
      throws IOException, X {
    steps.check();
    long load = ShuffleMemory.load(records, bytes);
    RecordTarget<X> counted =
        record -> {
          target.take(record);
          steps.add(record.byteSize());
        };
    if (memory.fits(load)) {
      runInMemory(input, counted);
      return;
    }
    int blockSize = memory.blockSize(load);
    try (BlockFile file = BlockFile.create(directory, blockSize);
        Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(blockSize, Long.BYTES);
      LargeRecords large = new LargeRecords(file, arena.allocate(blockSize, Long.BYTES));
      try {
        writeAll(distribute(input, file, large), new Places<>(file, block, large, counted));
      } finally {
        temporaryBytes = file.mostBytes();
      }
    }
  }

  /** The size that the temporary file had; 0 if there was none. */
  long temporaryBytes() {
    return temporaryBytes;
  }

  /** The objects that writing the parts needs. */
  private record Places<X extends Throwable>(
      BlockFile file, MemorySegment block, LargeRecords large, RecordTarget<X> target) {}

  private <X extends Throwable> void runInMemory(RecordInput input, RecordTarget<X> target)
      throws IOException, X {
    try (LoadedPart all = new LoadedPart(0, records, bytes)) {
      forEach(
          input,
          (number, source, offset, size) -> {
            if (!all.hasRoom(size)) {
              throw changed();
            }
            long place = all.place(positionOf.applyAsLong(number), size);
            MemorySegment.copy(source, offset, all.data(), place, size);
          });
      all.forEach(
          (index, arena) -> {
            throw new AssertionError(index);
          },
          target);
    }
  }

  /** Takes a record of the input with its number. */
  @FunctionalInterface
  private interface NumberedTaker {
    void take(long number, MemorySegment memory, long offset, long size) throws IOException;
  }

  private void forEach(RecordInput input, NumberedTaker taker) throws IOException {
    long[] number = new long[1];
    input.forEach((source, offset, size) -> {
      if (number[0] >= records) {
        throw changed();
      }
      taker.take(number[0]++, source, offset, size);
      steps.add(size);
    });
    if (number[0] != records) {
      throw changed();
    }
  }

  private IOException changed() {
    return new IOException(
        name
            + ": the number or the sizes of the records are not those that the chunk headers stated"
            + " before ("
            + records
            + " records, "
            + bytes
            + " bytes); has another program changed the file?");
  }

  private List<Part> distribute(RecordInput input, BlockFile file, LargeRecords large)
      throws IOException {
    int wanted = memory.parts(ShuffleMemory.load(records, bytes), file.blockSize());
    try (Distribution parts = new Distribution(0, records, wanted, file)) {
      forEach(
          input,
          (number, source, offset, size) -> {
            long position = positionOf.applyAsLong(number);
            ChainWriter entry = parts.begin(position, number, size);
            if (memory.isLarge(size)) {
              entry.putNumber(large.add(source, offset, size));
            } else {
              entry.put(source, offset, size);
              parts.count(position, size);
            }
          });
      return parts.end();
    }
  }

  private <X extends Throwable> void writeAll(List<Part> parts, Places<X> places)
      throws IOException, X {
    for (Part part : parts) {
      steps.check();
      if (memory.fits(part.load()) || part.count() == 1) {
        write(part, places);
      } else {
        long mark = places.file.mark();
        writeAll(distributeAgain(part, places), places);
        places.file.release(mark);
      }
    }
  }

  private <X extends Throwable> List<Part> distributeAgain(Part part, Places<X> places)
      throws IOException {
    int wanted = memory.parts(part.load(), places.file.blockSize());
    ChainReader entries = new ChainReader(places.file, part.entries(), places.block);
    try (Distribution parts = new Distribution(part.first(), part.count(), wanted, places.file)) {
      long number = 0;
      while (entries.hasNext()) {
        number += entries.number();
        long size = entries.number();
        long position = positionOf.applyAsLong(number);
        ChainWriter entry = parts.begin(position, number, size);
        if (memory.isLarge(size)) {
          entry.putNumber(entries.number());
        } else {
          entries.pass(entry, size);
          parts.count(position, size);
        }
      }
      return parts.end();
    }
  }

  private <X extends Throwable> void write(Part part, Places<X> places) throws IOException, X {
    try (LoadedPart loaded = new LoadedPart(part.first(), part.count(), part.bytes())) {
      ChainReader entries = new ChainReader(places.file, part.entries(), places.block);
      long number = 0;
      while (entries.hasNext()) {
        number += entries.number();
        long size = entries.number();
        long position = positionOf.applyAsLong(number);
        if (memory.isLarge(size)) {
          loaded.placeLarge(position, entries.number(), size);
        } else {
          entries.read(loaded.data(), loaded.place(position, size), size);
        }
      }
      loaded.forEach(places.large::read, places.target);
    }
  }
}
