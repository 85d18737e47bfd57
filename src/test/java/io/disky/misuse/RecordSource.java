package io.disky.misuse;

import io.disky.misuse.Mischief.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** All ways to pass a record to a writer. */
final class RecordSource {
  /** Takes a record. */
  @FunctionalInterface
  interface Taker<T> {
    void take(T record) throws IOException;
  }

  /** Takes a record that is a range of an array. */
  @FunctionalInterface
  interface RangeTaker {
    void take(byte[] array, int offset, int length) throws IOException;
  }

  /** The methods of a writer that take a record. */
  record Target(
      Taker<byte[]> array,
      RangeTaker range,
      Taker<ByteBuffer> buffer,
      Taker<MemorySegment> segment) {}

  private RecordSource() {}

  /** Writes the record with {@code number} in a randomly chosen way. */
  static void write(Round round, long number, Target target) throws IOException {
    byte[] record = TellingRecord.of(number);
    Dice dice = round.dice();
    switch (dice.below(9)) {
      case 0, 1 -> target.array().take(record);
      case 2 -> {
        byte[] array = new byte[record.length + 7];
        System.arraycopy(record, 0, array, 3, record.length);
        target.range().take(array, 3, record.length);
      }
      case 3 -> writeBuffer(round, ByteBuffer.wrap(record), target);
      case 4 ->
          writeBuffer(round, ByteBuffer.allocateDirect(record.length).put(record).flip(), target);
      case 5 -> target.segment().take(MemorySegment.ofArray(record));
      case 6 -> writeVanishing(round, record, target);
      default -> writeNative(round, record, target);
    }
  }

  private static void writeBuffer(Round round, ByteBuffer buffer, Target target)
      throws IOException {
    ByteBuffer record = round.dice().oneIn(2) ? buffer.asReadOnlyBuffer() : buffer;
    target.buffer().take(record);
    if (record.hasRemaining()) {
      round.violate("a buffer that was written still has " + record.remaining() + " bytes", null);
    }
  }

  private static void writeNative(Round round, byte[] record, Target target) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(record.length).copyFrom(MemorySegment.ofArray(record));
      if (round.mischief().does(Kind.MEMORY)) {
        arena.close();
        throwingOnly(round, () -> target.segment().take(segment));
      }
      target.segment().take(segment);
    }
  }

  /** Runs an action that must throw, because the memory of the record is gone. */
  private static void throwingOnly(Round round, IoAction action) throws IOException {
    action.run();
    round.violate("a record was written from memory that is gone", null);
  }

  @FunctionalInterface
  private interface IoAction {
    void run() throws IOException;
  }

  private static void writeVanishing(Round round, byte[] record, Target target) throws IOException {
    if (!round.mischief().does(Kind.MAPPED)) {
      target.array().take(record);
      return;
    }
    try (VanishingMemory memory = VanishingMemory.of(round, record)) {
      memory.vanish();
      throwingOnly(round, () -> target.segment().take(memory.segment()));
    }
  }
}
