package io.disky.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A record that is a file with its name: the protocol buffer message {@code disky.NamedFile}, which
 * {@link NamedFileType} declares. Contents can be larger than an array.
 *
 * @param path the path with slashes; not checked
 * @param contents the contents, as long as the record is valid
 * @param mode the permission bits of Unix; -1 if not stated
 * @param modified the time of the last modification in nanoseconds since 1970-01-01T00:00Z; null if
 *     not stated
 */
record NamedFile(String path, MemorySegment contents, int mode, @Nullable Long modified) {
  static final int PATH = 1;
  static final int CONTENTS = 2;
  static final int MODE = 3;
  static final int MODIFIED = 4;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  /** The bytes of a record before the contents. */
  static byte[] before(String path, long contentsSize) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    putVarint(out, PATH << 3 | LENGTH_DELIMITED);
    putVarint(out, name.length);
    out.writeBytes(name);
    putVarint(out, CONTENTS << 3 | LENGTH_DELIMITED);
    putVarint(out, contentsSize);
    return out.toByteArray();
  }

  /** The bytes of a record after the contents. */
  static byte[] after(int mode, @Nullable Long modified) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (mode >= 0) {
      putVarint(out, MODE << 3 | VARINT);
      putVarint(out, mode);
    }
    if (modified != null) {
      putVarint(out, MODIFIED << 3 | VARINT);
      putVarint(out, modified);
    }
    return out.toByteArray();
  }

  private static void putVarint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /**
   * Parses a record.
   *
   * @throws IOException if it is not such a message, or states no path
   */
  static NamedFile parse(MemorySegment record) throws IOException {
    return new Parser(record).parse();
  }

  /** Goes through the fields of a record. */
  private static final class Parser {
    private final MemorySegment record;
    private long at;
    private @Nullable String path;
    private MemorySegment contents = MemorySegment.ofArray(new byte[0]);
    private int mode = -1;
    private @Nullable Long modified;

    Parser(MemorySegment record) {
      this.record = record;
    }

    NamedFile parse() throws IOException {
      while (at < record.byteSize()) {
        long tag = varint();
        field(tag >>> 3, (int) (tag & 7));
      }
      if (path == null) {
        throw malformed("it states no path");
      }
      return new NamedFile(path, contents, mode, modified);
    }

    private void field(long number, int wireType) throws IOException {
      switch (wireType) {
        case VARINT -> number(number, varint());
        case FIXED64 -> skip(Long.BYTES);
        case FIXED32 -> skip(Integer.BYTES);
        case LENGTH_DELIMITED -> {
          long size = varint();
          long begin = at;
          skip(size);
          bytes(number, record.asSlice(begin, size));
        }
        default -> throw malformed("byte " + at + ": wire type " + wireType);
      }
    }

    private void number(long number, long value) {
      if (number == MODE) {
        mode = (int) value & 0xfff;
      } else if (number == MODIFIED) {
        modified = value;
      }
    }

    private void bytes(long number, MemorySegment bytes) throws IOException {
      if (number == PATH) {
        path = text(bytes);
      } else if (number == CONTENTS) {
        contents = bytes;
      }
    }

    private String text(MemorySegment bytes) throws IOException {
      if (bytes.byteSize() > 1 << 16) {
        throw malformed("its path takes " + bytes.byteSize() + " bytes");
      }
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)))
            .toString();
      } catch (CharacterCodingException e) {
        throw malformed("its path is not UTF-8");
      }
    }

    private void skip(long size) throws IOException {
      if (size < 0 || size > record.byteSize() - at) {
        throw malformed("byte " + at + ": a value of " + Long.toUnsignedString(size) + " bytes");
      }
      at += size;
    }

    private long varint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 70; shift += 7) {
        if (at == record.byteSize()) {
          throw malformed("it ends within a number");
        }
        byte group = record.get(ValueLayout.JAVA_BYTE, at++);
        value |= (group & 0x7fL) << shift;
        if (group >= 0) {
          return value;
        }
      }
      throw malformed("byte " + at + ": a number of more than 10 bytes");
    }

    private static IOException malformed(String reason) {
      return new IOException("the record is not a file with its name: " + reason);
    }
  }
}
