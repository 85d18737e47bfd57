package io.disky.random;

import io.disky.threads.ExecutorThreads;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of a reader that decode chunks ahead of its callers, and the bound on the memory of
 * these chunks, for all calls together. Thread-safe.
 */
final class DecodingThreads {
  /** The most memory of chunks that are decoded ahead, in bytes. */
  private static final long MOST_AHEAD = 64 << 20;

  private final int count;
  private final ExecutorThreads factory = new ExecutorThreads("disky-random-access");
  private final ThreadPoolExecutor executor;
  private final AtomicLong ahead = new AtomicLong();

  /**
   * @param count the number of threads, started when there is work for them; may be 0
   */
  DecodingThreads(int count) {
    this.count = count;
    int most = Math.max(count, 1);
    this.executor =
        new ThreadPoolExecutor(
            most,
            most,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            factory,
            // The thread that needs the result then does the work itself.
            new ThreadPoolExecutor.DiscardPolicy());
    executor.allowCoreThreadTimeOut(true);
  }

  /** The number of threads. */
  int count() {
    return count;
  }

  /**
   * Lets a thread do {@code work}, unless these threads are shut down.
   *
   * @throws OutOfMemoryError if no thread can be started
   */
  void execute(Runnable work) {
    executor.execute(work);
  }

  /**
   * Counts {@code bytes} as decoded ahead if that does not exceed the bound; returns whether it
   * did.
   */
  boolean reserve(long bytes) {
    long now = ahead.get();
    while (bytes <= MOST_AHEAD - now) {
      if (ahead.compareAndSet(now, now + bytes)) {
        return true;
      }
      now = ahead.get();
    }
    return false;
  }

  /** Stops counting {@code bytes} as decoded ahead. */
  void release(long bytes) {
    ahead.addAndGet(-bytes);
  }

  /** Lets the threads begin no further work. */
  void shutdown() {
    executor.shutdownNow();
  }

  /** Shuts down, and waits until the threads have ended. */
  void end() {
    factory.end(executor);
  }
}
