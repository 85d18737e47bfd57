package io.disky.bench;

import java.util.Arrays;
import java.util.List;

/**
 * Median and extremes of the numbers of several rounds.
 *
 * @param median the median
 * @param least the smallest number
 * @param most the largest number
 */
record Statistics(double median, double least, double most) {
  static Statistics of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Statistics(median(sorted), sorted[0], sorted[sorted.length - 1]);
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static double median(List<Long> values) {
    return of(values.stream().mapToDouble(Long::doubleValue).toArray()).median();
  }

  /** Half the distance of the extremes, relative to the median. */
  double spread() {
    return (most - least) / 2 / median;
  }
}
