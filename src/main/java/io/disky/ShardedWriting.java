package io.disky;

import io.disky.internal.NativeEncoder;
import io.disky.internal.NativeException;
import io.disky.internal.NativeWriter;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link MultiThreadedWriter} is behind its face: chunks gathered by many threads, a queue
 * of full ones, and workers that encode them and write them to shards. Does not reach the writer,
 * so that it can be forgotten. Thread-safe.
 */
final class ShardedWriting {
  private static final Logger LOGGER = System.getLogger("io.disky");

  private final WriterOptions writerOptions;
  private final NativeWriter.Options nativeOptions;
  private final ShardWriters shards;
  private final ChunkStripes stripes;
  private final int groupSize;
  private final ChunkQueue<WriteTask> queue;
  private final WorkerPool workers;
  private final boolean inline;
  private final AtomicInteger working = new AtomicInteger();
  private final ConcurrentLinkedDeque<ChunkBuffer> unusedChunks = new ConcurrentLinkedDeque<>();
  private final ConcurrentLinkedDeque<NativeEncoder> unusedEncoders = new ConcurrentLinkedDeque<>();
  private final ReentrantLock closing = new ReentrantLock();
  private final AtomicBoolean released = new AtomicBoolean();
  private volatile boolean closed;
  private volatile boolean abandoned;

  ShardedWriting(ShardTarget target, MultiThreadedWriterOptions options) throws IOException {
    this.writerOptions = options.writerOptions();
    this.nativeOptions = RecordWriter.nativeOptions(writerOptions);
    this.queue = new ChunkQueue<>(options.taskQueueCapacity(), options.taskQueueBytes());
    this.inline = options.workerThreads() == 0;
    this.stripes = new ChunkStripes(this::unusedChunk);
    this.groupSize =
        writerOptions.container() == Container.ARRAY_RECORD ? writerOptions.groupSize() : 1;
    this.shards = new ShardWriters(target, options);
    this.workers =
        new WorkerPool("disky-shards " + target.name(), options.workerThreads(), this::work);
  }

  /** Adds a record to a chunk; if {@code async}, says when it is written. */
  @Nullable CompletableFuture<Void> write(byte[] array, int offset, int length, boolean async)
      throws IOException {
    ChunkStripe stripe = stripes.lock();
    ChunkBuffer before = stripe.chunk;
    try {
      MemorySegment data = reserve(stripe, length);
      ChunkBuffer chunk = stripe.chunk;
      MemorySegment.copy(array, offset, data, ValueLayout.JAVA_BYTE, chunk.size(), length);
      chunk.add(length);
      return async ? stripe.written() : null;
    } finally {
      unlock(stripe, before);
    }
  }

  /** Adds a record to a chunk; if {@code async}, says when it is written. */
  @Nullable CompletableFuture<Void> write(MemorySegment record, boolean async) throws IOException {
    long length = record.byteSize();
    ChunkStripe stripe = stripes.lock();
    ChunkBuffer before = stripe.chunk;
    try {
      MemorySegment data = reserve(stripe, length);
      ChunkBuffer chunk = stripe.chunk;
      MemorySegment.copy(record, 0, data, chunk.size(), length);
      chunk.add(length);
      return async ? stripe.written() : null;
    } finally {
      unlock(stripe, before);
    }
  }

  /** Makes room in the chunk of a locked stripe; waits for the queue if that one is full. */
  private MemorySegment reserve(ChunkStripe stripe, long length) throws IOException {
    checkAccepting();
    if (stripe.chunk.overflows(length) && !stripe.chunk.isEmpty()) {
      startWorker();
      // In the queue before the stripe goes on: that bounds what is held.
      ChunkTask task = stripe.handOver(unusedChunk());
      queue.put(task, bytes(task.chunk()));
    }
    return stripe.chunk.reserve(length);
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
    return unused == null ? ChunkBuffer.of(writerOptions) : unused;
  }

  private static long bytes(ChunkBuffer chunk) {
    return chunk.size() + Long.BYTES * chunk.count();
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
      perform(entry);
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

  private void perform(ChunkQueue.Entry<WriteTask> entry) {
    WriteTask task = entry.task();
    IOException problem =
        switch (task) {
          case ChunkTask chunk -> write(chunk.chunk());
          case FlushTask flush -> flush(flush);
        };
    queue.done(entry);
    CompletableFuture<Void> written = task.written();
    if (written != null) {
      complete(written, problem);
    }
  }

  /** On another thread: what depends on it may take its time, or write more. */
  private static void complete(CompletableFuture<Void> future, @Nullable Throwable problem) {
    future
        .defaultExecutor()
        .execute(() -> {
          if (problem == null) {
            future.complete(null);
          } else {
            future.completeExceptionally(problem);
          }
        });
  }

  private @Nullable IOException write(ChunkBuffer chunk) {
    NativeEncoder encoder = unusedEncoders.pollLast();
    try {
      if (encoder == null) {
        encoder = NativeEncoder.open(nativeOptions);
      }
      encoder.encode(chunk.records(), chunk.ends());
      shards.write(encoder, chunk);
      return null;
    } catch (IOException e) {
      shards.keep(e);
      return e;
    } catch (NativeException e) {
      return encodingFailed(e);
    } catch (Throwable e) {
      return encodingFailed(e);
    } finally {
      if (encoder != null) {
        unusedEncoders.addLast(encoder);
      }
      chunk.clear(0);
      unusedChunks.addLast(chunk);
    }
  }

  private IOException encodingFailed(Throwable cause) {
    IOException failure =
        new IOException(shards.name() + ": a chunk could not be encoded: " + cause, cause);
    shards.keep(failure);
    return failure;
  }

  private @Nullable IOException flush(FlushTask flush) {
    queue.awaitDone(flush.before());
    try {
      shards.flush(flush.mode());
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  /** Writes all records so far, and flushes all shards. */
  CompletableFuture<Void> flush(FlushMode mode) throws IOException {
    if (writerOptions.atomicCreation() && mode == FlushMode.SYNC) {
      throw new IllegalStateException(
          "the writer of "
              + shards.name()
              + " creates shards atomically: nothing of them outlives a power cut before they are"
              + " closed");
    }
    checkAccepting();
    submit(gathered(groupSize));
    CompletableFuture<Void> flushed = new CompletableFuture<>();
    startWorker();
    queue.add(new FlushTask(mode, queue.came(), flushed), 0);
    workInline();
    return flushed.copy();
  }

  /** All that was gathered, in as few chunks as it makes. */
  private List<ChunkTask> gathered(int groups) {
    return ChunkMerge.merge(
        stripes.handOver(groups, this::unusedChunk), this::unusedChunk, unusedChunks::addLast);
  }

  private void submit(List<ChunkTask> tasks) {
    for (ChunkTask task : tasks) {
      startWorker();
      if (inline) {
        queue.add(task, bytes(task.chunk()));
        workInline();
      } else {
        queue.put(task, bytes(task.chunk()));
      }
    }
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
  void close() throws IOException {
    if (workers.isCurrent()) {
      throw new IllegalStateException(
          "the writer of " + shards.name() + " cannot be closed by its own listener");
    }
    closing.lock();
    try {
      if (!closed) {
        closed = true;
        closeAll();
      }
    } finally {
      closing.unlock();
    }
  }

  private void closeAll() throws IOException {
    try {
      List<ChunkTask> rest = gathered(1);
      if (!rest.isEmpty()) {
        int last = rest.size() - 1;
        submit(rest.subList(0, last));
        // The last group of an ArrayRecord may be incomplete: in its shard none follows it.
        queue.awaitDone(queue.came());
        submit(rest.subList(last, last + 1));
      }
      queue.awaitDone(queue.came());
    } finally {
      queue.end();
      workers.join();
      try {
        shards.close();
      } finally {
        release();
      }
    }
  }

  /** Drops what is not under way, and ends. Does not wait. */
  void abandon() {
    if (closed) {
      return;
    }
    closed = true;
    abandoned = true;
    LOGGER.log(
        Level.WARNING,
        "The writer of {0} was never closed; its last records are lost. Use try-with-resources.",
        shards.name());
    IOException lost = new IOException(shards.name() + ": the writer was never closed");
    List<WriteTask> dropped = new ArrayList<>(queue.abandon());
    dropped.addAll(stripes.handOver(1, this::unusedChunk));
    for (WriteTask task : dropped) {
      CompletableFuture<Void> written = task.written();
      if (written != null) {
        complete(written, lost);
      }
    }
    if (working.get() == 0) {
      release();
    }
  }

  /** Lets go of all memory, and of shards that are open still. */
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
    unusedChunks.clear();
  }

  boolean isOpen() {
    return !closed;
  }

  int pendingTasks() {
    return queue.pending();
  }

  int availableWriters() {
    return shards.idle();
  }

  List<WrittenShard> shards() {
    return shards.list();
  }
}
