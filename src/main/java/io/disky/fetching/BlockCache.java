package io.disky.fetching;

import io.disky.files.FileFailures;
import io.disky.files.Sha256;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;

/**
 * Blocks of files in a directory, a file for each. Several processes use a directory at the same
 * time without locks: a block appears under its name when it is complete, and is checked when it is
 * read. A failure of the disk means that a block is not kept. Thread-safe.
 */
public final class BlockCache {
  /** The size of a block in bytes; the last block of a file is smaller. */
  static final int BLOCK = 1 << 20;

  static final String TEMPORARY = ".tmp";

  // "DISKYBLK" and the version of this format.
  private static final long MAGIC = 0x4b_4c_42_59_4b_53_49_44L;
  private static final int VERSION = 1;

  /** Magic, version, size of the block, its number, and the checksum of these and the block. */
  static final int HEADER = 8 + 4 + 4 + 8 + 8;

  private static final int CHECKSUM_AT = HEADER - 8;

  private final Path directory;
  private final long maxBytes;
  private final CacheEviction eviction;

  private BlockCache(Path directory, long maxBytes) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.eviction = new CacheEviction(directory, maxBytes);
  }

  /** Opens a cache; creates its directory if it does not exist. */
  public static BlockCache open(Path directory, long maxBytes) throws IOException {
    Path absolute = directory.toAbsolutePath();
    FileFailures.quoting(() -> {
      if (!Files.isDirectory(absolute)) {
        Files.createDirectories(absolute, access(absolute, "rwx------"));
      }
      checkAccess(absolute);
      return absolute;
    });
    return new BlockCache(absolute, maxBytes);
  }

  private static FileAttribute<?>[] access(Path path, String permissions) {
    return hasPermissions(path)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean hasPermissions(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Others who can write to the directory could replace records. */
  private static void checkAccess(Path directory) throws IOException {
    if (hasPermissions(directory)) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
      if (permissions.contains(PosixFilePermission.GROUP_WRITE)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new FileSystemException(
            directory.toString(),
            null,
            "other users may write to this directory of a cache ("
                + PosixFilePermissions.toString(permissions)
                + "); change its mode to 700, or use a new directory");
      }
    }
  }

  public Path directory() {
    return directory;
  }

  public long maxBytes() {
    return maxBytes;
  }

  /** The name under which the blocks of a version of a file are kept. */
  static String fileKey(String key, String version, long size) {
    MessageDigest digest = Sha256.digest();
    for (String part : new String[] {key, version, Long.toString(size)}) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private Path path(String fileKey, long number) {
    return group(fileKey).resolve(fileKey + "-" + number);
  }

  /** A directory for a part of the files: large directories are slow. */
  private Path group(String fileKey) {
    return directory.resolve(fileKey.substring(0, 2));
  }

  /**
   * Reads a block.
   *
   * @param target is filled completely
   * @return whether the block was there and is intact
   */
  boolean read(String fileKey, long number, MemorySegment target) {
    Path path = path(fileKey, number);
    try {
      if (readIntact(path, number, target)) {
        Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis()));
        return true;
      }
      Files.deleteIfExists(path);
    } catch (NoSuchFileException _) {
      // It is not in the cache.
    } catch (IOException _) {
      // The disk fails, so the block is read from the store.
    }
    return false;
  }

  private static boolean readIntact(Path path, long number, MemorySegment target)
      throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      ByteBuffer bytes = target.asByteBuffer();
      ByteBuffer[] both = {header, bytes};
      // The size of the file is not trusted: another process may change it.
      while (header.hasRemaining() || bytes.hasRemaining()) {
        if (channel.read(both) < 0) {
          return false;
        }
      }
      boolean atEnd = channel.read(ByteBuffer.allocate(1)) < 0;
      return atEnd && header.flip().equals(header(number, target));
    }
  }

  /** The header of a block with these bytes. */
  private static ByteBuffer header(long number, MemorySegment bytes) {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putLong(MAGIC).putInt(VERSION).putInt((int) bytes.byteSize()).putLong(number);
    CRC32C checksum = new CRC32C();
    checksum.update(header.array(), 0, CHECKSUM_AT);
    checksum.update(bytes.asByteBuffer());
    return header.putLong(checksum.getValue()).flip();
  }

  /** Keeps a block, unless the disk fails. */
  void write(String fileKey, long number, MemorySegment bytes) {
    Path path = path(fileKey, number);
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path temporary = path.resolveSibling(path.getFileName() + "." + random + TEMPORARY);
    try {
      if (Files.exists(path)) {
        return;
      }
      eviction.makeRoom(HEADER + bytes.byteSize());
      Path group = group(fileKey);
      if (!Files.isDirectory(group)) {
        Files.createDirectories(group, access(group, "rwx------"));
      }
      writeTemporary(temporary, header(number, bytes), bytes.asByteBuffer());
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException _) {
      delete(temporary);
    }
  }

  private static void writeTemporary(Path temporary, ByteBuffer header, ByteBuffer bytes)
      throws IOException {
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(temporary, options, access(temporary, "rw-------"))) {
      ByteBuffer[] both = {header, bytes};
      while (bytes.hasRemaining() || header.hasRemaining()) {
        channel.write(both);
      }
    }
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // Windows does not delete a file that is open. The next eviction tries it again.
    }
  }
}
