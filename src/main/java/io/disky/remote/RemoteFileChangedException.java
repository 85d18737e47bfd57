package io.disky.remote;

import java.io.IOException;

/**
 * A remote file was replaced while it was read. The records that were read before are those of the
 * earlier version. To read the new version, open the file again.
 */
public class RemoteFileChangedException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param message names the file and both versions
   */
  public RemoteFileChangedException(String message) {
    super(message);
  }
}
