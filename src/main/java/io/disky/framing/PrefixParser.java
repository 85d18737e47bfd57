package io.disky.framing;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Records that follow their length, a number of fixed size without a checksum. */
public final class PrefixParser extends FrameParser {
  private final int prefixSize;
  private final VarHandle prefix;

  /**
   * A parser for lengths of {@code prefixSize} bytes.
   *
   * @param prefixSize 4 or 8
   */
  public PrefixParser(int prefixSize, ByteOrder order) {
    this.prefixSize = prefixSize;
    Class<?> type = prefixSize == Integer.BYTES ? int[].class : long[].class;
    this.prefix = MethodHandles.byteArrayViewVarHandle(type, order);
  }

  @Override
  boolean parse(ByteWindow window, int maxLength) throws IOException {
    if (!window.fill(prefixSize)) {
      if (window.size() == 0) {
        return false;
      }
      throw new FrameDamage(
          window.position(),
          0,
          "a length of " + prefixSize + " bytes is incomplete: bytes of it: " + window.size());
    }
    long length =
        prefixSize == Integer.BYTES
            ? Integer.toUnsignedLong((int) prefix.get(window.bytes(), window.begin()))
            : (long) prefix.get(window.bytes(), window.begin());
    Lengths.check(length, maxLength, window);
    Lengths.fill(window, prefixSize, (int) length, 0);
    return found(prefixSize, (int) length, 0);
  }
}
