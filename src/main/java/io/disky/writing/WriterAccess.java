package io.disky.writing;

import io.disky.threads.StackRoom;
import io.disky.files.Origin;
import io.disky.threads.Callbacks;
import io.disky.threads.OwnerThread;
import org.jspecify.annotations.Nullable;

/**
 * Who may use a writer now: the thread that owns it, while the writer is open, and not from within
 * the user's code that the writer calls.
 */
final class WriterAccess {
  private final Origin origin;
  private final Callbacks callbacks;
  private final OwnerThread owner = new OwnerThread("the writer");
  private boolean buildingRecord;
  private volatile boolean open = true;

  // The thread that may write without a further check. Read without a fence: only a thread that has
  // put itself here finds itself here.
  private @Nullable Thread ready;

  WriterAccess(Origin origin, Callbacks callbacks) {
    this.origin = origin;
    this.callbacks = callbacks;
  }

  boolean isOpen() {
    return open;
  }

  /** The writer is closed from now on. */
  void close() {
    open = false;
    ready = null;
  }

  /** Returns whether the current thread has passed {@link #check} and nothing happened since. */
  boolean isReady() {
    return ready == Thread.currentThread();
  }

  /** The current thread has passed all checks. */
  void setReady() {
    ready = Thread.currentThread();
  }

  /** The next call must pass all checks: the user's code may run now, or something has failed. */
  void clearReady() {
    ready = null;
  }

  /**
   * Checks that the current thread may write.
   *
   * @throws IllegalStateException if the writer is closed, or calls the user's code
   * @throws WrongThreadException if the writer belongs to another thread
   */
  void check() {
    checkOwnedAndOpen();
    checkNotCalling();
  }

  /** As {@link #check}, but a record may be under construction. */
  void checkQuery() {
    checkOwnedAndOpen();
    callbacks.enter();
  }

  /**
   * Checks that the current thread may close the writer.
   *
   * @throws IllegalStateException if the writer calls the user's code
   * @throws WrongThreadException if the writer belongs to another thread
   */
  void checkClosing() {
    owner.check();
    checkNotCalling();
    StackRoom.require();
  }

  private void checkOwnedAndOpen() {
    owner.check();
    if (!open) {
      throw new IllegalStateException("the writer of " + origin + " is closed");
    }
  }

  private void checkNotCalling() {
    if (buildingRecord) {
      throw new IllegalStateException(
          "the writer of " + origin + " is building a record in place: return from it first");
    }
    callbacks.check();
  }

  /** The user's code builds a record from now on. */
  void beginRecord() {
    buildingRecord = true;
    ready = null;
  }

  /** The user's code has returned. */
  void endRecord() {
    buildingRecord = false;
  }
}
