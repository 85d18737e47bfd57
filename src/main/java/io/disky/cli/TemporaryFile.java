package io.disky.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that only this user can read, deleted when it is closed or the JVM ends.
 *
 * @param path where it is
 */
record TemporaryFile(Path path) implements AutoCloseable {
  static TemporaryFile create() throws IOException {
    Path path = Files.createTempFile("disky-", ".records");
    path.toFile().deleteOnExit();
    return new TemporaryFile(path);
  }

  /** A file with all that {@code in} gives. */
  static TemporaryFile of(InputStream in) throws IOException {
    TemporaryFile file = create();
    try (OutputStream copy = Files.newOutputStream(file.path)) {
      in.transferTo(copy);
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
