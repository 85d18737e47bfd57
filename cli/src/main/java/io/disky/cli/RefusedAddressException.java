package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;

/**
 * An address in the arguments that the command cannot use. The exit status is that of wrong usage.
 */
final class RefusedAddressException extends IOException {
  private static final String NEEDS_LOCAL_FILE =
      "is an address, but only a local file can be used here; 'disky convert' copies record files"
          + " from and to addresses";

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

  /**
   * The refusal by a command that reads or writes only local files.
   *
   * @param name the address without anything secret
   */
  static UncheckedIOException needsLocalFile(String name) {
    return new UncheckedIOException(new RefusedAddressException(name, NEEDS_LOCAL_FILE));
  }
}
