package io.disky.internal;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/** Paths as the operating system knows them. */
public final class NativePath {
  private NativePath() {}

  /**
   * Copies the bytes of {@code path} to memory of {@code arena}.
   *
   * @throws UnsupportedOperationException if {@code path} is not of the default file system
   */
  static MemorySegment allocate(Arena arena, Path path) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes(path));
  }

  /**
   * The bytes that the operating system knows {@code path} by.
   *
   * @throws UnsupportedOperationException if {@code path} is not of the default file system
   */
  public static byte[] bytes(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new UnsupportedOperationException(
          path.toUri() + " is not in the default file system: copy it there first");
    }
    // The empty path is the current directory's.
    String text = path.toString().isEmpty() ? "." : path.toString();
    boolean ascii = text.chars().allMatch(c -> c < 0x80);
    if (ascii || System.getProperty("os.name", "").startsWith("Windows")) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    // A path's text may have lost bytes that no character stands for; its URI has them all,
    // escaped.
    return unescape(path.toUri().getRawPath());
  }

  private static byte[] unescape(String rawPath) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(rawPath.length());
    for (int i = 0; i < rawPath.length(); i++) {
      char c = rawPath.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(rawPath, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    return bytes.toByteArray();
  }
}
