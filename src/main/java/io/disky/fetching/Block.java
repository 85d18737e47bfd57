package io.disky.fetching;

import io.disky.memory.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Neighbouring bytes of the file that one request reads. The lock of {@link Requests} guards all
 * fields.
 */
final class Block {
  /** What has happened to a block. */
  enum State {
    /** It has neither a request nor memory. */
    WAITING,
    RUNNING,
    DONE,
    FAILED,
    /** Nobody needs it. */
    DROPPED
  }

  final long begin;
  final int length;
  final boolean announced;

  /** An announced range that was not read yet. */
  private record Unread(ByteRange range, Announcement by) {}

  private final List<Unread> unread = new ArrayList<>();

  /** Number of announced blocks that were announced before. */
  long order;

  State state = State.WAITING;
  boolean queued;
  @Nullable NativeMemory memory;
  @Nullable FetchFailure failure;
  @Nullable BlockRequest request;

  /** Whether its bytes are being written to the cache. The memory stays until that is done. */
  boolean storing;

  /** Number of readers that wait for this block or copy from it. It is then not evicted. */
  int users;

  Block(long begin, int length, boolean announced) {
    this.begin = begin;
    this.length = length;
    this.announced = announced;
  }

  long end() {
    return begin + length;
  }

  boolean contains(long position) {
    return position >= begin && position < end();
  }

  boolean isOver() {
    return state == State.DONE || state == State.FAILED || state == State.DROPPED;
  }

  /** Bytes that the block counts: kept memory may be an eighth larger than needed. */
  long cost() {
    return length + length / 8L;
  }

  /** Announces {@code range}, which is within this block. */
  void want(ByteRange range, Announcement by) {
    unread.add(new Unread(range, by));
    by.joins(this);
  }

  /** Returns whether nobody else has announced bytes of this block that were not read yet. */
  boolean withdraw(Announcement by) {
    unread.removeIf(each -> each.by.equals(by));
    return unread.isEmpty();
  }

  /**
   * Whether all announced ranges were read or withdrawn, now that {@code begin} to {@code end} is
   * read.
   */
  boolean isReadAfter(long begin, long end) {
    for (int i = unread.size() - 1; i >= 0 && begin < end; i--) {
      Announcement by = unread.get(i).by;
      ByteRange range = unread.get(i).range;
      if (range.begin() >= end || range.end() <= begin) {
        continue;
      }
      unread.remove(i);
      if (range.end() > end) {
        unread.add(i, new Unread(new ByteRange(end, range.end()), by));
      }
      if (range.begin() < begin) {
        unread.add(i, new Unread(new ByteRange(range.begin(), begin), by));
      }
    }
    return unread.isEmpty();
  }
}
