package io.disky;

import io.disky.internal.NativeException;
import io.disky.internal.NativeReader;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Native readers of one open file, for as many threads as read it at once, up to a bound. Taking
 * and giving takes no lock. Thread-safe.
 */
final class SharedReaders {
  // More than this many requests at once no disk answers faster, and each reader has buffers.
  private static final int MOST = Math.max(32, 4 * Runtime.getRuntime().availableProcessors());

  // Reads nothing itself.
  private final NativeReader origin;

  private final ReentrantLock sharing = new ReentrantLock();
  private final String name;
  private final Semaphore permits = new Semaphore(MOST);
  private final ConcurrentLinkedQueue<NativeReader> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Takes over {@code origin}. */
  SharedReaders(NativeReader origin, String name) {
    this.origin = origin;
    this.name = name;
  }

  /**
   * A reader that nobody else uses, until it is given back.
   *
   * @throws IllegalStateException if these readers are closed
   */
  NativeReader take() throws NativeException {
    permits.acquireUninterruptibly();
    boolean taken = false;
    try {
      if (closed) {
        throw new IllegalStateException("the reader of " + name + " is closed");
      }
      NativeReader reader = idle.poll();
      if (reader == null) {
        reader = share();
      }
      taken = true;
      return reader;
    } finally {
      if (!taken) {
        permits.release();
      }
    }
  }

  private NativeReader share() throws NativeException {
    sharing.lock();
    try {
      return origin.share();
    } finally {
      sharing.unlock();
    }
  }

  void give(NativeReader reader) {
    idle.add(reader);
    permits.release();
  }

  /** Waits until all are given back, and closes the file. */
  void close() {
    closed = true;
    permits.acquireUninterruptibly(MOST);
    try {
      for (NativeReader reader = idle.poll(); reader != null; reader = idle.poll()) {
        reader.close();
      }
      origin.close();
    } finally {
      permits.release(MOST);
    }
  }
}
