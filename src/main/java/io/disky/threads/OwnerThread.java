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

  // Read without a fence: only a thread that has put itself here finds itself here.
  private @Nullable Thread owner;

  /** An object that is called {@code what} in messages, of nobody yet. */
  public OwnerThread(String what) {
    this.what = what;
  }

  /**
   * Makes the object belong to the current thread if it is nobody's.
   *
   * @throws WrongThreadException if it is another thread's
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
