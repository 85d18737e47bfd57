package io.disky.reading;

import io.disky.engine.NativeReader.Extent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a file from where its reader is, as far as workers have listed them: which are
 * still to be decoded, and what those came to that are. Does nothing but that. Thread-safe; the
 * methods for the reader are for one thread at a time.
 *
 * <p>What it says is a guess about what the reader will meet, and costs nothing but time if wrong.
 *
 * @param <T> a chunk that was decoded
 */
public final class ChunkWindow<T> {
  // Threads that read here and there in one file defeat the kernel's read-ahead: each takes some
  // chunks that lie together.
  private static final long RUN_BYTES = 1 << 20;

  // Small chunks of a run are handed over together: to wake the reader for each of them would take
  // longer than to decode it.
  private static final long GROUP_BYTES = 64 << 10;

  // After so many in a row that cannot be decoded, the reader is left to go on by itself: where
  // much is damaged, threads that find that out before it take its time and spare it nothing.
  private static final int MOST_FAILED = 16;

  // Listed and not yet taken by a worker: with fewer than this, more are listed.
  private static final int FEW = 16;

  /** A chunk that was listed. Guarded by the window's lock but for what is final. */
  public static final class Slot<T> {
    private final Extent extent;
    private final long bytes;
    private boolean assigned;
    private boolean settled;
    private boolean dropped;
    private @Nullable T decoded;

    private Slot(Extent extent, long largest) {
      this.extent = extent;
      this.bytes = bytes(extent, largest);
    }

    /** A header can claim anything, but what is beyond the limit is not decoded. */
    private static long bytes(Extent extent, long largest) {
      long data = extent.decodedDataSize();
      long records = extent.records();
      boolean claimsTooMuch =
          data < 0 || data > largest || records < 0 || records > largest / Long.BYTES;
      return claimsTooMuch ? largest : Math.min(data + records * Long.BYTES, largest);
    }

    public Extent extent() {
      return extent;
    }
  }

  /** What a worker is to do next. */
  public sealed interface Task<T> {
    /** List chunks from {@code position} on. */
    record Look<T>(long position, long era) implements Task<T> {}

    /** Decode these, one after the other, and settle each group once it is decoded. */
    record Decode<T>(List<List<Slot<T>>> run) implements Task<T> {}

    /** End. */
    record Stop<T>() implements Task<T> {}
  }

  private final long limit;
  private final long end;
  private final long largest;
  private final Consumer<? super T> discard;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition settled = lock.newCondition();

  // All guarded by the lock. In file order; a worker takes from the second, the reader from the
  // first, which has those, too.
  private final Deque<Slot<T>> slots = new ArrayDeque<>();
  private final Deque<Slot<T>> unassigned = new ArrayDeque<>();
  private long bytes;
  private long lookFrom;
  private boolean looking;
  private boolean seesNoMore = true;
  private long era;
  private boolean stopped;
  private int failed; // in a row

  /**
   * @param limit bound on the bytes of what is decoded, or being decoded, and not yet taken
   * @param end position in the file where chunks are no longer listed
   * @param largest the most that a chunk can come to in bytes
   * @param discard takes what was decoded in vain; called while the lock is held
   */
  public ChunkWindow(long limit, long end, long largest, Consumer<? super T> discard) {
    this.limit = limit;
    this.end = end;
    this.largest = largest;
    this.discard = discard;
  }

  /** Waits for something to do. */
  public Task<T> awaitTask() {
    lock.lock();
    try {
      Task<T> task = tryTask();
      while (task == null) {
        work.awaitUninterruptibly();
        task = tryTask();
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  /** What there is to do now; {@code null} if nothing. */
  @Nullable Task<T> tryTask() {
    lock.lock();
    try {
      if (stopped) {
        return new Task.Stop<>();
      }
      if (!seesNoMore && !looking && unassigned.size() < FEW) {
        looking = true;
        return new Task.Look<>(lookFrom, era);
      }
      return unassigned.isEmpty() || isFull() ? null : new Task.Decode<>(takeRun());
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    return bytes >= limit;
  }

  private List<List<Slot<T>>> takeRun() {
    List<List<Slot<T>>> run = new ArrayList<>();
    long runEnd = unassigned.element().extent.begin() + RUN_BYTES;
    while (goesOn(runEnd)) {
      run.add(takeGroup(runEnd));
    }
    return run;
  }

  private boolean goesOn(long runEnd) {
    Slot<T> next = unassigned.peek();
    return next != null && next.extent.begin() < runEnd && !isFull();
  }

  private List<Slot<T>> takeGroup(long runEnd) {
    List<Slot<T>> group = new ArrayList<>();
    for (long taken = 0; taken < GROUP_BYTES && goesOn(runEnd); taken += group.getLast().bytes) {
      group.add(assignNext());
    }
    return group;
  }

  private Slot<T> assignNext() {
    Slot<T> slot = unassigned.remove();
    slot.assigned = true;
    bytes += slot.bytes;
    return slot;
  }

  /**
   * For the reader, which would have to wait: a chunk to decode meanwhile.
   *
   * @return {@code null} if there is none, or it does not have to wait
   */
  public @Nullable Slot<T> tryHelp() {
    lock.lock();
    try {
      return hasAnswer() || unassigned.isEmpty() || isFull() ? null : assignNext();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A worker has listed chunks.
   *
   * @param look its task
   * @param extents the chunks
   * @param next where to go on; {@link Long#MAX_VALUE} if nothing more can be listed
   */
  public void listed(Task.Look<T> look, List<Extent> extents, long next) {
    lock.lock();
    try {
      if (look.era() != era || stopped) {
        return;
      }
      looking = false;
      lookFrom = next;
      seesNoMore = next >= end;
      for (Extent extent : extents) {
        Slot<T> slot = new Slot<>(extent, largest);
        slots.add(slot);
        unassigned.add(slot);
      }
      work.signalAll();
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A worker has decoded chunks, or could not.
   *
   * @param group a group of the worker's task, or the chunks that the reader decodes while it waits
   * @param decoded the decoded chunk of each; {@code null} if it could not be decoded
   */
  public void settle(List<Slot<T>> group, List<? extends @Nullable T> decoded) {
    lock.lock();
    try {
      for (int i = 0; i < group.size(); i++) {
        settle(group.get(i), decoded.get(i));
      }
      if (hasAnswer()) {
        settled.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void settle(Slot<T> slot, @Nullable T decoded) {
    if (slot.dropped) {
      if (decoded != null) {
        discard.accept(decoded);
      }
      return;
    }
    failed = decoded == null ? failed + 1 : 0;
    if (failed >= MOST_FAILED) {
      forget();
      return;
    }
    slot.settled = true;
    slot.decoded = decoded;
  }

  /** Whether nobody wants {@code slot} any more. */
  public boolean isDropped(Slot<T> slot) {
    lock.lock();
    try {
      return slot.dropped;
    } finally {
      lock.unlock();
    }
  }

  /**
   * For the reader: takes the next chunk, and waits for it.
   *
   * @return {@code null} if it could not be decoded, or nothing is known of a next one
   */
  public @Nullable T take() {
    lock.lock();
    try {
      while (!hasAnswer()) {
        settled.awaitUninterruptibly();
      }
      Slot<T> slot = slots.poll();
      if (slot == null) {
        return null;
      }
      // Workers wait for this only then.
      boolean wasFull = isFull();
      leave(slot);
      if (wasFull) {
        work.signalAll();
      }
      return slot.decoded;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #take} does not wait now. */
  boolean hasAnswer() {
    lock.lock();
    try {
      return stopped || (slots.isEmpty() ? seesNoMore : slots.element().settled);
    } finally {
      lock.unlock();
    }
  }

  /**
   * For the reader, which has read a chunk by itself and is now at {@code position}: forgets what
   * is before it, and begins there if nothing is known.
   */
  public void passed(long position) {
    lock.lock();
    try {
      failed = 0;
      while (!slots.isEmpty() && slots.element().extent.begin() < position) {
        drop(slots.remove());
      }
      while (!unassigned.isEmpty() && unassigned.element().dropped) {
        unassigned.remove();
      }
      if (slots.isEmpty() && (seesNoMore || lookFrom < position)) {
        era++;
        looking = false;
        lookFrom = position;
        seesNoMore = position >= end;
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** For the reader, which goes elsewhere: forgets everything. */
  public void forget() {
    lock.lock();
    try {
      era++;
      looking = false;
      seesNoMore = true;
      slots.forEach(this::drop);
      slots.clear();
      unassigned.clear();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void drop(Slot<T> slot) {
    slot.dropped = true;
    T decoded = slot.decoded;
    if (decoded != null) {
      discard.accept(decoded);
      slot.decoded = null;
    }
    leave(slot);
  }

  /** What was counted of a chunk that is no longer in the window counts no more. */
  private void leave(Slot<T> slot) {
    bytes -= slot.assigned ? slot.bytes : 0;
  }

  /** Ends everything: workers are to stop. */
  public void stop() {
    lock.lock();
    try {
      forget();
      stopped = true;
      work.signalAll();
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of what is decoded, or being decoded, and not yet taken. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }
}
