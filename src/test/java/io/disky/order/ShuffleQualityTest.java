package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The records of a pass are mixed equally well from its beginning to its end. */
class ShuffleQualityTest {
  private static final long SEED = 8;
  private static final int CHUNKS = 10_000;
  private static final int RECORDS_PER_CHUNK = 100;
  private static final int TENTHS = 10;

  static final ShuffleMethod[] METHODS = {
    new ShuffleMethod.Global(), new ShuffleMethod.Windowed(100), new ShuffleMethod.Windowed(1000),
  };

  /** The entropy of the distance between the chunks of neighbours, in bits. */
  private static double entropy(long[] records, int from, int to) {
    Map<Long, Integer> counts = new HashMap<>();
    for (int i = from; i + 1 < to; i++) {
      long distance = Math.abs(records[i] / RECORDS_PER_CHUNK - records[i + 1] / RECORDS_PER_CHUNK);
      counts.merge(distance, 1, Integer::sum);
    }
    double all = to - from - 1.0;
    return counts.values().stream()
        .mapToDouble(count -> -count / all * Math.log(count / all) / Math.log(2))
        .sum();
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void isTheSameInEachTenthOfThePass(ShuffleMethod method) {
    ChunkLayout layout = ListedChunks.equal(CHUNKS, RECORDS_PER_CHUNK, 1);
    PassOrder order = method.order(layout, OrderKey.of(SEED));
    long[] records = new long[CHUNKS * RECORDS_PER_CHUNK];
    order.records(0, records, 0, records.length);
    double[] entropies = new double[TENTHS];
    int tenth = records.length / TENTHS;
    Arrays.setAll(entropies, i -> entropy(records, i * tenth, (i + 1) * tenth));
    double mean = Arrays.stream(entropies).average().orElseThrow();
    // A sequence in the order of the source has an entropy of less than 0.1.
    assertThat(mean).as("seed %d", SEED).isGreaterThan(10);
    for (double entropy : entropies) {
      assertThat(Math.abs(entropy / mean - 1)).as("seed %d", SEED).isLessThan(0.02);
    }
  }
}
