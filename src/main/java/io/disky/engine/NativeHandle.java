package io.disky.engine;

import io.disky.threads.ForgottenObjects;
import io.disky.threads.StackRoom;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * A native object and its end: freed once, after {@link #free()} or, if its Java owner was
 * forgotten, after the garbage collector found that owner unreachable. Calls that are running at
 * that moment keep the object alive; the last of them frees it. Thread-safe.
 */
final class NativeHandle {
  // The object holds a file descriptor and buffers of the engine. To allocate this weight takes as
  // long as to open a small file, so the weight counts only if many objects exist. A program that
  // closes its objects then does not pay for it; a program that forgets them has a few more open.
  private static final long WEIGHT = 64 << 10;
  private static final int FEW = 64;
  private static final AtomicInteger EXISTING = new AtomicInteger();

  // For each place in the code that makes a call: the class of its lambda is the key.
  private static final ClassValue<StackRoom> ROOM =
      new ClassValue<>() {
        @Override
        protected StackRoom computeValue(Class<?> place) {
          return new StackRoom();
        }
      };

  private final Release release;
  private final Cleaner.Cleanable cleanable;

  /** A call of the native library on the object; returns its status. */
  @FunctionalInterface
  interface Call {
    int make(MemorySegment pointer);
  }

  /**
   * @param owner whose reachability keeps the object alive
   * @param pointer the native object
   * @param free frees it and returns a status
   * @param what the name in messages, for example {@code reader of a.disky}
   * @param report whether to log that the owner was forgotten
   */
  NativeHandle(
      Object owner,
      MemorySegment pointer,
      ToIntFunction<MemorySegment> free,
      String what,
      boolean report) {
    this.release = new Release(pointer, free, what, report);
    long weight = EXISTING.incrementAndGet() > FEW ? WEIGHT : 0;
    this.cleanable = ForgottenObjects.registerNative(owner, release, weight);
  }

  /**
   * Makes a call, during which the object is not freed.
   *
   * @throws IllegalStateException if the object was freed, or will be freed after the running calls
   */
  int call(Call call) {
    StackRoom room = ROOM.get(call.getClass());
    room.check();
    release.acquire();
    try {
      int status = call.make(release.pointer);
      room.used();
      return status;
    } finally {
      release.release();
    }
  }

  /**
   * Frees the native object, unless that was done before. If calls are running, the last of them
   * frees it.
   */
  void free() {
    StackRoom room = ROOM.get(release.free.getClass());
    room.check();
    release.forgotten = false;
    cleanable.clean();
    room.used();
  }

  /** This object must not refer to the owner. */
  private static final class Release implements Runnable {
    private static final int CLOSED = Integer.MIN_VALUE;

    private final MemorySegment pointer;
    private final ToIntFunction<MemorySegment> free;
    private final String what;
    private final boolean report;

    // The number of running calls, plus CLOSED when no more calls may begin. It is not in the
    // native object, because that may be freed before the number is read.
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean forgotten = true;

    Release(MemorySegment pointer, ToIntFunction<MemorySegment> free, String what, boolean report) {
      this.pointer = pointer;
      this.free = free;
      this.what = what;
      this.report = report;
    }

    void acquire() {
      int now = calls.get();
      while (now >= 0) {
        int before = calls.compareAndExchange(now, now + 1);
        if (before == now) {
          return;
        }
        now = before;
      }
      throw new IllegalStateException("the " + what + " is closed");
    }

    void release() {
      if (calls.decrementAndGet() == CLOSED) {
        freeNow();
      }
    }

    @Override
    public void run() {
      if (calls.getAndAdd(CLOSED) == 0) {
        freeNow();
      }
      if (forgotten && report) {
        System.getLogger("io.disky")
            .log(
                Level.WARNING,
                "The {0} was never closed; it was freed because nothing refers to it any more. Use"
                    + " try-with-resources.",
                what);
      }
    }

    private void freeNow() {
      EXISTING.decrementAndGet();
      int status = free.applyAsInt(pointer);
      if (status < 0) {
        System.getLogger("io.disky")
            .log(
                Level.ERROR,
                "The {0} could not be freed: status {1}",
                what,
                Integer.toString(status));
      }
    }
  }
}
