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
 * @param place where it is, behind symbolic links
 * @param identity which file it is
 */
record BegunFile(Path place, @Nullable FileIdentity identity) {
  /** Of the signature that a record file begins with, in bytes. */
  private static final long SIGNATURE_SIZE = 64;

  /** Opens a file. */
  @FunctionalInterface
  interface Opening {
    RecordWriter open() throws IOException;
  }

  /**
   * Runs {@code opening} on the file at {@code path}; removes it if not even its signature is
   * written.
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

  /** Of a regular file, in bytes; -1 if there is none. */
  private static long size(Path path) {
    try {
      return Files.isRegularFile(path) ? Files.size(path) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** The file that {@code writer}, which is open, writes. */
  static BegunFile of(RecordWriter writer) throws IOException {
    Path path = writer.temporaryPath().or(writer::path).orElseThrow();
    return new BegunFile(path.toRealPath(), FileIdentity.of(path));
  }

  boolean has(FileIdentity other) {
    return other.equals(identity);
  }

  /**
   * Removes the file, not a link that leads to it, and no other file that has got its name
   * meanwhile.
   *
   * @return whether it was there
   */
  boolean remove() throws IOException {
    return identity != null && identity.isOf(place) && Files.deleteIfExists(place);
  }
}
