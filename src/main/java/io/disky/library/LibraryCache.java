package io.disky.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A directory that contains extracted libraries of several versions. It keeps the libraries that
 * living JVMs use, and {@value #KEPT} in total if fewer are in use: those used last.
 */
final class LibraryCache {

  /** A user who changes between versions of disky extracts none of them again. */
  static final int KEPT = 4;

  private final Path directory;
  private final NativePlatform platform;

  /** A library in the directory. */
  private record Library(Path file, String hash, FileTime lastUse) {}

  LibraryCache(Path directory, NativePlatform platform) {
    this.directory = directory;
    this.platform = platform;
  }

  /**
   * Notes that a library is used now, and deletes what nobody needs: old libraries, and files that
   * JVMs left behind that were killed. A file that cannot be deleted stays.
   *
   * @param use the use of the library by this class loader. If other JVMs cannot see it, this one
   *     cannot see theirs, and nothing is deleted
   */
  void prune(Path used, LibraryUse use) {
    if (!use.isVisible()) {
      return;
    }
    try {
      Files.setLastModifiedTime(used, FileTime.fromMillis(System.currentTimeMillis()));
      prune();
    } catch (IOException _) {
      // The library is loaded, and that does not depend on order in the directory.
    }
  }

  private void prune() throws IOException {
    List<Library> libraries = new ArrayList<>();
    List<LibraryFileName> privateFiles = new ArrayList<>();
    Set<String> usedHashes = new HashSet<>();
    Set<String> owners = new HashSet<>();
    for (String text : list()) {
      LibraryFileName name = LibraryFileName.parse(platform, text);
      if (name == null) {
        continue;
      }
      Path file = directory.resolve(text);
      if (name.kind() == LibraryFileName.Kind.LIBRARY) {
        addLibrary(file, name.hash(), libraries);
      } else if (name.kind() != LibraryFileName.Kind.USE) {
        privateFiles.add(name);
      } else if (LibraryUse.isAlive(file, name.owner())) {
        usedHashes.add(name.hash());
        owners.add(name.owner());
      }
    }
    deletePrivateFiles(privateFiles, owners);
    deleteOld(libraries, usedHashes);
  }

  /** A JVM that has just started lists names in a fraction of the time of a directory stream. */
  private String[] list() throws IOException {
    String[] names = directory.toFile().list();
    if (names == null) {
      throw new IOException(directory + " cannot be listed");
    }
    return names;
  }

  private static void addLibrary(Path file, String hash, List<Library> libraries)
      throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isRegularFile()) {
      libraries.add(new Library(file, hash, attributes.lastModifiedTime()));
    }
  }

  /**
   * Deletes temporary files and copies whose owner is dead. The owner has a file of its own before
   * it makes any of these, so an owner that was not listed began after the listing, or is dead: its
   * files are looked up again.
   */
  private void deletePrivateFiles(List<LibraryFileName> files, Set<String> owners) {
    for (LibraryFileName name : files) {
      Path use =
          directory.resolve(
              new LibraryFileName(LibraryFileName.Kind.USE, name.hash(), name.owner())
                  .onPlatform(platform));
      if (!owners.contains(name.owner()) && !Files.exists(use, LinkOption.NOFOLLOW_LINKS)) {
        delete(directory.resolve(name.onPlatform(platform)));
      }
    }
  }

  private static void deleteOld(List<Library> libraries, Set<String> usedHashes) {
    if (libraries.size() <= KEPT) {
      return;
    }
    libraries.sort(Comparator.comparing(Library::lastUse).reversed());
    int kept = 0;
    for (Library library : libraries) {
      if (usedHashes.contains(library.hash())) {
        kept++;
      }
    }
    for (Library library : libraries) {
      if (usedHashes.contains(library.hash())) {
        continue;
      }
      if (kept < KEPT) {
        kept++;
      } else {
        delete(library.file());
      }
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // Windows does not delete a library that is loaded.
    }
  }
}
