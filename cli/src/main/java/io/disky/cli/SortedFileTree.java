package io.disky.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Walks directories, depth first. Visits the entries of each directory in the order of the bytes of
 * their names.
 */
final class SortedFileTree {
  /** Takes a file. */
  @FunctionalInterface
  interface Visitor {
    void visit(Path file, BasicFileAttributes attributes) throws IOException;
  }

  private SortedFileTree() {}

  /** Visits each regular file below {@code directory}. Symbolic links are not followed. */
  static void walk(Path directory, Visitor visitor) throws IOException {
    for (Path entry : entries(directory)) {
      BasicFileAttributes attributes =
          Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isDirectory()) {
        walk(entry, visitor);
      } else if (attributes.isRegularFile()) {
        visitor.visit(entry, attributes);
      }
    }
  }

  /** The entries of {@code directory}, sorted. */
  static List<Path> entries(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        entries.add(entry);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(entries);
    return entries;
  }
}
