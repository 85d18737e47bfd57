package io.disky.random;

import java.io.IOException;

/**
 * A saved index cannot be used. The message states the reason as a part of a sentence in which "it"
 * is the index.
 */
final class UnusableIndexException extends IOException {
  private static final long serialVersionUID = 1;

  UnusableIndexException(String message) {
    super(message);
  }
}
