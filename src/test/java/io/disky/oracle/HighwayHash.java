package io.disky.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * 64-bit HighwayHash with the key of the record file format, in plain Java.
 *
 * <p>Processes on the order of a gigabyte in a few seconds. Thread-safe: it has no shared state.
 */
public final class HighwayHash {
  private static final VarHandle LONG_LE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int LANES = 4;
  private static final int PACKET_BYTES = LANES * Long.BYTES;
  private static final int FINAL_ROUNDS = 4;

  /** The ASCII text {@code Riegeli/records\n}, twice, as little-endian numbers. */
  private static final long[] KEY = {
    0x2f696c6567656952L, 0x0a7364726f636572L, 0x2f696c6567656952L, 0x0a7364726f636572L
  };

  /** Starting values: digits of pi, as the algorithm defines them. */
  private static final long[] MUL_0 = {
    0xdbe6d5d5fe4cce2fL, 0xa4093822299f31d0L, 0x13198a2e03707344L, 0x243f6a8885a308d3L
  };

  private static final long[] MUL_1 = {
    0x3bd39e10cb0ef593L, 0xc0acf169b5f18a8cL, 0xbe5466cf34e90c6cL, 0x452821e638d01377L
  };

  private final long[] v0 = new long[LANES];
  private final long[] v1 = new long[LANES];
  private final long[] mul0 = MUL_0.clone();
  private final long[] mul1 = MUL_1.clone();

  private HighwayHash() {
    for (int i = 0; i < LANES; i++) {
      v0[i] = MUL_0[i] ^ KEY[i];
      v1[i] = MUL_1[i] ^ Long.rotateLeft(KEY[i], 32);
    }
  }

  /**
   * Hashes all bytes of an array.
   *
   * @param bytes the bytes to hash
   * @return the hash; a file stores it as 8 little-endian bytes
   */
  public static long hash(byte[] bytes) {
    return hash(bytes, 0, bytes.length);
  }

  /**
   * Hashes a range of an array.
   *
   * @param bytes the array
   * @param offset index of the first byte
   * @param length number of bytes, 0 or more
   * @return the hash; a file stores it as 8 little-endian bytes
   * @throws IndexOutOfBoundsException if the range is not inside the array
   */
  public static long hash(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    HighwayHash state = new HighwayHash();
    int tail = length % PACKET_BYTES;
    int tailBegin = offset + length - tail;
    for (int at = offset; at < tailBegin; at += PACKET_BYTES) {
      state.absorb(bytes, at);
    }
    if (tail > 0) {
      state.absorbTail(bytes, tailBegin, tail);
    }
    return state.finish();
  }

  private void absorb(byte[] bytes, int at) {
    absorb(
        (long) LONG_LE.get(bytes, at),
        (long) LONG_LE.get(bytes, at + 8),
        (long) LONG_LE.get(bytes, at + 16),
        (long) LONG_LE.get(bytes, at + 24));
  }

  private void absorb(long lane0, long lane1, long lane2, long lane3) {
    mix(0, lane0);
    mix(1, lane1);
    mix(2, lane2);
    mix(3, lane3);
    addShuffled(v0, v1, 0);
    addShuffled(v0, v1, 2);
    addShuffled(v1, v0, 0);
    addShuffled(v1, v0, 2);
  }

  private void mix(int i, long lane) {
    v1[i] += mul0[i] + lane;
    mul0[i] ^= low32(v1[i]) * (v0[i] >>> 32);
    v0[i] += mul1[i];
    mul1[i] ^= low32(v0[i]) * (v1[i] >>> 32);
  }

  private static long low32(long x) {
    return x & 0xffff_ffffL;
  }

  /**
   * Adds a byte shuffle of a pair of lanes to the same pair of another vector. If the 16 bytes of
   * the pair are numbered from the lowest, the source bytes are 3 12 2 5 14 1 15 0 and 11 4 10 13 9
   * 6 8 7.
   */
  private static void addShuffled(long[] target, long[] source, int pair) {
    long low = source[pair];
    long high = source[pair + 1];
    target[pair] +=
        move(low, 3, 0)
            | move(high, 4, 1)
            | move(low, 2, 2)
            | move(low, 5, 3)
            | move(high, 6, 4)
            | move(low, 1, 5)
            | move(high, 7, 6)
            | move(low, 0, 7);
    target[pair + 1] +=
        move(high, 3, 0)
            | move(low, 4, 1)
            | move(high, 2, 2)
            | move(high, 5, 3)
            | move(high, 1, 4)
            | move(low, 6, 5)
            | move(high, 0, 6)
            | move(low, 7, 7);
  }

  /** A number whose byte {@code to} is byte {@code from} of {@code x}; its other bytes are 0. */
  private static long move(long x, int from, int to) {
    return (x >>> (8 * from) & 0xff) << (8 * to);
  }

  /** Absorbs the last 1 to 31 bytes, distributed over one packet as the algorithm defines. */
  private void absorbTail(byte[] bytes, int at, int length) {
    for (int i = 0; i < LANES; i++) {
      v0[i] += ((long) length << 32) + length;
      v1[i] = rotateHalves(v1[i], length);
    }
    byte[] packet = new byte[PACKET_BYTES];
    int whole = length & ~3;
    int odd = length & 3;
    System.arraycopy(bytes, at, packet, 0, whole);
    if (length >= 16) {
      System.arraycopy(bytes, at + length - 4, packet, PACKET_BYTES - 4, 4);
    } else if (odd > 0) {
      packet[16] = bytes[at + whole];
      packet[17] = bytes[at + whole + odd / 2];
      packet[18] = bytes[at + length - 1];
    }
    absorb(packet, 0);
  }

  private static long rotateHalves(long x, int distance) {
    long high = Integer.rotateLeft((int) (x >>> 32), distance);
    return high << 32 | low32(Integer.rotateLeft((int) x, distance));
  }

  private long finish() {
    for (int round = 0; round < FINAL_ROUNDS; round++) {
      absorb(
          Long.rotateLeft(v0[2], 32),
          Long.rotateLeft(v0[3], 32),
          Long.rotateLeft(v0[0], 32),
          Long.rotateLeft(v0[1], 32));
    }
    return v0[0] + v1[0] + mul0[0] + mul1[0];
  }
}
