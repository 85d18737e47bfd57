package io.disky.reading;

import io.disky.threads.Callbacks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the batches of a stream, and those that nobody has closed. Thread-safe. */
public final class StreamedBatches {
  private static final Logger LOGGER = System.getLogger("io.disky");

  private final String name;
  private final Callbacks callbacks;
  private final AtomicLong handedOut = new AtomicLong();
  private final AtomicLong open = new AtomicLong();
  private final AtomicBoolean reported = new AtomicBoolean();

  /**
   * @param name the file's name, quoted for messages
   */
  public StreamedBatches(String name, Callbacks callbacks) {
    this.name = name;
    this.callbacks = callbacks;
  }

  /** Counts a batch that the stream hands out. */
  public void handOut() {
    handedOut.incrementAndGet();
    open.incrementAndGet();
  }

  /** Counts a batch that was closed. */
  public void close() {
    open.decrementAndGet();
  }

  /** Logs how many batches are open, if any are. Only the first such call logs. */
  public void report() {
    long left = open.get();
    if (left == 0 || reported.getAndSet(true)) {
      return;
    }
    String outer = callbacks.begin("logger");
    try {
      LOGGER.log(
          Level.WARNING,
          "{0}: {1} of {2} batches that batches() handed out were not closed; their memory stays in"
              + " use until the garbage collector finds them: close each batch",
          name,
          Long.toString(left),
          Long.toString(handedOut.get()));
    } finally {
      callbacks.end(outer);
    }
  }
}
