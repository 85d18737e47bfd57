package io.disky.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes forgotten native objects count: a file descriptor and native buffers hang on each, which
 * the garbage collector does not see. When many are open it is asked to look for forgotten ones, so
 * that a program that forgets to close does not run out of descriptors while its heap is still
 * roomy. A program that really has many open pays for one collection each time their number
 * doubles.
 */
final class HandlePressure {
  private static final int FEW = 512;
  private static final int ROUNDS = 20;
  private static final long ROUND_MILLIS = 5;

  private static final AtomicInteger OPEN = new AtomicInteger();
  private static volatile int limit = FEW;

  private HandlePressure() {}

  static void opened() {
    if (OPEN.incrementAndGet() > limit) {
      collect();
    }
  }

  static void freed() {
    OPEN.decrementAndGet();
  }

  private static synchronized void collect() {
    int before = OPEN.get();
    if (before <= limit) {
      return;
    }
    System.gc();
    awaitCleaner(before / 2);
    limit = Math.max(FEW, 2 * OPEN.get());
  }

  /** Gives the cleaner's thread a moment, but no more: nothing may have been forgotten at all. */
  private static void awaitCleaner(int enough) {
    try {
      for (int round = 0; round < ROUNDS && OPEN.get() > enough; round++) {
        TimeUnit.MILLISECONDS.sleep(ROUND_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
