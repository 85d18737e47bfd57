package io.disky.cli;

import io.disky.RecordWriter;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that a writer has begun.
 *
 * @param place its path, with symbolic links resolved
 * @param identity identifies the file; {@code null} if it is not a regular file
 */
record BegunFile(Path place, @Nullable FileIdentity identity) {
  /** Size in bytes of the signature that a record file begins with. */
  private static final long SIGNATURE_SIZE = 64;

  /** Opens a file. */
  @FunctionalInterface
  interface Opening {
    RecordWriter open() throws IOException;
  }

  /**
   * Runs {@code opening} on the file at {@code path}. If that fails before the signature of the
   * file is written, removes the file.
   */
  static RecordWriter open(Path path, Opening opening) throws IOException {
    long sizeBefore = size(path);
    try {
      return opening.open();
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      long size = size(path);
      boolean isOthers = String.valueOf(e.getMessage()).contains("another writer");
      if (isOthers || size == sizeBefore || size >= SIGNATURE_SIZE) {
        throw e;
      }
      Files.deleteIfExists(path.toRealPath());
      throw new IOException(e.getMessage() + "; removed, because it is incomplete", e);
    }
  }

  /** Size in bytes of the regular file at {@code path}; -1 if there is none. */
  private static long size(Path path) {
    try {
      return Files.isRegularFile(path) ? Files.size(path) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** The file to which {@code writer} writes. The writer must be open. */
  static BegunFile of(RecordWriter writer) throws IOException {
    Path path = writer.temporaryPath().or(writer::path).orElseThrow();
    return new BegunFile(path.toRealPath(), FileIdentity.of(path));
  }

  boolean has(FileIdentity other) {
    return other.equals(identity);
  }

  /**
   * Removes the file. Does not remove a symbolic link to it, nor another file that has taken its
   * name meanwhile.
   *
   * @return whether the file existed
   */
  boolean remove() throws IOException {
    return identity != null && identity.isOf(place) && Files.deleteIfExists(place);
  }
}
