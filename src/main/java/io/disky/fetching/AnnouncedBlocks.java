package io.disky.fetching;

import java.util.ArrayList;
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
   * @return the new blocks
   */
  List<Block> add(List<ByteRange> ranges, long end, FetchSettings settings) {
    List<ByteRange> missing = new ArrayList<>();
    for (ByteRange range : ranges) {
      addMissing(Math.max(range.begin(), 0), Math.min(range.end(), end), missing);
    }
    List<Block> added = new ArrayList<>();
    int size = size(missing, settings);
    for (int from = 0; from < missing.size(); ) {
      from = addRun(missing, from, size, settings.maxGap(), added);
    }
    return added;
  }

  /** Adds to {@code missing} the parts of a range that no block contains. */
  private void addMissing(long begin, long end, List<ByteRange> missing) {
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
        block.want(new ByteRange(from, to));
      }
      from = to;
    }
  }

  /** The size of requests: as large as possible, if there is work for all of them. */
  private static int size(List<ByteRange> ranges, FetchSettings settings) {
    long total = 0;
    for (ByteRange range : ranges) {
      total += range.end() - range.begin();
    }
    long share = total / settings.maxRequests();
    return (int) Math.min(Math.max(share, LEAST_REQUEST), limit(settings));
  }

  private static long limit(FetchSettings settings) {
    return Math.min(settings.requestSize(), settings.maxMemory() / 8);
  }

  /**
   * Adds blocks for a run of ranges with small gaps, from index {@code from} on.
   *
   * @return the index of the first range after the run
   */
  private int addRun(List<ByteRange> ranges, int from, int size, int maxGap, List<Block> added) {
    long begin = ranges.get(from).begin();
    long end = ranges.get(from).end();
    int to = from + 1;
    while (to < ranges.size() && joins(ranges.get(to), begin, end, size, maxGap)) {
      end = ranges.get(to).end();
      to++;
    }
    for (long part = begin; part < end; part += size) {
      Block block = new Block(part, (int) Math.min(size, end - part), true);
      for (ByteRange range : ranges.subList(from, to)) {
        long first = Math.max(range.begin(), block.begin);
        long last = Math.min(range.end(), block.end());
        if (first < last) {
          block.want(new ByteRange(first, last));
        }
      }
      blocks.put(part, block);
      added.add(block);
    }
    return to;
  }

  private boolean joins(ByteRange next, long begin, long end, int size, int maxGap) {
    long gap = next.begin() - end;
    if (gap < 0 || gap > maxGap || next.end() - begin > size) {
      return false;
    }
    // Another block in the gap would be read twice.
    Long other = blocks.ceilingKey(end);
    return gap == 0 || other == null || other >= next.begin();
  }
}
