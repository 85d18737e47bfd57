package io.disky.loader;

import io.disky.loading.BatchPublisher;
import io.disky.loading.EpochSteps;
import io.disky.loading.FilledBatch;
import io.disky.loading.LoadedSource;
import io.disky.loading.LoadingSession;
import io.disky.loading.Progress;
import io.disky.order.ChunkLayout;
import io.disky.order.Fingerprint;
import io.disky.order.OrderKey;
import io.disky.order.OrderSpec;
import io.disky.threads.Closing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow.Publisher;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Loads records in batches, in an order that is a specification: the same data, seed and options
 * give the same sequence with any number of threads and processes, and a loader that is opened with
 * the {@linkplain #state() state} of another one continues with exactly the next record.
 *
 * {@snippet :
 * RecordSource data = RecordSource.files(Path.of("train.arrayrecord"));
 * LoaderOptions options =
 *     LoaderOptions.defaults().withSeed(7).withShuffle(Shuffle.global()).withBatchSize(256);
 * try (DataLoader loader = DataLoader.open(data, options)) {
 *   for (LoadedBatch batch : loader) {
 *     train(batch.data(), batch.offsets());
 *   }
 * }
 * }
 *
 * <p><b>Batches.</b> {@link #next()} returns the next batch, which belongs to the caller, who must
 * close it. {@link #iterator()} and {@link #stream()} close each batch when the next one is taken.
 * Batches stay valid after the loader is closed.
 *
 * <p><b>Threads.</b> Workers load ahead of the caller. Any thread may call any method; threads that
 * call {@link #next()} at the same time get different batches. With {@link BatchSize#bytes} and
 * {@link BatchSize#cost}, one thread must take all batches. Filters, mappers and sources of the user
 * must not use the loader that calls them.
 *
 * <p><b>Memory.</b> {@link LoaderOptions#withMemory} bounds the memory for chunks and batches. The
 * loader takes nothing that grows with the data but the index of files (at most 16 bytes of the Java
 * heap for each chunk) and, with {@link Shuffle#windowed}, 16 bytes for each window.
 *
 * <p><b>Failures.</b> If reading, a filter or a mapper fails, {@link #next()} throws that failure
 * after all batches before. The loader then cannot be used any more; open another one with its
 * {@link #state()}. An interrupt or a timeout is no such failure: the next call goes on.
 *
 * <p>A forgotten loader is closed after the garbage collector finds it; the logger {@code io.disky}
 * reports that.
 */
public final class DataLoader implements Iterable<LoadedBatch>, AutoCloseable {
  private final LoaderOptions options;
  private final OrderSpec spec;
  private final Fingerprint fingerprint;
  private final LoadingSession session;
  private final Cleaner.Cleanable cleanable;

  private DataLoader(
      LoaderOptions options, OrderSpec spec, Fingerprint fingerprint, LoadingSession session) {
    this.options = options;
    this.spec = spec;
    this.fingerprint = fingerprint;
    this.session = session;
    this.cleanable = session.closeWith(this);
  }
}
