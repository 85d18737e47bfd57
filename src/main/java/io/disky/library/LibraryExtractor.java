package io.disky.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Writes the native library into a directory, under a name made from checksums of its content, so
 * that different versions have different files. A file is never written under its final name, and
 * never changed: a JVM may have loaded it, and would crash. Any number of threads and processes may
 * extract into one directory at once. Each of them has a {@link LibraryUse} first, under whose name
 * it writes.
 */
final class LibraryExtractor {

  /** Hexadecimal digits of 32 bits. */
  private static final int DIGITS = 8;

  private static final int PIECE = 64 << 10;
  private static final int COMPARED_AT_ONCE = 1 << 10;

  private final NativePlatform platform;
  private final LibraryPermissions permissions;
  private final byte[] content;
  private final String hash;

  LibraryExtractor(NativePlatform platform, LibraryPermissions permissions, byte[] content) {
    this.platform = platform;
    this.permissions = permissions;
    this.content = content;
    this.hash = hash(content);
  }

  /**
   * Returns the library's file in a directory, after writing it if it is not there. An existing
   * file is used only if it is a regular file of the current user, is writable by nobody else, and
   * equals the library byte for byte. Any other file is replaced.
   *
   * @param directory directory that nobody but the current user may write
   * @param owner the name of a use of the library in this directory
   * @throws IOException if the file cannot be written
   */
  Path extractInto(Path directory, String owner) throws IOException {
    Path file = directory.resolve(LibraryFileName.library(hash).onPlatform(platform));
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      if (isIntact(file)) {
        return file;
      }
      System.getLogger("io.disky")
          .log(
              System.Logger.Level.WARNING,
              "{0} is not the native library that was extracted: replacing it",
              file);
    }
    replace(file, write(path(directory, LibraryFileName.Kind.TEMPORARY, owner)));
    return file;
  }

  /**
   * Writes one more copy of the library, under a name that nobody else uses.
   *
   * @param directory directory that nobody but the current user may write
   * @param owner the name of a use of the library in this directory
   * @throws IOException if the file cannot be written
   */
  Path copyInto(Path directory, String owner) throws IOException {
    return write(path(directory, LibraryFileName.Kind.COPY, owner));
  }

  /** Returns the checksums and the size of the library, as they are in the names of its files. */
  String hash() {
    return hash;
  }

  private Path path(Path directory, LibraryFileName.Kind kind, String owner) {
    return directory.resolve(new LibraryFileName(kind, hash, owner).onPlatform(platform));
  }

  private boolean isIntact(Path file) {
    try {
      permissions.checkFile(file);
      // This is not a FileChannel, because an interrupt of the thread would close a FileChannel.
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        return isContent(in);
      }
    } catch (IOException _) {
      return false;
    }
  }

  private boolean isContent(InputStream in) throws IOException {
    byte[] piece = new byte[PIECE];
    int from = 0;
    for (int size = in.read(piece); size >= 0; size = in.read(piece)) {
      if (size > content.length - from || !isContent(piece, size, from)) {
        return false;
      }
      from += size;
    }
    return from == content.length;
  }

  /**
   * Compares little at a time, because the JVM compiles the comparison after some hundred calls.
   */
  private boolean isContent(byte[] piece, int size, int from) {
    for (int i = 0; i < size; i += COMPARED_AT_ONCE) {
      int end = Math.min(i + COMPARED_AT_ONCE, size);
      if (!Arrays.equals(piece, i, end, content, from + i, from + end)) {
        return false;
      }
    }
    return true;
  }

  private Path write(Path file) throws IOException {
    Files.createFile(file, permissions.ownerOnly());
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      out.write(content);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return file;
  }

  private void replace(Path file, Path fresh) throws IOException {
    try {
      // A rename replaces a symbolic link itself, never what it points to.
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      // Windows cannot replace a loaded file. Another process may have written the same file
      // before; that one can be used.
      if (!isIntact(file)) {
        throw e;
      }
    }
  }

  /**
   * This hash is only for the name of the file: the contents are compared byte by byte. A JVM that
   * has just started runs a cryptographic hash in the interpreter, which took half of the time to
   * the first record. These two checksums are native code.
   */
  private static String hash(byte[] content) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(checksum(new CRC32(), content), DIGITS)
        + hex.toHexDigits(checksum(new CRC32C(), content), DIGITS)
        + hex.toHexDigits(content.length, DIGITS);
  }

  private static long checksum(Checksum checksum, byte[] content) {
    checksum.update(content);
    return checksum.getValue();
  }
}
