package io.disky.cli;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;
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
   * this one. A pattern stands for data only, and for hidden files only if it begins with a dot.
   *
   * @param err told of what is left out
   * @throws NoSuchFileException if the pattern stands for none
   */
  List<FileArgument> matches(PrintStream err) throws IOException {
    if (!isPattern()) {
      return List.of(this);
    }
    Path parent = path.getParent();
    String pattern = path.getFileName().toString();
    PathMatcher matcher = matcher(pattern);
    List<Path> matches =
        NumberedFiles.sorted(
            SortedFileTree.entries(parent == null ? Path.of("") : parent).stream()
                .filter(entry -> matcher.matches(entry.getFileName()) && !Files.isDirectory(entry))
                .filter(entry -> pattern.startsWith(".") || !NumberedFiles.isHidden(entry))
                .filter(entry -> DataFiles.isData(entry, err))
                .toList());
    if (matches.isEmpty()) {
      throw FileFailures.noSuchFile(name, "no file matches this pattern");
    }
    return matches.stream().map(FileArgument::of).toList();
  }

  private PathMatcher matcher(String pattern) throws NoSuchFileException {
    try {
      return path.getFileSystem().getPathMatcher("glob:" + pattern);
    } catch (PatternSyntaxException e) {
      throw FileFailures.noSuchFile(
          name, "no such file, nor a pattern of files: " + e.getDescription());
    }
  }

  /**
   * The files that this stands for: the shards of a directory, what matches a pattern, or itself.
   *
   * @param err told of what is left out
   */
  List<FileArgument> files(PrintStream err) throws IOException {
    if (isDirectory()) {
      return NumberedFiles.in(path, err).stream().map(FileArgument::of).toList();
    }
    return matches(err);
  }

  boolean isStandard() {
    return name.equals("-");
  }

  /** What messages call it as an input. */
  String title() {
    return isStandard() ? "standard input" : toString();
  }

  @Override
  public String toString() {
    return QuotedText.name(name);
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
