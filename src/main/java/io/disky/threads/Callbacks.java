package io.disky.threads;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The user's code that an object is calling in the middle of an operation. That code must not begin
 * another operation on the object, because the object is in an intermediate state. Thread-safe.
 */
public final class Callbacks {
  private final String what;
  private final Map<Thread, String> running = new ConcurrentHashMap<>();

  /** The callbacks of an object that messages call {@code what}. */
  public Callbacks(String what) {
    this.what = what;
  }

  /**
   * Records that the current thread is about to call {@code callback}, a name for messages.
   *
   * @return the argument for {@link #end} after the callback has returned
   */
  public @Nullable String begin(String callback) {
    return running.put(Thread.currentThread(), callback);
  }

  /**
   * Records that the callback has returned. {@code outer} is the result of {@link #begin}: the
   * callback during which this one was called, if any.
   */
  public void end(@Nullable String outer) {
    if (outer == null) {
      running.remove(Thread.currentThread());
    } else {
      running.put(Thread.currentThread(), outer);
    }
  }

  /** Runs {@code code}, which is the callback that messages call {@code callback}. */
  public void run(String callback, Runnable code) {
    String outer = begin(callback);
    try {
      code.run();
    } finally {
      end(outer);
    }
  }

  /**
   * Checks that the current thread can begin an operation that changes the object in several steps:
   * the thread is in none of the object's callbacks, and its stack has room for the operation.
   *
   * @throws IllegalStateException if it is in a callback of the object
   * @throws StackOverflowError if its stack has no room
   */
  public void enter() {
    check();
    StackRoom.require();
  }

  /**
   * Checks that the current thread is in none of the object's callbacks.
   *
   * @throws IllegalStateException if it is in one
   */
  public void check() {
    if (!running.isEmpty()) {
      String callback = running.get(Thread.currentThread());
      if (callback != null) {
        throw new IllegalStateException(
            what + " cannot be used by its own " + callback + ": return from it first");
      }
    }
  }

  /** Whether the current thread is in a callback of the object. */
  public boolean isCalling() {
    return running.get(Thread.currentThread()) != null;
  }

  /** The failure of an operation on an object that is closed. */
  public IllegalStateException closed() {
    return new IllegalStateException(what + " is closed");
  }
}
