package io.disky.library;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A shared library in the format ELF, as far as the loader reads it: 64 bits, little-endian. No
 * offset and no size in the file is trusted: whatever does not lie inside the file ends the search.
 */
final class ElfFile {

  private static final int MAGIC = 0x7f454c46;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;

  private static final int HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;
  private static final int DYNAMIC_ENTRY_SIZE = 16;

  private static final int SEGMENT_LOADED = 1;
  private static final int SEGMENT_DYNAMIC = 2;

  private static final long TAG_END = 0;
  private static final long TAG_NEEDED = 1;
  private static final long TAG_STRINGS = 5;

  private final ByteBuffer content;

  private ElfFile(byte[] content) {
    this.content = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns the names of the libraries that a library needs, such as {@code libc.so.6}, in the
   * order of the file; none if the file is not a complete ELF file of 64 bits in little-endian
   * order.
   */
  static List<String> neededLibraries(byte[] content) {
    ElfFile file = new ElfFile(content);
    try {
      return file.isReadable() ? file.neededLibraries() : List.of();
    } catch (IndexOutOfBoundsException _) {
      return List.of();
    }
  }

  private boolean isReadable() {
    return content.limit() >= HEADER_SIZE
        && Integer.reverseBytes(content.getInt(0)) == MAGIC
        && content.get(4) == CLASS_64
        && content.get(5) == LITTLE_ENDIAN;
  }

  private List<String> neededLibraries() {
    int dynamic = programHeader(SEGMENT_DYNAMIC);
    if (dynamic < 0) {
      return List.of();
    }
    int begin = position(content.getLong(dynamic + 8));
    int end = position(content.getLong(dynamic + 8) + content.getLong(dynamic + 32));
    List<Long> names = new ArrayList<>();
    long strings = -1;
    for (int entry = begin; entry <= end - DYNAMIC_ENTRY_SIZE; entry += DYNAMIC_ENTRY_SIZE) {
      long tag = content.getLong(entry);
      long value = content.getLong(entry + 8);
      if (tag == TAG_END) {
        break;
      } else if (tag == TAG_NEEDED) {
        names.add(value);
      } else if (tag == TAG_STRINGS) {
        strings = fileOffset(value);
      }
    }
    List<String> result = new ArrayList<>();
    for (long name : names) {
      result.add(text(position(strings + name)));
    }
    return result;
  }

  /** Returns where the first program header of a type begins; -1 if there is none. */
  private int programHeader(int type) {
    int count = Short.toUnsignedInt(content.getShort(56));
    for (int i = 0; i < count; i++) {
      int header = programHeaderAt(i);
      if (content.getInt(header) == type) {
        return header;
      }
    }
    return -1;
  }

  private int programHeaderAt(int index) {
    return position(content.getLong(32) + (long) index * PROGRAM_HEADER_SIZE);
  }

  /** Returns where the byte of a virtual address is in the file. */
  private long fileOffset(long address) {
    int count = Short.toUnsignedInt(content.getShort(56));
    for (int i = 0; i < count; i++) {
      int header = programHeaderAt(i);
      long from = content.getLong(header + 16);
      long size = content.getLong(header + 32);
      if (content.getInt(header) == SEGMENT_LOADED && address >= from && address - from < size) {
        return content.getLong(header + 8) + (address - from);
      }
    }
    throw new IndexOutOfBoundsException("no segment contains the address " + address);
  }

  private int position(long offset) {
    if (offset < 0 || offset > content.limit()) {
      throw new IndexOutOfBoundsException("offset " + offset + " of " + content.limit());
    }
    return (int) offset;
  }

  private String text(int begin) {
    int end = begin;
    while (content.get(end) != 0) {
      end++;
    }
    return new String(content.array(), begin, end - begin, StandardCharsets.ISO_8859_1);
  }
}
