package io.disky.fetching;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Blocks of files on a disk. */
public final class BlockCache {
  private final Path directory;
  private final long maxBytes;

  private BlockCache(Path directory, long maxBytes) {
    this.directory = directory;
    this.maxBytes = maxBytes;
  }

  public static BlockCache open(Path directory, long maxBytes) throws IOException {
    Files.createDirectories(directory);
    return new BlockCache(directory, maxBytes);
  }

  public Path directory() {
    return directory;
  }

  public long maxBytes() {
    return maxBytes;
  }
}
