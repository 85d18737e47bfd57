package io.disky;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file has a type of chunk, or a compression, that this version does not know. The message names
 * it.
 */
public final class UnsupportedFormatException extends IOException {
  private static final long serialVersionUID = 1;

  private final String file;
  private final long position;

  UnsupportedFormatException(Path file, long position, String message) {
    super(message);
    this.file = file.toString();
    this.position = position;
  }

  /** The file. */
  public Path file() {
    return Path.of(file);
  }

  /** Where the chunk begins: an offset in the file in bytes. */
  public long position() {
    return position;
  }
}
