package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A temporary file that only this user can read. It is deleted by {@link #close()} or at the end of
 * the JVM.
 *
 * @param path the path of the file
 */
record TemporaryFile(Path path) implements AutoCloseable {
  /** The quoted paths of the existing temporary files, and their names in messages. */
  private static final Map<String, String> NAMES = new ConcurrentHashMap<>();

  /**
   * Creates an empty file.
   *
   * @param name the name of the file in messages
   */
  static TemporaryFile create(String name) throws IOException {
    Path path = Files.createTempFile("disky-", ".records");
    path.toFile().deleteOnExit();
    NAMES.put(QuotedText.name(path), name);
    return new TemporaryFile(path);
  }

  /**
   * Creates a file and copies all bytes of {@code in} to it.
   *
   * @param name the name of the file in messages
   */
  static TemporaryFile of(InputStream in, String name) throws IOException {
    TemporaryFile file = create(name);
    try (OutputStream copy = Files.newOutputStream(file.path)) {
      in.transferTo(copy);
      return file;
    } catch (IOException e) {
      file.close();
      String place = QuotedText.name(String.valueOf(file.path.getParent()));
      throw new IOException(
          name + ": cannot be copied to a temporary file in " + place + ": " + e.getMessage(), e);
    }
  }

  /** Replaces the paths of temporary files in {@code message} by their names for users. */
  static String named(String message) {
    String result = message;
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      result = result.replace(name.getKey(), name.getValue());
    }
    return result;
  }

  @Override
  public void close() throws IOException {
    NAMES.remove(QuotedText.name(path));
    Files.deleteIfExists(path);
  }
}
