package io.disky.oracle;

/** A file violates the format, or has a feature that the oracle does not read, at some position. */
public final class OracleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long position;

  OracleException(long position, String problem) {
    super("at byte " + position + ": " + problem);
    this.position = position;
  }

  OracleException(long position, String problem, Throwable cause) {
    this(position, problem);
    initCause(cause);
  }

  /** Position in bytes of the wrong block header, or of the beginning of the wrong chunk. */
  public long position() {
    return position;
  }
}
