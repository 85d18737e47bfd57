package io.disky;

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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the index of a file is saved.
 *
 * @param file the file
 * @param path where its index is
 * @param shared whether indexes of files of other directories may be there, too
 */
record SavedIndexPlace(Path file, Path path, boolean shared) {
  private static final String SUFFIX = ".index";

  /** The longest name of a file, in bytes, that every file system takes. */
  private static final int MAX_NAME = 255;

  /** What stands for bytes of a name that are no characters. */
  private static final char REPLACEMENT = '\ufffd';

  private static final int HASH_DIGITS = 16;
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final Set<PosixFilePermission> OF_THE_GROUP =
      PosixFilePermissions.fromString("---rwx---");

  /** Writes the contents of an index to a file that is there, and empty. */
  @FunctionalInterface
  interface Contents {
    void writeTo(Path unfinished) throws IOException;
  }

  /** Beside {@code file}, or in {@code directory} if there is one. */
  static SavedIndexPlace of(Path file, @Nullable Path directory) {
    String name = name(file);
    return directory == null
        ? new SavedIndexPlace(file, file.resolveSibling(name), false)
        : new SavedIndexPlace(file, directory.resolve(name), true);
  }

  /**
   * The name of the file and the suffix; where that is too long, or has bytes that are no
   * characters, its begin and a hash.
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

  /** As many characters as take {@code room} bytes, whatever each of them takes. */
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

  /** Which file an index is of, where several may have the same name; else 0. */
  long fileHash() {
    return shared ? Sha256.first(NativePath.bytes(file.toAbsolutePath().normalize())) : 0;
  }

  /**
   * Puts an index here, as open to others as the file is, in the place of the one that was there.
   *
   * @param isOfAnotherFile asked about an index that is in the way
   * @throws FileAlreadyExistsException if what is here is no index, or that of another file
   */
  void replace(Contents contents, Predicate<Path> isOfAnotherFile) throws IOException {
    checkReplaceable(isOfAnotherFile);
    Path unfinished = create();
    try {
      contents.writeTo(unfinished);
      takePermissions(unfinished);
      checkReplaceable(isOfAnotherFile);
      FileFailures.quoting(() -> Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE));
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private void checkReplaceable(Predicate<Path> isOfAnotherFile) throws IOException {
    if (!Files.exists(path) || (Files.isRegularFile(path) && Files.size(path) == 0)) {
      return;
    }
    if (DerivedFile.of(path).orElse(null) != DerivedFile.SAVED_INDEX) {
      throw inTheWay("exists already, and is no saved index");
    }
    if (shared && isOfAnotherFile.test(path)) {
      throw inTheWay("is the saved index of another file with the same name");
    }
  }

  private FileAlreadyExistsException inTheWay(String reason) {
    return FileFailures.alreadyExists(
        path,
        reason
            + "; move it, or choose another directory for the index of "
            + QuotedText.name(file));
  }

  /** A file that nobody else may read until it is as open as the other one. */
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

  /** {@code false} if what the group of the file may do would be for another group. */
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
