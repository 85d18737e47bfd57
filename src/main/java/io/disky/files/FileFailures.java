package io.disky.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Failures of the operating system, as the exceptions of {@link java.nio.file}. Their messages
 * quote names; {@code getFile()} returns the name without quotes.
 */
public final class FileFailures {
  private FileFailures() {}

  /** The exception for a file that does not exist. */
  public static NoSuchFileException noSuchFile(String name, String reason) {
    return isPlain(name)
        ? new NoSuchFileException(name, null, reason)
        : new NoSuchFile(name, reason);
  }

  /** The exception for a file that the process must not use in this way. */
  public static AccessDeniedException accessDenied(String name, String reason) {
    return isPlain(name)
        ? new AccessDeniedException(name, null, reason)
        : new AccessDenied(name, reason);
  }

  /** The exception for a file that exists, but must not exist. */
  public static FileAlreadyExistsException alreadyExists(Path file, String reason) {
    return alreadyExists(file.toString(), reason);
  }

  /** The exception for a file that exists, but must not exist. */
  public static FileAlreadyExistsException alreadyExists(String name, String reason) {
    return isPlain(name)
        ? new FileAlreadyExistsException(name, null, reason)
        : new AlreadyExists(name, reason);
  }

  /** The exception for every other failure. */
  public static FileSystemException other(String name, @Nullable String reason) {
    return isPlain(name) ? new FileSystemException(name, null, reason) : new Other(name, reason);
  }

  /** A request to the operating system. */
  @FunctionalInterface
  public interface Request<T> {
    T call() throws IOException;
  }

  /**
   * Makes a request to the JDK. The messages of the JDK's exceptions do not quote names, so this
   * throws exceptions with quoted names instead.
   */
  public static <T> T quoting(Request<T> request) throws IOException {
    try {
      return request.call();
    } catch (FileSystemException e) {
      throw quoted(e);
    }
  }

  private static FileSystemException quoted(FileSystemException failure) {
    String name = failure.getFile();
    boolean plain = name == null || isPlain(name);
    if (plain && (failure.getOtherFile() == null || isPlain(failure.getOtherFile()))) {
      return failure;
    }
    FileSystemException quoted =
        switch (failure) {
          case NoSuchFileException e -> new NoSuchFile(name, e.getReason());
          case AccessDeniedException e -> new AccessDenied(name, e.getReason());
          case FileAlreadyExistsException e -> new AlreadyExists(name, e.getReason());
          default -> new Other(name, reason(failure));
        };
    quoted.initCause(failure);
    return quoted;
  }

  private static String reason(FileSystemException failure) {
    String reason = failure.getReason();
    return reason == null ? failure.getClass().getSimpleName() : reason;
  }

  /** The message of {@code failure}, with its names quoted. */
  public static String message(FileSystemException failure) {
    StringBuilder message = new StringBuilder();
    append(message, "", failure.getFile());
    append(message, " -> ", failure.getOtherFile());
    if (failure.getReason() != null) {
      message.append(message.isEmpty() ? "" : ": ").append(failure.getReason());
    }
    return message.toString();
  }

  private static void append(StringBuilder message, String before, @Nullable String name) {
    if (name != null) {
      message.append(before).append(QuotedText.name(name));
    }
  }

  private static boolean isPlain(String name) {
    return QuotedText.name(name).equals(name);
  }

  /** The text of {@code toString()}, with the name of the public superclass. */
  private static String text(FileSystemException failure) {
    return failure.getClass().getSuperclass().getName() + ": " + failure.getMessage();
  }

  private static final class NoSuchFile extends NoSuchFileException {
    private static final long serialVersionUID = 1;

    NoSuchFile(@Nullable String name, @Nullable String reason) {
      super(name, null, reason);
    }

    @Override
    public String getMessage() {
      return message(this);
    }

    @Override
    public String toString() {
      return text(this);
    }
  }

  private static final class AccessDenied extends AccessDeniedException {
    private static final long serialVersionUID = 1;

    AccessDenied(@Nullable String name, @Nullable String reason) {
      super(name, null, reason);
    }

    @Override
    public String getMessage() {
      return message(this);
    }

    @Override
    public String toString() {
      return text(this);
    }
  }

  private static final class AlreadyExists extends FileAlreadyExistsException {
    private static final long serialVersionUID = 1;

    AlreadyExists(@Nullable String name, @Nullable String reason) {
      super(name, null, reason);
    }

    @Override
    public String getMessage() {
      return message(this);
    }

    @Override
    public String toString() {
      return text(this);
    }
  }

  private static final class Other extends FileSystemException {
    private static final long serialVersionUID = 1;

    Other(@Nullable String name, @Nullable String reason) {
      super(name, null, reason);
    }

    @Override
    public String getMessage() {
      return message(this);
    }

    @Override
    public String toString() {
      return text(this);
    }
  }

  /** The same failure, with the stack trace of the current call. */
  public static IOException repeat(IOException failure, Origin file) {
    String reason =
        failure instanceof FileSystemException disk ? disk.getReason() : failure.getMessage();
    FileSystemException again = other(file.name(), "an earlier write failed: " + reason);
    again.initCause(failure);
    return again;
  }
}
