package io.disky.shards;

import io.disky.writing.ChunkBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A chunk that is being filled. Only the thread that holds the lock may use it. */
public final class ChunkStripe {
  public final ReentrantLock lock = new ReentrantLock();
  public ChunkBuffer chunk;

  /** Completes after the chunk was written; {@code null} if no caller wants to know. */
  private @Nullable CompletableFuture<Void> written;

  ChunkStripe(ChunkBuffer chunk) {
    this.chunk = chunk;
  }

  /**
   * Completes after the chunk was written. This is a copy of the future, so that no caller can
   * complete it for others.
   */
  public CompletableFuture<Void> written() {
    if (written == null) {
      written = new CompletableFuture<>();
    }
    return written.copy();
  }

  /**
   * Drops the records of the chunk.
   *
   * @return the future of these records, if a caller wants to know
   */
  @Nullable CompletableFuture<Void> drop() {
    CompletableFuture<Void> dropped = written;
    chunk.clear(0);
    written = null;
    return dropped;
  }

  /** Returns the chunk, and goes on with an empty one. */
  public ChunkTask handOver(ChunkBuffer empty) {
    ChunkTask task = new ChunkTask(chunk, written);
    chunk = empty;
    written = null;
    return task;
  }
}
