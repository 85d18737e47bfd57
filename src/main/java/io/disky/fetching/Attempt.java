package io.disky.fetching;

import io.disky.fetching.RangeSource.Range;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to the user's source, with memory of its own. The source sees a view of the memory,
 * which ends with the attempt: a source that writes later gets an exception, and never writes to
 * memory that is in use again.
 */
final class Attempt {
  /** The answer, or why there is none: exactly one is not {@code null}. */
  interface Listener {
    void answered(Attempt attempt, @Nullable Range answer, @Nullable Throwable thrown);
  }

  final NativeMemory memory;
  final int filled;

  /** Time at which it begins. */
  final long begun;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment view;
  private volatile @Nullable Thread calling;
  private @Nullable CompletableFuture<Range> future;
  private boolean abandoned;
  private boolean answered;

  /** Nanoseconds after which the request is made a second time. */
  long hedgeDelay = Hedging.NO_DELAY;

  /** When the attempt takes too long. */
  RequestClock.Timer timeout = RequestClock.Timer.NONE;

  /**
   * @param filled offset in {@code memory} from which on bytes are missing
   * @param length offset of the end of the missing bytes
   * @param begun the time now
   */
  @SuppressWarnings({"restricted", "MustBeClosedChecker"}) // Closed when the attempt is over.
  Attempt(NativeMemory memory, int filled, int length, long begun) {
    this.memory = memory;
    this.filled = filled;
    this.begun = begun;
    // The action does nothing, but each segment of the arena keeps it and so the memory reachable.
    Consumer<MemorySegment> keeper = new Keeper(memory);
    this.view = memory.segment().asSlice(filled, length - filled).reinterpret(arena, keeper);
  }

  private record Keeper(NativeMemory memory) implements Consumer<MemorySegment> {
    @Override
    public void accept(MemorySegment ended) {}
  }

  /** Number of bytes that it requests. */
  int length() {
    return (int) view.byteSize();
  }

  /** Calls the source. {@code listener} is called once, before or after this returns. */
  @SuppressWarnings("ConstantValue") // the user's code may return null
  void call(RangeSource source, Wanted wanted, Listener listener) {
    calling = Thread.currentThread();
    try {
      CompletableFuture<Range> made = wanted.request(source, filled, view);
      if (made == null) {
        throw new NullPointerException("the remote file returned null instead of a future");
      }
      if (isAbandonedAfter(made)) {
        cancel(made);
      }
      CompletableFuture<?> _ =
          made.whenComplete((answer, thrown) -> completed(answer, thrown, listener));
    } catch (Throwable e) {
      completed(null, e, listener);
    } finally {
      calling = null;
    }
  }

  private synchronized boolean isAbandonedAfter(CompletableFuture<Range> made) {
    future = made;
    return abandoned;
  }

  private void completed(@Nullable Range answer, @Nullable Throwable thrown, Listener listener) {
    if (isAbandonedBeforeAnswer()) {
      if (end()) {
        KeptMemory.give(memory);
      }
    } else if (answer == null && thrown == null) {
      listener.answered(this, null, new NullPointerException("the answer is null"));
    } else {
      listener.answered(this, answer, thrown);
    }
  }

  private synchronized boolean isAbandonedBeforeAnswer() {
    answered = true;
    return abandoned;
  }

  /** Whether the source is answering before it has returned its future. */
  boolean isInCall() {
    return Thread.currentThread().equals(calling);
  }

  /**
   * Ends the view, so that the source cannot write any more. Returns whether that succeeded and no
   * one did it before. If it fails, a call in the source still uses the memory; the memory is freed
   * after the source has forgotten it.
   */
  boolean end() {
    try {
      arena.close();
      return true;
    } catch (IllegalStateException _) {
      return false;
    }
  }

  /**
   * Cancels the request.
   *
   * @return whether the memory can be used again; otherwise the attempt leaves it to others when
   *     the request is complete
   */
  boolean abandon() {
    CompletableFuture<Range> made;
    synchronized (this) {
      abandoned = true;
      made = future;
      if (made == null && answered) {
        return end(); // The source threw an exception at the same moment; no one else ends it.
      }
    }
    if (made == null) {
      return false;
    }
    cancel(made);
    return isDone(made) && end();
  }

  private static void cancel(CompletableFuture<Range> made) {
    try {
      made.cancel(true);
    } catch (Throwable _) {
      // It is the user's code, and the bytes are not needed.
    }
  }

  private static boolean isDone(CompletableFuture<Range> made) {
    try {
      return made.isDone();
    } catch (Throwable _) {
      return false;
    }
  }
}
