package io.disky.cli;

import io.disky.files.FileFailures;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Orders files, such as shards, by the number at the end of their names. */
final class NumberedFiles {
  private static final BigInteger NONE = BigInteger.ONE.negate();

  private NumberedFiles() {}

  /**
   * The shards in {@code directory}, ordered by the number at the end of their names; those without
   * a number come first. Hidden files, subdirectories and files that are not data do not count as
   * shards.
   *
   * @param err gets a message about each file that is not data
   * @throws FileSystemException if the directory contains no shard
   */
  static List<Path> in(Path directory, PrintStream err) throws IOException {
    List<Path> shards = new ArrayList<>();
    for (Path entry : SortedFileTree.entries(directory)) {
      if (Files.isDirectory(entry) || !DataFiles.isData(entry, err)) {
        continue;
      }
      if (!isHidden(entry)) {
        shards.add(entry);
      }
    }
    if (shards.isEmpty()) {
      throw FileFailures.other(directory.toString(), "the directory contains no shards");
    }
    return sorted(shards);
  }

  /** Sorts {@code files}, which must be sorted by name, by the number at the end of their names. */
  static List<Path> sorted(List<Path> files) {
    return files.stream().sorted(Comparator.comparing(file -> number(name(file)))).toList();
  }

  static boolean isHidden(Path file) {
    return name(file).startsWith(".");
  }

  private static String name(Path shard) {
    return shard.getFileName().toString();
  }

  /** The number at the end of {@code name}; a negative number if there is none. */
  static BigInteger number(String name) {
    int begin = name.length();
    while (begin > 0 && isDigit(name.charAt(begin - 1))) {
      begin--;
    }
    return begin == name.length() ? NONE : new BigInteger(name.substring(begin));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
