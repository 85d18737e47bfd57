package io.disky.order;

import java.util.Arrays;

/**
 * The windows of a pass: consecutive chunks of a permuted order. Each window has as many chunks as
 * fit into the bound, and at least one. The bounds of a window are computed when they are first
 * needed, together with those of all windows before it, and then take 16 bytes.
 */
final class Windows {
  private static final int BLOCK_BITS = 10;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private final ChunkLayout layout;
  private final KeyedPermutation chunkOrder;
  private final long bytes;

  // For each window that was found, in blocks: the index of its first chunk in the order, and its
  // first position.
  private long[][] firstChunks = new long[1][];
  private long[][] firstPositions = new long[1][];
  private long found;

  // Where the next window begins.
  private long nextChunk;
  private long nextPosition;

  /**
   * Finds no window yet.
   *
   * @param chunkOrder the chunk at each index of the order
   * @param bytes the bound for the sum of the sizes of the chunks of a window
   */
  Windows(ChunkLayout layout, KeyedPermutation chunkOrder, long bytes) {
    this.layout = layout;
    this.chunkOrder = chunkOrder;
    this.bytes = bytes;
  }

  /** The number of the window that has a position, which must be below the number of records. */
  long at(long position) {
    while (nextPosition <= position) {
      findNext();
    }
    return floor(firstPositions, position);
  }

  /** The number of the window that has the chunk at an index of the order. */
  long ofChunk(long index) {
    while (nextChunk <= index) {
      findNext();
    }
    return floor(firstChunks, index);
  }

  /** The first position of a window that was found. */
  long firstPosition(long window) {
    return get(firstPositions, window);
  }

  /** The position after the last one of a window that was found. */
  long endPosition(long window) {
    return window + 1 == found ? nextPosition : get(firstPositions, window + 1);
  }

  /** The index of the first chunk, in the order, of a window that was found. */
  long firstChunk(long window) {
    return get(firstChunks, window);
  }

  /** The index after that of the last chunk, in the order, of a window that was found. */
  long endChunk(long window) {
    return window + 1 == found ? nextChunk : get(firstChunks, window + 1);
  }

  private void findNext() {
    long index = nextChunk;
    long position = nextPosition;
    long sum = 0;
    while (index < chunkOrder.size()) {
      long chunk = chunkOrder.at(index);
      long size = layout.bytes(chunk);
      if (index > nextChunk && size > bytes - sum) {
        break;
      }
      sum += size;
      position += layout.firstRecord(chunk + 1) - layout.firstRecord(chunk);
      index++;
    }
    if (index == nextChunk) {
      throw new IndexOutOfBoundsException("There is no window after chunk " + index + ".");
    }
    firstChunks = append(firstChunks, nextChunk);
    firstPositions = append(firstPositions, nextPosition);
    found++;
    nextChunk = index;
    nextPosition = position;
  }

  /** Blocks instead of one array, because a growing array would take more than it has elements. */
  private long[][] append(long[][] blocks, long value) {
    int block = (int) (found >>> BLOCK_BITS);
    long[][] enough = blocks;
    if (block == blocks.length) {
      enough = Arrays.copyOf(blocks, 2 * block);
    }
    if ((found & (BLOCK - 1)) == 0) {
      enough[block] = new long[BLOCK];
    }
    enough[block][(int) (found & (BLOCK - 1))] = value;
    return enough;
  }

  private static long get(long[][] blocks, long window) {
    return blocks[(int) (window >>> BLOCK_BITS)][(int) (window & (BLOCK - 1))];
  }

  /** The last window whose value is at most {@code value}. */
  private long floor(long[][] blocks, long value) {
    long low = 0;
    long high = found - 1;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (get(blocks, middle) <= value) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
