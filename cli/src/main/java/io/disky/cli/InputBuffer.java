package io.disky.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A window on an input, large enough for the record at its beginning. Not thread-safe. */
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
   * @param name what messages call the input
   */
  InputBuffer(String name, InputStream in, Progress progress) {
    this.name = name;
    this.in = in;
    this.progress = progress;
  }

  /** The array that the window is in, until it is filled again. */
  byte[] bytes() {
    return bytes;
  }

  /** Where the window begins in the array. */
  int begin() {
    return begin;
  }

  /** Where the window ends in the array. */
  int end() {
    return end;
  }

  /** Size of the window in bytes. */
  int size() {
    return end - begin;
  }

  /** Moves the beginning of the window {@code count} bytes on. */
  void consume(int count) {
    begin += count;
    consumed += count;
  }

  /**
   * Makes the window larger; its place in the array, and the array, may change.
   *
   * @return false at the end of the input
   * @throws IOException if the input cannot be read, or a window of 2 GiB is not enough
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
   * Fills the window to {@code size} bytes at least.
   *
   * @return false if the input ends before
   */
  boolean fill(long size) throws IOException {
    while (size() < size) {
      if (!fill()) {
        return false;
      }
    }
    return true;
  }

  /** A failure of the record at the beginning of the window. */
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
