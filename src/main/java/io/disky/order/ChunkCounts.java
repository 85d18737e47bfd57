package io.disky.order;

import java.util.Arrays;

/**
 * Counts, for each chunk, the records that are in a set of records. Chunks without records take no
 * memory.
 */
final class ChunkCounts {
  private static final int SMALLEST = 16;

  // A hash table with linear probing, at most half full. A place with count 0 is free.
  private long[] chunks = new long[SMALLEST];
  private int[] counts = new int[SMALLEST];
  private int used;

  void clear() {
    Arrays.fill(counts, 0);
    used = 0;
  }

  /** Number of records of a chunk. */
  int get(long chunk) {
    return counts[find(chunk)];
  }

  /** Adds a record of a chunk. */
  void add(long chunk) {
    int place = find(chunk);
    chunks[place] = chunk;
    if (counts[place]++ == 0 && ++used > counts.length / 2) {
      grow();
    }
  }

  /** Removes a record of a chunk that has one. */
  void remove(long chunk) {
    int place = find(chunk);
    if (--counts[place] == 0) {
      used--;
      closeGap(place);
    }
  }

  /** Moves chunks back, so that no free place is between a chunk and its first choice. */
  private void closeGap(int free) {
    int mask = counts.length - 1;
    int gap = free;
    for (int at = (gap + 1) & mask; counts[at] > 0; at = (at + 1) & mask) {
      int steps = (at - firstChoice(chunks[at])) & mask;
      if (steps >= ((at - gap) & mask)) {
        chunks[gap] = chunks[at];
        counts[gap] = counts[at];
        counts[at] = 0;
        gap = at;
      }
    }
  }

  private void grow() {
    long[] oldChunks = chunks;
    int[] oldCounts = counts;
    chunks = new long[2 * oldChunks.length];
    counts = new int[chunks.length];
    for (int i = 0; i < oldChunks.length; i++) {
      if (oldCounts[i] > 0) {
        int place = find(oldChunks[i]);
        chunks[place] = oldChunks[i];
        counts[place] = oldCounts[i];
      }
    }
  }

  /** The place of a chunk, or the free place where it belongs. */
  private int find(long chunk) {
    int mask = counts.length - 1;
    int place = firstChoice(chunk);
    while (counts[place] > 0 && chunks[place] != chunk) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private int firstChoice(long chunk) {
    return (int) OrderKey.mix(chunk) & (counts.length - 1);
  }
}
