package io.disky.loading;

import io.disky.memory.BatchBuffer;
import org.jspecify.annotations.Nullable;

/** A batch from its planning until the consumer has closed it. */
final class Delivery implements BatchBuffer.Owner {
  /** Takes back the memory of a batch. */
  interface Returns {
    /** The batch was closed, so {@code buffer} is free. */
    void give(Delivery delivery, BatchBuffer buffer);
  }

  private final PlannedBatch planned;
  private final Returns returns;

  // The lock of the schedule guards these fields.
  private boolean done;
  private @Nullable FilledBatch batch;
  private @Nullable Throwable failure;
  private long counted;

  Delivery(PlannedBatch planned, Returns returns) {
    this.planned = planned;
    this.returns = returns;
    this.counted = planned.expected();
  }

  PlannedBatch planned() {
    return planned;
  }

  boolean isDone() {
    return done;
  }

  /** The batch was gathered. Returns its memory minus the memory counted before, in bytes. */
  long complete(FilledBatch gathered) {
    long excess = gathered.memory() - counted;
    batch = gathered;
    counted = gathered.memory();
    done = true;
    return excess;
  }

  /** The batch could not be gathered. */
  void fail(Throwable reason) {
    failure = reason;
    done = true;
  }

  /** The consumer takes the batch. This object no longer refers to it, so it can be collected. */
  @Nullable FilledBatch take() {
    FilledBatch gathered = batch;
    batch = null;
    return gathered;
  }

  @Nullable FilledBatch batch() {
    return batch;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** The memory that is counted for the batch, in bytes. */
  long counted() {
    return counted;
  }

  @Override
  public void give(BatchBuffer buffer) {
    returns.give(this, buffer);
  }
}
