package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.Serial;

/**
 * An address in the arguments that the command cannot use. The exit status is that of wrong usage.
 */
final class RefusedAddressException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * A refusal.
   *
   * @param name the address without anything secret
   */
  RefusedAddressException(String name, String reason) {
    super(QuotedText.name(name) + ": " + reason);
  }

  RefusedAddressException(String name, String reason, Throwable cause) {
    super(QuotedText.name(name) + ": " + reason, cause);
  }
}
