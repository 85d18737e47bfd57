package io.disky.threads;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The thread that an object belongs to: the first one that uses it. */
public final class OwnerThread {
  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(OwnerThread.class, "owner", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String what;

  // Read without a fence, because a thread finds itself here only if it has stored itself before.
  private @Nullable Thread owner;

  /** An object that messages call {@code what}, and that belongs to no thread yet. */
  public OwnerThread(String what) {
    this.what = what;
  }

  /**
   * Makes the object belong to the current thread if it belongs to no thread.
   *
   * @throws WrongThreadException if it belongs to another thread
   */
  public void check() {
    Thread current = Thread.currentThread();
    if (owner != current) {
      claim(current);
    }
  }

  private void claim(Thread current) {
    if (!OWNER.compareAndSet(this, null, current)) {
      throw new WrongThreadException(
          what + " belongs to the thread that used it first, " + owner + ", not to " + current);
    }
  }
}
