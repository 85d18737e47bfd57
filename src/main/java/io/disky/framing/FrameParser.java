package io.disky.framing;

import java.io.IOException;

/** Finds the record at the beginning of a window. For one thread. */
public abstract sealed class FrameParser permits TfRecordParser, PrefixParser, VarintParser {
  private int headerSize;
  private int length;
  private int size;

  /**
   * Parses the record at the beginning of {@code window}.
   *
   * @param maxLength the largest length of a record in bytes
   * @return false if the window has no bytes and the stream has ended
   * @throws FrameDamage if the bytes are not a record
   * @throws FrameTooLarge if the record is intact, as far as it was read, and larger than {@code
   *     maxLength}
   */
  abstract boolean parse(ByteWindow window, int maxLength) throws IOException;

  /**
   * Moves {@code window}, whose beginning is damaged, to the next record that is certainly one, or
   * to the end of the stream. This implementation moves it to the end, because the framing does not
   * show where records begin.
   */
  void search(ByteWindow window, int maxLength) throws IOException {
    window.consumeAll();
  }

  /** Keeps the sizes of the record that was found. */
  final boolean found(int foundHeaderSize, int foundLength, int trailerSize) {
    headerSize = foundHeaderSize;
    length = foundLength;
    size = foundHeaderSize + foundLength + trailerSize;
    return true;
  }

  /** Number of bytes before the record, which contain its length. */
  final int headerSize() {
    return headerSize;
  }

  /** Length of the record in bytes. */
  final int length() {
    return length;
  }

  /** Number of bytes of the record and all that belongs to it. */
  final int size() {
    return size;
  }
}
