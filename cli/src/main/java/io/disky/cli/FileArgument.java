package io.disky.cli;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A file in the arguments of the command line.
 *
 * @param name the argument; {@code -} is standard input or output
 * @param path the name as a path
 * @param remote the name as an address; {@code null} if it is a path
 */
record FileArgument(String name, Path path, @Nullable RemoteAddress remote) {
  static final FileArgument STANDARD = of("-");

  private static final String WILDCARDS = "*?[{";

  static FileArgument of(String name) {
    // A name without these characters needs no further class.
    if (name.contains("://") && RemoteAddress.is(name)) {
      return of(RemoteAddress.parse(name));
    }
    return new FileArgument(name, Path.of(name), null);
  }

  static FileArgument of(RemoteAddress address) {
    return new FileArgument(address.name(), Path.of(""), address);
  }

  /** A file that the command has found. Its name may contain bytes that are not valid text. */
  static FileArgument of(Path path) {
    return new FileArgument(path.toString(), path, null);
  }

  /**
   * The name as a path. A command that can read or write only local files calls this, and so
   * refuses addresses.
   *
   * @throws UncheckedIOException with a {@link RefusedAddressException}, if the name is an address
   */
  @Override
  public Path path() {
    if (remote != null) {
      throw RefusedAddressException.needsLocalFile(name);
    }
    return path;
  }

  /** The address; {@code null} if the name is a path. */
  @Nullable URI address() {
    return remote == null ? null : remote.uri();
  }

  /** Returns whether the name is a pattern: it has wildcards, and no file has exactly this name. */
  boolean isPattern() {
    if (remote != null) {
      return remote.pattern() != null;
    }
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
      return !isStandard()
          && remote == null
          && Files.readAttributes(path, BasicFileAttributes.class).isOther();
    } catch (IOException e) {
      return false; // opening the file will throw the exception that says why
    }
  }

  boolean isDirectory() {
    return !isStandard() && remote == null && Files.isDirectory(path);
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
    Path parent = path().getParent();
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

  /** As {@link #files(PrintStream)}, also for addresses. */
  List<FileArgument> files(StandardStreams streams) throws IOException {
    return remote == null ? files(streams.err()) : listed(remote, streams);
  }

  /** As {@link #matches(PrintStream)}, also for addresses. */
  List<FileArgument> matches(StandardStreams streams) throws IOException {
    if (remote != null && remote.isDirectory()) {
      throw new RefusedAddressException(
          name, "cannot be read as one set of shards here; name its files, for example with *");
    }
    return remote == null ? matches(streams.err()) : listed(remote, streams);
  }

  private List<FileArgument> listed(RemoteAddress address, StandardStreams streams)
      throws IOException {
    if (address.pattern() == null) {
      return List.of(this);
    }
    return address.matches(streams.stores().list(this, address.prefix())).stream()
        .map(RemoteAddress::of)
        .map(FileArgument::of)
        .filter(file -> DataFiles.isNamedAsData(file.name(), streams.err()))
        .toList();
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
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
