package io.disky.library;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * States to other JVMs that this class loader uses a library: an empty file, which is locked until
 * the class loader is collected or the JVM ends, however it ends.
 *
 * <p>Each use has a file of its own, and no other use of the same JVM ever opens that file: on Unix
 * a process loses its locks of a file when it closes any descriptor of the file.
 */
final class LibraryUse {

  /**
   * System property that all copies of this class in one JVM share. Its name is not that of a
   * package, so that a tool that renames packages leaves it alone.
   */
  private static final String JVM_PROPERTY = "disky-library-jvm";

  /**
   * A JVM that removes files of dead JVMs may take the file for one of them before it is locked.
   */
  private static final int ATTEMPTS = 4;

  private static final int JVM_DIGITS = 16;

  private final String owner;
  private final @Nullable Path file;
  // The lock ends when the channel is closed: by hand, or because nothing refers to it any more.
  private final @Nullable FileChannel locked;

  private LibraryUse(String owner, @Nullable Path file, @Nullable FileChannel locked) {
    this.owner = owner;
    this.file = file;
    this.locked = locked;
  }

  /**
   * Begins the use of a library. This always succeeds: in a directory in which no file can be made,
   * or whose file system has no locks, the use is not visible to other JVMs.
   *
   * @param directory directory that nobody but the current user may write
   * @param hash of the library
   */
  static LibraryUse begin(Path directory, NativePlatform platform, String hash) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String owner = newOwner();
      String name = new LibraryFileName(LibraryFileName.Kind.USE, hash, owner).onPlatform(platform);
      try {
        LibraryUse use = lock(owner, directory.resolve(name));
        if (use != null) {
          return use;
        }
      } catch (IOException | UnsupportedOperationException _) {
        break;
      }
    }
    return new LibraryUse(newOwner(), null, null);
  }

  private static @Nullable LibraryUse lock(String owner, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    file.toFile().deleteOnExit();
    boolean isLocked = false;
    try {
      FileLock lock = channel.tryLock();
      isLocked = lock != null && Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    } finally {
      if (!isLocked) {
        channel.close();
        Files.deleteIfExists(file);
      }
    }
    return isLocked ? new LibraryUse(owner, file, channel) : null;
  }

  /** Returns a name that no other use has. */
  String owner() {
    return owner;
  }

  /** Whether other JVMs see this use. */
  boolean isVisible() {
    return locked != null;
  }

  /** Ends the use. */
  void end() {
    try {
      if (locked != null && file != null) {
        locked.close();
        Files.deleteIfExists(file);
      }
    } catch (IOException _) {
      // The file is not locked any more, so the next JVM deletes it.
    }
  }

  /**
   * Whether the owner of a file is alive; if it is dead, its file is deleted. If that cannot be
   * found out, it counts as alive.
   */
  static boolean isAlive(Path file, String owner) {
    if (owner.startsWith(jvm())) {
      return true;
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      if (channel.tryLock() == null) {
        return true;
      }
      Files.deleteIfExists(file);
      return false;
    } catch (IOException | RuntimeException _) {
      return true;
    }
  }

  private static String newOwner() {
    return jvm() + "-" + randomDigits();
  }

  /** Returns the 16 digits with which the names of all owners in this JVM begin. */
  private static String jvm() {
    // A lambda would take milliseconds in a JVM that has just started.
    String fresh = randomDigits();
    Object digits = System.getProperties().putIfAbsent(JVM_PROPERTY, fresh);
    return digits instanceof String text && text.length() == JVM_DIGITS ? text : fresh;
  }

  private static String randomDigits() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }
}
