package io.disky.misuse;

import io.disky.Container;
import io.disky.RecordPosition;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A record file with known records at known positions. */
final class RecordFile {
  private final String name;
  private final byte[] bytes;
  private final Path path;
  private final long[] numbers;
  private final Map<RecordPosition, Long> byPosition = new HashMap<>();
  private final List<RecordPosition> positions;
  private final boolean hasIndex;
  private final boolean intact;

  private RecordFile(
      String name,
      byte[] bytes,
      Path path,
      long[] numbers,
      List<RecordPosition> positions,
      boolean hasIndex,
      boolean intact) {
    this.name = name;
    this.bytes = bytes;
    this.path = path;
    this.numbers = numbers;
    this.positions = positions;
    for (int i = 0; i < numbers.length; i++) {
      byPosition.put(positions.get(i), numbers[i]);
    }
    this.hasIndex = hasIndex;
    this.intact = intact;
  }

  /**
   * Writes records with numbers from {@code first} on to memory and to a file in {@code directory}.
   */
  static RecordFile write(
      Path directory, String name, long first, int count, int flushEvery, WriterOptions options)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long[] numbers = new long[count];
    List<RecordPosition> positions = new ArrayList<>();
    try (RecordWriter writer = RecordWriter.open(bytes, options)) {
      for (int i = 0; i < count; i++) {
        numbers[i] = first + i;
        writer.write(TellingRecord.of(numbers[i]));
        positions.add(writer.lastPosition());
        if (flushEvery > 0 && i % flushEvery == flushEvery - 1) {
          writer.flush();
        }
      }
    }
    boolean hasIndex = options.container() == Container.ARRAY_RECORD;
    Path path = directory.resolve(name);
    Files.write(path, bytes.toByteArray());
    return new RecordFile(name, bytes.toByteArray(), path, numbers, positions, hasIndex, true);
  }

  /** Returns a copy with random damage. It exists only in memory. */
  RecordFile damaged(Dice dice) {
    byte[] copy = bytes.clone();
    int times = 1 + dice.below(3);
    for (int i = 0; i < times && copy.length > 0; i++) {
      copy = damage(copy, dice);
    }
    return new RecordFile("damaged " + name, copy, path, numbers, positions, hasIndex, false);
  }

  private static byte[] damage(byte[] copy, Dice dice) {
    int at = dice.below(copy.length);
    switch (dice.below(5)) {
      case 0 -> {
        return Arrays.copyOf(copy, at);
      }
      case 1 -> Arrays.fill(copy, at, Math.min(copy.length, at + dice.below(200)), (byte) 0);
      case 2 -> {
        return Arrays.copyOf(copy, copy.length + dice.below(300));
      }
      default -> copy[at] ^= (byte) (1 << dice.below(8));
    }
    return copy;
  }

  String name() {
    return name;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The path of the undamaged file. */
  Path path() {
    return path;
  }

  /** The numbers of its records, in order. */
  long[] numbers() {
    return numbers.clone();
  }

  int count() {
    return numbers.length;
  }

  long number(int index) {
    return numbers[index];
  }

  /** Returns whether it ends with an index, as an ArrayRecord does. */
  boolean hasIndex() {
    return hasIndex;
  }

  boolean isIntact() {
    return intact;
  }

  /** Returns whether this file contains the record with {@code number}. */
  boolean has(long number) {
    return Arrays.binarySearch(numbers, number) >= 0;
  }

  /**
   * The number of the record that was written at {@code position}; {@link TellingRecord#TORN} if
   * there is none.
   */
  long at(RecordPosition position) {
    return byPosition.getOrDefault(position, TellingRecord.TORN);
  }

  /** Chooses a position, mostly that of a record. */
  RecordPosition position(Dice dice) {
    if (numbers.length > 0 && !dice.oneIn(5)) {
      return positions.get(dice.below(positions.size()));
    }
    long begin = dice.near((long) bytes.length) & Long.MAX_VALUE;
    long index = dice.near(20L) & Long.MAX_VALUE;
    return begin > Long.MAX_VALUE - index ? RecordPosition.START : new RecordPosition(begin, index);
  }

  @Override
  public String toString() {
    return name;
  }
}
