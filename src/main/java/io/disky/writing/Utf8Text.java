package io.disky.writing;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** Text in UTF-8, encoded directly to memory, without a temporary array. */
final class Utf8Text {
  private static final int ONE_BYTE = 0x80;
  private static final int TWO_BYTES = 0x800;
  private static final int CONTINUATION = 0x80;
  private static final int CONTINUATION_BITS = 6;
  private static final int CONTINUATION_MASK = 0x3F;

  private Utf8Text() {}

  /**
   * Size of {@code text} in UTF-8, in bytes.
   *
   * @throws IllegalArgumentException if it contains an unpaired surrogate
   */
  static long size(String text) {
    long size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ONE_BYTE) {
        size++;
      } else if (c < TWO_BYTES) {
        size += 2;
      } else if (!Character.isSurrogate(c)) {
        size += 3;
      } else {
        checkPair(text, i);
        size += 4;
        i++;
      }
    }
    return size;
  }

  private static void checkPair(String text, int index) {
    if (index + 1 == text.length()
        || !Character.isSurrogatePair(text.charAt(index), text.charAt(index + 1))) {
      throw new IllegalArgumentException(
          "the text cannot be encoded in UTF-8: char "
              + index
              + " of "
              + text.length()
              + " is the unpaired surrogate U+"
              + Integer.toHexString(text.charAt(index)).toUpperCase(Locale.ROOT)
              + "; String.getBytes(UTF_8) would replace it with '?'");
    }
  }

  /** Encodes {@code text}, which {@link #size} has accepted, from {@code offset} of the memory. */
  static void encode(String text, MemorySegment memory, long offset) {
    long at = offset;
    for (int i = 0; i < text.length(); i++) {
      int c = text.charAt(i);
      if (c < ONE_BYTE) {
        memory.set(ValueLayout.JAVA_BYTE, at++, (byte) c);
      } else if (c < TWO_BYTES) {
        at = encode(c, 2, 0xC0, memory, at);
      } else if (!Character.isSurrogate((char) c)) {
        at = encode(c, 3, 0xE0, memory, at);
      } else {
        i++;
        at = encode(Character.toCodePoint((char) c, text.charAt(i)), 4, 0xF0, memory, at);
      }
    }
  }

  /** Encodes a code point in {@code bytes} bytes; returns where it ends. */
  private static long encode(int codePoint, int bytes, int lead, MemorySegment memory, long at) {
    int rest = codePoint;
    for (int i = bytes - 1; i > 0; i--) {
      memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) (CONTINUATION | (rest & CONTINUATION_MASK)));
      rest >>>= CONTINUATION_BITS;
    }
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) (lead | rest));
    return at + bytes;
  }
}
