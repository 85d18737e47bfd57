package io.disky.reading;

import io.disky.threads.OwnerThread;

/**
 * A cursor whose records end as early as the API permits: each record ends when the next one is
 * requested, or when the callback that got it returns. A record is a copy in memory of its own,
 * because a part of a chunk cannot end before the chunk.
 */
public final class StrictCursor extends RecordCursor {
  /** A cursor as by {@link RecordCursor#RecordCursor}. */
  public StrictCursor(ChunkSupply supply, OwnerThread owner, int alignment) {
    super(supply, owner, alignment);
  }

  @Override
  boolean isToBeCopied() {
    return true;
  }

  @Override
  public void resume() {
    super.resume();
    endApart();
  }
}
