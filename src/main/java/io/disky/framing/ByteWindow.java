package io.disky.framing;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A window of a stream of bytes. It grows until the record at its beginning fits, and only when
 * bytes have arrived that need the room.
 */
final class ByteWindow {
  /** The largest size of a window in bytes. */
  static final int MAX_SIZE = Integer.MAX_VALUE - 8;

  private static final int INITIAL_SIZE = 1 << 16;

  private final InputStream in;
  private byte[] bytes = new byte[INITIAL_SIZE];
  private int begin;
  private int end;
  private long position;
  private boolean ended;
  private @Nullable CompressionDamage damage;

  ByteWindow(InputStream in) {
    this.in = in;
  }

  /** The array that contains the window. The next call of {@code fill} may replace it. */
  byte[] bytes() {
    return bytes;
  }

  /** Index in the array at which the window begins. */
  int begin() {
    return begin;
  }

  /** Size of the window in bytes. */
  int size() {
    return end - begin;
  }

  /** Offset in the stream at which the window begins. */
  long position() {
    return position;
  }

  /** The damage of the compressed data after the end of the window, or null. */
  @Nullable CompressionDamage damage() {
    return ended ? damage : null;
  }

  /** Moves the beginning of the window forward by {@code count} bytes, which it must have. */
  void consume(int count) {
    begin += count;
    position += count;
  }

  /** Moves the beginning of the window to the end of the stream. */
  void consumeAll() throws IOException {
    do {
      consume(size());
    } while (fill(1));
  }

  /**
   * Reads until the window has at least {@code size} bytes. A failed call can be repeated.
   *
   * @param size at most {@link #MAX_SIZE}
   * @return false if the stream ends earlier; the window then has all of its bytes
   */
  boolean fill(long size) throws IOException {
    while (size() < size) {
      if (ended || !read()) {
        return false;
      }
    }
    return true;
  }

  private boolean read() throws IOException {
    makeRoom();
    try {
      int room = bytes.length - end;
      int count = in.read(bytes, end, room);
      if (count == 0) {
        throw new IOException("the stream returns no bytes, and does not report its end");
      }
      if (count > room) {
        throw new IOException(
            "the stream states that it returned " + count + " bytes; only " + room + " fit");
      }
      ended = count < 0;
      end += Math.max(0, count);
    } catch (CompressionDamage e) {
      ended = true;
      damage = e;
    }
    return !ended;
  }

  private void makeRoom() {
    if (end < bytes.length) {
      return;
    }
    int size = size();
    byte[] roomy = begin > 0 ? bytes : new byte[(int) Math.min(2L * bytes.length, MAX_SIZE)];
    System.arraycopy(bytes, begin, roomy, 0, size);
    bytes = roomy;
    begin = 0;
    end = size;
  }
}
