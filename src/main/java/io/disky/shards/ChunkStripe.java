package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One of the chunks that a multi-threaded writer gathers, for whoever has its lock. */
public final class ChunkStripe {
  public final ReentrantLock lock = new ReentrantLock();
  public ChunkBuffer chunk;

  /** Completed when the chunk is written; only there if somebody asked. */
  private @Nullable CompletableFuture<Void> written;

  ChunkStripe(ChunkBuffer chunk) {
    this.chunk = chunk;
  }

  /** Completed when the chunk is written: a copy, so that nobody can complete those of others. */
  public CompletableFuture<Void> written() {
    if (written == null) {
      written = new CompletableFuture<>();
    }
    return written.copy();
  }

  /**
   * Forgets what was gathered.
   *
   * @return who is to get to know, if somebody asked
   */
  @Nullable CompletableFuture<Void> drop() {
    CompletableFuture<Void> dropped = written;
    chunk.clear(0);
    written = null;
    return dropped;
  }

  /** Hands the chunk over, and goes on with an empty one. */
  public ChunkTask handOver(ChunkBuffer empty) {
    ChunkTask task = new ChunkTask(chunk, written);
    chunk = empty;
    written = null;
    return task;
  }
}
