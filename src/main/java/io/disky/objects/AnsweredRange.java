package io.disky.objects;

import io.disky.http.ContentRange;
import org.jspecify.annotations.Nullable;

/**
 * Checks which bytes of an object an answer has.
 *
 * @param requested the first byte that was requested; -1 if the end of the object was
 * @param received number of bytes that were received, at most as many as were requested
 */
public record AnsweredRange(long requested, long received) {
  /** Makes the value that users see. */
  @FunctionalInterface
  public interface Result<T> {
    T of(long position, long length, long size);
  }

  /** Makes the exception for an answer that is of no use. */
  @FunctionalInterface
  public interface Refusal<E extends Exception> {
    E of(String answer);
  }

  /**
   * Checks the headers of an answer.
   *
   * @param range the header {@code Content-Range}; {@code null} if the answer has none, because it
   *     is the complete object
   * @param length the header {@code Content-Length}; {@code null} if the answer has none
   * @throws E if the bytes are not those that were requested
   */
  public <T, E extends Exception> T check(
      @Nullable String range, @Nullable Long length, Result<T> result, Refusal<E> refusal)
      throws E {
    if (range == null) {
      if (length == null || !(requested == 0 || (requested < 0 && received == length))) {
        throw refusal.of("the complete object");
      }
      return result.of(0, received, length);
    }
    ContentRange stated = ContentRange.parse(range);
    if (stated == null
        || stated.first() < 0
        || stated.length() != received
        || !isRequested(stated)) {
      throw refusal.of(received + " bytes with Content-Range " + range);
    }
    return result.of(stated.first(), received, stated.size());
  }

  private boolean isRequested(ContentRange stated) {
    return requested < 0 ? stated.last() == stated.size() - 1 : stated.first() == requested;
  }
}
