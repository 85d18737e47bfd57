package io.disky;

/**
 * The bytes in which a {@link ProtobufView} looks for a field are not a protocol buffer message.
 */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long position;

  MalformedMessageException(long position, String detail) {
    super("byte " + position + ": " + detail);
    this.position = position;
  }

  /**
   * Where the malformed bytes are: an offset in the segment that was given to {@link
   * ProtobufView#of}, in bytes.
   */
  public long position() {
    return position;
  }
}
