package io.disky.framing;

import java.io.IOException;

/** Checks of lengths that no checksum protects. */
final class Lengths {
  private Lengths() {}

  /** Checks the length of the record at the beginning of {@code window}. */
  static void check(long length, int maxLength, ByteWindow window) throws FrameDamage {
    if (length < 0 || length > maxLength) {
      throw new FrameDamage(
          window.position(),
          0,
          "the length "
              + Long.toUnsignedString(length)
              + " is larger than the limit of "
              + maxLength
              + " bytes");
    }
  }

  /** Reads the record at the beginning of {@code window} and the bytes before and after it. */
  static void fill(ByteWindow window, int headerSize, int length, int trailerSize)
      throws IOException {
    if (!window.fill((long) headerSize + length + trailerSize)) {
      throw new FrameDamage(
          window.position(),
          0,
          "a record of "
              + length
              + " bytes is incomplete: bytes after its length: "
              + (window.size() - headerSize));
    }
  }
}
