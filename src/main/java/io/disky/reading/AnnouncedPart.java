package io.disky.reading;

import io.disky.fetching.ByteRange;
import io.disky.fetching.FetchedFile;
import java.util.List;

/**
 * The part of a remote file that was announced for threads that decode ahead. Each of them reads
 * single chunks, so the file would not notice that they read it in order. Thread-safe.
 */
final class AnnouncedPart {
  private static final int SHARE_OF_MEMORY = 4;

  private final FetchedFile file;
  private final long end;
  private final long size;
  private long begin;
  private long next;

  /**
   * @param end nothing after this position is read
   */
  AnnouncedPart(FetchedFile file, long end) {
    this.file = file;
    this.end = end;
    this.size = file.maxMemory() / SHARE_OF_MEMORY;
  }

  /** Threads will read from {@code position} on. */
  void advance(long position) {
    ByteRange part = part(position);
    if (part.begin() < part.end()) {
      file.announce(List.of(part));
    }
  }

  private synchronized ByteRange part(long position) {
    boolean inside = position >= begin && position <= next;
    long from = inside ? next : position;
    long to = Math.min(end, position + size);
    if (inside && to < end && to - from < size / 2) {
      return new ByteRange(from, from);
    }
    begin = position;
    next = Math.max(from, to);
    return new ByteRange(from, next);
  }
}
