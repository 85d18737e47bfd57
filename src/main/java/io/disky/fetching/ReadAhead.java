package io.disky.fetching;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a source reads ahead. They begin small, and become larger and more while the
 * source is read in order; a jump drops them. The lock of {@link Requests} guards it.
 */
final class ReadAhead {
  /** The size of the first request, in bytes, if the reader wants less. */
  private static final int FIRST = 256 << 10;

  private static final int LEAST_REQUEST = 1 << 20;

  /** When the reader seems to read in order, so many of the smallest requests are made at once. */
  private static final int FIRST_REQUESTS = 16;

  private static final int GROWTH = 16;

  private final Requests requests;
  private final FetchSettings settings;
  private final Deque<Block> blocks = new ArrayDeque<>();

  /** The number of bytes to have ahead of the reader. */
  private long window;

  /** The block in which the reader has read; the window grows when the reader comes to the next. */
  private @Nullable Block current;

  ReadAhead(Requests requests, FetchSettings settings) {
    this.requests = requests;
    this.settings = settings;
  }

  /** The block that contains {@code position}; {@code null} if there is none. */
  @Nullable Block at(long position) {
    for (Block block : blocks) {
      if (block.contains(position)) {
        return block;
      }
    }
    return null;
  }

  /**
   * A new block from {@code position} on, because none contains it.
   *
   * @param most number of bytes that the reader wants
   * @param limit the largest size of the block
   * @param end the end of the bytes that must be requested
   */
  Block begin(long position, long most, long limit, long end, List<Runnable> later) {
    clear(later);
    long begin = position / settings.alignment() * settings.alignment();
    long size = Math.max(most, FIRST) + (position - begin);
    Block block = new Block(begin, (int) Math.min(aligned(size, limit), end - begin), false);
    blocks.add(block);
    return block;
  }

  /**
   * The reader has read bytes up to {@code position}: drops earlier blocks, and adds later ones.
   *
   * @param limit the largest number of bytes ahead of the reader
   * @param end the end of the bytes that must be requested
   */
  void advance(long position, long limit, long end, List<Runnable> later) {
    Block last = blocks.peekLast();
    while (!blocks.isEmpty() && blocks.getFirst().end() <= position) {
      requests.drop(blocks.removeFirst(), later);
    }
    if (last == null || last.end() < position) {
      return;
    }
    grow(position, last, limit);
    long next = last.end();
    while (next < end && next - position < window) {
      long size = Math.max(LEAST_REQUEST, window / settings.maxRequests());
      size = aligned(size, Math.max(limit / 2, FIRST));
      Block block = new Block(next, (int) Math.min(size, end - next), false);
      if (next + block.length - position > limit) {
        return;
      }
      blocks.add(block);
      requests.addAhead(block);
      next = block.end();
    }
  }

  /** A size of a request near {@code size}, within the bounds. */
  private long aligned(long size, long limit) {
    long alignment = settings.alignment();
    long most = Math.max(Math.min(settings.requestSize(), limit) / alignment, 1);
    return Math.min(Math.ceilDiv(size, alignment), most) * alignment;
  }

  private void grow(long position, Block last, long limit) {
    Block first = blocks.peekFirst();
    boolean half = first != null && position - first.begin >= first.length / 2;
    if ((first == null || half) && current != (first == null ? last : first)) {
      current = first == null ? last : first;
      long least = (long) Math.min(FIRST_REQUESTS, settings.maxRequests()) * LEAST_REQUEST;
      window = Math.min(Math.max(window * GROWTH, least), limit);
    }
  }

  void clear(List<Runnable> later) {
    blocks.forEach(block -> requests.drop(block, later));
    blocks.clear();
    window = 0;
    current = null;
  }
}
