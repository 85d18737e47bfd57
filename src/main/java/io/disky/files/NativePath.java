package io.disky.files;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.HexFormat;

/** Converts paths to the bytes that the operating system uses, and back. */
public final class NativePath {
  private NativePath() {}

  /**
   * Copies the bytes of {@code path} to memory of {@code arena}.
   *
   * @throws UnsupportedOperationException if {@code path} is not of the default file system
   */
  public static MemorySegment allocate(Arena arena, Path path) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes(path));
  }

  /**
   * The bytes of {@code path} for the operating system.
   *
   * @throws UnsupportedOperationException if {@code path} is not of the default file system
   */
  public static byte[] bytes(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new UnsupportedOperationException(
          path.toUri() + " is not in the default file system: copy it there first");
    }
    // The empty path means the current directory.
    String text = path.toString().isEmpty() ? "." : path.toString();
    if (isAscii(text) || System.getProperty("os.name", "").startsWith("Windows")) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    // The text of a path does not contain bytes that do not form a character; its URI contains all
    // bytes, escaped.
    return unescape(path.toUri().getRawPath());
  }

  /**
   * The absolute path with these {@code bytes}, as {@link #allocate} writes them. {@link #bytes} of
   * the result returns the same bytes.
   */
  public static Path of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (isAscii(text) || System.getProperty("os.name", "").startsWith("Windows")) {
      return Path.of(text);
    }
    return Path.of(URI.create("file://" + escape(bytes)));
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static String escape(byte[] bytes) {
    StringBuilder rawPath = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      char c = (char) Byte.toUnsignedInt(b);
      boolean plain = c == '/' || c == '.' || (c < 0x80 && Character.isLetterOrDigit(c));
      if (plain) {
        rawPath.append(c);
      } else {
        rawPath.append('%').append(HexFormat.of().toHexDigits(b));
      }
    }
    return rawPath.toString();
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
