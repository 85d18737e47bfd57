package io.disky.reading;

import io.disky.engine.StackProof;
import io.disky.threads.Callbacks;
import io.disky.threads.OwnerThread;

/**
 * Whether a reader is open, and who may use it. Its monitor guards a reader that several threads
 * share, and wakes a thread that waits for more records.
 */
public final class ReaderState {
  private final String name;
  private final Callbacks callbacks;
  private final OwnerThread owner = new OwnerThread("the reader");
  private boolean lent;
  private boolean iterated;
  private volatile boolean open = true;

  /**
   * @param name the file's name, quoted for messages
   */
  public ReaderState(String name, Callbacks callbacks) {
    this.name = name;
    this.callbacks = callbacks;
  }

  /** The file's name, quoted for messages. */
  public String name() {
    return name;
  }

  /** The user's code that the reader is calling. */
  public Callbacks callbacks() {
    return callbacks;
  }

  /** The thread that the reader belongs to. */
  public OwnerThread owner() {
    return owner;
  }

  /** Returns whether the reader is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Checks that the reader is open.
   *
   * @throws IllegalStateException if it is closed
   */
  public void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the reader of " + name + " is closed");
    }
  }

  /**
   * Checks that the current thread may ask the reader for its state: the reader is open, belongs to
   * this thread, and is not lent.
   */
  public void checkUsable() {
    owner.check();
    checkOpen();
    if (lent) {
      throw new IllegalStateException(
          name + " is being read by the stream that batches() returned, or as a shard");
    }
  }

  /**
   * Checks as {@link #checkUsable()} does, at the beginning of an operation; also checks that no
   * callback of the reader calls it, and that the stack has room for the operation.
   */
  public void checkIdle() {
    checkUsable();
    callbacks.check();
    StackProof.require();
  }

  /** Checks as {@link #checkOpen()} does, for a thread that the reader is lent to. */
  public void checkLent() {
    checkOpen();
    callbacks.check();
    StackProof.require();
  }

  /**
   * Checks that the reader is idle, and that nobody iterates from this position yet.
   *
   * @throws IllegalStateException if the reader is not idle, or an iteration has begun
   */
  public void beginIteration() {
    checkIdle();
    if (iterated) {
      throw new IllegalStateException(
          "iterator() of the reader of "
              + name
              + " was called before: go on with that iterator or with next(), or go back with"
              + " rewind()");
    }
    iterated = true;
  }

  /** Allows another iteration, after the reader was moved. */
  void moved() {
    iterated = false;
  }

  /** Lends the reader to threads that take turns, with this object's monitor. */
  public void lend() {
    lent = true;
  }

  /**
   * Closes the reader once.
   *
   * @param stop ends a call of another thread that waits; runs without the monitor
   * @param end runs with the monitor held, after the reader counts as closed
   * @throws WrongThreadException if the reader belongs to another thread, and is not lent
   * @throws IllegalStateException if a callback of the reader calls this in another thread than the
   *     one that reads, which may be waiting for the callback
   */
  public void close(Runnable stop, Runnable end) {
    if (!open) {
      return;
    }
    if (!lent) {
      owner.check();
    }
    StackProof.require();
    if (lent && !Thread.holdsLock(this)) {
      callbacks.check();
    }
    stop.run();
    synchronized (this) {
      if (open) {
        open = false;
        notifyAll(); // A thread may wait for more records.
        end.run();
      }
    }
  }
}
