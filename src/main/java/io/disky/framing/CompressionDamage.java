package io.disky.framing;

import java.io.IOException;

/** Compressed data that cannot be decompressed any further. The message states where and why. */
public final class CompressionDamage extends IOException {
  private static final long serialVersionUID = 1;

  CompressionDamage(long position, String reason) {
    super("byte " + position + " of the compressed data: " + reason);
  }

  /** The message. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
