package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** Bounds that random data exceed once in a thousand cases. */
final class Statistics {
  /** Standard deviations beyond which a normal variable is once in a thousand cases. */
  static final double TWO_SIDED = 3.2905;

  private static final double ONE_SIDED = 3.0902;
  private static final double PROBABILITY = 0.001;

  private Statistics() {}

  /** All cells are equally likely, by the chi-squared test. */
  static void assertUniform(String description, long[] counts) {
    if (counts.length < 2) {
      return;
    }
    double expected = Arrays.stream(counts).sum() / (double) counts.length;
    double chiSquared =
        Arrays.stream(counts)
            .mapToDouble(count -> (count - expected) * (count - expected) / expected)
            .sum();
    // Wilson and Hilferty: the cube root of chi-squared is nearly normal.
    int freedom = counts.length - 1;
    double spread = 2.0 / (9 * freedom);
    double bound = freedom * Math.pow(1 - spread + ONE_SIDED * Math.sqrt(spread), 3);
    assertThat(chiSquared).as(description).isLessThan(bound);
  }

  /**
   * Counts as of as many balls, thrown into cells at random, as there are cells: the largest count,
   * and how many pairs of balls share a cell.
   */
  static void assertRandomCells(String description, int[] counts, long cells) {
    assertLargest(description, counts, cells);
    long balls = 0;
    long pairs = 0;
    for (int count : counts) {
      balls += count;
      pairs += count * (count - 1L) / 2;
    }
    double expected = balls * (balls - 1.0) / 2 / cells;
    assertThat(Math.abs(pairs - expected) / Math.sqrt(expected))
        .as("%s: %d pairs, %.1f expected", description, pairs, expected)
        .isLessThan(TWO_SIDED);
  }

  /** No count is larger than the largest of cells that one ball hits on average. */
  static void assertLargest(String description, int[] counts, long cells) {
    assertThat(Arrays.stream(counts).max().orElse(0))
        .as(description)
        .isLessThanOrEqualTo(largestOf(cells));
  }

  private static int largestOf(long cells) {
    // Poisson: e^-1 / k! for exactly k; the sum of all larger ones is less than 1/k of that.
    int k = 1;
    double probability = Math.exp(-1);
    while (cells * probability / (k + 1) * (1 + 1.0 / (k + 1)) > PROBABILITY) {
      k++;
      probability /= k;
    }
    return k;
  }
}
