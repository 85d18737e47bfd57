package io.disky.framing;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses one or more gzip or zlib streams that follow each other. Unlike the streams of the
 * JDK it reports bytes that follow the compressed data and do not belong to it; zeros may follow.
 */
public final class InflatedInput extends InputStream {
  private static final int BUFFER_SIZE = 1 << 16;

  // The parts of a gzip header (RFC 1952).
  private static final int MAGIC_1 = 0x1f;
  private static final int MAGIC_2 = 0x8b;
  private static final int DEFLATE = 8;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final boolean gzip;
  private final Inflater inflater;
  private final CRC32 crc = new CRC32();
  private final byte[] compressed = new byte[BUFFER_SIZE];
  private int begin;
  private int end;
  private long position; // of the end of the buffer, in the compressed data
  private long inflated; // bytes of the current stream
  private boolean first = true;
  private boolean inStream;

  private InflatedInput(InputStream in, boolean gzip) {
    this.in = in;
    this.gzip = gzip;
    this.inflater = new Inflater(gzip);
  }

  /** Decompresses gzip data (RFC 1952). */
  public static InflatedInput gzip(InputStream in) {
    return new InflatedInput(in, true);
  }

  /** Decompresses zlib data (RFC 1950). */
  public static InflatedInput zlib(InputStream in) {
    return new InflatedInput(in, false);
  }

  /** Returns whether {@code bytes} begin as a gzip stream. */
  public static boolean isGzip(byte[] bytes) {
    return bytes.length >= 3
        && (bytes[0] & 0xff) == MAGIC_1
        && (bytes[1] & 0xff) == MAGIC_2
        && bytes[2] == DEFLATE;
  }

  /** Returns whether {@code bytes} begin as a zlib stream. */
  public static boolean isZlib(byte[] bytes) {
    return bytes.length >= 2
        && (bytes[0] & 0x0f) == DEFLATE
        && (((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff)) % 31 == 0;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (inStream || beginStream()) {
      int count = inflate(bytes, offset, length);
      if (count > 0) {
        crc.update(bytes, offset, count);
        inflated += count;
        return count;
      }
      if (inflater.finished()) {
        endStream();
      } else if (inflater.needsDictionary()) {
        throw damage("the data need a preset dictionary");
      } else if (!fill()) {
        throw damage("the compressed data are incomplete");
      } else {
        inflater.setInput(compressed, begin, end - begin);
      }
    }
    return -1;
  }

  private int inflate(byte[] bytes, int offset, int length) throws CompressionDamage {
    try {
      return inflater.inflate(bytes, offset, length);
    } catch (DataFormatException e) {
      begin = end - inflater.getRemaining();
      throw damage("not " + (gzip ? "gzip" : "zlib") + " data: " + e.getMessage());
    }
  }

  /** Begins the next stream; returns false if there is none. */
  private boolean beginStream() throws IOException {
    if (begin == end && !fill()) {
      return false;
    }
    if (!first && compressed[begin] == 0) {
      skipZeros();
      return false;
    }
    if (gzip) {
      readHeader();
    }
    first = false;
    inStream = true;
    inflated = 0;
    crc.reset();
    inflater.reset();
    inflater.setInput(compressed, begin, end - begin);
    return true;
  }

  private void endStream() throws IOException {
    begin = end - inflater.getRemaining();
    inStream = false;
    if (gzip) {
      long checksum = readNumber();
      long size = readNumber();
      if (checksum != crc.getValue() || size != (inflated & 0xffffffffL)) {
        throw damage("the checksum of the decompressed data does not match");
      }
    }
  }

  private void skipZeros() throws IOException {
    do {
      while (begin < end) {
        if (compressed[begin] != 0) {
          throw damage("bytes that are not compressed data follow the compressed data");
        }
        begin++;
      }
    } while (fill());
  }

  private void readHeader() throws IOException {
    crc.reset();
    if (readByte() != MAGIC_1 || readByte() != MAGIC_2 || readByte() != DEFLATE) {
      throw damage(first ? "not gzip data" : "bytes that are not gzip data follow the gzip data");
    }
    int flags = readByte();
    if ((flags & RESERVED) != 0) {
      throw damage("a gzip header has unknown flags");
    }
    skip(6); // time, level, operating system
    if ((flags & EXTRA) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CRC) != 0) {
      int expected = (int) crc.getValue() & 0xffff;
      if ((readByte() | readByte() << 8) != expected) {
        throw damage("the checksum of a gzip header does not match");
      }
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    while (readByte() != 0) {}
  }

  private long readNumber() throws IOException {
    long number = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      if (begin == end && !fill()) {
        throw damage("the compressed data are incomplete");
      }
      number |= (long) (compressed[begin++] & 0xff) << shift;
    }
    return number;
  }

  /** Reads a byte of a header. */
  private int readByte() throws IOException {
    if (begin == end && !fill()) {
      throw damage("the compressed data are incomplete");
    }
    int value = compressed[begin++] & 0xff;
    crc.update(value);
    return value;
  }

  /** Reads more compressed data, after all others were used. */
  private boolean fill() throws IOException {
    int count = in.read(compressed, 0, compressed.length);
    if (count == 0 || count > compressed.length) {
      throw new IOException("the stream returns " + count + " bytes for " + compressed.length);
    }
    begin = 0;
    end = Math.max(0, count);
    position += end;
    return count > 0;
  }

  private CompressionDamage damage(String reason) {
    return new CompressionDamage(position - (end - begin), reason);
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
