package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A temporary file that only this user can read. It is deleted by {@link #close()} or at the end of
 * the JVM.
 *
 * @param path the path of the file
 */
record TemporaryFile(Path path) implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** The quoted paths of the existing temporary files, and their names in messages. */
  private static final Map<String, String> NAMES = new ConcurrentHashMap<>();

  /**
   * Creates an empty file.
   *
   * @param name the name of the file in messages
   */
  static TemporaryFile create(String name) throws IOException {
    Path path = createFile();
    path.toFile().deleteOnExit();
    NAMES.put(QuotedText.name(path), name);
    return new TemporaryFile(path);
  }

  /** Under a name that commands know as that of a temporary file, in case a crash leaves it. */
  private static Path createFile() throws IOException {
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    Set<String> views = directory.getFileSystem().supportedFileAttributeViews();
    FileAttribute<?>[] attributes =
        views.contains("posix") ? new FileAttribute<?>[] {OWNER_ONLY} : new FileAttribute<?>[0];
    while (true) {
      String random = HexFormat.of().toHexDigits(RANDOM.nextLong());
      try {
        return Files.createFile(directory.resolve(".disky." + random + ".tmp"), attributes);
      } catch (FileAlreadyExistsException _) {
        // Another name, then.
      }
    }
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
