package io.disky.random;

import io.disky.random.HeldChunk.State;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Decoded chunks of {@link IndexedFiles} that stay in memory until they are released, in addition
 * to the cache. Threads that hold the same chunk share it. The memory of released chunks is used
 * for further chunks: together, it is never more than the most that was held at one time, until
 * {@link #close}. In the long run this allocates nothing on the Java heap. Thread-safe.
 */
public final class HeldChunks {
  private final IndexedFiles files;

  // How many chunks the table has: other threads read it without the lock.
  private final AtomicInteger count = new AtomicInteger();

  // This object's monitor guards the fields below.
  private @Nullable HeldChunk[] table = new HeldChunk[16];
  private final ArrayDeque<HeldChunk> unused = new ArrayDeque<>();
  private long heldBytes;
  private long unusedBytes;
  private long mostHeld;
  private boolean closed;

  public HeldChunks(IndexedFiles files) {
    this.files = files;
  }

  /**
   * Holds a chunk, after decoding it if nobody holds it. A chunk that cannot be read because of its
   * contents is held without memory.
   *
   * @param chunk how many chunks of the sequence are before it
   * @return the chunk, to be {@linkplain #release released} once for each call of this method
   * @throws IOException if reading fails for another reason than the contents of the chunk
   */
  public HeldChunk hold(long chunk) throws IOException {
    files.enter();
    while (true) {
      HeldChunk fresh = null;
      HeldChunk held;
      synchronized (this) {
        held = find(chunk);
        if (held == null) {
          fresh = begin(chunk);
          insert(fresh);
        } else {
          held.holders++;
        }
      }
      if (fresh != null) {
        decode(fresh, chunk);
        return fresh;
      }
      if (held != null && await(held)) {
        return held;
      }
    }
  }

  /**
   * Holds a chunk that somebody else holds; {@code null} if nobody does. Waits for a thread that is
   * decoding it.
   */
  @Nullable HeldChunk share(long chunk) {
    if (count.get() == 0) {
      return null;
    }
    HeldChunk held;
    synchronized (this) {
      held = find(chunk);
      if (held == null) {
        return null;
      }
      held.holders++;
    }
    return await(held) ? held : null;
  }

  /** Whether somebody holds a chunk. */
  boolean holds(long chunk) {
    if (count.get() == 0) {
      return false;
    }
    synchronized (this) {
      return find(chunk) != null;
    }
  }

  /** Decodes a chunk and holds it, for the caller alone. Fails as {@link #hold} does. */
  HeldChunk decodeAlone(long chunk) throws IOException {
    HeldChunk fresh = begin(chunk);
    decode(fresh, chunk);
    return fresh;
  }

  /** A chunk for the caller to decode, with memory that is likely to be large enough. */
  private synchronized HeldChunk begin(long chunk) {
    IndexedFile file = files.fileOfChunk(chunk);
    HeldChunk fresh = takeUnused(file.index().likelyDataSize(chunk - file.firstChunk()));
    fresh.key = chunk;
    fresh.holders = 1;
    fresh.state = State.DECODING;
    return fresh;
  }

  private HeldChunk takeUnused(long size) {
    for (int i = unused.size(); i > 0; i--) {
      HeldChunk next = unused.removeLast();
      if (next.suits(size)) {
        unusedBytes -= next.bytes();
        return next;
      }
      unused.addFirst(next);
    }
    return new HeldChunk(files.cache());
  }

  private void decode(HeldChunk fresh, long chunk) throws IOException {
    boolean decoded = false;
    try {
      IndexedFile file = files.fileOfChunk(chunk);
      fresh.decode(file, chunk - file.firstChunk());
      decoded = true;
    } finally {
      settle(fresh, decoded);
    }
  }

  private synchronized void settle(HeldChunk fresh, boolean decoded) {
    if (decoded) {
      fresh.state = State.READY;
      heldBytes += fresh.bytes();
      mostHeld = Math.max(mostHeld, heldBytes);
      freeExcess();
    } else {
      fresh.state = State.ABANDONED;
      remove(fresh);
      fresh.holders--;
    }
    notifyAll();
  }

  /**
   * Waits until the chunk is decoded. If it is abandoned, returns {@code false} and releases it.
   */
  private synchronized boolean await(HeldChunk held) {
    boolean interrupted = false;
    while (held.state == State.DECODING) {
      try {
        wait();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (held.state == State.READY) {
      return true;
    }
    held.holders--; // It has no memory, so nothing else is to be released.
    return false;
  }

  /** Ends one hold of a chunk. Its memory is used again after the last one has ended. */
  public synchronized void release(HeldChunk held) {
    held.holders--;
    if (held.holders > 0) {
      return;
    }
    remove(held);
    heldBytes -= held.bytes();
    if (held.bytes() > 0) {
      unusedBytes += held.bytes();
      unused.addLast(held);
    }
    if (closed) {
      freeUnused();
    }
    freeExcess();
  }

  /** Frees unused memory, so that there is never more than once was held. */
  private void freeExcess() {
    while (heldBytes + unusedBytes > mostHeld && !unused.isEmpty()) {
      HeldChunk freed = unused.removeFirst();
      unusedBytes -= freed.bytes();
      freed.free();
    }
  }

  private void freeUnused() {
    unused.forEach(HeldChunk::free);
    unused.clear();
    unusedBytes = 0;
  }

  /** Frees all memory that is unused, now or later. */
  public synchronized void close() {
    closed = true;
    freeUnused();
  }

  private static int hash(long chunk, int length) {
    return (int) ((chunk * 0x9e3779b97f4a7c15L) >>> 32) & (length - 1);
  }

  private @Nullable HeldChunk find(long chunk) {
    HeldChunk found = table[hash(chunk, table.length)];
    while (found != null && found.key != chunk) {
      found = found.next;
    }
    return found;
  }

  private void insert(HeldChunk fresh) {
    if (count.get() == table.length) {
      grow();
    }
    int at = hash(fresh.key, table.length);
    fresh.next = table[at];
    table[at] = fresh;
    count.incrementAndGet();
  }

  private void grow() {
    @Nullable HeldChunk[] small = table;
    table = new HeldChunk[2 * small.length];
    for (HeldChunk first : small) {
      HeldChunk moved = first;
      while (moved != null) {
        HeldChunk after = moved.next;
        int at = hash(moved.key, table.length);
        moved.next = table[at];
        table[at] = moved;
        moved = after;
      }
    }
  }

  /** Removes a chunk from the table, unless it is not in it: chunks decoded alone are not. */
  private void remove(HeldChunk held) {
    int at = hash(held.key, table.length);
    HeldChunk before = null;
    HeldChunk found = table[at];
    while (found != null && found != held) {
      before = found;
      found = found.next;
    }
    if (found == null) {
      return;
    }
    if (before == null) {
      table[at] = held.next;
    } else {
      before.next = held.next;
    }
    held.next = null;
    count.decrementAndGet();
  }
}
