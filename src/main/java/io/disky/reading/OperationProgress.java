package io.disky.reading;

import io.disky.threads.Callbacks;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reports to the user's listener how far an operation on a complete file has come. It calls the
 * listener at most once for each MiB, and one call at a time. Thread-safe.
 */
public final class OperationProgress {
  private static final long LEAST = 1 << 20;

  private final @Nullable LongConsumer listener;
  private final Callbacks callbacks;
  private long reached;
  private long reported;

  /**
   * @param listener gets the bytes that are done; {@code null} for nobody
   * @param callbacks the user's code that the reader is calling
   */
  public OperationProgress(@Nullable LongConsumer listener, Callbacks callbacks) {
    this.listener = listener;
    this.callbacks = callbacks;
  }

  /** Returns whether there is a listener. */
  public boolean isWanted() {
    return listener != null;
  }

  /** Begins an operation. */
  public synchronized void begin() {
    reached = 0;
    reported = 0;
  }

  /** The operation has done {@code bytes} bytes, unless it has reported more before. */
  public synchronized void at(long bytes) {
    reached = Math.max(reached, bytes);
    if (listener == null || reached - reported < LEAST) {
      return;
    }
    reported = reached;
    String outer = callbacks.begin("progress listener");
    try {
      listener.accept(reached);
    } finally {
      callbacks.end(outer);
    }
  }

  /** The operation has done {@code bytes} more bytes. */
  public synchronized void add(long bytes) {
    at(reached + bytes);
  }
}
