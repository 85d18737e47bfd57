package io.disky.order;

import io.disky.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A key of 128 bits from which orders are computed. Immutable. docs/order.md specifies it. */
public record OrderKey(long high, long low) {
  private static final String VERSION = "disky order 1";

  // The first of the bytes that are hashed. So two kinds of derivation never hash the same bytes.
  private static final byte SEED = 0;
  private static final byte PURPOSE = 1;
  private static final byte NUMBER = 2;

  /** The key of a seed. */
  public static OrderKey of(long seed) {
    byte[] version = VERSION.getBytes(StandardCharsets.US_ASCII);
    return digest(
        ByteBuffer.allocate(1 + version.length + Long.BYTES).put(SEED).put(version).putLong(seed));
  }

  /** The key for another purpose. */
  public OrderKey with(String purpose) {
    byte[] name = purpose.getBytes(StandardCharsets.UTF_8);
    return digest(begin(PURPOSE, name.length).put(name));
  }

  /** The key for a number, such as an epoch. */
  public OrderKey with(long number) {
    return digest(begin(NUMBER, Long.BYTES).putLong(number));
  }

  private ByteBuffer begin(byte kind, int more) {
    return ByteBuffer.allocate(1 + 2 * Long.BYTES + more).put(kind).putLong(high).putLong(low);
  }

  private static OrderKey digest(ByteBuffer bytes) {
    MessageDigest sha256 = Sha256.digest();
    sha256.update(bytes.flip());
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
    return new OrderKey(hash.getLong(), hash.getLong());
  }

  /**
   * A hash of {@code number} under this key, uniform over all longs. Different numbers have
   * different hashes. Takes a few nanoseconds.
   */
  public long hash(long number) {
    return mix(mix(number + high) + low);
  }

  /**
   * A number below {@code bound}, exactly uniform, that depends on {@code number} only.
   *
   * @param bound at least 1
   */
  public long below(long bound, long number) {
    if (bound < 1) {
      throw new IllegalArgumentException("The bound is " + bound + "; it must be at least 1.");
    }
    long input = mix(number + high) + low;
    while (true) {
      long bits = mix(input);
      if (isFair(bits * bound, bound)) {
        return Math.unsignedMultiplyHigh(bits, bound);
      }
      input++;
    }
  }

  /**
   * Whether the low half of the product of 64 random bits and {@code bound} is at least 2^64 modulo
   * {@code bound}. Each high half has the same number of products for which this holds.
   */
  private static boolean isFair(long lowHalf, long bound) {
    // The remainder is below the bound, so the division is seldom necessary.
    return Long.compareUnsigned(lowHalf, bound) >= 0
        || Long.compareUnsigned(lowHalf, Long.remainderUnsigned(-bound, bound)) >= 0;
  }

  /** The finalizer of SplitMix64: a bijection in which each bit depends on all bits. */
  static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
