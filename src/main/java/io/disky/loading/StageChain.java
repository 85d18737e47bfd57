package io.disky.loading;

import io.disky.order.OrderKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All stages, one after the other, for the records of one batch at a time. For one thread. */
final class StageChain implements RecordStage.Context {
  private final List<RecordStage> stages;
  private final OrderKey key;
  private final StageMemory[] memories = {new StageMemory(), new StageMemory()};
  private OrderKey epochKey;
  private long epoch = -1;
  private long position;
  private int source;
  private long number;

  /**
   * @param key the key from which the seeds of records are computed
   */
  StageChain(List<RecordStage> stages, OrderKey key) {
    this.stages = stages;
    this.key = key;
    this.epochKey = key;
  }

  boolean isEmpty() {
    return stages.isEmpty();
  }

  /** Prepares for a record. */
  void begin(long epoch, long position, int source, long number) {
    if (this.epoch != epoch) {
      this.epoch = epoch;
      epochKey = key.with(epoch);
    }
    this.position = position;
    this.source = source;
    this.number = number;
  }

  /**
   * The result of all stages; {@code null} if one of them leaves out the record. Valid until the
   * next call.
   *
   * @param scope the lifetime of all memory that stages get
   */
  @Nullable MemorySegment apply(MemorySegment record, Arena scope) throws Throwable {
    MemorySegment current = record;
    int maps = 0;
    for (RecordStage stage : stages) {
      switch (stage) {
        case RecordStage.Filter filter -> {
          if (!filter.predicate().test(this, current)) {
            return null;
          }
        }
        case RecordStage.Map map -> {
          StageMemory memory = memories[maps++ % 2];
          memory.begin(scope);
          try {
            map.mapping().map(this, current, memory);
          } finally {
            memory.end();
          }
          current = memory.result();
        }
      }
    }
    return current;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int source() {
    return source;
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public long seed() {
    return epochKey.hash(position);
  }

  /** The scope of the record has ended. */
  void endRecord() {
    for (StageMemory memory : memories) {
      memory.endRecord();
    }
  }

  void release() {
    for (StageMemory memory : memories) {
      memory.release();
    }
  }
}
