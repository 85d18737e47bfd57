package io.disky.shards;

import io.disky.engine.EngineException;
import io.disky.engine.NativeEncoder;
import io.disky.engine.StackProof;
import io.disky.engine.WriterSettings;
import io.disky.files.QuotedText;
import io.disky.memory.MemoryFault;
import io.disky.threads.WorkerPool;
import io.disky.writing.ChunkBuffer;
import io.disky.writing.RecordBuilder;
import io.disky.writing.RecordInPlace;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes many shards: chunks that many threads fill, a queue of full chunks, and worker threads
 * that encode these and write them to shards. Does not refer to the writer of shards that uses it,
 * so that the garbage collector finds a forgotten one. Thread-safe.
 */
public final class ShardedWriting {
  private final WriterSettings encoding;
  private final ShardWriters shards;
  private final ShardFailures failures;
  private final ChunkStripes stripes;
  private final int groupSize;
  private final ChunkQueue<WriteTask> queue;
  private final WorkerPool workers;
  private final boolean inline;
  private final AtomicInteger working = new AtomicInteger();
  private final Supplier<ChunkBuffer> newChunk;

  // Bounded, so that memory is freed after a burst.
  private final LinkedBlockingDeque<ChunkBuffer> unusedChunks;
  private final ConcurrentLinkedDeque<NativeEncoder> unusedEncoders = new ConcurrentLinkedDeque<>();

  // Held until all gathered chunks are in the queue: a flush must cover the chunks that another
  // flush has gathered, and closing must cover those of all flushes.
  private final ReentrantLock gathering = new ReentrantLock();

  private final ReentrantLock closing = new ReentrantLock();
  private final AtomicBoolean released = new AtomicBoolean();
  private volatile boolean closed;
  private volatile boolean abandoned;

  /**
   * Opens the first shards.
   *
   * @throws IOException if shards cannot be removed or opened
   */
  public ShardedWriting(
      WritableShards target,
      ShardWritingSettings settings,
      ShardEvents events,
      ShardFailures failures)
      throws IOException {
    this.failures = failures;
    this.newChunk = settings.newChunk();
    this.encoding = settings.writer();
    this.queue = new ChunkQueue<>(settings.queueTasks(), settings.queueBytes());
    this.inline = settings.threads() == 0;
    this.stripes = new ChunkStripes(newChunk);
    this.unusedChunks = new LinkedBlockingDeque<>(stripes.count() + settings.threads());
    this.groupSize = encoding.arrayRecord() ? encoding.groupSize() : 1;
    this.shards = new ShardWriters(target, settings, events, failures);
    this.workers =
        new WorkerPool(
            "disky-shards " + QuotedText.message(target.name()), settings.threads(), this::work);
  }

  /**
   * Adds a record to a chunk.
   *
   * @return if {@code async}, a future that completes when the record is written; else {@code null}
   * @throws IOException if a shard has failed, or all are full
   */
  public @Nullable CompletableFuture<Void> write(
      byte[] array, int offset, int length, boolean async) throws IOException {
    shards.checkNoCallback();
    ChunkStripe stripe = stripes.lock();
    ChunkBuffer before = stripe.chunk;
    try {
      checkAccepting();
      if (!before.tryAdd(array, offset, length)) {
        makeRoom(stripe, length);
        stripe.chunk.add(array, offset, length);
      }
      return async ? stripe.written() : null;
    } finally {
      unlock(stripe, before);
    }
  }

  /**
   * Adds a record to a chunk.
   *
   * @return if {@code async}, a future that completes when the record is written; else {@code null}
   * @throws io.disky.memory.MemoryFault if the memory of {@code record} cannot be accessed any more
   * @throws IOException if a shard has failed, or all are full
   */
  public @Nullable CompletableFuture<Void> write(MemorySegment record, boolean async)
      throws IOException {
    long length = record.byteSize();
    shards.checkNoCallback();
    ChunkStripe stripe = stripes.lock();
    ChunkBuffer before = stripe.chunk;
    try {
      checkAccepting();
      if (!before.tryAdd(record)) {
        makeRoom(stripe, length);
        stripe.chunk.add(record);
      }
      return async ? stripe.written() : null;
    } finally {
      unlock(stripe, before);
    }
  }

  /**
   * Adds a record that {@code builder} builds in the memory of a chunk. Other threads use other
   * chunks meanwhile; flushing and closing wait.
   *
   * @param maxSize the most bytes that the record can have
   * @throws io.disky.memory.MemoryFault if memory that the builder has used cannot be accessed any
   *     more; the record is not added
   * @throws IOException if a shard has failed, all are full, or the builder throws it; the record
   *     is not added
   */
  public void write(long maxSize, RecordBuilder builder) throws IOException {
    RecordInPlace.checkMaxSize(maxSize);
    shards.checkNoCallback();
    ChunkStripe stripe = stripes.lock();
    ChunkBuffer before = stripe.chunk;
    try {
      checkAccepting();
      makeRoom(stripe, 0); // otherwise a record that is built after a large one is moved
      ChunkBuffer chunk = stripe.chunk;
      long size = shards.build(chunk, maxSize, builder);
      if (chunk.overflows(size) && !chunk.isEmpty()) {
        moveBuilt(stripe, size);
      } else {
        chunk.add(size);
      }
    } finally {
      unlock(stripe, before);
    }
  }

  /** Adds the record that was built in the chunk of a locked stripe to the next chunk instead. */
  private void moveBuilt(ChunkStripe stripe, long size) throws MemoryFault {
    ChunkBuffer next = unusedChunk();
    boolean added = false;
    try {
      // Before the chunk enters the queue, because a worker may use its memory from then on.
      next.add(stripe.chunk.built(size));
      handOver(stripe, next);
      added = true;
    } finally {
      if (!added) {
        next.clear(0);
        if (stripe.chunk != next) {
          keepUnused(next);
        }
      }
    }
  }

  /** Makes room in the chunk of a locked stripe: if the chunk is full, waits for the queue. */
  private void makeRoom(ChunkStripe stripe, long length) {
    if (stripe.chunk.overflows(length) && !stripe.chunk.isEmpty()) {
      handOver(stripe, unusedChunk());
    }
  }

  /** Puts the chunk of a locked stripe into the queue, and goes on with {@code next}. */
  private void handOver(ChunkStripe stripe, ChunkBuffer next) {
    StackProof.require();
    startWorker();
    // The chunk enters the queue before the stripe is used again: that bounds the memory.
    ChunkTask task = stripe.handOver(next);
    try {
      queue.put(task, task.chunk().held());
    } catch (Throwable e) {
      lost(List.of(task), e);
      throw e;
    }
  }

  private void unlock(ChunkStripe stripe, ChunkBuffer before) {
    boolean handedOver = stripe.chunk != before;
    stripe.lock.unlock();
    if (handedOver && inline) {
      workOnce();
    }
  }

  private ChunkBuffer unusedChunk() {
    ChunkBuffer unused = unusedChunks.pollLast();
    return unused == null ? newChunk.get() : unused;
  }

  private void keepUnused(ChunkBuffer chunk) {
    if (!unusedChunks.offerLast(chunk)) {
      chunk.release();
    }
  }

  private void startWorker() {
    if (!inline) {
      workers.startOne();
    }
  }

  private void checkAccepting() throws IOException {
    if (closed) {
      throw new IllegalStateException("the writer of " + shards.name() + " is closed");
    }
    shards.checkAccepting();
  }

  private void work() {
    working.incrementAndGet();
    ChunkQueue.Entry<WriteTask> entry = queue.take();
    while (entry != null) {
      try {
        perform(entry);
      } catch (Throwable e) {
        // Other threads need this worker: without it they would wait for ever.
        shards.keep(e);
      }
      entry = queue.take();
    }
    if (working.decrementAndGet() == 0 && abandoned) {
      release();
    }
  }

  private boolean workOnce() {
    ChunkQueue.Entry<WriteTask> entry = queue.tryTake();
    if (entry != null) {
      perform(entry);
    }
    return entry != null;
  }

  /** Performs a task. Even if that fails, the task is done afterwards, and its future completes. */
  private void perform(ChunkQueue.Entry<WriteTask> entry) {
    WriteTask task = entry.task();
    IOException problem = null;
    try {
      problem =
          switch (task) {
            case ChunkTask chunk -> write(chunk.chunk());
            case FlushTask flush -> flush(flush);
          };
    } catch (Throwable e) {
      problem = shards.keep(e);
    } finally {
      queue.done(entry);
      complete(task, problem);
    }
  }

  private static void complete(WriteTask task, @Nullable IOException problem) {
    CompletableFuture<Void> written = task.written();
    if (task instanceof FlushTask flush && flush.awaited()) {
      // A caller waits for this, so completion must not depend on an executor.
      complete(flush.written(), problem, Runnable::run);
    } else if (written != null) {
      complete(written, problem, written.defaultExecutor());
    }
  }

  /** Uses another thread if possible: dependent stages may take long, or write records. */
  static void complete(
      CompletableFuture<Void> future, @Nullable Throwable problem, Executor executor) {
    Runnable completion =
        () -> {
          if (problem == null) {
            future.complete(null);
          } else {
            future.completeExceptionally(problem);
          }
        };
    try {
      executor.execute(completion);
    } catch (Throwable e) {
      // The executor refused: the future must complete on this thread.
      completion.run();
    }
  }

  private @Nullable IOException write(ChunkBuffer chunk) {
    NativeEncoder encoder = unusedEncoders.pollLast();
    try {
      if (encoder == null) {
        encoder = NativeEncoder.open(encoding);
      }
      encoder.encode(chunk.records(), chunk.ends());
      shards.write(encoder, chunk);
      return null;
    } catch (IOException e) {
      return shards.keep(e);
    } catch (EngineException e) {
      return encodingFailed(e);
    } catch (Throwable e) {
      return encodingFailed(e);
    } finally {
      if (encoder != null) {
        unusedEncoders.addLast(encoder);
      }
      chunk.clearUnused();
      keepUnused(chunk);
    }
  }

  private IOException encodingFailed(Throwable cause) {
    return shards.keep(
        new IOException(shards.name() + ": a chunk could not be encoded: " + cause, cause));
  }

  private @Nullable IOException flush(FlushTask flush) {
    queue.awaitDone(flush.before());
    try {
      shards.flush(flush.sync());
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /** Writes all records so far, and flushes all shards. */
  public void flush(boolean sync) throws IOException {
    CompletableFuture<Void> flushed = new CompletableFuture<>();
    flush(sync, flushed, true);
    try {
      flushed.join();
    } catch (CompletionException e) {
      throw unwrapped(e);
    }
  }

  /** A failure of a worker, with the current thread's stack trace. */
  private IOException unwrapped(CompletionException failure) {
    return failure.getCause() instanceof IOException cause
        ? failures.again(cause)
        : new IOException(failure.getMessage(), failure);
  }

  /** Begins to write all records so far, and to flush all shards. */
  public CompletableFuture<Void> flushAsync(boolean sync) throws IOException {
    CompletableFuture<Void> flushed = new CompletableFuture<>();
    flush(sync, flushed, false);
    return flushed.copy();
  }

  private void flush(boolean sync, CompletableFuture<Void> flushed, boolean awaited)
      throws IOException {
    shards.checkNoCallback();
    StackProof.require();
    gathering.lock();
    try {
      checkAccepting();
      if (sync) {
        shards.checkCanSync();
      }
      startWorker();
      submit(gathered(groupSize), false);
      // It takes up room in the queue, so that callers who do not wait for flushes are slowed down.
      enqueue(new FlushTask(sync, queue.came(), flushed, awaited), 0);
    } finally {
      gathering.unlock();
    }
    workInline();
  }

  /** All gathered records, in as few chunks as possible. */
  private List<ChunkTask> gathered(int groups) {
    List<ChunkTask> parts = new ArrayList<>(stripes.count());
    try {
      stripes.handOver(groups, this::unusedChunk, parts);
      return ChunkMerge.merge(parts, this::unusedChunk, this::keepUnused);
    } catch (Throwable e) {
      lost(parts, e);
      throw e;
    }
  }

  /**
   * Puts chunks into the queue.
   *
   * @param lastAlone whether all other chunks must be written before the last one
   */
  private void submit(List<ChunkTask> tasks, boolean lastAlone) {
    int queued = 0;
    try {
      while (queued < tasks.size()) {
        if (lastAlone && queued == tasks.size() - 1) {
          workInline();
          queue.awaitDone(queue.came());
        }
        startWorker();
        ChunkTask task = tasks.get(queued);
        enqueue(task, task.chunk().held());
        queued++;
      }
    } catch (Throwable e) {
      lost(tasks.subList(queued, tasks.size()), e);
      throw e;
    }
  }

  /** Without workers, this does not wait: the caller writes the chunk afterwards. */
  private void enqueue(WriteTask task, long bytes) {
    if (inline) {
      queue.add(task, bytes);
    } else {
      queue.put(task, bytes);
    }
  }

  /** Reports accepted records that are lost because they cannot be queued. */
  private void lost(List<ChunkTask> tasks, Throwable cause) {
    if (tasks.isEmpty()) {
      return;
    }
    IOException failure = shards.keep(lostRecords(cause));
    for (ChunkTask task : tasks) {
      complete(task, failure);
    }
  }

  private IOException lostRecords(Throwable cause) {
    return new IOException(
        shards.name() + ": records that were accepted are lost: " + cause, cause);
  }

  private void workInline() {
    boolean more = inline;
    while (more) {
      more = workOnce();
    }
  }

  /**
   * Writes all records, closes all shards, and ends the threads. A second call waits for the first.
   */
  public void close() throws IOException {
    shards.checkNoCallback();
    StackProof.require();
    closing.lock();
    try {
      if (!closed) {
        closeAll();
      }
    } finally {
      closing.unlock();
    }
  }

  private void closeAll() throws IOException {
    try {
      submitRest();
    } catch (Throwable e) {
      IOException lost = shards.keep(lostRecords(e));
      stripes.drop(written -> complete(written, lost, written.defaultExecutor()));
      throw e;
    } finally {
      workInline();
      queue.awaitDone(queue.came());
      queue.end();
      workers.join();
      try {
        shards.close();
      } finally {
        release();
      }
    }
  }

  private void submitRest() {
    gathering.lock();
    try {
      closed = true;
      // The last group of an ArrayRecord may be incomplete: no group follows it in its shard.
      submit(gathered(1), true);
    } finally {
      gathering.unlock();
    }
  }

  /** Drops all chunks that no worker has taken, and ends. Does not wait. */
  public void abandon() {
    if (closed) {
      return;
    }
    closed = true;
    abandoned = true;
    System.getLogger("io.disky")
        .log(
            Level.WARNING,
            "The writer of {0} was never closed; its last records are lost. Use try-with-resources.",
            shards.name());
    IOException lost = new IOException(shards.name() + ": the writer was never closed");
    for (WriteTask task : queue.abandon()) {
      complete(task, lost);
    }
    stripes.drop(written -> complete(written, lost, written.defaultExecutor()));
    if (working.get() == 0) {
      release();
    }
  }

  /** Frees all memory, and discards shards that are still open. */
  private void release() {
    if (!released.compareAndSet(false, true)) {
      return;
    }
    shards.discard();
    NativeEncoder encoder = unusedEncoders.pollLast();
    while (encoder != null) {
      encoder.close();
      encoder = unusedEncoders.pollLast();
    }
    ChunkBuffer chunk = unusedChunks.pollLast();
    while (chunk != null) {
      chunk.release();
      chunk = unusedChunks.pollLast();
    }
    stripes.release();
  }

  /** The name of all shards together in messages. */
  public String name() {
    return shards.name();
  }

  public boolean isOpen() {
    return !closed;
  }

  /** Number of chunks and flushes that are waiting or under way. */
  public int pendingTasks() {
    StackProof.require();
    return queue.pending();
  }

  /** Number of open shards that no thread is writing to. */
  public int idleShards() {
    StackProof.require();
    return shards.idle();
  }

  /** The shards so far, in the order in which they were opened. */
  public List<NumberedShard> shards() {
    StackProof.require();
    return shards.list();
  }
}
