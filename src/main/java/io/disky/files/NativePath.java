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

/** Paths as the operating system knows them. */
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

  /**
   * The absolute path that the operating system knows by {@code bytes}, as {@link #allocate} has
   * them: the other way round, it gives the same bytes.
   */
  public static Path of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    boolean ascii = text.chars().allMatch(c -> c < 0x80);
    if (ascii || System.getProperty("os.name", "").startsWith("Windows")) {
      return Path.of(text);
    }
    return Path.of(URI.create("file://" + escape(bytes)));
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
