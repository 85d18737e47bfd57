package io.disky.order;

/** A key of 128 bits from which orders are computed. Immutable. */
public record OrderKey(long high, long low) {
  /** The key of a seed. */
  public static OrderKey of(long seed) {
    throw new UnsupportedOperationException("" + seed);
  }

  /** The key for another purpose. */
  public OrderKey with(String purpose) {
    throw new UnsupportedOperationException(purpose);
  }

  /** The key for a number, such as an epoch. */
  public OrderKey with(long number) {
    throw new UnsupportedOperationException("" + number);
  }

  /** A hash of {@code number} under this key, uniform over all longs. Takes a few nanoseconds. */
  public long hash(long number) {
    throw new UnsupportedOperationException("" + number);
  }

  /** A number below {@code bound}, exactly uniform, that depends on {@code number} only. */
  public long below(long bound, long number) {
    throw new UnsupportedOperationException("" + bound + number);
  }
}
