package io.disky.random;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which parts of a stretch of memory are free. The smallest one that is large enough is taken;
 * neighbours that are free become one. Not thread-safe.
 */
public final class FreeSpace {
  private record Part(long size, long begin) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
      int bySize = Long.compare(size, other.size);
      return bySize != 0 ? bySize : Long.compare(begin, other.begin);
    }
  }

  private final TreeMap<Long, Long> sizes = new TreeMap<>(); // by begin
  private final TreeSet<Part> parts = new TreeSet<>();

  /** Takes {@code size} bytes; returns where they begin, or -1 if no free part is large enough. */
  public long take(long size) {
    Part part = parts.ceiling(new Part(size, 0));
    if (part == null) {
      return -1;
    }
    remove(part);
    if (part.size > size) {
      add(new Part(part.size - size, part.begin + size));
    }
    return part.begin;
  }

  /** Makes {@code size} bytes from {@code begin} free, which are not. */
  public void give(long begin, long size) {
    long from = begin;
    long to = begin + size;
    Map.Entry<Long, Long> before = sizes.floorEntry(begin);
    if (before != null && before.getKey() + before.getValue() == begin) {
      from = before.getKey();
      remove(new Part(before.getValue(), from));
    }
    Long after = sizes.get(to);
    if (after != null) {
      remove(new Part(after, to));
      to += after;
    }
    add(new Part(to - from, from));
  }

  private void add(Part part) {
    sizes.put(part.begin, part.size);
    parts.add(part);
  }

  private void remove(Part part) {
    sizes.remove(part.begin);
    parts.remove(part);
  }
}
