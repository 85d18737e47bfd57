package io.disky;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Spliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Batches, taken from one reader by however many threads there are: a part that was split off takes
 * from the same reader, so no thread gets ahead of its own work and memory stays bounded.
 */
final class BatchSpliterator implements Spliterator<RecordBatch> {
  /** Where batches come from; asked by any thread. */
  @FunctionalInterface
  interface Source {
    /** The next batch; {@code null} at the end. */
    @Nullable RecordBatch take() throws IOException;
  }

  private static final int SPLITS_PER_PROCESSOR = 4;

  private final Source source;
  private int splits;

  BatchSpliterator(Source source) {
    this(source, SPLITS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors());
  }

  private BatchSpliterator(Source source, int splits) {
    this.source = source;
    this.splits = splits;
  }

  @Override
  public boolean tryAdvance(Consumer<? super RecordBatch> action) {
    RecordBatch batch;
    try {
      batch = source.take();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (batch == null) {
      return false;
    }
    action.accept(batch);
    return true;
  }

  @Override
  public @Nullable Spliterator<RecordBatch> trySplit() {
    if (splits <= 1) {
      return null;
    }
    BatchSpliterator part = new BatchSpliterator(source, splits / 2);
    splits -= part.splits;
    return part;
  }

  @Override
  public long estimateSize() {
    return Long.MAX_VALUE;
  }

  @Override
  public int characteristics() {
    return NONNULL;
  }
}
