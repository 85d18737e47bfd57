package io.disky.order;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/** Weights as integers without a common divisor. */
final class Weights {
  private Weights() {}

  /**
   * Integers that have exactly the ratios of the weights' shortest decimal representations.
   *
   * @param most the largest sum
   * @throws IllegalArgumentException if the sum of the integers is larger
   */
  static long[] integers(List<OrderSource> sources, long most) {
    BigDecimal[] decimals =
        sources.stream()
            .map(source -> BigDecimal.valueOf(source.weight()).stripTrailingZeros())
            .toArray(BigDecimal[]::new);
    int scale = Arrays.stream(decimals).mapToInt(BigDecimal::scale).max().orElseThrow();
    BigInteger[] integers =
        Arrays.stream(decimals)
            .map(decimal -> decimal.setScale(scale).unscaledValue())
            .toArray(BigInteger[]::new);
    BigInteger divisor = Arrays.stream(integers).reduce(BigInteger.ZERO, BigInteger::gcd);
    BigInteger sum =
        Arrays.stream(integers).reduce(BigInteger.ZERO, BigInteger::add).divide(divisor);
    if (sum.compareTo(BigInteger.valueOf(most)) > 0) {
      throw new IllegalArgumentException(
          "as integers with the same ratios, the weights "
              + Arrays.toString(sources.stream().mapToDouble(OrderSource::weight).toArray())
              + " have the sum "
              + sum
              + ", but at most "
              + most
              + " is possible: round the weights to fewer digits, for example to 6");
    }
    return Arrays.stream(integers)
        .mapToLong(weight -> weight.divide(divisor).longValue())
        .toArray();
  }

  /** The weights without their common divisor. */
  static long[] reduced(long[] weights) {
    long divisor = 0;
    for (long weight : weights) {
      divisor = gcd(divisor, weight);
    }
    long[] reduced = weights.clone();
    for (int i = 0; i < reduced.length; i++) {
      reduced[i] /= divisor;
    }
    return reduced;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
