package io.disky.remote;

import io.disky.fetching.BlockCache;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Keeps bytes of remote files on a disk, so that later readers need no request for them.
 *
 * <p>A cache is a directory, which several processes can use at the same time. It keeps blocks of 1
 * MiB by the {@linkplain RemoteFile#cacheKey key} and the version of their file: a file that was
 * replaced is read again. Files with a {@linkplain RemoteRange#weak() weak version} are not kept,
 * because a replacement might not be noticed. Each miss requests 1 MiB or more, so for a few
 * records of a large file, no cache costs less. Each block is checked by a checksum when it is
 * read; a damaged block is removed and read from the store. If the cache is full, the blocks that
 * were used least recently are removed. Failures of the disk are not failures of readers, which
 * then read from the store. Thread-safe.
 */
public final class RemoteCache {
  final BlockCache blocks;

  private RemoteCache(BlockCache blocks) {
    this.blocks = blocks;
  }

  /**
   * Opens a cache.
   *
   * @param directory is created if it does not exist; only its owner may then read it
   * @param maxBytes the largest size of all blocks together, in bytes; at least 16 MiB. Processes
   *     that write at the same time may exceed it for a moment
   * @throws IllegalArgumentException if {@code maxBytes} is less than 16 MiB
   * @throws IOException if the directory cannot be created, or is not a directory
   */
  public static RemoteCache open(Path directory, long maxBytes) throws IOException {
    if (maxBytes < 16 << 20) {
      throw new IllegalArgumentException(
          "the size of the cache is " + maxBytes + " bytes; it must be at least 16 MiB");
    }
    return new RemoteCache(BlockCache.open(directory, maxBytes));
  }

  /** The directory. */
  public Path directory() {
    return blocks.directory();
  }

  /** The largest size of all blocks together, in bytes. */
  public long maxBytes() {
    return blocks.maxBytes();
  }

  @Override
  public String toString() {
    return "RemoteCache[" + directory() + ", maxBytes=" + maxBytes() + "]";
  }
}
