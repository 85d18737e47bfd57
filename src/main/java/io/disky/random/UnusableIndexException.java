package io.disky.random;

import java.io.IOException;

/** A saved index cannot be used. The message says why, as a part of a sentence about "it". */
final class UnusableIndexException extends IOException {
  private static final long serialVersionUID = 1;

  UnusableIndexException(String message) {
    super(message);
  }
}
