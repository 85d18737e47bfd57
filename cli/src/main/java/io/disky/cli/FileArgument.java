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
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A file in the arguments of the command line.
 *
 * @param name the argument; {@code -} is standard input or output
 * @param path the name as a path
 */
record FileArgument(String name, Path path) {
  static final FileArgument STANDARD = of("-");

  private static final String WILDCARDS = "*?[{";

  static FileArgument of(String name) {
    return new FileArgument(name, Path.of(name));
  }

  /** A file that the command has found. Its name may contain bytes that are not valid text. */
  static FileArgument of(Path path) {
    return new FileArgument(path.toString(), path);
  }

  /** Returns whether the name is a pattern: it has wildcards, and no file has exactly this name. */
  boolean isPattern() {
    return !isStandard() && hasWildcard() && !Files.exists(path);
  }

  private boolean hasWildcard() {
    for (int i = 0; i < name.length(); i++) { // a stream would take milliseconds in a new JVM
      if (WILDCARDS.indexOf(name.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether the file can only be read or written from its begin to its end: a pipe, such as
   * that of {@code <(...)} in a shell, a socket or a device.
   */
  boolean isSequential() {
    try {
      return !isStandard() && Files.readAttributes(path, BasicFileAttributes.class).isOther();
    } catch (IOException e) {
      return false; // opening the file will throw the exception that says why
    }
  }

  boolean isDirectory() {
    return !isStandard() && Files.isDirectory(path);
  }

  /**
   * The files that match this pattern, ordered by the number at the end of their names; if this is
   * not a pattern, this argument. A pattern matches only data files, and hidden files only if it
   * begins with a dot.
   *
   * @param err gets a message about each file that is left out
   * @throws NoSuchFileException if no file matches the pattern
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
          name, "no such file, and not a valid pattern: " + e.getDescription());
    }
  }

  /**
   * The files that this argument stands for: the shards in a directory, the files that match a
   * pattern, or the file itself.
   *
   * @param err gets a message about each file that is left out
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

  /** The name in messages about inputs. */
  String title() {
    return isStandard() ? "standard input" : toString();
  }

  @Override
  public String toString() {
    return QuotedText.name(name);
  }

  /** Parses the argument. */
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
