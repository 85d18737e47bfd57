package io.disky.fetching;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Why bytes could not be read. Each reader that needs them gets an exception of its own.
 *
 * @param name the name of the file
 * @param message names the bytes that could not be read, without the name of the file
 * @param last the last failure of a request
 */
record FetchFailure(RangeSource source, String name, String message, RangeSource.Failure last) {
  IOException exception() {
    String reason = message + ": " + withoutName(text(last.thrown()));
    IOException exception =
        switch (last.thrown()) {
          case NoSuchFileException _ -> FileFailures.noSuchFile(name, reason);
          case AccessDeniedException _ -> FileFailures.accessDenied(name, reason);
          default -> null;
        };
    if (exception == null) {
      return source.exception(QuotedText.name(name) + ": " + reason, last);
    }
    exception.initCause(last.thrown());
    return exception;
  }

  /**
   * A message of the source, which may begin with the name, as the message of this failure does.
   */
  private String withoutName(String text) {
    String begin = QuotedText.name(name) + ": ";
    return text.startsWith(begin) ? text.substring(begin.length()) : text;
  }

  /** The message of {@code thrown}, whose class is the user's. */
  static String text(Throwable thrown) {
    String text = message(thrown);
    return text == null ? thrown.getClass().getName() : QuotedText.message(text);
  }

  private static @Nullable String message(Throwable thrown) {
    try {
      return thrown.getMessage();
    } catch (RuntimeException _) {
      return null;
    }
  }
}
