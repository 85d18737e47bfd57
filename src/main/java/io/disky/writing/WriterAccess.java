package io.disky.writing;

import io.disky.engine.StackProof;
import io.disky.files.Origin;
import io.disky.threads.Callbacks;
import io.disky.threads.OwnerThread;
import java.util.concurrent.locks.ReentrantLock;
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

  // Whether a task is running, which must not close its writer.
  private boolean inTask;

  // Once this is set, the thread that holds the lock may use the writer. A thread that does not see
  // the lock yet is not the owner.
  private @Nullable ReentrantLock shared;
  private volatile boolean open = true;

  // The thread that may write without a further check. Read without a fence, because a thread finds
  // itself here only if it has stored itself before.
  private @Nullable Thread ready;

  WriterAccess(Origin origin, Callbacks callbacks) {
    this.origin = origin;
    this.callbacks = callbacks;
  }

  boolean isOpen() {
    return open;
  }

  /** Marks the writer as closed. */
  void close() {
    open = false;
    ready = null;
  }

  /** Returns whether the current thread has passed {@link #check} and nothing happened since. */
  boolean isReady() {
    return ready == Thread.currentThread();
  }

  /** Records that the current thread has passed all checks. */
  void setReady() {
    // A shared writer passes all checks in each call, because its lock may have been released.
    ready = shared == null ? Thread.currentThread() : null;
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

  /** Checks as {@link #check} does, but allows a record under construction. */
  void checkQuery() {
    checkOwnedAndOpen();
    callbacks.check();
    StackProof.require();
  }

  /**
   * Checks that the current thread may close the writer.
   *
   * @throws IllegalStateException if the writer calls the user's code
   * @throws WrongThreadException if the writer belongs to another thread
   */
  void checkClosing() {
    checkOwner();
    checkNotCalling();
    StackProof.require();
  }

  /** Checks as {@link #checkClosing} does, but also refuses a task. */
  void checkCompleting() {
    checkClosing();
    if (inTask) {
      throw new IllegalStateException(
          "the writer of " + origin + " is closed when its task returns, not by the task");
    }
  }

  /** Records that the user's code writes the complete file from now on, in this thread. */
  void beginTask() {
    check();
    inTask = true;
  }

  /** Records that the task has returned. */
  void endTask() {
    inTask = false;
  }

  /**
   * Makes the writer belong to the thread that holds {@code lock}, from now on.
   *
   * @throws IllegalStateException if the writer is closed, calls the user's code, or is shared
   * @throws WrongThreadException if the writer belongs to another thread
   */
  void share(ReentrantLock lock) {
    check();
    if (shared != null) {
      throw new IllegalStateException("the writer of " + origin + " is shared already");
    }
    ready = null;
    shared = lock;
  }

  /** The lock of a shared writer; {@code null} if the writer is not shared. */
  @Nullable ReentrantLock lock() {
    return shared;
  }

  private void checkOwner() {
    if (shared == null) {
      owner.check();
    } else if (!shared.isHeldByCurrentThread()) {
      throw new WrongThreadException(
          "the writer of " + origin + " is shared: use the SharedRecordWriter that it returned");
    }
  }

  private void checkOwnedAndOpen() {
    checkOwner();
    if (!open) {
      throw new IllegalStateException("the writer of " + origin + " is closed");
    }
  }

  /** Thread-safe. */
  void checkNoCallback() {
    callbacks.check();
  }

  private void checkNotCalling() {
    if (buildingRecord) {
      throw new IllegalStateException(
          "the writer of " + origin + " is building a record in place: return from it first");
    }
    callbacks.check();
  }

  /** Records that the user's code builds a record from now on. */
  void beginRecord() {
    buildingRecord = true;
    ready = null;
  }

  /** Records that the user's code has returned. */
  void endRecord() {
    buildingRecord = false;
  }
}
