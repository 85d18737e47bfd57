package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The chunks that many threads gather at a time: a thread finds one that no other is using, so that
 * they do not wait for each other.
 */
public final class ChunkStripes {
  // More than there can be threads running, so that few meet.
  private static final int PER_PROCESSOR = 2;
  private static final int MOST = 64;

  /** As many as a power of two. */
  private final ChunkStripe[] stripes;

  public ChunkStripes(Supplier<ChunkBuffer> empty) {
    int wanted = Math.min(PER_PROCESSOR * Runtime.getRuntime().availableProcessors(), MOST);
    stripes = new ChunkStripe[Integer.highestOneBit(2 * wanted - 1)];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new ChunkStripe(empty.get());
    }
  }

  /** A stripe for the current thread alone, by preference always the same one; to be unlocked. */
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
   * Hands over all that was gathered, or what it came to before it failed.
   *
   * @param tasks gets it
   * @param groupSize what the number of records has to be a multiple of; nothing is handed over
   *     otherwise
   * @throws IllegalStateException if it is not
   */
  public void handOver(int groupSize, Supplier<ChunkBuffer> empty, List<ChunkTask> tasks) {
    // Writers have one stripe at a time, so the order in which they are locked does not matter.
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
   * Forgets all that was gathered.
   *
   * @param asked gets the futures of those who asked for it
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

  /** Lets go of all memory; nothing is gathered any more. */
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
              + " records do not make groups of "
              + groupSize
              + ": the groups of an ArrayRecord are of one size, so it cannot be flushed here");
    }
  }
}
