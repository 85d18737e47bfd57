package io.disky.fetching;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Deletes the blocks of a cache that were used least recently, so that its directory does not
 * become too large. The sizes of all files are read again after this process has written a share of
 * the bound, because other processes write, too. Thread-safe.
 */
final class CacheEviction {
  private static final int SHARE = 16;
  private static final long OLD = Duration.ofHours(1).toMillis();

  // Some more is deleted than necessary, so that not every block evicts another one.
  private static final double LEFT = 0.9;

  private final Path directory;
  private final long maxBytes;

  /** The size of all files, as far as this process knows it. */
  private long bytes;

  private long unscanned = Long.MAX_VALUE;

  CacheEviction(Path directory, long maxBytes) {
    this.directory = directory;
    this.maxBytes = maxBytes;
  }

  private record Entry(Path file, long size, long lastUse) {}

  /** Makes room for a file of {@code size} bytes, which is then written. */
  synchronized void makeRoom(long size) throws IOException {
    if (unscanned > maxBytes / SHARE || bytes + size > maxBytes) {
      scan(size);
    }
    bytes += size;
    unscanned += size;
  }

  private void scan(long room) throws IOException {
    Path lock = directory.resolve("lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      List<Entry> entries = entries();
      bytes = entries.stream().mapToLong(Entry::size).sum();
      unscanned = 0;
      if (held != null && bytes + room > maxBytes) {
        evict(entries, (long) (maxBytes * LEFT) - room);
      }
    } catch (OverlappingFileLockException _) {
      // Another cache in this process is deleting files.
      unscanned = 0;
    }
  }

  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    long now = System.currentTimeMillis();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            long lastUse = attributes.lastModifiedTime().toMillis();
            boolean left = file.toString().endsWith(BlockCache.TEMPORARY) && lastUse < now - OLD;
            if (left) { // by a process that was killed
              BlockCache.delete(file);
            } else if (attributes.isRegularFile()) {
              entries.add(new Entry(file, attributes.size(), lastUse));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE; // deleted in the meantime
          }
        });
    return entries;
  }

  private void evict(List<Entry> entries, long left) {
    entries.sort(Comparator.comparingLong(Entry::lastUse));
    for (Entry entry : entries) {
      if (bytes <= left) {
        return;
      }
      if (isBlock(entry.file())) {
        BlockCache.delete(entry.file());
        bytes -= entry.size();
      }
    }
  }

  /** Whether a file is a block: other files are not the cache's. */
  private static boolean isBlock(Path file) {
    return String.valueOf(file.getFileName()).matches("[0-9a-f]{64}-\\d+");
  }
}
