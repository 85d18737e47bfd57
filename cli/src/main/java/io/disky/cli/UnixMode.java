package io.disky.cli;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The permissions of a file as the bits of Unix. */
final class UnixMode {
  private static final String ALL = "rwxrwxrwx";

  private UnixMode() {}

  /** The bits of {@code permissions}. */
  static int of(Set<PosixFilePermission> permissions) {
    String text = PosixFilePermissions.toString(permissions);
    int mode = 0;
    for (int i = 0; i < text.length(); i++) {
      mode = (mode << 1) | (text.charAt(i) == '-' ? 0 : 1);
    }
    return mode;
  }

  /** The permissions in {@code mode}. Other bits are left out. */
  static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder text = new StringBuilder(ALL);
    for (int i = 0; i < ALL.length(); i++) {
      if ((mode & (0400 >> i)) == 0) {
        text.setCharAt(i, '-');
      }
    }
    return PosixFilePermissions.fromString(text.toString());
  }
}
