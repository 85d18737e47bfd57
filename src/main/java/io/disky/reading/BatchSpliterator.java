package io.disky.reading;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Spliterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Batches that any number of threads take from one reader. A part that was split off takes from the
 * same reader: no thread gets ahead of its own work, so memory stays bounded.
 *
 * @param <B> a batch
 */
public final class BatchSpliterator<B> implements Spliterator<B> {
  /** Supplies batches to any thread. */
  @FunctionalInterface
  public interface Source<B> {
    /** The next batch; {@code null} at the end. */
    @Nullable B take() throws IOException;
  }

  private static final int SPLITS_PER_PROCESSOR = 4;

  private final Source<B> source;
  private int splits;

  /** Takes batches from {@code source}. */
  public BatchSpliterator(Source<B> source) {
    this(source, SPLITS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors());
  }

  private BatchSpliterator(Source<B> source, int splits) {
    this.source = source;
    this.splits = splits;
  }

  @Override
  public boolean tryAdvance(Consumer<? super B> action) {
    B batch;
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
  public @Nullable Spliterator<B> trySplit() {
    if (splits <= 1) {
      return null;
    }
    BatchSpliterator<B> part = new BatchSpliterator<>(source, splits / 2);
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
