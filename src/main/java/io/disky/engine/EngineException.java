package io.disky.engine;

import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call of the native library failed. The exception contains the report of the library. */
public final class EngineException extends Exception {
  private static final long serialVersionUID = 1;

  /** The kind of failure. */
  public enum Kind {
    /** The operating system, or the user's stream or channel, failed. */
    IO(disky_h.DISKY_IO()),
    /** Another writer holds the lock of the file. */
    LOCKED(disky_h.DISKY_LOCKED()),
    /** Native memory is exhausted. */
    OUT_OF_MEMORY(disky_h.DISKY_OUT_OF_MEMORY()),
    /** An argument is outside its range. */
    INVALID_ARGUMENT(disky_h.DISKY_INVALID_ARGUMENT()),
    /** The file does not start with the file signature. */
    NOT_A_RECORD_FILE(disky_h.DISKY_NOT_A_RECORD_FILE(), true),
    /** The file ends inside a structure. */
    TRUNCATED(disky_h.DISKY_TRUNCATED(), true),
    /** A block header is damaged. */
    BLOCK_HEADER(disky_h.DISKY_BLOCK_HEADER(), true),
    /** A chunk header is damaged. */
    CHUNK_HEADER(disky_h.DISKY_CHUNK_HEADER(), true),
    /** The data of a chunk do not match their hash. */
    DATA_HASH(disky_h.DISKY_DATA_HASH(), true),
    /** The record sizes in a chunk disagree with its header. */
    RECORD_SIZES(disky_h.DISKY_RECORD_SIZES(), true),
    /** Compressed data do not decompress to the stated size. */
    COMPRESSED_DATA(disky_h.DISKY_COMPRESSED_DATA(), true),
    /** A file signature lies where no concatenated file can begin. */
    MISPLACED_SIGNATURE(disky_h.DISKY_MISPLACED_SIGNATURE(), true),
    /** A transposed chunk contradicts itself or its header. */
    TRANSPOSED_DATA(disky_h.DISKY_TRANSPOSED_DATA(), true),
    /** The type of a chunk is unknown. */
    UNSUPPORTED_CHUNK_TYPE(disky_h.DISKY_UNSUPPORTED_CHUNK_TYPE()),
    /** The compression of a chunk is unknown. */
    UNSUPPORTED_COMPRESSION(disky_h.DISKY_UNSUPPORTED_COMPRESSION()),
    /** A chunk or a record exceeds a limit. */
    TOO_LARGE(disky_h.DISKY_TOO_LARGE()),
    /** The object is in use by another thread, or the library is defective. */
    INTERNAL(disky_h.DISKY_INTERNAL());

    private static final Kind[] ALL = values();

    private final int status;
    private final boolean damage;

    Kind(int status) {
      this(status, false);
    }

    Kind(int status, boolean damage) {
      this.status = status;
      this.damage = damage;
    }

    /** Returns whether the contents of the file are damaged. */
    public boolean isDamage() {
      return damage;
    }

    private static Kind of(int status) {
      for (Kind kind : ALL) {
        if (kind.status == status) {
          return kind;
        }
      }
      return INTERNAL;
    }

    /**
     * Initialises this class. Otherwise the first failure would initialise it; if the stack is
     * exhausted at that moment, the JVM can never use the class again.
     */
    static void ensureInitialized() {
      Objects.requireNonNull(ALL);
    }
  }

  private final Kind kind;
  private final int osError;
  private final long position;
  private final long size;
  private final long limit;

  private EngineException(Kind kind, MemorySegment error) {
    // The caller turns this into the exception that users see, which has its own stack trace.
    super(message(error), null, false, false);
    this.kind = kind;
    this.osError = disky_error.os_error(error);
    this.position = disky_error.position(error);
    this.size = disky_error.size(error);
    this.limit = disky_error.limit(error);
  }

  private EngineException(IOException cause) {
    super(cause.getMessage(), cause, false, false);
    this.kind = Kind.IO;
    this.osError = 0;
    this.position = -1;
    this.size = 0;
    this.limit = 0;
  }

  private EngineException(Kind kind, String message, long position) {
    super(message, null, false, false);
    this.kind = kind;
    this.osError = 0;
    this.position = position;
    this.size = 0;
    this.limit = 0;
  }

  /** The failure of a walk over a file that ends at {@code position}, and was longer before. */
  static EngineException shortened(long position) {
    return new EngineException(
        Kind.TRUNCATED,
        "the file ends here: it is shorter than when it was opened, or than its stated size",
        position);
  }

  /** The failure of an operation whose bytes could not be read or written in Java. */
  static EngineException of(IOException cause) {
    return new EngineException(cause);
  }

  /**
   * The exception of the Java code that should have read or written the bytes; {@code null} if
   * native code failed.
   */
  public @Nullable IOException ioException() {
    return getCause() instanceof IOException cause ? cause : null;
  }

  /**
   * Returns {@code status} unless it is a failure.
   *
   * @param error the {@code disky_error} that was passed to the call
   */
  static int check(int status, MemorySegment error) throws EngineException {
    if (status < 0) {
      throw new EngineException(Kind.of(status), error);
    }
    return status;
  }

  /** The failure that {@code error}, a filled {@code disky_error}, describes. */
  static EngineException of(MemorySegment error) {
    return new EngineException(Kind.of(disky_error.status(error)), error);
  }

  private static String message(MemorySegment error) {
    return text(
        disky_error.message(error), disky_error.message_size(error), disky_error.truncated(error));
  }

  /**
   * The text of a message.
   *
   * @param bytes room for a message
   * @param size number of bytes in use
   * @param truncated not 0 if the message was cut off because it has more bytes
   */
  static String text(MemorySegment bytes, int size, int truncated) {
    byte[] used =
        bytes
            .asSlice(0, Math.min(size, disky_h.DISKY_ERROR_MESSAGE_SIZE()))
            .toArray(ValueLayout.JAVA_BYTE);
    String text = new String(used, StandardCharsets.UTF_8);
    return truncated == 0 ? text : text + " …";
  }

  /** The message, with the position if there is one. */
  public String detail() {
    String message = String.valueOf(getMessage());
    return position < 0 ? message : "byte " + position + ": " + message;
  }

  /** The kind of failure. */
  public Kind kind() {
    return kind;
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
