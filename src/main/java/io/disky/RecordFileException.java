package io.disky;

import io.disky.engine.EngineException;
import io.disky.engine.EngineException.Kind;
import io.disky.files.FileFailures;
import io.disky.files.Origin;
import io.disky.files.SystemError;
import io.disky.memory.MemoryFault;
import io.disky.reading.ReadingFailures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a file cannot be read: they are {@linkplain CorruptFileException damaged}, of an
 * {@linkplain UnsupportedFormatException unknown format}, or {@linkplain ChunkTooLargeException
 * larger than a limit}. The message names the file, the position, the values and the remedy.
 *
 * <p>Failures of the operating system are {@link java.nio.file.FileSystemException}s instead.
 */
public abstract sealed class RecordFileException extends IOException
    permits CorruptFileException, UnsupportedFormatException, ChunkTooLargeException {
  private static final long serialVersionUID = 1;

  // As text, because a Path need not be serializable.
  private final String name;
  private final boolean isFile;
  private final long position;

  RecordFileException(Origin origin, long position, String message) {
    super(message);
    this.name = origin.name();
    this.isFile = origin.isFile();
    this.position = position;
  }

  /**
   * The name of the file: its path as text, {@code memory}, {@code channel}, {@code stream}, or the
   * name that a {@link Shard} has given it. Not quoted; the message quotes it.
   */
  public String name() {
    return name;
  }

  /** The file; empty if it is not a file of the default file system. */
  public Optional<Path> path() {
    return isFile ? Optional.of(Path.of(name)) : Optional.empty();
  }

  /**
   * The position of the failure: an offset in the file in bytes. If the failure is about a chunk,
   * the offset at which the chunk begins.
   */
  public long position() {
    return position;
  }

  /**
   * The exception for a failure of an operation on {@code file} that does not read records in
   * order. Throws as {@link #of(EngineException, Origin, long, boolean)} does.
   */
  static IOException of(EngineException failure, Origin file) {
    return of(failure, file, 0, false);
  }

  /**
   * The exception for a failure of an operation on {@code file}.
   *
   * @param recordsRead how many records were delivered before the failure
   * @param fromBeginning whether these are all records before the failure
   * @throws OutOfMemoryError if native memory is exhausted
   * @throws IllegalArgumentException if an argument was outside its range
   * @throws IllegalStateException if the object was in use by another thread, or the library is
   *     defective
   */
  static IOException of(
      EngineException failure, Origin file, long recordsRead, boolean fromBeginning) {
    IOException ownFailure = failure.ioException();
    if (ownFailure instanceof MemoryFault fault) {
      return MemoryFaultException.of(fault, file);
    }
    if (ownFailure != null) {
      return ownFailure;
    }
    String detail = failure.detail();
    Kind kind = failure.kind();
    CorruptFileException.Damage damage = damage(kind);
    if (damage != null) {
      return CorruptFileException.of(
          file, damage, failure.position(), recordsRead, fromBeginning, detail);
    }
    if (kind == Kind.IO) {
      return diskFailure(failure.osError(), file, detail);
    }
    if (kind == Kind.LOCKED) {
      return FileFailures.other(file.name(), detail);
    }
    String message = file + ": " + detail;
    if (kind == Kind.TOO_LARGE) {
      return new ChunkTooLargeException(
          file, failure.position(), failure.size(), failure.limit(), message);
    }
    if (kind == Kind.UNSUPPORTED_CHUNK_TYPE || kind == Kind.UNSUPPORTED_COMPRESSION) {
      return new UnsupportedFormatException(file, failure.position(), message);
    }
    if (kind == Kind.OUT_OF_MEMORY) {
      throw new OutOfMemoryError(message);
    }
    if (kind == Kind.INVALID_ARGUMENT) {
      throw new IllegalArgumentException(message);
    }
    throw new IllegalStateException(message);
  }

  /** The exceptions of this package for failures of reading {@code file}. */
  static ReadingFailures translation(Origin file) {
    return new Translation(file);
  }

  private record Translation(Origin file) implements ReadingFailures {
    @Override
    public IOException exception(EngineException failure, long recordsRead, boolean fromBeginning) {
      IOException exception = of(failure, file, recordsRead, fromBeginning);
      return exception instanceof CorruptFileException damaged
          ? damaged.withRemedy(file)
          : exception;
    }

    @Override
    public IOException shortened(IllegalArgumentException failure, long position, long records) {
      return CorruptFileException.shortened(failure, file, position, records);
    }
  }

  // Not a switch: javac gives a switch over an enum of another file a class of its own. If the
  // stack is
  // exhausted while that class is initialised, the JVM can never use it again.
  static CorruptFileException.@Nullable Damage damage(Kind kind) {
    if (kind == Kind.NOT_A_RECORD_FILE) {
      return CorruptFileException.Damage.NOT_A_RECORD_FILE;
    }
    if (kind == Kind.TRUNCATED) {
      return CorruptFileException.Damage.TRUNCATED;
    }
    if (kind == Kind.BLOCK_HEADER) {
      return CorruptFileException.Damage.BLOCK_HEADER;
    }
    if (kind == Kind.CHUNK_HEADER) {
      return CorruptFileException.Damage.CHUNK_HEADER;
    }
    if (kind == Kind.DATA_HASH) {
      return CorruptFileException.Damage.DATA_HASH;
    }
    if (kind == Kind.RECORD_SIZES) {
      return CorruptFileException.Damage.RECORD_SIZES;
    }
    if (kind == Kind.COMPRESSED_DATA) {
      return CorruptFileException.Damage.COMPRESSED_DATA;
    }
    if (kind == Kind.MISPLACED_SIGNATURE) {
      return CorruptFileException.Damage.MISPLACED_SIGNATURE;
    }
    return kind == Kind.TRANSPOSED_DATA ? CorruptFileException.Damage.TRANSPOSED_DATA : null;
  }

  private static IOException diskFailure(int osError, Origin file, String detail) {
    return switch (SystemError.of(osError)) {
      case NO_SUCH_FILE -> FileFailures.noSuchFile(file.name(), detail);
      case ACCESS_DENIED -> FileFailures.accessDenied(file.name(), detail);
      case ALREADY_EXISTS ->
          FileFailures.alreadyExists(
              file.name(), detail + "; choose OpenMode.OVERWRITE or OpenMode.APPEND");
      case TOO_MANY_OPEN_FILES ->
          FileFailures.other(
              file.name(),
              detail
                  + "; close readers and writers after use, or raise the limit (ulimit -n);"
                  + " forgotten ones stay open until the garbage collector finds them");
      case OTHER -> FileFailures.other(file.name(), detail);
    };
  }
}
