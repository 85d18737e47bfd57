package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;

/** What holds for the order of each pass. */
final class PassProperties {
  private PassProperties() {}

  /** The records of a complete pass, requested in ascending positions. */
  static long[] sequence(PassOrder order) {
    long[] records = new long[Math.toIntExact(order.length())];
    int at = 0;
    for (int count = 1; at < records.length; count = count % 7 + 1) {
      int here = Math.min(count, records.length - at);
      order.records(at, records, at, here);
      at += here;
    }
    return records;
  }

  /** Each record comes once. */
  static void assertPermutation(long[] sequence) {
    long[] sorted = sequence.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      assertThat(sorted[i]).isEqualTo(i);
    }
  }

  /** Positions in any order have the same records, and nothing else in the array changes. */
  static void assertAnyPosition(PassOrder order, long[] sequence, SplittableRandom random) {
    for (int i = 0; i < 20; i++) {
      int position = random.nextInt(sequence.length + 1);
      int count = random.nextInt(sequence.length - position + 1);
      long[] into = new long[count + 2];
      order.records(position, into, 1, count);
      assertThat(Arrays.copyOfRange(into, 1, count + 1))
          .isEqualTo(Arrays.copyOfRange(sequence, position, position + count));
      assertThat(into[0]).isZero();
      assertThat(into[count + 1]).isZero();
    }
  }

  /** {@code positionOf} is the inverse. */
  static void assertInverse(PassOrder order, long[] sequence) {
    for (int position = 0; position < sequence.length; position++) {
      assertThat(order.positionOf(sequence[position])).isEqualTo(position);
    }
  }

  /** At each position: a chunk is done if and only if no record of it follows. */
  static void assertDone(PassOrder order, ChunkLayout layout, long[] sequence) {
    int[] last = new int[Math.toIntExact(layout.chunks())];
    for (int position = 0; position < sequence.length; position++) {
      last[(int) layout.chunkOf(sequence[position])] = position;
    }
    long[] record = new long[1];
    for (int position = 0; position < sequence.length; position++) {
      order.records(position, record, 0, 1);
      for (int chunk = 0; chunk < last.length; chunk++) {
        assertThat(order.isDone(chunk, position + 1L))
            .as("chunk %d after position %d", chunk, position)
            .isEqualTo(last[chunk] <= position);
      }
    }
  }
}
