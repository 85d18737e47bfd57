package io.disky.library;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A place to extract the native library to: a directory of the current user, or the reason why
 * there is none.
 */
final class LibraryPlace {

  private final String description;
  private final @Nullable Path base;
  private final @Nullable Path directory;

  private LibraryPlace(String description, @Nullable Path base, @Nullable Path directory) {
    this.description = description;
    this.base = base;
    this.directory = directory;
  }

  /**
   * Returns the places to try, best first: the directory that the property names, and nothing else;
   * or the user's cache directory, then a private directory below {@code java.io.tmpdir}.
   *
   * @param userId id of the current user; empty on a system without user ids
   */
  static List<LibraryPlace> of(NativeHost host, OptionalInt userId) {
    String chosen = host.property(NativeLibrary.DIRECTORY_PROPERTY);
    if (chosen != null) {
      return List.of(chosen(chosen));
    }
    return List.of(cache(host), temporary(host, userId));
  }

  /**
   * Creates the directory if it is missing, with its missing parents, for its owner alone.
   *
   * @return the directory, which exists and which nobody but the current user may write
   * @throws IOException if this place has no directory, or the directory cannot be created or
   *     cannot be trusted
   */
  Path open(LibraryPermissions permissions) throws IOException {
    if (directory == null) {
      throw new IOException("not set to an absolute path");
    }
    // If the home directory does not exist, it must not be created.
    if (base != null && !Files.isDirectory(base)) {
      throw new IOException(base + " is not a directory");
    }
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      create(directory, permissions);
    }
    // Another JVM, or an attacker, may have created the directory, so it is checked in any case.
    permissions.checkDirectory(directory);
    return directory;
  }

  private static void create(Path directory, LibraryPermissions permissions) throws IOException {
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent, permissions.ownerOnly());
    }
    try {
      Files.createDirectory(directory, permissions.ownerOnly());
    } catch (FileAlreadyExistsException _) {
      // Another JVM has created it meanwhile.
    }
  }

  @Override
  public String toString() {
    return directory == null ? description : directory + " (" + description + ")";
  }

  private static LibraryPlace chosen(String directory) {
    String description = "system property " + NativeLibrary.DIRECTORY_PROPERTY;
    try {
      return new LibraryPlace(description, null, Path.of(directory).toAbsolutePath().normalize());
    } catch (InvalidPathException _) {
      return new LibraryPlace(description, null, null);
    }
  }

  private static LibraryPlace cache(NativeHost host) {
    NativePlatform platform = host.platform();
    if (platform.isMac()) {
      return belowHome(host, "Library", "Caches");
    }
    if (platform.isWindows()) {
      LibraryPlace local = belowVariable(host, "LOCALAPPDATA");
      return local.directory == null ? belowHome(host, "AppData", "Local") : local;
    }
    LibraryPlace cache = belowVariable(host, "XDG_CACHE_HOME");
    return cache.directory == null ? belowHome(host, ".cache") : cache;
  }

  private static LibraryPlace belowVariable(NativeHost host, String name) {
    Path root = absolute(host.environment(name));
    return new LibraryPlace(
        "environment variable " + name, null, root == null ? null : root.resolve("disky"));
  }

  private static LibraryPlace belowHome(NativeHost host, String first, String... more) {
    Path home = absolute(host.property("user.home"));
    Path cache = home == null ? null : home.resolve(Path.of(first, more)).resolve("disky");
    return new LibraryPlace("system property user.home", home, cache);
  }

  private static LibraryPlace temporary(NativeHost host, OptionalInt userId) {
    Path root = absolute(host.property("java.io.tmpdir"));
    Path directory = root == null ? null : root.resolve("disky-" + userPart(host, userId));
    return new LibraryPlace("system property java.io.tmpdir", root, directory);
  }

  /** If users shared one name, the first user could lock out all others. */
  private static String userPart(NativeHost host, OptionalInt userId) {
    if (userId.isPresent()) {
      return Integer.toUnsignedString(userId.getAsInt());
    }
    String name = host.property("user.name");
    return name == null ? "user" : name.replaceAll("[^A-Za-z0-9]", "_");
  }

  /**
   * Relative paths count as unset: the specification of XDG_CACHE_HOME requires it, and {@code
   * user.home} is "?" when the JVM does not know it.
   */
  private static @Nullable Path absolute(@Nullable String value) {
    if (value == null) {
      return null;
    }
    try {
      Path path = Path.of(value);
      return path.isAbsolute() ? path.normalize() : null;
    } catch (InvalidPathException _) {
      return null;
    }
  }
}
