package io.disky.writing;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of one file on their way from the thread that fills them to the file: workers encode
 * several chunks at a time, and write one at a time in the order in which they were filled. This
 * class only assigns the work; workers do it. Thread-safe; each method takes one lock, and every
 * change wakes all threads that wait.
 *
 * <p>A failure takes effect when its chunk is the next to be written, so the first failure in the
 * order of the file wins. From then on no chunk is encoded or written.
 *
 * @param <S> the holder of a chunk, which is used again
 */
final class ChunkOrder<S> {
  /** The steps of a chunk, in this order. */
  enum Step {
    FILLED,
    ENCODING,
    ENCODED,
    WRITING
  }

  /** A chunk on its way. */
  static final class Turn<S> {
    private final S slot;
    private Step step = Step.FILLED;
    private @Nullable Throwable failure;

    private Turn(S slot) {
      this.slot = slot;
    }

    S slot() {
      return slot;
    }

    /**
     * Returns whether to write the chunk; if not, it must be encoded. Only the worker with this
     * turn may call this.
     */
    boolean isToBeWritten() {
      return step == Step.WRITING;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<S> free;
  private final ArrayDeque<Turn<S>> turns = new ArrayDeque<>();
  private boolean ended;
  private volatile @Nullable Throwable failure;

  ChunkOrder(Collection<? extends S> slots) {
    free = new ArrayDeque<>(slots);
  }

  /** Returns a slot to fill; waits until one is free. */
  S take() {
    lock.lock();
    try {
      S slot = tryTake();
      while (slot == null) {
        changed.awaitUninterruptibly();
        slot = tryTake();
      }
      return slot;
    } finally {
      lock.unlock();
    }
  }

  /** Returns a slot to fill; {@code null} if none is free. */
  @Nullable S tryTake() {
    lock.lock();
    try {
      return free.pollLast();
    } finally {
      lock.unlock();
    }
  }

  /** Returns a slot that was taken and not filled. */
  void giveBack(S slot) {
    lock.lock();
    try {
      free.addLast(slot);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Submits a slot that was filled. */
  void submit(S slot) {
    lock.lock();
    try {
      turns.addLast(new Turn<>(slot));
      settle();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the next turn of a worker; waits until there is one. Returns {@code null} after the
   * last turn.
   */
  @Nullable Turn<S> next() {
    lock.lock();
    try {
      Turn<S> turn = tryNext();
      while (turn == null && !isOver()) {
        changed.awaitUninterruptibly();
        turn = tryNext();
      }
      return turn;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the next turn of a worker, if there is one now. Writing a chunk comes before encoding
   * one.
   */
  @Nullable Turn<S> tryNext() {
    lock.lock();
    try {
      for (Turn<S> turn : turns) {
        if (turn.step == Step.FILLED) {
          turn.step = Step.ENCODING;
          return turn;
        }
        if (turn.step == Step.ENCODED && turn == turns.peekFirst()) {
          turn.step = Step.WRITING;
          return turn;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether workers can end, because no work is left and none will come. */
  boolean isOver() {
    lock.lock();
    try {
      return ended && turns.stream().allMatch(turn -> turn.step == Step.ENCODING);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reports that a worker has finished its turn.
   *
   * @param problem why the work failed; {@code null} if it succeeded
   */
  void done(Turn<S> turn, @Nullable Throwable problem) {
    lock.lock();
    try {
      turn.failure = problem;
      if (turn.step == Step.ENCODING) {
        turn.step = Step.ENCODED;
      } else {
        turns.removeFirst();
        free.addLast(turn.slot);
        failure = failure == null ? problem : failure;
      }
      settle();
    } finally {
      lock.unlock();
    }
  }

  /** Applies the failure of the chunk that is next to be written, and drops the chunks after it. */
  private void settle() {
    Turn<S> first = turns.peekFirst();
    if (failure == null && first != null && first.step == Step.ENCODED) {
      failure = first.failure;
    }
    if (failure != null) {
      drop();
    }
    changed.signalAll();
  }

  /** Drops all chunks that no worker has. */
  private void drop() {
    Iterator<Turn<S>> rest = turns.iterator();
    while (rest.hasNext()) {
      Turn<S> turn = rest.next();
      if (turn.step == Step.FILLED || turn.step == Step.ENCODED) {
        rest.remove();
        free.addLast(turn.slot);
      }
    }
  }

  /** Waits until all submitted chunks are written, or dropped because of a failure. */
  void awaitIdle() {
    lock.lock();
    try {
      while (!turns.isEmpty()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether no chunk is submitted and not yet written. */
  boolean isIdle() {
    lock.lock();
    try {
      return turns.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the workers when no work is left. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Drops all chunks that no worker has, and {@linkplain #end() ends} the workers. */
  void abandon() {
    lock.lock();
    try {
      failure = failure == null ? new IllegalStateException("abandoned") : failure;
      drop();
      end();
    } finally {
      lock.unlock();
    }
  }

  /** The first failure in the order of the file. */
  @Nullable Throwable failure() {
    return failure;
  }
}
