package io.disky.loading;

import io.disky.memory.BatchBuffer;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/** A batch on its way to the consumer, and until the consumer has closed it. */
final class Delivery implements BatchBuffer.Owner {
  /** Takes back the memory of a batch. */
  interface Returns {
    /** The batch was closed, which has made {@code buffer} free. */
    void give(Delivery delivery, BatchBuffer buffer);
  }

  private final PlannedBatch planned;
  private final Returns returns;

  // Set before the consumer gets the batch.
  private Cleaner.@Nullable Cleanable end;

  // The lock of the schedule guards these fields.
  private boolean done;
  private @Nullable FilledBatch batch;
  private @Nullable Throwable failure;
  private long counted;
  private int filtered;

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

  /** The batch was gathered. Returns by how much its memory exceeds what was counted, in bytes. */
  long complete(FilledBatch gathered, int left) {
    filtered = left;
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

  /** The consumer has taken the batch: this object does not keep it from being forgotten. */
  @Nullable FilledBatch take() {
    FilledBatch gathered = batch;
    batch = null;
    return gathered;
  }

  @Nullable FilledBatch batch() {
    return batch;
  }

  /** How many records the filters have left out. */
  int filtered() {
    return filtered;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** The memory that is counted for the batch, in bytes. */
  long counted() {
    return counted;
  }

  /** The end of the batch that the consumer has, when it closes or forgets the batch. */
  void endWith(Cleaner.Cleanable cleanable) {
    end = cleanable;
  }

  @Override
  public void give(BatchBuffer buffer) {
    returns.give(this, buffer);
  }

  /** Ends the count of the batch. */
  void end(Runnable free) {
    Cleaner.Cleanable cleanable = end;
    if (cleanable == null) {
      free.run();
    } else {
      cleanable.clean();
    }
  }
}
