package io.disky.fetching;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The blocks of announced ranges, which do not overlap. The lock of {@link Requests} guards it. */
final class AnnouncedBlocks {
  // Smaller requests would not be faster, and the price of most stores is per request.
  private static final int LEAST_REQUEST = 1 << 20;

  private final TreeMap<Long, Block> blocks = new TreeMap<>();

  /** The block that contains {@code position}; {@code null} if there is none. */
  @Nullable Block at(long position) {
    Map.Entry<Long, Block> entry = blocks.floorEntry(position);
    return entry != null && entry.getValue().contains(position) ? entry.getValue() : null;
  }

  void remove(Block block) {
    blocks.remove(block.begin, block);
  }

  boolean isEmpty() {
    return blocks.isEmpty();
  }

  /**
   * Adds blocks for {@code ranges}, in their order.
   *
   * @param end the end of the bytes that must be requested
   * @param busy number of requests that other blocks than these ones keep busy
   * @param by the announcement to which the ranges belong
   * @return the new blocks
   */
  List<Block> add(
      List<ByteRange> ranges, long end, int busy, FetchSettings settings, Announcement by) {
    List<ByteRange> missing = new ArrayList<>();
    for (ByteRange range : ranges) {
      addMissing(Math.max(range.begin(), 0), Math.min(range.end(), end), missing, by);
    }
    missing.sort(Comparator.comparingLong(ByteRange::begin));
    List<Block> added = new ArrayList<>();
    int size = size(missing, settings.maxRequests() - busy - blocks.size(), settings);
    for (int from = 0; from < missing.size(); ) {
      from = addRun(missing, from, end, size, settings, added, by);
    }
    return added;
  }

  /** Adds to {@code missing} the parts of a range that no block contains. */
  private void addMissing(long begin, long end, List<ByteRange> missing, Announcement by) {
    long from = begin;
    while (from < end) {
      Block block = at(from);
      long to;
      if (block == null) {
        Long next = blocks.higherKey(from);
        to = next == null ? end : Math.min(end, next);
        missing.add(new ByteRange(from, to));
      } else {
        to = Math.min(end, block.end());
        block.want(new ByteRange(from, to), by);
      }
      from = to;
    }
  }

  /**
   * The size of requests: as large as possible, if there is work for all of them.
   *
   * @param idle number of requests for which there is no other work
   */
  private static int size(List<ByteRange> ranges, int idle, FetchSettings settings) {
    long total = 0;
    for (ByteRange range : ranges) {
      total += range.end() - range.begin();
    }
    long share = Math.max(total / Math.max(idle, 1), LEAST_REQUEST);
    return (int) Math.min(Math.max(down(share, settings), settings.alignment()), most(settings));
  }

  /** The largest size of a request. */
  private static int most(FetchSettings settings) {
    long limit = Math.min(settings.requestSize(), settings.maxMemory() / 8);
    return (int) Math.max(down(limit, settings), settings.alignment());
  }

  private static long down(long value, FetchSettings settings) {
    return value / settings.alignment() * settings.alignment();
  }

  /** A run of ranges with small gaps. */
  private record Run(int from, int to, long begin, long end) {}

  /**
   * Adds blocks for the run of ranges that begins at index {@code from}.
   *
   * @return the index of the first range after the run
   */
  private int addRun(
      List<ByteRange> ranges,
      int from,
      long end,
      int size,
      FetchSettings settings,
      List<Block> added,
      Announcement by) {
    Run run = run(ranges, from, end, size, settings);
    int most = partSize(run.end - run.begin, size, settings);
    int next = run.from;
    for (long part = run.begin; part < run.end; part += most) {
      Block block = new Block(part, (int) Math.min(most, run.end - part), true);
      next = want(block, ranges, next, run.to, by);
      blocks.put(part, block);
      added.add(block);
    }
    return run.to;
  }

  /**
   * Announces the ranges {@code from} to {@code to}, or parts of them, that are within a block.
   *
   * @param from the index of the first range that ends after the block begins
   * @return the index of the first range that ends after the block
   */
  private static int want(Block block, List<ByteRange> ranges, int from, int to, Announcement by) {
    int index = from;
    while (index < to && ranges.get(index).begin() < block.end()) {
      ByteRange range = ranges.get(index);
      long first = Math.max(range.begin(), block.begin);
      long last = Math.min(range.end(), block.end());
      if (first < last) {
        block.want(new ByteRange(first, last), by);
      }
      if (range.end() > block.end()) {
        break;
      }
      index++;
    }
    return index;
  }

  /** The size near {@code size} of equal parts, so that no small part remains. */
  private static int partSize(long length, int size, FetchSettings settings) {
    long parts = Math.max(1, (length + size / 2) / size);
    long alignment = settings.alignment();
    long part = Math.ceilDiv(Math.ceilDiv(length, parts), alignment) * alignment;
    return (int) Math.min(part, most(settings));
  }

  private Run run(
      List<ByteRange> ranges, int from, long fileEnd, int size, FetchSettings settings) {
    long begin = down(ranges.get(from).begin(), settings);
    long end = up(ranges.get(from), fileEnd, settings);
    int to = from + 1;
    while (to < ranges.size()) {
      ByteRange next = ranges.get(to);
      long gap = down(next.begin(), settings) - end;
      long nextEnd = up(next, fileEnd, settings);
      // Aligned ranges can overlap: these must be in the same run. Neighbours can be, of any
      // length.
      boolean small = gap <= 0 || (gap <= settings.maxGap() && nextEnd - begin <= size);
      if (!small || isBetween(end, next.begin())) {
        break;
      }
      end = Math.max(end, nextEnd);
      to++;
    }
    return new Run(from, to, begin, end);
  }

  /** The end of a range: the next multiple of the alignment that is within the file. */
  private static long up(ByteRange range, long fileEnd, FetchSettings settings) {
    long alignment = settings.alignment();
    return Math.min(fileEnd, Math.ceilDiv(range.end(), alignment) * alignment);
  }

  /** Whether a block is between {@code end} and {@code begin}: it would be read twice. */
  private boolean isBetween(long end, long begin) {
    Long other = blocks.ceilingKey(end);
    return begin > end && other != null && other < begin;
  }
}
