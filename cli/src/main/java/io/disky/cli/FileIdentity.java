package io.disky.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Which regular file a name or a stream stands for. Names and streams that lead to the same file
 * have equal identities, whatever links are between.
 *
 * @param key device and inode where there are such; otherwise the real path
 */
record FileIdentity(Object key) {
  /** Of the file that {@code path} leads to; {@code null} if that is no regular file. */
  static @Nullable FileIdentity of(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        return null;
      }
      Object key = attributes.fileKey();
      return new FileIdentity(key == null ? path.toRealPath() : key);
    } catch (IOException e) {
      return null; // what does not exist is no other file either
    }
  }

  /** Of what is behind a stream; {@code null} if it is not the standard input, or no file. */
  static @Nullable FileIdentity of(InputStream stream) {
    try {
      boolean standard =
          stream instanceof FileInputStream file && file.getFD() == FileDescriptor.in;
      return standard ? of(Path.of("/dev/stdin")) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Of what is behind a stream; {@code null} if it is not the standard output, or no file. */
  static @Nullable FileIdentity of(OutputStream stream) {
    try {
      boolean standard =
          stream instanceof FileOutputStream file && file.getFD() == FileDescriptor.out;
      return standard ? of(Path.of("/dev/stdout")) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Says whether {@code path} leads to this file. */
  boolean isOf(Path path) {
    return equals(of(path));
  }
}
