package io.disky.random;

import io.disky.fetching.Announcement;
import io.disky.fetching.ByteRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Announces chunks to the remote files that have them, so that requests for them are made at the
 * same time. Chunks of local files, and chunks in the cache, are left out. For one thread.
 */
public final class AnnouncedChunks implements AutoCloseable {
  // A range takes some hundred bytes of the Java heap until it is read.
  private static final int MOST = 1 << 14;

  private final IndexedFiles files;
  private final List<ByteRange> ranges = new ArrayList<>();
  private final Map<IndexedFile, Announcement> announcements = new LinkedHashMap<>();
  private @Nullable IndexedFile file;

  // How far the numbers of a call are announced, and from which number on more are announced.
  private int announced;
  private int refill;

  AnnouncedChunks(IndexedFiles files) {
    this.files = files;
  }

  /**
   * Announces the chunks that have records, as far as that is useful now.
   *
   * @param records ascending numbers of records; the same array for all calls
   * @param next the index of the number that is read next
   */
  void advance(long[] records, int next) {
    if (!files.hasRemote() || next < refill || announced == records.length) {
      return;
    }
    int from = announced;
    int count = 0;
    while (announced < records.length && count < MOST) {
      IndexedChunk found = files.find(records[announced]);
      add(found.file(), found.number(), found.key());
      long end = found.firstRecord() + found.entry().records();
      do {
        announced++;
      } while (announced < records.length && records[announced] < end);
      count++;
    }
    flush();
    refill = from + (announced - from) / 2;
  }

  /** Announces a chunk, at the latest with {@link #flush}. Those of a file ascend. */
  void add(IndexedFile of, long chunk, long key) {
    if (!of.isRemote() || files.cache().holds(key)) {
      return;
    }
    if (!of.equals(file)) {
      flush();
      file = of;
    }
    ranges.add(new ByteRange(of.index().begin(chunk), of.index().end(chunk)));
  }

  /** Announces the chunks that were added. */
  void flush() {
    IndexedFile of = file;
    if (of != null && !ranges.isEmpty()) {
      Announcement into = announcements.get(of);
      if (into == null) {
        into = of.announcement();
        announcements.put(of, into);
      }
      into.add(List.copyOf(ranges));
    }
    ranges.clear();
    file = null;
  }

  /** Withdraws the chunks that were not read. More can be announced after that. */
  @Override
  public void close() {
    announcements.values().forEach(Announcement::withdraw);
    announcements.clear();
  }
}
