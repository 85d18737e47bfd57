package io.disky.reading;

import io.disky.fetching.Announcement;
import io.disky.fetching.ByteRange;
import io.disky.fetching.FetchedFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a remote file that was announced for threads that decode ahead. Each of them reads
 * single chunks, so the file would not notice that they read it in order. Thread-safe.
 */
final class AnnouncedPart {
  private static final int SHARE_OF_MEMORY = 4;

  private final FetchedFile file;
  private final long end;
  private final long size;

  // Neighbouring ranges were announced from here on, up to the position next.
  private @Nullable Announcement announcement;
  private long first;
  private long next;

  // The threads were here.
  private long begin;

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
    passed(position);
    Announcement into;
    ByteRange part;
    synchronized (this) {
      part = part(position);
      if (announcement == null) {
        announcement = new Announcement(file);
        first = position;
      }
      into = announcement;
    }
    if (part.begin() < part.end()) {
      into.add(List.of(part));
    }
  }

  private ByteRange part(long position) {
    boolean inside = announcement != null && position >= begin && position <= next;
    long from = inside ? next : position;
    long to = Math.min(end, position + size);
    if (inside && to < end && to - from < size / 2) {
      return new ByteRange(from, from);
    }
    begin = position;
    next = Math.max(from, to);
    return new ByteRange(from, next);
  }

  /** The reader is at {@code position}: if it was moved, the announced part is not read. */
  void passed(long position) {
    Announcement left = null;
    synchronized (this) {
      if (position < first || position > next) {
        left = announcement;
        announcement = null;
      }
    }
    if (left != null) {
      left.withdraw();
    }
  }

  /** Stops the file: threads that wait for its bytes get an exception. */
  void stop() {
    file.stop();
  }
}
