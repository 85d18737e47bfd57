package io.disky.remote;

import java.util.Objects;

/**
 * The answer to a request: which bytes of a file were read.
 *
 * @param position offset of the first byte in the file, in bytes
 * @param length number of bytes
 * @param fileSize size of the file in bytes
 * @param version the version of the file; empty if the store states none
 * @param weak whether the contents of the file may differ although the version is the same, as with
 *     a weak entity tag of HTTP. The library then warns, and uses neither a {@link RemoteCache} nor
 *     a saved index for the file. The first answer decides
 */
public record RemoteRange(long position, long length, long fileSize, String version, boolean weak) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is negative, the range is not within the file, or
   *     the version is empty and {@code weak} is false
   */
  public RemoteRange {
    Objects.requireNonNull(version, "version");
    if (position < 0 || length < 0 || position > fileSize || length > fileSize - position) {
      throw new IllegalArgumentException(
          length + " bytes from byte " + position + " on are not within " + fileSize + " bytes");
    }
    if (version.isEmpty() && !weak) {
      throw new IllegalArgumentException("a version that is empty is weak");
    }
  }

  /** An answer with a version that differs whenever the contents differ, or with an empty one. */
  public RemoteRange(long position, long length, long fileSize, String version) {
    this(position, length, fileSize, version, version.isEmpty());
  }
}
