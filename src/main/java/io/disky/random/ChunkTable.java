package io.disky.random;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Chunks by their keys. Finding a chunk takes no lock and, because keys are not boxed, allocates
 * nothing. Thread-safe.
 */
final class ChunkTable {
  private static final int TABLES = 16; // a power of two: 4 bits of the hash choose the table
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private final Part[] parts = new Part[TABLES];

  ChunkTable() {
    for (int i = 0; i < TABLES; i++) {
      parts[i] = new Part();
    }
  }

  private Part part(long key) {
    return parts[(int) ((key * MIX) >>> 60)];
  }

  /**
   * The chunk with a key; {@code null} if there is none. May miss a chunk that another thread adds
   * meanwhile, or while another thread adds other chunks: {@link #putIfAbsent} misses none.
   */
  @Nullable CachedChunk get(long key) {
    return part(key).get(key);
  }

  /** Adds {@code fresh} unless there is a chunk with its key, which this method then returns. */
  @Nullable CachedChunk putIfAbsent(CachedChunk fresh) {
    return part(fresh.key()).putIfAbsent(fresh);
  }

  /** Removes {@code chunk}, if it is there. */
  void remove(CachedChunk chunk) {
    part(chunk.key()).remove(chunk);
  }

  /** Removes all chunks. */
  void clear() {
    for (Part part : parts) {
      part.clear();
    }
  }

  /**
   * A share of the chunks. Readers go along the lists of chunks while another thread changes them:
   * each list always ends, because a chunk is only ever linked to chunks that were in the list
   * before it, and a chunk that was removed is not added again.
   */
  private static final class Part {
    private static final int FEWEST = 16;

    private volatile AtomicReferenceArray<@Nullable CachedChunk> heads =
        new AtomicReferenceArray<>(FEWEST);

    private int count; // guarded by this object's monitor

    private static int place(long key, int length) {
      return (int) ((key * MIX) >>> 28) & (length - 1);
    }

    @Nullable CachedChunk get(long key) {
      AtomicReferenceArray<@Nullable CachedChunk> all = heads;
      CachedChunk found = all.get(place(key, all.length()));
      while (found != null && found.key() != key) {
        found = found.next();
      }
      return found;
    }

    synchronized @Nullable CachedChunk putIfAbsent(CachedChunk fresh) {
      CachedChunk found = get(fresh.key());
      if (found != null) {
        return found;
      }
      if (count == heads.length()) {
        grow();
      }
      AtomicReferenceArray<@Nullable CachedChunk> all = heads;
      int place = place(fresh.key(), all.length());
      fresh.link(all.get(place));
      all.set(place, fresh);
      count++;
      return null;
    }

    private void grow() {
      AtomicReferenceArray<@Nullable CachedChunk> small = heads;
      AtomicReferenceArray<@Nullable CachedChunk> large =
          new AtomicReferenceArray<>(2 * small.length());
      for (int i = 0; i < small.length(); i++) {
        CachedChunk moved = small.get(i);
        while (moved != null) {
          CachedChunk after = moved.next();
          int place = place(moved.key(), large.length());
          moved.link(large.get(place));
          large.set(place, moved);
          moved = after;
        }
      }
      heads = large;
    }

    synchronized void remove(CachedChunk chunk) {
      AtomicReferenceArray<@Nullable CachedChunk> all = heads;
      int place = place(chunk.key(), all.length());
      CachedChunk before = null;
      CachedChunk found = all.get(place);
      while (found != null && found != chunk) {
        before = found;
        found = found.next();
      }
      if (found == null) {
        return;
      }
      if (before == null) {
        all.set(place, chunk.next());
      } else {
        before.link(chunk.next());
      }
      count--;
    }

    synchronized void clear() {
      heads = new AtomicReferenceArray<>(FEWEST);
      count = 0;
    }
  }
}
