package io.disky.oracle;

/** Says that a file is not what the format allows, or more than the oracle reads, and where. */
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

  /** Position of the block header or the begin of the chunk that is wrong, in bytes. */
  public long position() {
    return position;
  }
}
