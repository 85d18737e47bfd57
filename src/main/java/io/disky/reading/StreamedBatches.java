package io.disky.reading;

import io.disky.memory.DecodedChunk;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts the batches of a stream, and those that nobody has closed. Thread-safe. */
public final class StreamedBatches {
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

  /**
   * Takes a chunk for the next batch. If that fails, {@link #report()} does nothing from then on:
   * other threads of the stream may still be using their batches when the reader is closed.
   */
  public @Nullable DecodedChunk orFail(BatchSpliterator.Source<DecodedChunk> chunks)
      throws IOException {
    boolean failed = true;
    try {
      DecodedChunk chunk = chunks.take();
      failed = false;
      return chunk;
    } finally {
      if (failed) {
        reported.set(true);
      }
    }
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
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "{0}: {1} of {2} batches that batches() handed out are not closed: close each batch, or its"
                  + " memory stays in use until the garbage collector finds it",
              name,
              Long.toString(left),
              Long.toString(handedOut.get()));
    } finally {
      callbacks.end(outer);
    }
  }
}
