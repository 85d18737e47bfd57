package io.disky.writing;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of one file between the thread that fills them and the file: workers encode several at
 * a time, and write one at a time in the order in which they were filled. Says who is to do what,
 * and does none of it. Thread-safe; each method takes one lock, and what waits is woken by every
 * change.
 *
 * <p>A failure takes effect when it is its chunk's turn to be written, so it is the first one in
 * the order of the file. From then on nothing more is encoded or written.
 *
 * @param <S> what holds a chunk; used again and again
 */
final class ChunkOrder<S> {
  /** What becomes of a chunk, in this order. */
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

    /** What is to be done: only whoever was given the turn may ask. */
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

  /** A slot to fill; waits until there is one. */
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

  /** A slot to fill, if there is one. */
  @Nullable S tryTake() {
    lock.lock();
    try {
      return free.pollLast();
    } finally {
      lock.unlock();
    }
  }

  /** Gives a slot back that was taken and not filled. */
  void giveBack(S slot) {
    lock.lock();
    try {
      free.addLast(slot);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends a slot that was filled on its way. */
  void submit(S slot) {
    lock.lock();
    try {
      turns.addLast(new Turn<>(slot));
      settle();
    } finally {
      lock.unlock();
    }
  }

  /** What a worker is to do next; waits until there is something. Null: nothing ever. */
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

  /** What a worker is to do next, if there is something: to write rather than to encode. */
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

  /** Whether workers can go: nothing is to be done, now or later. */
  boolean isOver() {
    lock.lock();
    try {
      return ended && turns.stream().allMatch(turn -> turn.step == Step.ENCODING);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The worker has done what it was to do.
   *
   * @param problem why it could not
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

  /** Lets a failure whose turn it is take effect, and what nobody needs go. */
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

  /** Lets all go that no worker is at. */
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

  /** Waits until all that were submitted are written, or dropped because of a failure. */
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

  /** Whether nothing is on its way. */
  boolean isIdle() {
    lock.lock();
    try {
      return turns.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Lets the workers go when nothing is left to do. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Drops what no worker is at yet, and {@linkplain #end() ends}. */
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

  /** What went wrong first in the order of the file. */
  @Nullable Throwable failure() {
    return failure;
  }
}
