package io.disky.random;

import io.disky.files.FileFailures;
import io.disky.files.NativePath;
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
record SavedIndexLocation(FileLocation file, Path path, boolean shared) {
  private static final String SUFFIX = ".index";

  /** The longest file name, in bytes, that every file system allows. */
  private static final int MAX_NAME = 255;

  /** Stands for bytes of a name that do not form a character. */
  private static final char REPLACEMENT = '\ufffd';

  private static final int HASH_DIGITS = 16;

  /** The most characters of the name of a remote file that the name of its index has. */
  private static final int MAX_PLAIN = 200;

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
   * The location in {@code directory}; if that is {@code null}, in the directory of {@code file},
   * or {@code null} if the file is remote.
   */
  static @Nullable SavedIndexLocation of(FileLocation file, @Nullable Path directory) {
    return switch (file) {
      case FileLocation.Local(Path path) -> {
        String name = name(path);
        yield directory == null
            ? new SavedIndexLocation(file, path.resolveSibling(name), false)
            : new SavedIndexLocation(file, directory.resolve(name), true);
      }
      case FileLocation.Remote remote ->
          directory == null
              ? null
              : new SavedIndexLocation(file, directory.resolve(name(remote)), true);
    };
  }

  /**
   * The last element of the name with characters that every file system allows, a hash of the
   * complete name, and the suffix: names of different remote files often have the same last
   * element.
   */
  private static String name(FileLocation.Remote file) {
    StringBuilder plain = new StringBuilder();
    String name = file.fileName();
    for (int i = 0; i < name.length() && plain.length() < MAX_PLAIN; i++) {
      char c = name.charAt(i);
      boolean allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      plain.append(allowed || c == '.' || c == '-' ? c : '_');
    }
    return plain.append('.').append(hex(file.nameHash())).append(SUFFIX).toString();
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
    return shared ? file.nameHash() : 0;
  }

  /**
   * Replaces the index atomically. The new one has the permissions of the file, if that is local.
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
        path, reason + "; move it, or choose another directory for the index of " + file.origin());
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

  /** The index of a remote file stays readable only by its owner. */
  private void takePermissions(Path unfinished) throws IOException {
    if (file instanceof FileLocation.Local(Path local)) {
      takePermissions(unfinished, local);
    }
  }

  private static void takePermissions(Path unfinished, Path local) throws IOException {
    PosixFileAttributeView own =
        Files.getFileAttributeView(unfinished, PosixFileAttributeView.class);
    PosixFileAttributeView of = Files.getFileAttributeView(local, PosixFileAttributeView.class);
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
