package io.disky;

import io.disky.CachedChunk.Memory;
import io.disky.CachedChunk.Records;
import io.disky.memory.KeptMemory;
import io.disky.memory.MemoryApart;
import io.disky.memory.NativeMemory;
import io.disky.random.FreeSpace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decoded chunks, in a bounded amount of memory that is used again and again. Which chunk makes
 * room for another is found as by a clock's hand: one that nobody wanted since the hand came by
 * last. Threads that want the same chunk wait for one of them to decode it. A chunk that is there
 * is found without a lock. Thread-safe.
 *
 * <p>A chunk for which there is no room, because it is larger than the cache or all others are
 * pinned, has memory of its own until nobody uses it.
 */
final class ChunkCache {
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
    /** How many bytes the chunk takes; called first. */
    long size() throws IOException;

    /** Decodes the chunk to memory of that size. */
    Records decode(MemorySegment segment, long begin) throws IOException;

    @Override
    void close();
  }

  /** Where chunks come from. */
  interface Source {
    Decoding decoding() throws IOException;
  }

  private final ConcurrentHashMap<Long, CachedChunk> chunks = new ConcurrentHashMap<>();
  private final Stripe[] stripes;
  private final MemoryApart apart = new MemoryApart();
  private final LongAdder decodes = new LongAdder();
  private final LongAdder memory = new LongAdder();
  private volatile boolean closed;

  /**
   * @param bytes how much memory to use at most
   * @param largest what the largest chunk may take
   */
  ChunkCache(long bytes, long largest) {
    long largestHere = Math.min(Math.min(largest, bytes), 1L << 50);
    long roomy = Math.max(MIN_STRIPE, CHUNKS_PER_STRIPE * largestHere);
    int count = Math.clamp(bytes / roomy, 1, MOST_STRIPES);
    long stripe = bytes / count / ALIGNMENT * ALIGNMENT;
    int pieces =
        Math.clamp(stripe / Math.max(MIN_PIECE, CHUNKS_PER_PIECE * largestHere), 1, PIECES);
    stripes = new Stripe[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new Stripe(stripe, stripe / pieces / ALIGNMENT * ALIGNMENT);
    }
  }

  private static long aligned(long size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** What a share of the chunks shares: memory, and who is next to make room. */
  private final class Stripe {
    private final ReentrantLock lock = new ReentrantLock();
    private final long capacity;
    private final long pieceSize;
    private final List<NativeMemory> pieces = new ArrayList<>();
    private final FreeSpace free = new FreeSpace();
    private final ArrayDeque<CachedChunk> clock = new ArrayDeque<>();
    private boolean closed;

    // After closing: how many chunks are pinned still, and therefore in the way of giving all up.
    private int pinned;

    Stripe(long capacity, long pieceSize) {
      this.capacity = capacity;
      this.pieceSize = pieceSize;
    }

    /** Pieces lie apart, so that what is free in one never joins what is free in the next. */
    private long stride() {
      return pieceSize + ALIGNMENT;
    }

    /**
     * Memory for a chunk, which from now on may make room for others when nobody has pinned it;
     * {@code null} if there is no room.
     */
    @Nullable Memory take(CachedChunk chunk, long size) {
      if (size > pieceSize) {
        return null;
      }
      lock.lock();
      try {
        Memory taken = closed ? null : find(size);
        if (taken != null) {
          clock.addLast(chunk);
        }
        return taken;
      } finally {
        lock.unlock();
      }
    }

    private @Nullable Memory find(long size) {
      long begin = free.take(size);
      while (begin < 0) {
        if (!addPiece()) {
          Memory evicted = evict();
          if (evicted == null || evicted.size() == size) {
            return evicted; // as it is in most files of chunks of one record
          }
          giveBack(evicted);
        }
        begin = free.take(size);
      }
      NativeMemory piece = pieces.get((int) (begin / stride()));
      return new Memory(piece, begin % stride(), size, false);
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

    /** The memory of a chunk that has made room; {@code null} if none can. */
    private @Nullable Memory evict() {
      int pinned = 0;
      for (int i = 2 * clock.size(); i > 0 && pinned < MOST_PINNED_SEEN; i--) {
        CachedChunk chunk = clock.removeFirst();
        if (!chunk.wasUsed()) {
          if (chunk.retire()) {
            chunks.remove(chunk.key(), chunk);
            return chunk.memory();
          }
          pinned++;
        }
        clock.addLast(chunk);
      }
      return null;
    }

    private void giveBack(Memory unused) {
      int piece = pieces.indexOf(unused.memory());
      free.give(piece * stride() + unused.begin(), unused.size());
    }

    /** Takes back the memory of a chunk that could not be decoded. */
    void give(CachedChunk chunk, Memory unused) {
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

    /** Nobody has pinned a chunk any more, of a cache that is closed. */
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
          // One that was retired meanwhile is counted, too: whoever did that is about to say so.
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

  /** The chunk with this key, pinned, if it is there. */
  @Nullable CachedChunk pinIfThere(long key) {
    CachedChunk chunk = chunks.get(key);
    if (chunk == null || !chunk.pin()) {
      return null;
    }
    if (!chunk.await()) {
      return null;
    }
    chunk.use();
    return chunk;
  }

  /**
   * The chunk with this key, pinned. It is decoded by this thread, or another one, unless it is
   * there.
   */
  CachedChunk pin(long key, Source source) throws IOException {
    while (true) {
      CachedChunk chunk = chunks.get(key);
      if (chunk == null) {
        CachedChunk fresh = new CachedChunk(key);
        chunk = chunks.putIfAbsent(key, fresh);
        if (chunk == null) {
          decode(fresh, source);
          return fresh;
        }
      }
      if (!chunk.pin()) {
        chunks.remove(key, chunk); // It is about to be.
      } else if (chunk.await()) {
        chunk.use();
        return chunk;
      }
      // Else decoding failed in another thread: this one finds out itself why.
    }
  }

  private void decode(CachedChunk chunk, Source source) throws IOException {
    long key = chunk.key();
    Memory taken = null;
    boolean decoded = false;
    try (Decoding decoding = source.decoding()) {
      taken = take(chunk, aligned(decoding.size()));
      chunk.ready(taken, decoding.decode(taken.segment(), taken.begin()));
      decoded = true;
    } finally {
      if (!decoded) {
        chunks.remove(key, chunk);
        chunk.failed();
        if (taken != null) {
          give(chunk, taken);
        }
      }
    }
    decodes.increment();
  }

  private Memory take(CachedChunk chunk, long size) {
    Memory shared = stripe(chunk.key()).take(chunk, size);
    if (shared != null) {
      return shared;
    }
    NativeMemory taken = apart.take(size);
    memory.add(taken.size());
    return new Memory(taken, 0, taken.size(), true);
  }

  private void give(CachedChunk chunk, Memory unused) {
    if (unused.apart()) {
      memory.add(-unused.size());
      apart.give(unused.memory());
    } else {
      stripe(chunk.key()).give(chunk, unused);
    }
  }

  /** Takes back the pin of a chunk. */
  void unpin(CachedChunk chunk) {
    Memory held = chunk.memory();
    if (!chunk.unpin() || held == null) {
      return;
    }
    if (held.apart() && chunk.retire()) {
      chunks.remove(chunk.key(), chunk);
      give(chunk, held);
    } else if (!held.apart() && closed && chunk.retire()) {
      stripe(chunk.key()).retired();
    }
  }

  /** How many chunks were decoded. */
  long decodes() {
    return decodes.sum();
  }

  /** How much memory there is for chunks, in bytes. */
  long memory() {
    return memory.sum();
  }

  /** Leaves all memory to others, that of pinned chunks once they are not. */
  void close() {
    closed = true;
    for (Stripe stripe : stripes) {
      stripe.close();
    }
    chunks.clear();
    apart.close();
  }
}
