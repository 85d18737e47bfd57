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

  /** The announced ranges that were not read yet, ascending. */
  private final List<ByteRange> unread = new ArrayList<>();

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
  void want(ByteRange range) {
    unread.add(range);
  }

  /** Whether all announced ranges were read, now that {@code begin} to {@code end} is read. */
  boolean isReadAfter(long begin, long end) {
    for (int i = unread.size() - 1; i >= 0; i--) {
      ByteRange range = unread.get(i);
      if (range.begin() >= end || range.end() <= begin) {
        continue;
      }
      unread.remove(i);
      if (range.end() > end) {
        unread.add(i, new ByteRange(end, range.end()));
      }
      if (range.begin() < begin) {
        unread.add(i, new ByteRange(range.begin(), begin));
      }
    }
    return unread.isEmpty();
  }
}
