package io.disky.threads;

import java.lang.ref.Cleaner;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ends what hangs on objects that were forgotten: on one thread for all of them. */
public final class ForgottenObjects {
  private static final Cleaner CLEANER = Cleaner.create();

  // Well below what any collector treats as a large object.
  private static final int LARGEST_WEIGHT = 16 << 10;

  // More than one, so that threads that forget objects do not outrun the cleaner.
  private static final int MOST_ENDED = 4;

  private static final ReferenceQueue<Object> FOUND = new ReferenceQueue<>();
  private static final Set<NativeEnd> NATIVE_ENDS = ConcurrentHashMap.newKeySet();

  // So that the compiler cannot leave the allocation out.
  @SuppressWarnings("UnusedVariable")
  private static volatile byte[] lastWeight = new byte[0];

  private ForgottenObjects() {}

  /**
   * Runs {@code end} once: when the result is {@linkplain Cleaner.Cleanable#clean() asked to}, or
   * when the garbage collector has found {@code owner} unreachable.
   *
   * @param end must not reach the owner, nor wait for long
   */
  public static Cleaner.Cleanable register(Object owner, Runnable end) {
    return CLEANER.register(owner, end);
  }

  /**
   * As {@link #register}, for what the garbage collector does not see: {@code weight} bytes of the
   * Java heap are allocated, in pieces, and dropped. The collector runs when enough of the heap was
   * allocated, so it runs, and finds forgotten objects, after a bounded number of them. This thread
   * then frees some of those that were found, so that no more are forgotten than are freed.
   *
   * @param end must not reach the owner, wait, or take a lock
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

  /** The end of a native object, by whichever thread comes first. */
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
