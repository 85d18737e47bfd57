package io.disky.framing;

import java.io.IOException;

/** Bytes that are not a record. */
public final class FrameDamage extends IOException {
  private static final long serialVersionUID = 1;

  private final long position;
  private final int size;

  /**
   * Damage of the bytes at {@code position}.
   *
   * @param size number of bytes after which the next record is known to begin; 0 if it is not known
   */
  FrameDamage(long position, int size, String reason) {
    super(reason);
    this.position = position;
    this.size = size;
  }

  /** Offset in the decompressed stream of the record that is damaged. */
  public long position() {
    return position;
  }

  int size() {
    return size;
  }

  /** The message. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
