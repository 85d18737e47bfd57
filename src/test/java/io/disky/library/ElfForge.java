package io.disky.library;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes small shared libraries in the format ELF, which need others. */
final class ElfForge {

  /** Where the virtual addresses begin, so that they differ from the offsets. */
  private static final long BASE = 0x1000;

  private static final int HEADERS_END = 64 + 2 * 56;
  private static final int STRINGS = 1024;
  private static final int SIZE = 2048;

  private ElfForge() {}

  /** A library that needs these others. */
  static byte[] needing(String... names) {
    byte[] content = new byte[SIZE];
    ByteBuffer file = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    putHeaders(file);
    int entry = HEADERS_END;
    int text = 1;
    for (String name : names) {
      file.putLong(entry, 1).putLong(entry + 8, text);
      file.put(STRINGS + text, name.getBytes(US_ASCII));
      entry += 16;
      text += name.length() + 1;
    }
    file.putLong(entry, 5).putLong(entry + 8, BASE + STRINGS);
    return content;
  }

  /** A library that needs no other, and contains a text. */
  static byte[] withText(String text) {
    byte[] file = needing();
    ByteBuffer.wrap(file).put(STRINGS + 1, text.getBytes(US_ASCII));
    return file;
  }

  private static void putHeaders(ByteBuffer file) {
    file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    file.putLong(32, 64); // program headers
    file.putShort(54, (short) 56).putShort(56, (short) 2);
    segment(file, 64, 1, 0, SIZE);
    segment(file, 64 + 56, 2, HEADERS_END, STRINGS - HEADERS_END);
  }

  private static void segment(ByteBuffer file, int at, int type, long offset, long size) {
    file.putInt(at, type)
        .putLong(at + 8, offset)
        .putLong(at + 16, BASE + offset)
        .putLong(at + 32, size);
  }
}
