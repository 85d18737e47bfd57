package io.disky.shuffling;

import io.disky.threads.Interruption;
import java.io.InterruptedIOException;
import java.util.function.LongConsumer;

/** Reports the progress of a shuffle, and ends it if the thread is interrupted. For one thread. */
final class ShuffleSteps {
  private static final long STEP = 1 << 20;
  private static final long RECORD = 16; // added for each record, so that empty ones count, too

  private final String name;
  private final LongConsumer listener;
  private long done;
  private long sinceStep;

  /**
   * Begins with nothing done.
   *
   * @param name the name of the records in messages
   * @param listener gets the bytes of the records that were read or written
   */
  ShuffleSteps(String name, LongConsumer listener) {
    this.name = name;
    this.listener = listener;
  }

  /** Counts a record that was read or written. */
  void add(long size) throws InterruptedIOException {
    done += size;
    sinceStep += size + RECORD;
    if (sinceStep >= STEP) {
      sinceStep = 0;
      check();
      listener.accept(done);
    }
  }

  /**
   * Checks that the thread is not interrupted.
   *
   * @throws InterruptedIOException if it is; it stays interrupted
   */
  void check() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw Interruption.exception(name, "shuffling records", null);
    }
  }
}
