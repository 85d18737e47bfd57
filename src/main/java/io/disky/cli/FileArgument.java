package io.disky.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A file as the command line names it.
 *
 * @param name the name as given; {@code -} is standard input or output
 * @param path the name as a path
 */
record FileArgument(String name, Path path) {
  static final FileArgument STANDARD = of("-");

  private static final String WILDCARDS = "*?[{";

  static FileArgument of(String name) {
    return new FileArgument(name, Path.of(name));
  }

  /** A file that was found. Its name may have bytes that no character stands for. */
  static FileArgument of(Path path) {
    return new FileArgument(path.toString(), path);
  }

  /** Says whether the name is a pattern: has wildcards, and is not that of a file. */
  boolean isPattern() {
    return !isStandard()
        && WILDCARDS.chars().anyMatch(wildcard -> name.indexOf(wildcard) >= 0)
        && !Files.exists(path);
  }

  boolean isDirectory() {
    return !isStandard() && Files.isDirectory(path);
  }

  /**
   * The files that a pattern stands for, in the order of the numbers that end their names; else
   * this one.
   *
   * @throws NoSuchFileException if the pattern stands for none
   */
  List<FileArgument> matches() throws IOException {
    if (!isPattern()) {
      return List.of(this);
    }
    Path parent = path.getParent();
    PathMatcher matcher = path.getFileSystem().getPathMatcher("glob:" + path.getFileName());
    List<Path> matches =
        NumberedFiles.sorted(
            SortedFileTree.entries(parent == null ? Path.of("") : parent).stream()
                .filter(entry -> matcher.matches(entry.getFileName()) && !Files.isDirectory(entry))
                .toList());
    if (matches.isEmpty()) {
      throw new NoSuchFileException(name, null, "no file matches this pattern");
    }
    return matches.stream().map(FileArgument::of).toList();
  }

  /**
   * The files that this stands for: the shards of a directory, what matches a pattern, or itself.
   */
  List<FileArgument> files() throws IOException {
    if (isDirectory()) {
      return NumberedFiles.in(path).stream().map(FileArgument::of).toList();
    }
    return matches();
  }

  boolean isStandard() {
    return name.equals("-");
  }

  /** What messages call it as an input. */
  String title() {
    return isStandard() ? "standard input" : name;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Reads the argument. */
  static final class Converter implements ITypeConverter<FileArgument> {
    @Override
    public FileArgument convert(String name) {
      if (name.isEmpty()) {
        throw new TypeConversionException("the name of a file is empty");
      }
      try {
        return of(name);
      } catch (InvalidPathException e) {
        throw new TypeConversionException(Failure.message(e));
      }
    }
  }
}
