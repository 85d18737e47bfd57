package io.disky.fetching;

import io.disky.fetching.Block.State;
import io.disky.fetching.RangeSource.Range;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import io.disky.threads.Interruption;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a file: which blocks are read next, within the bounds on requests and on memory.
 * Its lock guards all blocks of the file. The user's code is called without the lock.
 */
final class Requests {
  /** Announced blocks leave this share of the memory to bytes that were not announced. */
  static final int RESERVED_SHARE = 4;

  /** Blocks leave this share of the memory to the buffers of sources. */
  private static final int BUFFERS_SHARE = 8;

  private final RangeSource source;
  private final FileVersion file;
  private final FetchSettings settings;
  private final @Nullable FileBlocks cached;

  final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Blocks that readers wait for, blocks that they will probably read, and announced blocks. */
  private final Deque<Block> urgent = new ArrayDeque<>();

  private final Deque<Block> ahead = new ArrayDeque<>();
  private final Deque<Block> announced = new ArrayDeque<>();

  /** Blocks that have memory, in the order in which their requests began. */
  private final Set<Block> held = new LinkedHashSet<>();

  /** Threads in {@link #pump}: a source may answer before it returns, and so call it again. */
  private final Set<Thread> pumping = new HashSet<>();

  private long memory;
  private long buffers;
  private long largestMemory;
  private int running;

  /** Number of blocks that nobody needs, but whose bytes are being written to the cache. */
  private int leftToCache;

  private long announcements;
  private long lastUsed;
  private boolean closed;

  /**
   * @param tail size of the memory of the end of the file
   * @param cached the cache of this file; {@code null} for none
   */
  Requests(
      RangeSource source,
      FileVersion file,
      FetchSettings settings,
      long tail,
      @Nullable FileBlocks cached) {
    this.source = source;
    this.file = file;
    this.settings = settings;
    this.cached = cached;
    count(tail);
  }

  private void count(long bytes) {
    memory += bytes;
    settings.counters().memory.add(bytes);
    largestMemory = Math.max(largestMemory, memory);
  }

  /** Counts the buffer of a source. The caller has the lock, and runs {@code later} without it. */
  void countBuffer(long bytes, List<Runnable> later) {
    buffers += bytes;
    count(bytes);
    if (memory > settings.maxMemory()) {
      evictUntil(0, later);
    }
  }

  /** The memory that is counted now, in bytes. The caller has the lock. */
  long memory() {
    return memory;
  }

  /** The largest memory that was counted at any time, in bytes. The caller has the lock. */
  long largestMemory() {
    return largestMemory;
  }

  /** The caller has the lock. */
  void addAhead(Block block) {
    block.queued = true;
    ahead.addLast(block);
  }

  /**
   * Announced blocks that were read but that no reader has used, and that are so far before the
   * block that was used last that readers have probably left them out. The caller has the lock.
   */
  List<Block> leftOut(Block used) {
    lastUsed = Math.max(lastUsed, used.order);
    List<Block> result = new ArrayList<>();
    if (memory < settings.maxMemory() / 4) {
      return result; // Threads that read small ranges can be many blocks apart.
    }
    for (Block block : held) {
      boolean idle = block.announced && block.state == State.DONE && block.users == 0;
      if (idle && block.order < lastUsed - settings.maxRequests()) {
        result.add(block);
      }
    }
    return result;
  }

  /** The caller has the lock. */
  void addAnnounced(Block block) {
    block.order = announcements++;
    block.queued = true;
    announced.addLast(block);
  }

  /** A reader waits for {@code block}. The caller has the lock. */
  void urge(Block block) {
    if (block.state == State.WAITING) {
      unqueue(block);
      block.queued = true;
      urgent.addLast(block);
    }
  }

  private void unqueue(Block block) {
    if (block.queued) {
      block.queued = false;
      if (!urgent.remove(block) && !ahead.remove(block)) {
        announced.remove(block);
      }
    }
  }

  /**
   * Drops {@code block}, which nobody needs any more, unless a reader is using it. The caller has
   * the lock, and runs {@code later} without it.
   */
  void drop(Block block, List<Runnable> later) {
    if (block.users == 0 && block.state != State.DROPPED) {
      unqueue(block);
      letGo(block, later);
      block.state = State.DROPPED;
    }
  }

  /** Lets go of the request and the memory of {@code block}. */
  private void letGo(Block block, List<Runnable> later) {
    if (held.remove(block)) {
      if (block.storing) {
        leftToCache++;
      } else {
        count(-block.cost());
      }
    }
    if (block.state == State.RUNNING) {
      running--;
    }
    BlockRequest request = block.request;
    block.request = null;
    if (request != null) {
      later.add(request::cancel);
    }
    NativeMemory bytes = block.memory;
    block.memory = null;
    if (bytes != null && !block.storing) {
      later.add(() -> KeptMemory.give(bytes));
    }
  }

  /**
   * Begins the requests that the bounds allow.
   *
   * @param until the block that the current thread waits for: this returns when it is read, because
   *     the source may be one that reads before it returns; {@code null} for none
   */
  void pump(@Nullable Block until) {
    Thread thread = Thread.currentThread();
    lock.lock();
    try {
      if (!pumping.add(thread)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    try {
      while (startNext(until)) {}
    } finally {
      lock.lock();
      try {
        pumping.remove(thread);
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean startNext(@Nullable Block until) {
    List<Runnable> later = new ArrayList<>();
    lock.lock();
    try {
      Block block = closed || (until != null && until.isOver()) ? null : next(later);
      if (block != null) {
        BlockRequest request = begin(block);
        later.add(request::start);
      }
    } finally {
      lock.unlock();
    }
    later.forEach(Runnable::run);
    return !later.isEmpty();
  }

  /** The next block for which a request and memory are left. */
  private @Nullable Block next(List<Runnable> later) {
    if (running >= settings.maxRequests()) {
      return null;
    }
    Block first = urgent.peekFirst();
    if (first != null) {
      return makeRoom(first, later) ? urgent.pollFirst() : null;
    }
    if (!ahead.isEmpty()) {
      return fits(ahead.getFirst().cost()) ? ahead.pollFirst() : null;
    }
    Block announcement = announced.peekFirst();
    // Readers of other bytes need memory, too: they would take it from announced blocks.
    if (announcement != null && fits(announcement.cost() + settings.maxMemory() / RESERVED_SHARE)) {
      return announced.pollFirst();
    }
    return null;
  }

  private boolean fits(long cost) {
    // Sources that are opened later need buffers, too.
    long kept = Math.max(settings.maxMemory() / BUFFERS_SHARE - buffers, 0);
    return memory + cost <= settings.maxMemory() - kept;
  }

  /**
   * Takes memory from other blocks, the last ones first, until {@code block} fits. A block that
   * waits for its memory waits only for blocks that readers are using at this moment.
   */
  private boolean makeRoom(Block block, List<Runnable> later) {
    evictUntil(block.cost(), later);
    return fits(block.cost()) || (held.isEmpty() && leftToCache == 0);
  }

  private void evictUntil(long cost, List<Runnable> later) {
    if (fits(cost)) {
      return;
    }
    for (Block victim : new ArrayList<>(held).reversed()) {
      if (victim.users == 0 && !victim.storing && !fits(cost)) {
        evict(victim, later);
      }
    }
  }

  private void evict(Block block, List<Runnable> later) {
    letGo(block, later);
    block.state = State.WAITING;
    if (block.announced) {
      block.queued = true;
      announced.addFirst(block);
    }
  }

  private BlockRequest begin(Block block) {
    block.queued = false;
    block.state = State.RUNNING;
    held.add(block);
    count(block.cost());
    running++;
    Wanted wanted = new Wanted.Bytes(block.begin, block.length, file.size(), file.version());
    BlockOwner owner = new BlockOwner(block);
    RangeRequest fetched = new RangeRequest(source, file.name(), wanted, settings, owner);
    BlockRequest request =
        cached == null
            ? fetched
            : new CachedRequest(cached, block.begin, block.length, fetched, owner);
    owner.request = request;
    block.request = request;
    return request;
  }

  /** Writes the bytes of a block to the cache, while readers may be using them. */
  private void store(FileBlocks cache, Block block, NativeMemory bytes) {
    try {
      cache.write(block.begin, bytes.segment().asSlice(0, block.length));
    } finally {
      boolean needed;
      lock.lock();
      try {
        block.storing = false;
        needed = bytes.equals(block.memory);
        if (!needed) {
          leftToCache--;
          count(-block.cost());
        }
      } finally {
        lock.unlock();
      }
      if (!needed) {
        KeptMemory.give(bytes);
      }
      pump(null);
    }
  }

  /** The result of a request belongs to its block, unless that was let go. */
  private final class BlockOwner implements RangeRequest.Owner {
    private final Block block;
    private @Nullable BlockRequest request;

    BlockOwner(Block block) {
      this.block = block;
    }

    private boolean isCurrent() {
      return request != null && request.equals(block.request);
    }

    @Override
    public void done(NativeMemory bytes, Range answer) {
      boolean needed;
      lock.lock();
      try {
        needed = isCurrent();
        if (needed) {
          running--;
          block.request = null;
          block.memory = bytes;
          block.state = State.DONE;
          block.storing = cached != null && !answer.version().isEmpty();
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
      if (!needed) {
        KeptMemory.give(bytes);
      } else if (cached != null && !answer.version().isEmpty()) {
        Thread.ofVirtual().name("disky-cache-write").start(() -> store(cached, block, bytes));
      }
      pump(null);
    }

    @Override
    public void failed(FetchFailure failure) {
      lock.lock();
      try {
        if (isCurrent()) {
          block.request = null;
          letGo(block, List.of()); // There is nothing left to do later.
          block.failure = failure;
          block.state = State.FAILED;
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
      pump(null);
    }

    @Override
    public boolean reserve() {
      lock.lock();
      try {
        boolean fits = isCurrent() && fits(block.cost());
        count(fits ? block.cost() : 0);
        return fits;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void release() {
      lock.lock();
      try {
        count(-block.cost());
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Returns when {@code block} is over or {@code stop} is true. The caller has the lock, and is one
   * of the users of the block.
   */
  void await(Block block, BooleanSupplier stop) throws InterruptedIOException {
    try {
      while (!block.isOver() && !stop.getAsBoolean()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      throw Interruption.exception(file.name(), "waiting for its bytes", e);
    }
  }

  /** The caller has the lock. */
  boolean isClosed() {
    return closed;
  }

  /** Wakes all readers. The caller has the lock. */
  void wake() {
    changed.signalAll();
  }

  /** Memory that was counted when this object was made is no longer used. */
  void free(long tail) {
    lock.lock();
    try {
      count(-tail);
    } finally {
      lock.unlock();
    }
  }

  /** Cancels everything. */
  void close() {
    List<Runnable> later = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      urgent.clear();
      ahead.clear();
      announced.clear();
      // A block that a reader is using at this moment is dropped when the reader leaves it.
      List.copyOf(held).forEach(block -> drop(block, later));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    later.forEach(Runnable::run);
  }
}
