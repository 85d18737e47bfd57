package io.disky.loader;

import io.disky.loading.BatchFill;
import io.disky.loading.FilledBatch;
import io.disky.memory.BatchBuffer;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Batches without a loader. */
public final class LoadedBatches {
  static final long EPOCH = 1;
  static final long STEP = 2;
  static final long POSITION = 1L << 40;

  private LoadedBatches() {}

  /** A batch of {@code records}, in memory that is never used again. */
  public static LoadedBatch of(List<byte[]> records) {
    return new LoadedBatch(filled(records, new BatchBuffer(), buffer -> {}));
  }

  static LoadedBatch of(FilledBatch batch) {
    return new LoadedBatch(batch);
  }

  static FilledBatch filled(List<byte[]> records, BatchBuffer buffer, BatchBuffer.Owner owner) {
    BatchFill fill = new BatchFill();
    fill.begin(buffer, EPOCH, STEP, POSITION, records.size());
    for (int i = 0; i < records.size(); i++) {
      byte[] record = records.get(i);
      fill.add(MemorySegment.ofArray(record), 0, record.length, source(i), number(i), i);
    }
    return fill.finish(owner);
  }

  static int source(int index) {
    return index % 3;
  }

  static long number(int index) {
    return 7_000_000_000L + 10L * index;
  }
}
