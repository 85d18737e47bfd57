package io.disky;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file has a type of chunk, or a compression, that this version does not know. The message names
 * it.
 */
public final class UnsupportedFormatException extends IOException {
  private static final long serialVersionUID = 1;

  // As text, because a Path need not be serializable.
  private final String name;
  private final boolean isFile;
  private final long position;

  UnsupportedFormatException(Origin origin, long position, String message) {
    super(message);
    this.name = origin.name();
    this.isFile = origin.isFile();
    this.position = position;
  }

  /**
   * What was read: the path of the file as text, {@code memory}, {@code channel} or {@code stream}.
   */
  public String name() {
    return name;
  }

  /** The file; empty if what was read is no file of the default file system. */
  public Optional<Path> path() {
    return isFile ? Optional.of(Path.of(name)) : Optional.empty();
  }

  /** Where the chunk begins: an offset in the file in bytes. */
  public long position() {
    return position;
  }
}
