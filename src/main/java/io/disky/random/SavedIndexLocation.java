package io.disky.random;

import io.disky.files.FileFailures;
import io.disky.files.NativePath;
import io.disky.files.QuotedText;
import io.disky.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where the index of a file is saved.
 *
 * @param file the file
 * @param path the path of its index
 * @param shared whether the directory may have indexes of files of other directories, too
 */
record SavedIndexLocation(Path file, Path path, boolean shared) {
  private static final String SUFFIX = ".index";

  /** The longest file name, in bytes, that every file system allows. */
  private static final int MAX_NAME = 255;

  /** Stands for bytes of a name that do not form a character. */
  private static final char REPLACEMENT = '\ufffd';

  private static final int HASH_DIGITS = 16;
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final Set<PosixFilePermission> OF_THE_GROUP =
      PosixFilePermissions.fromString("---rwx---");

  /** Writes the contents of an index to an empty file. */
  @FunctionalInterface
  interface Contents {
    void writeTo(Path unfinished) throws IOException;
  }

  /** Throws if the file at {@link #path()} must not be replaced. */
  @FunctionalInterface
  interface ReplacementCheck {
    void check() throws IOException;
  }

  /**
   * The location in {@code directory}; if that is {@code null}, in the directory of {@code file}.
   */
  static SavedIndexLocation of(Path file, @Nullable Path directory) {
    String name = name(file);
    return directory == null
        ? new SavedIndexLocation(file, file.resolveSibling(name), false)
        : new SavedIndexLocation(file, directory.resolve(name), true);
  }

  /**
   * The name of the file and the suffix. If that is too long, or has bytes that do not form a
   * character, the beginning of the name, a hash and the suffix.
   */
  private static String name(Path file) {
    String text = Objects.requireNonNullElse(file.getFileName(), file).toString();
    byte[] path = NativePath.bytes(file);
    int begin = path.length;
    while (begin > 0 && path[begin - 1] != '/') {
      begin--;
    }
    byte[] name = Arrays.copyOfRange(path, begin, path.length);
    if (name.length + SUFFIX.length() <= MAX_NAME && text.indexOf(REPLACEMENT) < 0) {
      return text + SUFFIX;
    }
    int room = MAX_NAME - SUFFIX.length() - HASH_DIGITS - 1;
    return begin(text.replace(REPLACEMENT, '_'), room) + '.' + hex(Sha256.first(name)) + SUFFIX;
  }

  /** The longest begin of {@code text} that takes at most {@code room} bytes. */
  private static String begin(String text, int room) {
    int size = 0;
    int end = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      size += Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
      if (size > room) {
        break;
      }
      end += Character.charCount(c);
    }
    return text.substring(0, end);
  }

  private static String hex(long value) {
    return String.format(Locale.ROOT, "%016x", value);
  }

  /** A hash of the path of the file if several files may have an index of this name; else 0. */
  long fileHash() {
    return shared ? Sha256.first(NativePath.bytes(file.toAbsolutePath().normalize())) : 0;
  }

  /**
   * Replaces the index atomically. The new one has the permissions of the file.
   *
   * @param check called before and after the contents are written
   */
  void replace(Contents contents, ReplacementCheck check) throws IOException {
    check.check();
    Path unfinished = create();
    try {
      contents.writeTo(unfinished);
      takePermissions(unfinished);
      check.check();
      FileFailures.quoting(() -> Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE));
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** The exception for a file at {@link #path()} that must not be replaced. */
  FileAlreadyExistsException inTheWay(String reason) {
    return FileFailures.alreadyExists(
        path,
        reason
            + "; move it, or choose another directory for the index of "
            + QuotedText.name(file));
  }

  /** Creates a file that only its owner may read, until it gets the permissions of the file. */
  private Path create() throws IOException {
    String name = SUFFIX + '.' + hex(ThreadLocalRandom.current().nextLong()) + ".tmp";
    Path unfinished = path.resolveSibling(name);
    return isPosix(unfinished.toAbsolutePath().getParent())
        ? FileFailures.quoting(() -> Files.createFile(unfinished, PRIVATE))
        : FileFailures.quoting(() -> Files.createFile(unfinished));
  }

  private static boolean isPosix(@Nullable Path directory) {
    return directory != null
        && Files.getFileAttributeView(directory, PosixFileAttributeView.class) != null;
  }

  private void takePermissions(Path unfinished) throws IOException {
    PosixFileAttributeView own =
        Files.getFileAttributeView(unfinished, PosixFileAttributeView.class);
    PosixFileAttributeView of = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (own == null || of == null) {
      return;
    }
    PosixFileAttributes attributes = of.readAttributes();
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(attributes.permissions());
    if (!takeGroup(own, attributes)) {
      permissions.removeAll(OF_THE_GROUP);
    }
    own.setPermissions(permissions);
  }

  /** Returns {@code false} if the index cannot be given to the group of the file. */
  private static boolean takeGroup(PosixFileAttributeView own, PosixFileAttributes of)
      throws IOException {
    if (own.readAttributes().group().equals(of.group())) {
      return true;
    }
    try {
      own.setGroup(of.group());
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
