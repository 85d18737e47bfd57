package io.disky.threads;

import java.lang.ref.Cleaner;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Releases the resources of forgotten objects, on one thread for all of them. */
public final class ForgottenObjects {
  private static final Cleaner CLEANER = Cleaner.create();

  // A size far below the threshold from which any collector treats an object as large.
  private static final int LARGEST_WEIGHT = 16 << 10;

  // More than one, so that objects are not forgotten faster than their resources are released.
  private static final int MOST_ENDED = 4;

  private static final ReferenceQueue<Object> FOUND = new ReferenceQueue<>();
  private static final Set<NativeEnd> NATIVE_ENDS = ConcurrentHashMap.newKeySet();

  // The field prevents the compiler from removing the allocation.
  @SuppressWarnings("UnusedVariable")
  private static volatile byte[] lastWeight = new byte[0];

  private ForgottenObjects() {}

  /**
   * Runs {@code end} once: when {@link Cleaner.Cleanable#clean()} of the result is called, or after
   * the garbage collector has found {@code owner} unreachable.
   *
   * @param end must not refer to the owner, and must not wait for long
   */
  public static Cleaner.Cleanable register(Object owner, Runnable end) {
    return CLEANER.register(owner, end);
  }

  /**
   * Registers as {@link #register} does, for resources that the garbage collector does not count.
   * This allocates {@code weight} bytes of the Java heap, in pieces, and drops them. The collector
   * runs after a certain amount was allocated, so it finds forgotten objects after a bounded number
   * of them. The calling thread also releases some of the objects that were found, so that objects
   * are not forgotten faster than they are released.
   *
   * @param end must not refer to the owner, wait, or take a lock
   */
  public static Cleaner.Cleanable registerNative(Object owner, Runnable end, long weight) {
    NativeEnd registered = new NativeEnd(owner, CLEANER.register(owner, end));
    NATIVE_ENDS.add(registered);
    for (long left = weight; left > 0; left -= LARGEST_WEIGHT) {
      lastWeight = new byte[(int) Math.min(left, LARGEST_WEIGHT)];
    }
    endFound();
    return registered;
  }

  private static void endFound() {
    for (int i = 0; i < MOST_ENDED; i++) {
      Reference<?> found = FOUND.poll();
      if (found == null) {
        return;
      }
      if (found instanceof NativeEnd end) {
        end.clean();
      }
    }
  }

  /** The end of a native object. The first thread that comes runs it. */
  private static final class NativeEnd extends PhantomReference<Object>
      implements Cleaner.Cleanable {
    private final Cleaner.Cleanable end;

    NativeEnd(Object owner, Cleaner.Cleanable end) {
      super(owner, FOUND);
      this.end = end;
    }

    @Override
    public void clean() {
      clear();
      NATIVE_ENDS.remove(this);
      end.clean();
    }
  }
}
