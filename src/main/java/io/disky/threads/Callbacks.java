package io.disky.threads;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The user's code that an object is calling in the middle of an operation: that code must not begin
 * another operation on the object, which would find it half done. Thread-safe.
 */
public final class Callbacks {
  private final String what;
  private final Map<Thread, String> running = new ConcurrentHashMap<>();

  /** Of an object that is called {@code what} in messages. */
  public Callbacks(String what) {
    this.what = what;
  }

  /**
   * The current thread is about to call {@code callback}, as messages call it.
   *
   * @return what is to be given to {@link #end} when that has returned
   */
  public @Nullable String begin(String callback) {
    return running.put(Thread.currentThread(), callback);
  }

  /** The callback has returned; {@code outer} is the one that it was called in, if any. */
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
            what + " cannot be used by its own " + callback + ": return from that first");
      }
    }
  }

  /** The failure of an operation on the object after that was closed. */
  public IllegalStateException closed() {
    return new IllegalStateException(what + " is closed");
  }
}
