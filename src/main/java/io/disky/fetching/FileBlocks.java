package io.disky.fetching;

import java.lang.foreign.MemorySegment;

/** The blocks of one version of a file in a cache. */
final class FileBlocks {
  private final BlockCache cache;
  private final String key;
  private final long fileSize;

  /** The end of the bytes that are cached; those after it are read whenever the file is opened. */
  private final long end;

  private final FetchCounters counters;

  FileBlocks(BlockCache cache, String fileKey, FileVersion file, long end, FetchCounters counters) {
    this.cache = cache;
    this.key = BlockCache.fileKey(fileKey, file.version(), file.size());
    this.fileSize = file.size();
    this.end = end;
    this.counters = counters;
  }

  long fileSize() {
    return fileSize;
  }

  /** The number of bytes of the block that begins at {@code begin}. */
  private long length(long begin) {
    return Math.min(BlockCache.BLOCK, end - begin);
  }

  /** Reads as many blocks as are there, one after the other; returns the number of bytes. */
  int read(long begin, MemorySegment target) {
    int filled = 0;
    long length = length(begin);
    while (begin % BlockCache.BLOCK == 0 && length > 0 && filled + length <= target.byteSize()) {
      long number = (begin + filled) / BlockCache.BLOCK;
      if (!cache.read(key, number, target.asSlice(filled, length))) {
        break;
      }
      counters.cacheHits.increment();
      counters.cacheBytes.add(length);
      filled += (int) length;
      length = length(begin + filled);
    }
    return filled;
  }

  /** Keeps the complete blocks in {@code bytes}, which begin at {@code begin}. */
  void write(long begin, MemorySegment bytes) {
    long first = Math.ceilDiv(begin, BlockCache.BLOCK) * BlockCache.BLOCK;
    for (long at = first; length(at) > 0; at += BlockCache.BLOCK) {
      if (at + length(at) > begin + bytes.byteSize()) {
        return;
      }
      cache.write(key, at / BlockCache.BLOCK, bytes.asSlice(at - begin, length(at)));
    }
  }
}
