package io.disky;

import io.disky.CorruptFileException.Damage;
import io.disky.engine.NativeException;
import io.disky.engine.NativeReader;
import io.disky.ffi.disky_h;
import io.disky.files.FileFailures;
import io.disky.memory.MemoryFault;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Turns failures of the native library into the exceptions that users see. */
final class Failures {
  // The same on every Unix.
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int EEXIST = 17;
  private static final int ENFILE = 23;
  private static final int EMFILE = 24;

  // Metadata lie right after the file signature, or nowhere.
  private static final long METADATA_POSITION = 64;

  private Failures() {}

  /**
   * The exception for a failure of an operation on {@code file}.
   *
   * @param recordsRead how many records were delivered before
   * @throws OutOfMemoryError if that is what the failure was
   * @throws IllegalArgumentException if an argument was outside its range
   * @throws IllegalStateException if the object was in use by another thread, or the library is
   *     defective
   */
  static IOException exception(NativeException failure, Path file, long recordsRead) {
    return exception(failure, Origin.of(file), recordsRead);
  }

  /** The exception for a failure of an operation on {@code file}, as above. */
  static IOException exception(NativeException failure, Origin file, long recordsRead) {
    IOException ownFailure = failure.ioException();
    if (ownFailure instanceof MemoryFault fault) {
      return memoryFault(fault, file);
    }
    if (ownFailure != null) {
      return ownFailure;
    }
    int status = failure.status();
    String detail = detail(failure);
    Damage damage = damage(status);
    if (damage != null) {
      String message =
          file + ": " + detail + "; " + recordsReadBefore(recordsRead) + remedy(damage, file);
      return new CorruptFileException(file, damage, failure.position(), recordsRead, message);
    }
    if (status == disky_h.DISKY_IO()) {
      return diskFailure(failure.osError(), file, detail);
    }
    if (status == disky_h.DISKY_LOCKED()) {
      return FileFailures.other(file.name(), detail);
    }
    String message = file + ": " + detail;
    if (status == disky_h.DISKY_TOO_LARGE()) {
      return new ChunkTooLargeException(
          file, failure.position(), failure.size(), failure.limit(), message);
    }
    if (status == disky_h.DISKY_UNSUPPORTED_CHUNK_TYPE()
        || status == disky_h.DISKY_UNSUPPORTED_COMPRESSION()) {
      return new UnsupportedFormatException(file, failure.position(), message);
    }
    if (status == disky_h.DISKY_OUT_OF_MEMORY()) {
      throw new OutOfMemoryError(message);
    }
    if (status == disky_h.DISKY_INVALID_ARGUMENT()) {
      throw new IllegalArgumentException(message);
    }
    throw new IllegalStateException(message);
  }

  /** The exception for memory of the user that is no longer there. */
  static MemoryFaultException memoryFault(MemoryFault failure, Origin file) {
    return new MemoryFaultException(file + ": " + failure.getMessage(), failure.getCause());
  }

  /** Says whether the file is damaged. */
  static boolean isDamage(NativeException failure) {
    return damage(failure.status()) != null;
  }

  // No map: a class that fails to initialise, because the stack is at its end for example, is lost.
  private static @Nullable Damage damage(int status) {
    if (status == disky_h.DISKY_NOT_A_RECORD_FILE()) {
      return Damage.NOT_A_RECORD_FILE;
    }
    if (status == disky_h.DISKY_TRUNCATED()) {
      return Damage.TRUNCATED;
    }
    if (status == disky_h.DISKY_BLOCK_HEADER()) {
      return Damage.BLOCK_HEADER;
    }
    if (status == disky_h.DISKY_CHUNK_HEADER()) {
      return Damage.CHUNK_HEADER;
    }
    if (status == disky_h.DISKY_DATA_HASH()) {
      return Damage.DATA_HASH;
    }
    if (status == disky_h.DISKY_RECORD_SIZES()) {
      return Damage.RECORD_SIZES;
    }
    if (status == disky_h.DISKY_COMPRESSED_DATA()) {
      return Damage.COMPRESSED_DATA;
    }
    if (status == disky_h.DISKY_MISPLACED_SIGNATURE()) {
      return Damage.MISPLACED_SIGNATURE;
    }
    return status == disky_h.DISKY_TRANSPOSED_DATA() ? Damage.TRANSPOSED_DATA : null;
  }

  /** The exception for a file that cannot be continued because it is torn: with the remedy. */
  static CorruptFileException torn(CorruptFileException failure, Origin file) {
    String message =
        String.valueOf(failure.getMessage()).replace(remedy(failure.damage(), file), "")
            + "; WriterOptions.withRepair(true) repairs it, or on the command line 'disky repair'";
    return new CorruptFileException(
        file, failure.damage(), failure.position(), failure.recordsRead(), message);
  }

  /** The exception for file metadata whose bytes are right, but are no metadata. */
  static CorruptFileException damagedMetadata(
      IllegalArgumentException failure, Origin file, long recordsRead) {
    String detail =
        "byte "
            + METADATA_POSITION
            + ": "
            + failure.getMessage()
            + "; the records can still be read";
    String message = file + ": " + detail + "; " + recordsReadBefore(recordsRead);
    return new CorruptFileException(
        file, Damage.TRANSPOSED_DATA, METADATA_POSITION, recordsRead, message);
  }

  /** The exception for a file that is shorter than it was, or said to be, when it was opened. */
  static CorruptFileException shortened(
      IllegalArgumentException failure, Origin file, long position, long recordsRead) {
    String message =
        failure.getMessage()
            + ": the file is shorter than it was when it was opened, or than it was said to be; "
            + recordsReadBefore(recordsRead);
    return new CorruptFileException(file, Damage.TRUNCATED, position, recordsRead, message);
  }

  /** The region that the engine has skipped. */
  static SkippedRegion skippedRegion(NativeReader.SkippedRegion region) {
    NativeException reason = region.reason();
    return new SkippedRegion(
        region.begin(),
        region.end(),
        Optional.ofNullable(damage(reason.status())),
        detail(reason),
        region.scanned());
  }

  private static String remedy(Damage damage, Origin file) {
    return damage == Damage.TRUNCATED && file.isFile()
        ? "; if a crash has torn it, 'disky repair' or RecordWriter.repair cuts it to what is whole"
        : "";
  }

  private static String recordsReadBefore(long recordsRead) {
    return recordsRead == 1
        ? "1 record was read before"
        : recordsRead + " records were read before";
  }

  private static String detail(NativeException failure) {
    String message = String.valueOf(failure.getMessage());
    return failure.position() < 0 ? message : "byte " + failure.position() + ": " + message;
  }

  private static IOException diskFailure(int osError, Origin file, String detail) {
    return switch (osError) {
      case ENOENT -> FileFailures.noSuchFile(file.name(), detail);
      case EACCES -> FileFailures.accessDenied(file.name(), detail);
      case EEXIST ->
          FileFailures.alreadyExists(
              file.name(), detail + "; choose OpenMode.OVERWRITE or OpenMode.APPEND");
      case ENFILE, EMFILE ->
          FileFailures.other(
              file.name(),
              detail
                  + "; close readers and writers that are done with, or raise the limit (ulimit -n):"
                  + " forgotten ones stay open until the garbage collector finds them");
      default -> FileFailures.other(file.name(), detail);
    };
  }

  /** The same failure again, thrown from where the caller is now. */
  static IOException repeat(IOException failure, Origin file) {
    String reason =
        failure instanceof FileSystemException disk ? disk.getReason() : failure.getMessage();
    FileSystemException again =
        FileFailures.other(file.name(), "an earlier write failed: " + reason);
    again.initCause(failure);
    return again;
  }

  /** What another thread has failed with, thrown from where the caller is now. */
  static IOException unwrap(CompletionException failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof ShardException shard && shard.getCause() != null) {
      return new ShardException(shard.shard(), shard.getCause());
    }
    return new IOException(cause == null ? failure.getMessage() : cause.getMessage(), cause);
  }
}
