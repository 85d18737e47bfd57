package io.disky.random;

import io.disky.engine.StackProof;
import io.disky.memory.KeptMemory;
import io.disky.memory.MemoryApart;
import io.disky.memory.NativeMemory;
import io.disky.random.CachedChunk.Allocation;
import io.disky.random.CachedChunk.Layout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decoded chunks, in a bounded amount of memory that further chunks reuse. The clock algorithm
 * chooses the chunk that is removed to make room: a chunk that no thread has used since the hand of
 * the clock last passed it. Threads that want the same chunk wait for one of them to decode it. A
 * chunk in the cache is found without a lock. If the cache is full, a chunk that is quick to read
 * should be put into it only when it is wanted again: see {@link #isWorthwhile}. Thread-safe.
 *
 * <p>If there is no room for a chunk, because it is larger than the cache or all others are pinned,
 * the chunk has memory of its own, which is released as soon as no thread uses the chunk.
 */
public final class ChunkCache {
  private static final long ALIGNMENT = 64;
  private static final int MOST_STRIPES = 16;
  private static final long MIN_STRIPE = 64 << 10;
  private static final long MIN_PIECE = 1 << 20;
  private static final int PIECES = 8;
  private static final int CHUNKS_PER_STRIPE = 16;
  private static final int CHUNKS_PER_PIECE = 4;
  private static final int MOST_PINNED_SEEN = 128;

  /** Decodes one chunk. */
  interface Decoding extends AutoCloseable {
    /** The memory that the chunk takes, in bytes. This method is called first. */
    long size() throws IOException;

    /** Decodes the chunk to memory of that size. */
    Layout decode(MemorySegment segment, long begin) throws IOException;

    @Override
    void close();
  }

  /** A file whose chunks are decoded. */
  interface Source {
    /** Begins to decode the chunk with this number. */
    Decoding decoding(long chunk) throws IOException;
  }

  private final ChunkTable chunks = new ChunkTable();
  private final Stripe[] stripes;
  private final long capacity;
  private final MemoryApart apart = new MemoryApart();
  private final LongAdder decodes = new LongAdder();
  private final LongAdder memory = new LongAdder();
  private volatile boolean closed;

  /**
   * @param bytes the largest amount of memory to use, in bytes
   * @param largest an upper bound on the memory that a chunk takes, in bytes
   */
  ChunkCache(long bytes, long largest) {
    long largestHere = Math.min(Math.min(largest, bytes), 1L << 50);
    long roomy = Math.max(MIN_STRIPE, CHUNKS_PER_STRIPE * largestHere);
    int count = Math.clamp(bytes / roomy, 1, MOST_STRIPES);
    long stripe = bytes / count / ALIGNMENT * ALIGNMENT;
    int pieces =
        Math.clamp(stripe / Math.max(MIN_PIECE, CHUNKS_PER_PIECE * largestHere), 1, PIECES);
    capacity = bytes;
    stripes = new Stripe[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new Stripe(stripe, stripe / pieces / ALIGNMENT * ALIGNMENT);
    }
  }

  private static long aligned(long size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** A share of the chunks, with the memory and the clock that these have in common. */
  private final class Stripe {
    private final ReentrantLock lock = new ReentrantLock();
    private final long capacity;
    private final long pieceSize;
    private final List<NativeMemory> pieces = new ArrayList<>();
    private final FreeSpace free = new FreeSpace();
    private final ArrayDeque<CachedChunk> clock = new ArrayDeque<>();
    private boolean closed;

    // Chunks that were wanted since the cache was full, and were not put into it; null before. Read
    // without the lock.
    private volatile @Nullable RecentKeys wanted;

    // After closing: how many chunks are still pinned. The memory is released after the last one.
    private int pinned;

    Stripe(long capacity, long pieceSize) {
      this.capacity = capacity;
      this.pieceSize = pieceSize;
    }

    /**
     * The pieces do not adjoin, so that free space of one piece never joins free space of the next.
     */
    private long stride() {
      return pieceSize + ALIGNMENT;
    }

    /**
     * Allocates memory for a chunk; returns {@code null} if there is no room. From now on the chunk
     * may be removed to make room for others while no thread has pinned it.
     */
    @Nullable Allocation take(CachedChunk chunk, long size) {
      if (size > pieceSize) {
        becomeFull(0);
        return null;
      }
      lock.lock();
      try {
        Allocation taken = closed ? null : find(size);
        if (taken != null) {
          clock.addLast(chunk);
        }
        return taken;
      } finally {
        lock.unlock();
      }
    }

    private @Nullable Allocation find(long size) {
      long begin = free.take(size);
      while (begin < 0) {
        if (!addPiece()) {
          becomeFull(clock.size());
          Allocation evicted = evict();
          if (evicted == null || evicted.size() == size) {
            return evicted; // Chunks with one record are common.
          }
          giveBack(evicted);
        }
        begin = free.take(size);
      }
      NativeMemory piece = pieces.get((int) (begin / stride()));
      return new Allocation(piece, begin % stride(), size, false);
    }

    private void becomeFull(int count) {
      if (wanted == null) {
        wanted = new RecentKeys(2 * count);
      }
    }

    private boolean addPiece() {
      if ((pieces.size() + 1) * pieceSize > capacity) {
        return false;
      }
      pieces.add(KeptMemory.takeTightOrAllocate(pieceSize));
      memory.add(pieceSize);
      free.give((pieces.size() - 1) * stride(), pieceSize);
      return true;
    }

    /** Removes a chunk and returns its memory; returns {@code null} if no chunk can be removed. */
    private @Nullable Allocation evict() {
      int pinned = 0;
      for (int i = 2 * clock.size(); i > 0 && pinned < MOST_PINNED_SEEN; i--) {
        CachedChunk chunk = clock.removeFirst();
        if (!chunk.wasUsed()) {
          if (chunk.retire()) {
            chunks.remove(chunk);
            return chunk.allocation();
          }
          pinned++;
        }
        clock.addLast(chunk);
      }
      return null;
    }

    private void giveBack(Allocation unused) {
      int piece = pieces.indexOf(unused.memory());
      free.give(piece * stride() + unused.begin(), unused.size());
    }

    /** Takes back the memory of a chunk that could not be decoded. */
    void give(CachedChunk chunk, Allocation unused) {
      lock.lock();
      try {
        if (closed) {
          retired();
        } else {
          clock.remove(chunk);
          giveBack(unused);
        }
      } finally {
        lock.unlock();
      }
    }

    /** Counts a chunk of a closed cache whose last pin was taken back. */
    void retired() {
      lock.lock();
      try {
        pinned--;
        leavePieces();
      } finally {
        lock.unlock();
      }
    }

    void close() {
      lock.lock();
      try {
        if (!closed) {
          closed = true;
          // A chunk that another thread retired meanwhile is counted, too: that thread is about to
          // call retired().
          clock.removeIf(CachedChunk::retire);
          pinned += clock.size();
          clock.clear();
          leavePieces();
        }
      } finally {
        lock.unlock();
      }
    }

    private void leavePieces() {
      if (closed && pinned == 0) {
        memory.add(-pieces.size() * pieceSize);
        pieces.forEach(KeptMemory::give);
        pieces.clear();
      }
    }
  }

  private Stripe stripe(long key) {
    long mixed = (key * 0x9e3779b97f4a7c15L) >>> 32;
    return stripes[(int) (mixed % stripes.length)];
  }

  /**
   * The chunk with this key, pinned. If it is not in the cache, this thread or another one decodes
   * it.
   *
   * @param key the key in the cache
   * @param source the file of the chunk
   * @param number the number of the chunk in that file
   */
  CachedChunk pin(long key, Source source, long number) throws IOException {
    while (true) {
      CachedChunk chunk = chunks.get(key);
      if (chunk == null) {
        StackProof.require(); // Other threads may wait for the chunk as soon as it is in the map.
        CachedChunk fresh = new CachedChunk(key);
        chunk = chunks.putIfAbsent(fresh);
        if (chunk == null) {
          decode(fresh, source, number);
          return fresh;
        }
      }
      if (!chunk.pin()) {
        chunks.remove(chunk); // The thread that retired the chunk is about to remove it.
      } else if (chunk.await()) {
        chunk.use();
        return chunk;
      }
      // Decoding failed in another thread: this thread also tries it, and gets the failure itself.
    }
  }

  /** The chunk with this key, pinned; {@code null} if it is not in the cache. */
  @Nullable CachedChunk pinPresent(long key) {
    CachedChunk chunk = chunks.get(key);
    if (chunk == null || !chunk.pin() || !chunk.await()) {
      return null;
    }
    chunk.use();
    return chunk;
  }

  /**
   * Whether to put a chunk into the cache that is not there and is quick to read. Not if another
   * chunk would have to make room for it, unless the chunk was wanted a short time before: most
   * chunks that were wanted once are not wanted again while they are in the cache.
   */
  boolean isWorthwhile(long key) {
    RecentKeys wanted = stripe(key).wanted;
    return wanted == null || wanted.add(key);
  }

  private void decode(CachedChunk chunk, Source source, long number) throws IOException {
    Allocation taken = null;
    boolean decoded = false;
    try (Decoding decoding = source.decoding(number)) {
      taken = take(chunk, aligned(decoding.size()));
      chunk.ready(taken, decoding.decode(taken.segment(), taken.begin()));
      decoded = true;
    } finally {
      if (!decoded) {
        chunks.remove(chunk);
        chunk.failed();
        if (taken != null) {
          give(chunk, taken);
        }
      }
    }
    decodes.increment();
  }

  private Allocation take(CachedChunk chunk, long size) {
    Allocation shared = stripe(chunk.key()).take(chunk, size);
    if (shared != null) {
      return shared;
    }
    NativeMemory taken = apart.take(size);
    memory.add(taken.size());
    return new Allocation(taken, 0, taken.size(), true);
  }

  private void give(CachedChunk chunk, Allocation unused) {
    if (unused.apart()) {
      memory.add(-unused.size());
      apart.give(unused.memory());
    } else {
      stripe(chunk.key()).give(chunk, unused);
    }
  }

  /** Takes back the pin of a chunk. */
  void unpin(CachedChunk chunk) {
    Allocation held = chunk.allocation();
    if (!chunk.unpin() || held == null) {
      return;
    }
    if (held.apart() && chunk.retire()) {
      chunks.remove(chunk);
      give(chunk, held);
    } else if (!held.apart() && closed && chunk.retire()) {
      stripe(chunk.key()).retired();
    }
  }

  /** Returns whether the chunk with this key is in the cache, or a thread is decoding it. */
  boolean holds(long key) {
    return chunks.get(key) != null;
  }

  /** The largest amount of memory that chunks in the cache take, in bytes. */
  long capacity() {
    return capacity;
  }

  /** Memory for chunks that are not put into the cache; {@link #giveBeyond} takes it back. */
  NativeMemory takeBeyond(long size) {
    NativeMemory taken = KeptMemory.takeTightOrAllocate(size);
    memory.add(taken.size());
    return taken;
  }

  /** Takes back memory that nobody can access any more. */
  void giveBeyond(NativeMemory taken) {
    memory.add(-taken.size());
    KeptMemory.give(taken);
  }

  /** Counts chunks that were decoded but not put into the cache. */
  void countDecodes(int count) {
    decodes.add(count);
  }

  /** How many chunks were decoded. */
  public long decodes() {
    return decodes.sum();
  }

  /** The memory that is allocated for chunks, in bytes. */
  public long memory() {
    return memory.sum();
  }

  /**
   * Releases all memory. The memory of a pinned chunk is released after its last pin was taken
   * back.
   */
  void close() {
    closed = true;
    for (Stripe stripe : stripes) {
      stripe.close();
    }
    chunks.clear();
    apart.close();
  }
}
