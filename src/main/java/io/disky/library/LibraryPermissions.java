package io.disky.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Checks that a file or directory belongs to the current user alone before code is loaded from it.
 * Otherwise other users who can write there could run code as this user.
 *
 * <p>Windows has neither user ids nor permission bits. Its per-user directories are closed to
 * others by inherited access control lists, so only the kind of file is checked there.
 */
final class LibraryPermissions {

  private final OptionalInt userId;

  /**
   * @param userId id of the current user; empty on a system without user ids
   */
  LibraryPermissions(OptionalInt userId) {
    this.userId = userId;
  }

  /**
   * Returns the attributes for creating a directory that only its owner may read, write and enter.
   */
  FileAttribute<?>[] ownerOnly() {
    if (userId.isEmpty()) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
    };
  }

  /**
   * Checks that a path is a directory, not a link to one, which the current user owns and nobody
   * else may write.
   *
   * @throws IOException if a check fails, and the message states which; or if the attributes cannot
   *     be read
   */
  void checkDirectory(Path directory) throws IOException {
    BasicFileAttributes attributes = attributes(directory);
    if (attributes.isSymbolicLink()) {
      throw new IOException("refused: it is a symbolic link");
    }
    if (!attributes.isDirectory()) {
      throw new IOException("refused: it is not a directory");
    }
    checkOwner(directory);
  }

  /**
   * Checks that a path is a regular file, not a link to one, which the current user owns and nobody
   * else may write.
   *
   * @throws IOException if a check fails, and the message states which; or if the attributes cannot
   *     be read
   */
  void checkFile(Path file) throws IOException {
    BasicFileAttributes attributes = attributes(file);
    if (!attributes.isRegularFile()) {
      throw new IOException("refused: it is not a regular file");
    }
    checkOwner(file);
  }

  private void checkOwner(Path path) throws IOException {
    if (userId.isEmpty()) {
      return;
    }
    // The view "posix" gives the owner's name only, and names can be ambiguous.
    int owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (owner != userId.getAsInt()) {
      throw new IOException(
          "refused: it belongs to user %s, not to user %s"
              .formatted(
                  Integer.toUnsignedString(owner), Integer.toUnsignedString(userId.getAsInt())));
    }
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          "refused: other users may write it (%s)"
              .formatted(PosixFilePermissions.toString(permissions)));
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
