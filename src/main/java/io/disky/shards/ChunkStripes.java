package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The chunks that many threads fill at a time. A thread uses a chunk that no other thread is using,
 * so threads rarely wait for each other.
 */
public final class ChunkStripes {
  // More than the threads that can run at a time, so that few use the same chunk.
  private static final int PER_PROCESSOR = 2;
  private static final int MOST = 64;

  /** Their number is a power of two. */
  private final ChunkStripe[] stripes;

  public ChunkStripes(Supplier<ChunkBuffer> empty) {
    int wanted = Math.min(PER_PROCESSOR * Runtime.getRuntime().availableProcessors(), MOST);
    stripes = new ChunkStripe[Integer.highestOneBit(2 * wanted - 1)];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new ChunkStripe(empty.get());
    }
  }

  /**
   * Locks a stripe for the current thread, if possible always the same one. The caller unlocks it.
   */
  public ChunkStripe lock() {
    int preferred = (int) ((Thread.currentThread().threadId() * 0x9e3779b97f4a7c15L) >>> 32);
    for (int i = 0; i < stripes.length; i++) {
      ChunkStripe stripe = stripes[(preferred + i) & (stripes.length - 1)];
      if (stripe.lock.tryLock()) {
        return stripe;
      }
    }
    ChunkStripe stripe = stripes[preferred & (stripes.length - 1)];
    stripe.lock.lock();
    return stripe;
  }

  /**
   * Hands over all chunks that have records; if that fails, those that it handed over before.
   *
   * @param tasks gets the chunks
   * @param groupSize the number of records must be a multiple of it
   * @throws IllegalStateException if the number of records is not such a multiple; no chunk is
   *     handed over then
   */
  public void handOver(int groupSize, Supplier<ChunkBuffer> empty, List<ChunkTask> tasks) {
    // Other threads hold one stripe at a time, so any order of locking is free of deadlocks.
    for (ChunkStripe stripe : stripes) {
      stripe.lock.lock();
    }
    try {
      checkGroups(groupSize);
      for (ChunkStripe stripe : stripes) {
        if (!stripe.chunk.isEmpty()) {
          tasks.add(stripe.handOver(empty.get()));
        }
      }
    } finally {
      for (ChunkStripe stripe : stripes) {
        stripe.lock.unlock();
      }
    }
  }

  /**
   * Drops the records of all chunks.
   *
   * @param asked gets the futures of these records, if callers want to know
   */
  public void drop(Consumer<CompletableFuture<Void>> asked) {
    for (ChunkStripe stripe : stripes) {
      stripe.lock.lock();
      try {
        CompletableFuture<Void> dropped = stripe.drop();
        if (dropped != null) {
          asked.accept(dropped);
        }
      } finally {
        stripe.lock.unlock();
      }
    }
  }

  /** Frees the memory of the chunks. No thread may use the stripes any more. */
  public void release() {
    for (ChunkStripe stripe : stripes) {
      stripe.lock.lock();
      try {
        stripe.chunk.release();
      } finally {
        stripe.lock.unlock();
      }
    }
  }

  public int count() {
    return stripes.length;
  }

  private void checkGroups(int groupSize) {
    long records = 0;
    for (ChunkStripe stripe : stripes) {
      records += stripe.chunk.count();
    }
    if (records % groupSize != 0) {
      throw new IllegalStateException(
          records
              + " records are not a multiple of the group size "
              + groupSize
              + ": all groups of an ArrayRecord have the same size, so it cannot be flushed now");
    }
  }
}
