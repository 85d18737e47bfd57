package io.disky.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Records that depend on nothing but their arguments, and their comparison. */
public final class SampleRecords {
  private static final byte[] PHRASE = "records of one kind, ".getBytes(UTF_8);

  private SampleRecords() {}

  /** Bytes that no codec makes smaller. */
  public static byte[] random(int size) {
    return random(new Random(size), size);
  }

  /** Bytes that no codec makes smaller. */
  public static byte[] random(Random random, int size) {
    byte[] record = new byte[size];
    random.nextBytes(record);
    return record;
  }

  /** Bytes that a codec makes much smaller. */
  public static byte[] repetitive(int size) {
    byte[] record = new byte[size];
    for (int i = 0; i < size; i++) {
      record[i] = PHRASE[i % PHRASE.length];
    }
    return record;
  }

  /** A record of each size, incompressible and compressible ones in turns. */
  public static List<byte[]> ofSizes(int... sizes) {
    List<byte[]> records = new ArrayList<>();
    for (int size : sizes) {
      records.add(records.size() % 2 == 0 ? random(size) : repetitive(size));
    }
    return records;
  }

  /** Short lines of text, each another one. */
  public static List<byte[]> lines(int count) {
    return IntStream.range(0, count).mapToObj(i -> ("line " + i).getBytes(UTF_8)).toList();
  }

  /** The records of both lists. */
  public static List<byte[]> concatenate(List<byte[]> first, List<byte[]> second) {
    List<byte[]> records = new ArrayList<>(first);
    records.addAll(second);
    return records;
  }

  /** Asserts that the records are the expected ones; names the first that is not. */
  public static void assertSame(List<byte[]> actual, List<byte[]> expected) {
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      if (!Arrays.equals(actual.get(i), expected.get(i))) {
        assertThat(actual.get(i)).as("record %d", i).isEqualTo(expected.get(i));
      }
    }
    assertThat(actual.size()).as("number of records").isEqualTo(expected.size());
  }
}
