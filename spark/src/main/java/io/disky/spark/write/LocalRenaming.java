package io.disky.spark.write;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Gives files of the machine itself other names. Hadoop's class for them would replace files. */
final class LocalRenaming {
  private LocalRenaming() {}

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
