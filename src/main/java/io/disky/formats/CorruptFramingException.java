package io.disky.formats;

import io.disky.framing.FrameDamage;
import io.disky.framing.FrameTooLarge;
import java.io.IOException;

/**
 * A file of another format is damaged, or has a record that is larger than the limit. The message
 * states the file, the position and the reason.
 */
public final class CorruptFramingException extends IOException {
  private static final long serialVersionUID = 1;

  private final String name;
  private final long position;
  private final boolean tooLarge;

  private CorruptFramingException(
      String name, long position, boolean tooLarge, String message, Throwable cause) {
    super(message, cause);
    this.name = name;
    this.position = position;
    this.tooLarge = tooLarge;
  }

  static CorruptFramingException of(String quoted, String name, FrameDamage damage) {
    return new CorruptFramingException(
        name,
        damage.position(),
        false,
        quoted + ": byte " + damage.position() + ": " + damage.getMessage(),
        damage);
  }

  static CorruptFramingException of(String quoted, String name, FrameTooLarge failure) {
    return new CorruptFramingException(
        name,
        failure.position(),
        true,
        quoted + ": byte " + failure.position() + ": " + failure.getMessage() + " (maxRecordSize)",
        failure);
  }

  /** The name of the file, or {@code stream}. */
  public String name() {
    return name;
  }

  /** Offset in the decompressed stream of the record that cannot be read, with its length. */
  public long position() {
    return position;
  }

  /**
   * Returns whether the record is larger than {@link FramedReaderOptions#maxRecordSize()}, and its
   * length matches its checksum, so that it may be intact.
   */
  public boolean isTooLarge() {
    return tooLarge;
  }
}
