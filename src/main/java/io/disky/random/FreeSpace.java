package io.disky.random;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The free gaps of a stretch of memory. Memory is taken from the smallest gap that is large enough;
 * neighbouring gaps become one. Not thread-safe.
 */
public final class FreeSpace {
  private record Gap(long size, long begin) implements Comparable<Gap> {
    @Override
    public int compareTo(Gap other) {
      int bySize = Long.compare(size, other.size);
      return bySize != 0 ? bySize : Long.compare(begin, other.begin);
    }
  }

  private final TreeMap<Long, Long> sizes = new TreeMap<>(); // by begin
  private final TreeSet<Gap> gaps = new TreeSet<>();

  /** Takes {@code size} bytes; returns where they begin, or -1 if no gap is large enough. */
  public long take(long size) {
    Gap gap = gaps.ceiling(new Gap(size, 0));
    if (gap == null) {
      return -1;
    }
    remove(gap);
    if (gap.size > size) {
      add(new Gap(gap.size - size, gap.begin + size));
    }
    return gap.begin;
  }

  /** Makes {@code size} taken bytes at {@code begin} free again. */
  public void give(long begin, long size) {
    long from = begin;
    long to = begin + size;
    Map.Entry<Long, Long> before = sizes.floorEntry(begin);
    if (before != null && before.getKey() + before.getValue() == begin) {
      from = before.getKey();
      remove(new Gap(before.getValue(), from));
    }
    Long after = sizes.get(to);
    if (after != null) {
      remove(new Gap(after, to));
      to += after;
    }
    add(new Gap(to - from, from));
  }

  private void add(Gap gap) {
    sizes.put(gap.begin, gap.size);
    gaps.add(gap);
  }

  private void remove(Gap gap) {
    sizes.remove(gap.begin);
    gaps.remove(gap);
  }
}
