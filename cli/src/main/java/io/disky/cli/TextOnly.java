package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Prints records on a terminal, and refuses those that are not text: their bytes could be commands
 * for the terminal.
 */
final class TextOnly implements RecordPrinter {
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int DELETE = 0x7f;

  private final RecordPrinter printer;

  TextOnly(RecordPrinter printer) {
    this.printer = printer;
  }

  @Override
  public void print(MemorySegment data, long offset, long length, OutputBuffer to)
      throws IOException {
    if (!isText(data.asSlice(offset, length))) {
      to.flush();
      throw new IOException(
          "a record of "
              + length
              + " bytes is not text, and standard output is a terminal: choose --format=hex,"
              + " json or proto, write to a file or a pipe, or print all bytes with --format=raw");
    }
    printer.print(data, offset, length, to);
  }

  /** Returns whether the bytes are valid UTF-8 without control characters, except for layout. */
  static boolean isText(MemorySegment bytes) {
    if (bytes.byteSize() > Integer.MAX_VALUE) {
      return false;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(bytes.asByteBuffer())
          .chars()
          .allMatch(TextOnly::isText);
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isText(int c) {
    boolean layout = c == '\t' || c == '\n' || c == '\r';
    return layout || (c >= FIRST_PRINTABLE && (c < DELETE || c > 0x9f));
  }
}
