package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A path below a directory, from a record that is not trusted. A path that could leave the
 * directory on any operating system is refused on all.
 */
final class ExtractedPath {
  private static final Pattern SEPARATORS = Pattern.compile("[/\\\\]");

  /** Names that Windows takes for others, or for devices. */
  private static final Pattern WINDOWS_NAMES =
      Pattern.compile(
          "(?i).*[:*?\"<>|].*|.*[. ]|(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?", Pattern.DOTALL);

  private ExtractedPath() {}

  /**
   * The file for {@code name} below {@code directory}. Creates the directories in between.
   *
   * @param directory a directory without symbolic links in its path
   * @throws IOException if the path is not one below the directory, or leads through a symbolic
   *     link or a file
   */
  static Path create(Path directory, String name) throws IOException {
    check(name);
    Path file;
    try {
      file = directory.resolve(name);
    } catch (InvalidPathException e) {
      throw refused(name, "is not a path on this system");
    }
    if (!file.normalize().equals(file) || !file.startsWith(directory) || file.equals(directory)) {
      throw refused(name, "is not a path below the directory");
    }
    Path parent = directory;
    for (Path part : directory.relativize(file)) {
      if (!parent.equals(directory)) {
        createDirectory(parent, name);
      }
      parent = parent.resolve(part);
    }
    return file;
  }

  private static void check(String name) throws IOException {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw refused(name, "is empty or contains a zero");
    }
    if (name.length() >= 2 && name.charAt(1) == ':' && Character.isLetter(name.charAt(0))) {
      throw refused(name, "begins with a drive of Windows");
    }
    for (String part : SEPARATORS.split(name, -1)) {
      if (part.isEmpty()) {
        throw refused(name, "is absolute, or has an empty part");
      }
      if (part.chars().allMatch(c -> c == '.' || c == ' ')) {
        throw refused(name, "has a part that leads to another directory");
      }
      if (File.separatorChar == '\\' && WINDOWS_NAMES.matcher(part).matches()) {
        throw refused(name, "has a part that Windows does not allow");
      }
    }
  }

  private static void createDirectory(Path directory, String name) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectory(directory);
      } catch (FileAlreadyExistsException e) {
        // Another program has created it; the next check decides.
      }
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(name, "leads through a symbolic link or a file");
    }
  }

  private static IOException refused(String name, String reason) {
    return new IOException("the path " + QuotedText.name(name) + " " + reason);
  }
}
