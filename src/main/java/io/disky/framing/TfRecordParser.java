package io.disky.framing;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * TFRecord: length (8 bytes), its checksum, the record, its checksum. Numbers are little-endian,
 * checksums are masked CRC-32C.
 */
public final class TfRecordParser extends FrameParser {
  static final int HEADER_SIZE = Long.BYTES + Integer.BYTES;
  static final int TRAILER_SIZE = Integer.BYTES;

  /**
   * How many bytes a search may hash in vain, in addition to four times the bytes that it has
   * passed. Bounds the time for a file that was made to contain many seeming headers.
   */
  private static final long FREE_HASHING = 64 << 20;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final MaskedCrc crc = new MaskedCrc();

  @Override
  boolean parse(ByteWindow window, int maxLength) throws IOException {
    if (!window.fill(HEADER_SIZE)) {
      if (window.size() == 0) {
        return false;
      }
      throw new FrameDamage(
          window.position(),
          0,
          "a header of " + HEADER_SIZE + " bytes is incomplete: bytes of it: " + window.size());
    }
    if (!isHeader(window, 0)) {
      throw new FrameDamage(
          window.position(), 0, "the checksum of a length does not match the length");
    }
    long length = length(window, 0);
    if (length < 0 || length > maxLength) {
      throw new FrameTooLarge(window.position(), length, maxLength);
    }
    Lengths.fill(window, HEADER_SIZE, (int) length, TRAILER_SIZE);
    if (!isIntact(window, (int) length)) {
      throw new FrameDamage(
          window.position(),
          sizeIfFollowed(window, (int) length),
          "the checksum of a record of " + length + " bytes does not match the record");
    }
    return found(HEADER_SIZE, (int) length, TRAILER_SIZE);
  }

  /** The size of a damaged record if the next record or the end of the stream follows; else 0. */
  private int sizeIfFollowed(ByteWindow window, int length) throws IOException {
    int size = HEADER_SIZE + length + TRAILER_SIZE;
    boolean more = window.fill((long) size + HEADER_SIZE);
    return more ? (isHeader(window, size) ? size : 0) : (window.size() == size ? size : 0);
  }

  /** Searches for a header whose length and whose record match their checksums. */
  @Override
  void search(ByteWindow window, int maxLength) throws IOException {
    long passed = 0;
    long hashed = 0;
    window.consume(Math.min(1, window.size()));
    while (window.fill(HEADER_SIZE)) {
      if (isHeader(window, 0) && hashed <= FREE_HASHING + 4 * passed) {
        long length = length(window, 0);
        if (length >= 0 && length <= maxLength) {
          boolean complete = window.fill(HEADER_SIZE + length + TRAILER_SIZE);
          if (complete && isIntact(window, (int) length)) {
            return;
          }
          hashed += complete ? length : 0;
        }
      }
      window.consume(1);
      passed++;
    }
    window.consumeAll();
  }

  /**
   * Returns whether the checksum of the length matches, {@code offset} bytes after the window's
   * begin.
   */
  private boolean isHeader(ByteWindow window, int offset) {
    int at = window.begin() + offset;
    return crc.of(window.bytes(), at, Long.BYTES) == (int) INT.get(window.bytes(), at + Long.BYTES);
  }

  private static long length(ByteWindow window, int offset) {
    return (long) LONG.get(window.bytes(), window.begin() + offset);
  }

  private boolean isIntact(ByteWindow window, int length) {
    int at = window.begin() + HEADER_SIZE;
    return crc.of(window.bytes(), at, length) == (int) INT.get(window.bytes(), at + length);
  }

  /** Returns whether {@code bytes} begin with an intact header. */
  public static boolean isHeader(byte[] bytes) {
    return bytes.length >= HEADER_SIZE
        && new MaskedCrc().of(bytes, 0, Long.BYTES) == (int) INT.get(bytes, Long.BYTES);
  }
}
