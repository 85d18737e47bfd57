package io.disky;

import java.io.IOException;
import java.nio.file.Path;

/** A chunk is larger than {@link ReaderOptions#maxChunkSize()} allows. */
public final class ChunkTooLargeException extends IOException {
  private static final long serialVersionUID = 1;

  private final String file;
  private final long position;
  private final long size;
  private final long limit;

  ChunkTooLargeException(Path file, long position, long size, long limit, String message) {
    super(message);
    this.file = file.toString();
    this.position = position;
    this.size = size;
    this.limit = limit;
  }

  /** The file. */
  public Path file() {
    return Path.of(file);
  }

  /** Where the chunk begins: an offset in the file in bytes. */
  public long position() {
    return position;
  }

  /** The size that the file states, in bytes; an unsigned number. */
  public long size() {
    return size;
  }

  /** The limit in bytes. */
  public long limit() {
    return limit;
  }
}
