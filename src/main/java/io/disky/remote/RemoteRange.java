package io.disky.remote;

import java.util.Objects;

/**
 * The answer to a request: which bytes of a file were read.
 *
 * @param position offset of the first byte in the file, in bytes
 * @param length number of bytes
 * @param fileSize size of the file in bytes
 * @param version the version of the file; differs whenever the contents differ
 */
public record RemoteRange(long position, long length, long fileSize, String version) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is negative, or the range is not within the file
   */
  public RemoteRange {
    Objects.requireNonNull(version, "version");
    if (position < 0 || length < 0 || position > fileSize || length > fileSize - position) {
      throw new IllegalArgumentException(
          length + " bytes from byte " + position + " on are not within " + fileSize + " bytes");
    }
  }
}
