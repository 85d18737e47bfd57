package io.disky.loader;

import io.disky.collation.ColumnLayout;
import io.disky.collation.Offsets;
import io.disky.collation.PaddedRows;
import io.disky.collation.ResultMemory;
import io.disky.collation.Transposition;
import io.disky.loading.FilledBatch;
import io.disky.memory.MemoryFault;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives the records of a batch another form, in memory of the batch or of an arena. */
final class Collation {
  private final FilledBatch batch;
  private final @Nullable Arena arena;

  /**
   * @param arena where results are; {@code null} for memory that lives as long as the batch
   */
  Collation(FilledBatch batch, @Nullable Arena arena) {
    this.batch = batch;
    this.arena = arena;
  }

  /** A copy of all records. */
  MemorySegment data() {
    return copy(batch.data());
  }

  /** A copy of the offsets, as longs. */
  MemorySegment offsets() {
    return copy(batch.offsets());
  }

  private MemorySegment copy(MemorySegment from) {
    return filled(from.byteSize(), result -> result.filled().copyFrom(from)).shown();
  }

  /** The offsets as ints. */
  MemorySegment intOffsets() {
    MemorySegment offsets = batch.offsets();
    Offsets.requireInts(batch.size(), batch.toString());
    int count = batch.count() + 1;
    return filled(
            (long) count * Integer.BYTES, result -> Offsets.narrow(offsets, count, result.filled()))
        .shown();
  }

  /** Rows of {@code width} bytes. */
  PaddedRecords padded(long width) {
    MemorySegment data = batch.data();
    MemorySegment offsets = batch.offsets();
    requireWidth(width);
    int count = batch.count();
    long rows = Math.multiplyExact(count, width);
    long lengths = (long) count * Long.BYTES;
    long begin = ResultMemory.aligned(rows);
    ResultMemory memory =
        filled(
            Math.addExact(begin, lengths),
            result ->
                PaddedRows.copy(
                    data,
                    offsets,
                    count,
                    width,
                    result.filled().asSlice(0, rows),
                    result.filled().asSlice(begin, lengths)));
    return new PaddedRecords(
        memory.part(0, rows).shown(), width, memory.part(begin, lengths).shown());
  }

  private void requireWidth(long width) {
    if (width < 0) {
      throw new IllegalArgumentException("the width is negative: " + width);
    }
    for (int i = 0; width < batch.longest() && i < batch.count(); i++) {
      if (batch.length(i) > width) {
        throw new IllegalArgumentException(
            "record "
                + i
                + " of "
                + batch
                + " has "
                + batch.length(i)
                + " bytes, more than the width of "
                + width
                + ": choose a width of at least "
                + batch.longest());
      }
    }
  }

  /** Columns of the fields of {@code layout}. */
  Columns columns(ColumnLayout layout) {
    MemorySegment data = batch.data();
    int rows = batch.count();
    requireSize(layout.recordSize());
    ResultMemory memory =
        filled(
            layout.begins(rows)[layout.columns().size()],
            result -> Transposition.copy(data, rows, layout, result.filled()));
    return new Columns(layout, rows, memory.shown(), arena == null ? batch : null);
  }

  private void requireSize(long size) {
    for (int i = 0; i < batch.count() && !hasSize(size); i++) {
      if (batch.length(i) != size) {
        throw new IllegalStateException(
            "record "
                + i
                + " of "
                + batch
                + " has "
                + batch.length(i)
                + " bytes, but the layout has "
                + size
                + ": all records must have the size of the layout");
      }
    }
  }

  private boolean hasSize(long size) {
    return batch.fixedSize().orElse(-1) == size;
  }

  private ResultMemory filled(long size, Consumer<ResultMemory> fill) {
    if (arena == null) {
      ResultMemory result = batch.allocate(size);
      fill.accept(result);
      return result;
    }
    ResultMemory result = ResultMemory.of(arena, size);
    try {
      fill.accept(result);
      MemoryFault.throwPending();
    } catch (InternalError e) {
      throw new UncheckedIOException(MemoryFault.of("memory of an arena for records", e));
    }
    return result;
  }
}
