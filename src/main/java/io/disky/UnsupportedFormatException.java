package io.disky;

import io.disky.files.Origin;

/**
 * A file has a type of chunk, or a compression, that this version does not know. The message names
 * it.
 */
public final class UnsupportedFormatException extends RecordFileException {
  private static final long serialVersionUID = 1;

  /**
   * For the implementation of a {@link Shard} whose format is unknown.
   *
   * @param name the name of the file
   * @param position where the chunk begins: an offset in the file in bytes
   * @param message the complete message; it should name file, position, values and remedy
   */
  public UnsupportedFormatException(String name, long position, String message) {
    this(Origin.named(name), position, message);
  }

  UnsupportedFormatException(Origin origin, long position, String message) {
    super(origin, position, message);
  }
}
