package io.disky.fetching;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are read while a record file is opened: its beginning, and the index before its end.
 * The engine reads them several times, in small parts. For one thread.
 */
final class OpeningBytes {
  /** The most bytes of the beginning that one request reads. */
  private static final long BEGIN = 128 << 10;

  /** The most bytes before the end that one request reads. */
  private static final long END = 4 << 20;

  /** The chunk before an index is read, too. */
  private static final long BEFORE = 64 << 10;

  private static final long MOST_KEPT = 8 << 20;

  private final TreeMap<Long, MemorySegment> kept = new TreeMap<>();
  private final List<ByteRange> requested = new ArrayList<>();
  private long size;

  /** Kept bytes at {@code position}; {@code null} if there are none. */
  @Nullable MemorySegment find(long position, long most) {
    Map.Entry<Long, MemorySegment> entry = kept.floorEntry(position);
    if (entry == null || position - entry.getKey() >= entry.getValue().byteSize()) {
      return null;
    }
    MemorySegment bytes = entry.getValue().asSlice(position - entry.getKey());
    return bytes.asSlice(0, Math.min(most, bytes.byteSize()));
  }

  void add(long position, MemorySegment bytes) {
    if (bytes.byteSize() <= MOST_KEPT - size) {
      kept.put(position, Arena.ofAuto().allocate(bytes.byteSize(), 1).copyFrom(bytes));
      size += bytes.byteSize();
    }
  }

  /**
   * What to request if {@code needed} is needed.
   *
   * @param tail the bytes from here on were read already
   */
  ByteRange toRequest(ByteRange needed, long tail) {
    ByteRange range = needed;
    if (requested.stream().anyMatch(each -> contains(each, needed.begin()))) {
      return needed;
    } else if (needed.begin() < BEGIN) {
      range = new ByteRange(0, Math.max(BEGIN, needed.end()));
    } else if (needed.begin() < tail && tail - needed.begin() <= END) {
      range = new ByteRange(Math.max(0, needed.begin() - BEFORE), Math.max(tail, needed.end()));
    }
    requested.add(range);
    return range;
  }

  private static boolean contains(ByteRange range, long position) {
    return range.begin() <= position && position < range.end();
  }
}
