package io.disky.framing;

import java.io.IOException;

/** A record beyond the limit of the reader. It may be intact. */
public final class FrameTooLarge extends IOException {
  private static final long serialVersionUID = 1;

  private final long position;

  FrameTooLarge(long position, long length, int limit) {
    super(
        "a record of "
            + Long.toUnsignedString(length)
            + " bytes is larger than the limit of "
            + limit
            + " bytes");
    this.position = position;
  }

  /** Offset in the decompressed stream of the record. */
  public long position() {
    return position;
  }
}
