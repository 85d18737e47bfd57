package io.disky.internal;

import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A call of the native library that failed, as the library accounts for it. */
public final class NativeException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;
  private final int osError;
  private final long position;
  private final long size;
  private final long limit;

  private NativeException(int status, MemorySegment error) {
    // The caller turns this into the exception that users see, which has its own stack trace.
    super(message(error), null, false, false);
    this.status = status;
    this.osError = disky_error.os_error(error);
    this.position = disky_error.position(error);
    this.size = disky_error.size(error);
    this.limit = disky_error.limit(error);
  }

  private NativeException(IOException cause) {
    super(cause.getMessage(), cause, false, false);
    this.status = disky_h.DISKY_IO();
    this.osError = 0;
    this.position = -1;
    this.size = 0;
    this.limit = 0;
  }

  private NativeException(int status, String message, long position) {
    super(message, null, false, false);
    this.status = status;
    this.osError = 0;
    this.position = position;
    this.size = 0;
    this.limit = 0;
  }

  /** What a walk over a file came to that ends at {@code position}, and was longer before. */
  static NativeException shortened(long position) {
    return new NativeException(
        disky_h.DISKY_TRUNCATED(),
        "the file ends here: it is shorter than it was when it was opened, or than it was said to"
            + " be",
        position);
  }

  /** What an operation came to for which the bytes could not be read or written in Java. */
  static NativeException of(IOException cause) {
    return new NativeException(cause);
  }

  /**
   * The exception of whoever was to read or write the bytes; {@code null} if it was native code.
   */
  public @Nullable IOException ioException() {
    return getCause() instanceof IOException cause ? cause : null;
  }

  /**
   * Returns {@code status} unless it is a failure.
   *
   * @param error the {@code disky_error} that the call was given
   */
  static int check(int status, MemorySegment error) throws NativeException {
    if (status < 0) {
      throw new NativeException(status, error);
    }
    return status;
  }

  /** What {@code error}, a {@code disky_error} that is filled, accounts for. */
  static NativeException of(MemorySegment error) {
    return new NativeException(disky_error.status(error), error);
  }

  private static String message(MemorySegment error) {
    return text(
        disky_error.message(error), disky_error.message_size(error), disky_error.truncated(error));
  }

  /**
   * The text of a message.
   *
   * @param bytes room for a message
   * @param size how much of it is in use, in bytes
   * @param truncated not 0 if there is more than what is in there
   */
  static String text(MemorySegment bytes, int size, int truncated) {
    byte[] used =
        bytes
            .asSlice(0, Math.min(size, disky_h.DISKY_ERROR_MESSAGE_SIZE()))
            .toArray(ValueLayout.JAVA_BYTE);
    String text = new String(used, StandardCharsets.UTF_8);
    return truncated == 0 ? text : text + " …";
  }

  /** One of the negative {@code DISKY_} statuses of {@link disky_h}. */
  public int status() {
    return status;
  }

  /** The operating system's error code, or 0. */
  public int osError() {
    return osError;
  }

  /** Offset in the file in bytes, or -1. */
  public long position() {
    return position;
  }

  /** The size that exceeds {@link #limit()}, in bytes, unsigned. */
  public long size() {
    return size;
  }

  /** The limit that was exceeded, in bytes. */
  public long limit() {
    return limit;
  }
}
