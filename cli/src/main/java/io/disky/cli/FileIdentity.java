package io.disky.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a regular file or a remote file. Names and streams that lead to the same file have
 * equal identities, even through links.
 *
 * @param key device and inode if the file system has them; otherwise the real path; for a remote
 *     file its address
 */
record FileIdentity(Object key) {
  /**
   * The identity of the file that {@code path} leads to; {@code null} if it is not a regular file.
   */
  static @Nullable FileIdentity of(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        return null;
      }
      Object key = attributes.fileKey();
      return new FileIdentity(key == null ? path.toRealPath() : key);
    } catch (IOException e) {
      return null; // a file that does not exist cannot be the same as another one
    }
  }

  /** The identity of the remote file at {@code address}. */
  static FileIdentity of(URI address) {
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    return new FileIdentity(scheme + "://" + address.getAuthority() + address.getPath() + query);
  }

  /**
   * The identity of the file that {@code stream} reads; {@code null} if the stream is not standard
   * input, or standard input is not a regular file.
   */
  static @Nullable FileIdentity of(InputStream stream) {
    try {
      boolean standard =
          stream instanceof FileInputStream file && file.getFD() == FileDescriptor.in;
      return standard ? of(Path.of("/dev/stdin")) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * The identity of the file that {@code stream} writes; {@code null} if the stream is not standard
   * output, or standard output is not a regular file.
   */
  static @Nullable FileIdentity of(OutputStream stream) {
    try {
      boolean standard =
          stream instanceof FileOutputStream file && file.getFD() == FileDescriptor.out;
      return standard ? of(Path.of("/dev/stdout")) : null;
    } catch (IOException e) {
      return null;
    }
  }

  // The generated methods of a record take 20 ms when the first of them is called in a JVM.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FileIdentity that && key.equals(that.key);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  /** Returns whether {@code path} leads to this file. */
  boolean isOf(Path path) {
    return equals(of(path));
  }
}
