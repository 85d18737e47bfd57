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
 * The chunks of a file that workers have listed, from the position of the reader on: the chunks
 * that must still be decoded, and the results of the decoded ones. This class only keeps these
 * lists; it does not read. Thread-safe, but only one thread at a time may call the methods for the
 * reader.
 *
 * <p>The lists are a guess about the chunks that the reader will need. A wrong guess costs time and
 * nothing else.
 *
 * @param <T> a chunk that was decoded
 */
public final class ChunkWindow<T> {
  // Threads that read at many places of a file defeat the kernel's read-ahead, so each thread takes
  // several neighbouring chunks: a run of this many bytes.
  private static final long RUN_BYTES = 1 << 20;

  // Small chunks of a run are handed over in groups of this many bytes, because waking the reader
  // takes longer than decoding a small chunk.
  private static final long GROUP_BYTES = 64 << 10;

  // After this many consecutive chunks that cannot be decoded, the reader goes on without the
  // workers: in a part with much damage they take time and save the reader no work.
  private static final int MOST_FAILED = 16;

  // If fewer listed chunks than this wait for a worker, a worker lists more chunks.
  private static final int FEW = 16;

  /** A chunk that was listed. The lock of the window guards all fields that are not final. */
  public static final class Slot<T> {
    private final Extent extent;
    private final long bytes;
    private final boolean paysTogether;
    private boolean assigned;
    private boolean settled;
    private boolean dropped;
    private @Nullable T decoded;

    private Slot(Extent extent, long largest) {
      this.extent = extent;
      long data = extent.decodedDataSize();
      long records = extent.records();
      // A header can state any size, but a chunk beyond the limit is not decoded.
      boolean claimsTooMuch =
          data < 0 || data > largest || records < 0 || records > largest / Long.BYTES;
      this.bytes = claimsTooMuch ? largest : Math.min(data + records * Long.BYTES, largest);
      long size = extent.end() - extent.begin();
      boolean uncompressed = !claimsTooMuch && data <= size && records <= size;
      this.paysTogether = uncompressed && bytes >= GROUP_BYTES;
    }

    public Extent extent() {
      return extent;
    }

    /**
     * Whether the chunk takes less time together with its neighbours: a large one whose data seem
     * to be uncompressed, so that most of the work is to hash them. Its records fit into its size
     * in the file. A group that begins with such a chunk contains no other ones.
     */
    boolean paysTogether() {
      return paysTogether;
    }
  }

  /** The next task of a worker. */
  public sealed interface Task<T> {
    /** List chunks from {@code position} on. */
    record Look<T>(long position, long era) implements Task<T> {}

    /** Decode these chunks, one after the other, and settle each group after it is decoded. */
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

  // The lock guards all fields from here on. Both queues are in file order. The reader takes from
  // slots, which contains all chunks; workers take from unassigned.
  private final Deque<Slot<T>> slots = new ArrayDeque<>();
  private final Deque<Slot<T>> unassigned = new ArrayDeque<>();
  private long bytes;
  private long lookFrom;
  private boolean looking;
  private boolean seesNoMore = true;
  private long era;
  private boolean stopped;
  private int failed; // in a row
  private long wakeUps;
  private int together = 1;
  private int workers = 1;

  /**
   * @param limit bound on the bytes of the chunks that are decoded, or being decoded, and not yet
   *     taken
   * @param end position in the file where chunks are no longer listed
   * @param largest the largest size that a decoded chunk can have, in bytes
   * @param discard gets the decoded chunks that the reader does not need; called while the lock is
   *     held
   */
  public ChunkWindow(long limit, long end, long largest, Consumer<? super T> discard) {
    this.limit = limit;
    this.end = end;
    this.largest = largest;
    this.discard = discard;
  }

  /**
   * From now on gives out up to {@code most} large uncompressed chunks as a group, because they
   * take less time together than one after the other.
   *
   * @param workers number of the threads that decode
   */
  public void decodeTogether(int most, int workers) {
    lock.lock();
    try {
      this.together = most;
      this.workers = workers;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next task of a worker. */
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

  /** The next task of a worker; {@code null} if there is none now. */
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

  /**
   * Whether a quarter of the window is free. Workers that wait because the window is full are woken
   * only then: waking a thread for each chunk takes about as long as decoding the chunk.
   */
  private boolean hasRoomForMany() {
    return bytes <= limit / 4 * 3;
  }

  private void wakeWorkers() {
    wakeUps++;
    work.signalAll();
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
    if (unassigned.element().paysTogether) {
      return takeTogether();
    }
    List<Slot<T>> group = new ArrayList<>();
    for (long taken = 0; taken < GROUP_BYTES && goesOn(runEnd); taken += group.getLast().bytes) {
      group.add(assignNext());
    }
    return group;
  }

  /** Takes the next chunk, and chunks after it that are decoded together with it. */
  private List<Slot<T>> takeTogether() {
    // Leaves chunks to the other threads.
    int most = Math.clamp(unassigned.size() / workers, 1, together);
    List<Slot<T>> group = new ArrayList<>();
    group.add(assignNext());
    long taken = group.getFirst().bytes;
    while (group.size() < most && !isFull() && joins(group.getLast(), taken)) {
      group.add(assignNext());
      taken += group.getLast().bytes;
    }
    return group;
  }

  /**
   * Whether the next chunk is decoded together with {@code last}, the last of {@code taken} bytes.
   */
  private boolean joins(Slot<T> last, long taken) {
    Slot<T> next = unassigned.element();
    // Half of the window, so that each worker has chunks while the reader takes others.
    long most = limit / 2 / workers;
    return last.paysTogether
        && next.paysTogether
        && next.extent.begin() == last.extent.end()
        && next.bytes <= most - taken;
  }

  private Slot<T> assignNext() {
    Slot<T> slot = unassigned.remove();
    slot.assigned = true;
    bytes += slot.bytes;
    return slot;
  }

  /**
   * For the reader: returns chunks to decode while it would otherwise wait for the workers.
   *
   * @return a group; empty if no chunk can be decoded now, or the reader does not have to wait
   */
  public List<Slot<T>> tryHelp() {
    lock.lock();
    try {
      return hasAnswer() || unassigned.isEmpty() || isFull() ? List.of() : takeTogether();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A worker has listed chunks.
   *
   * @param look the task of the worker
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
      wakeWorkers();
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A worker has decoded chunks, or has failed to decode them.
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
   * @return {@code null} if the next chunk could not be decoded, or is not listed
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
      boolean hadRoom = hasRoomForMany();
      leave(slot);
      if (!hadRoom && hasRoomForMany()) {
        wakeWorkers();
      }
      return slot.decoded;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #take} would return without waiting. */
  boolean hasAnswer() {
    lock.lock();
    try {
      return stopped || (slots.isEmpty() ? seesNoMore : slots.element().settled);
    } finally {
      lock.unlock();
    }
  }

  /**
   * For the reader, if it has read a chunk by itself and is now at {@code position}: forgets the
   * chunks before that position, and lists from there if no chunk is listed.
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
      wakeWorkers();
    } finally {
      lock.unlock();
    }
  }

  /** For the reader, if it moves to another position: forgets all chunks. */
  public void forget() {
    lock.lock();
    try {
      era++;
      looking = false;
      seesNoMore = true;
      slots.forEach(this::drop);
      slots.clear();
      unassigned.clear();
      wakeWorkers();
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

  /** Stops counting the bytes of a chunk that has left the window. */
  private void leave(Slot<T> slot) {
    bytes -= slot.assigned ? slot.bytes : 0;
  }

  /** Forgets all chunks, and stops the workers. */
  public void stop() {
    lock.lock();
    try {
      forget();
      stopped = true;
      wakeWorkers();
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How often the workers were woken. */
  long wakeUps() {
    lock.lock();
    try {
      return wakeUps;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of the chunks that are decoded, or being decoded, and not yet taken. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }
}
