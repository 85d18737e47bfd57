package io.disky.spark.write;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Files of the machine itself. Hadoop's class for them would add a file with checksums to each, and
 * replaces files when it renames.
 */
final class LocalFiles {
  private LocalFiles() {}

  /**
   * The path of a file of the machine itself; empty if it is on another file system, or on a class
   * that someone has configured in the place of Hadoop's.
   */
  static Optional<Path> path(FileSystem fileSystem, org.apache.hadoop.fs.Path path) {
    Class<?> kind = fileSystem.getClass();
    return kind == LocalFileSystem.class || kind == RawLocalFileSystem.class
        ? Optional.of(Path.of(path.toUri().getPath()))
        : Optional.empty();
  }

  /**
   * Gives a file another name, unless that name is taken.
   *
   * @return whether the file has the name now
   */
  static boolean rename(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return renameOverReservation(from, to);
    }
    Files.delete(from);
    return true;
  }

  /**
   * Does the same where files cannot have two names: creates an empty file, which fails if the name
   * is taken, and replaces it.
   */
  static boolean renameOverReservation(Path from, Path to) throws IOException {
    try {
      Files.createFile(to);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    try {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.delete(to);
      throw e;
    }
    return true;
  }
}
