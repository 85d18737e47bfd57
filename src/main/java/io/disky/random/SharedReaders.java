package io.disky.random;

import io.disky.engine.ChunkRead;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Native readers of one open file: one for each thread that is reading the file, up to a bound. A
 * thread gets the same reader as before if that is free; this takes no lock. Thread-safe.
 */
public final class SharedReaders {
  // A disk is not faster with more requests at once than this, and each reader has buffers.
  static final int MOST =
      Integer.highestOneBit(Math.max(32, 4 * Runtime.getRuntime().availableProcessors()));

  // Cells of different threads lie in different cache lines.
  private static final int STRIDE = 16;

  /** A reader, and memory for small chunks that are decoded before their final memory is known. */
  public static final class SharedReader {
    private final NativeReader engine;
    private @Nullable Scratch scratch;
    private @Nullable ChunkRead chunks;

    private SharedReader(NativeReader engine) {
      this.engine = engine;
    }

    public NativeReader engine() {
      return engine;
    }

    Scratch scratch() {
      Scratch made = scratch;
      if (made == null) {
        made = new Scratch();
        scratch = made;
      }
      return made;
    }

    /**
     * Leaves the memory to the caller, who can keep it when this reader is given back, until {@link
     * SharedReaders#give(Scratch)}.
     */
    Scratch takeScratch() {
      Scratch taken = scratch();
      scratch = null;
      return taken;
    }

    private void give(Scratch given) {
      if (scratch == null) {
        scratch = given;
      } else {
        given.free();
      }
    }

    /** Decodes chunks with the engine. */
    ChunkRead chunks() {
      ChunkRead made = chunks;
      if (made == null) {
        made = new ChunkRead(engine);
        chunks = made;
      }
      return made;
    }

    private void close() {
      engine.close();
      if (scratch != null) {
        scratch.free();
        scratch = null;
      }
    }
  }

  // This reader never reads; it only opens further readers of the same open file.
  private final NativeReader original;

  private final String name;
  private final AtomicReferenceArray<@Nullable SharedReader> idle =
      new AtomicReferenceArray<>(MOST * STRIDE);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();
  private int shared; // guarded by the lock
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean closed;

  /**
   * Takes over {@code original}.
   *
   * @param name the name of the file, as messages have it
   */
  public SharedReaders(NativeReader original, String name) {
    this.original = original;
    this.name = name;
  }

  /**
   * Takes a reader that no other thread uses until it is given back.
   *
   * @throws IllegalStateException if these readers are closed
   */
  public SharedReader take() throws EngineException {
    SharedReader reader = poll();
    if (reader == null) {
      reader = awaitOne();
    }
    if (closed) {
      give(reader);
      throw closed();
    }
    return reader;
  }

  private IllegalStateException closed() {
    return new IllegalStateException("the reader of " + name + " is closed");
  }

  private static int preferred() {
    return (int) ((Thread.currentThread().threadId() * 0x9e3779b97f4a7c15L) >>> 32) & (MOST - 1);
  }

  private static int cell(int preferred, int next) {
    return ((preferred + next) & (MOST - 1)) * STRIDE;
  }

  private @Nullable SharedReader poll() {
    int preferred = preferred();
    for (int i = 0; i < MOST; i++) {
      int cell = cell(preferred, i);
      // Reads first: writing null over null would take the cache line from the thread of the cell.
      SharedReader reader = idle.get(cell) == null ? null : idle.getAndSet(cell, null);
      if (reader != null) {
        return reader;
      }
    }
    return null;
  }

  /** A reader that is given back, or a new one. */
  private SharedReader awaitOne() throws EngineException {
    lock.lock();
    waiting.incrementAndGet();
    try {
      SharedReader reader = poll();
      while (reader == null) {
        if (closed) {
          throw closed();
        }
        if (shared < MOST) {
          reader = new SharedReader(original.share());
          shared++;
        } else {
          given.awaitUninterruptibly();
          reader = poll();
        }
      }
      return reader;
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
  }

  /** Gives a reader back. */
  public void give(SharedReader reader) {
    int preferred = preferred();
    int next = 0;
    // There are as many cells as readers.
    while (!idle.compareAndSet(cell(preferred, next), null, reader)) {
      next++;
    }
    // A thread that waits has counted itself before it looked at the cells again.
    if (waiting.get() > 0) {
      lock.lock();
      try {
        given.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Gives memory to a reader that is not in use, or to others. */
  void give(Scratch scratch) {
    SharedReader reader = poll();
    if (reader == null) {
      scratch.free();
    } else {
      reader.give(scratch);
      give(reader);
    }
  }

  /** Waits until all readers are given back, and closes the file. */
  public void close() {
    closed = true;
    lock.lock();
    waiting.incrementAndGet();
    try {
      given.signalAll();
      while (shared > 0) {
        SharedReader reader = poll();
        if (reader == null) {
          given.awaitUninterruptibly();
        } else {
          reader.close();
          shared--;
        }
      }
      original.close();
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
  }
}
