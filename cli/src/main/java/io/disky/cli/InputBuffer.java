package io.disky.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A window of an input. It grows until the record at its beginning fits. Not thread-safe. */
final class InputBuffer {
  private static final int INITIAL_SIZE = 1 << 20;
  private static final int MAX_SIZE = Integer.MAX_VALUE - 8;

  private final String name;
  private final InputStream in;
  private final Progress progress;
  private byte[] bytes = new byte[INITIAL_SIZE];
  private int begin;
  private int end;
  private long consumed;

  /**
   * A window at the beginning of {@code in}.
   *
   * @param name the name of the input in messages
   */
  InputBuffer(String name, InputStream in, Progress progress) {
    this.name = name;
    this.in = in;
    this.progress = progress;
  }

  /** The array that contains the window. The next call of {@code fill} may replace it. */
  byte[] bytes() {
    return bytes;
  }

  /** Index in the array at which the window begins. */
  int begin() {
    return begin;
  }

  /** Index in the array at which the window ends, exclusive. */
  int end() {
    return end;
  }

  /** Size of the window in bytes. */
  int size() {
    return end - begin;
  }

  /** Moves the beginning of the window forward by {@code count} bytes. */
  void consume(int count) {
    begin += count;
    consumed += count;
  }

  /**
   * Reads more bytes into the window. The array and the indexes of the window may change.
   *
   * @return false at the end of the input
   * @throws IOException if the input cannot be read, or the record does not fit a window of 2 GiB
   */
  boolean fill() throws IOException {
    makeRoom();
    int count = read();
    if (count < 0) {
      return false;
    }
    end += count;
    progress.stepBy(count);
    return true;
  }

  /**
   * Reads until the window has at least {@code size} bytes.
   *
   * @return false if the input ends earlier
   */
  boolean fill(long size) throws IOException {
    while (size() < size) {
      if (!fill()) {
        return false;
      }
    }
    return true;
  }

  /** Creates an exception about the record at the beginning of the window. */
  IOException failure(String message) {
    return new IOException(name + ": byte " + consumed + ": " + message);
  }

  private void makeRoom() throws IOException {
    if (end < bytes.length) {
      return;
    }
    if (begin > 0) {
      System.arraycopy(bytes, begin, bytes, 0, size());
      end -= begin;
      begin = 0;
    } else if (bytes.length < MAX_SIZE) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(2L * bytes.length, MAX_SIZE));
    } else {
      throw failure("a record of 2 GiB or more");
    }
  }

  private int read() throws IOException {
    try {
      return in.read(bytes, end, bytes.length - end);
    } catch (IOException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }
}
