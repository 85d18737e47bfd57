package io.disky.loader;

import io.disky.loading.BatchPublisher;
import io.disky.loading.EpochSteps;
import io.disky.loading.FilledBatch;
import io.disky.loading.LoadedSource;
import io.disky.loading.LoadingSession;
import io.disky.loading.Progress;
import io.disky.loading.SizedBatches;
import io.disky.order.ChunkLayout;
import io.disky.order.Fingerprint;
import io.disky.order.OrderKey;
import io.disky.order.OrderPlan;
import io.disky.order.OrderSpec;
import io.disky.order.OrderState;
import io.disky.order.PlanRequest;
import io.disky.order.ShuffleMethod;
import io.disky.order.Steps;
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
 * {@link BatchSize#cost}, one thread must take all batches. Filters, mappers and sources of the
 * user must not use the loader that calls them.
 *
 * <p><b>Memory.</b> {@link LoaderOptions#withMemory} bounds the memory for chunks and batches. The
 * loader takes nothing that grows with the data but the index of files (at most 16 bytes of the
 * Java heap for each chunk) and, with {@link Shuffle#windowed}, 16 bytes for each window.
 *
 * <p><b>Failures.</b> If reading, a filter or a mapper fails, {@link #next()} throws that failure
 * after all batches before. The loader then cannot be used any more; open another one with its
 * {@link #state()}. An interrupt or a timeout is no such failure: the next call goes on.
 *
 * <p>A forgotten loader is closed after the garbage collector finds it; the logger {@code io.disky}
 * reports that.
 */
public final class DataLoader implements Iterable<LoadedBatch>, AutoCloseable {
  private static final Progress BEGINNING = new Progress(0, 0, 0, new long[0]);
  private static final String RECORD_SEEDS = "record seeds";
  private static final long PART_BYTES = 1 << 20;
  private static final long MOST_PART_RECORDS = 1 << 14;

  private final LoaderOptions options;
  private final Mix mix;
  private final OrderSpec spec;
  private final Fingerprint fingerprint;
  private final LoadingSession session;
  private final Cleaner.Cleanable cleanable;

  // The positions of the epoch that was asked about last.
  private final Object inverseLock = new Object();
  private OrderSpec.@Nullable Positions inverse;
  private long inverseEpoch;

  // Makes batches that are limited by bytes or cost.
  private volatile @Nullable SizedBatches sized;

  private DataLoader(
      LoaderOptions options,
      Mix mix,
      OrderSpec spec,
      Fingerprint fingerprint,
      LoadingSession session,
      Progress start) {
    this.options = options;
    this.mix = mix;
    this.spec = spec;
    this.fingerprint = fingerprint;
    this.session = session;
    this.sized = sized(start);
    this.cleanable = session.closeWith(this);
  }

  /**
   * Opens a loader of one source. Throws as {@link #open(Mix, LoaderOptions)} does.
   *
   * @param source the records
   */
  public static DataLoader open(RecordSource source, LoaderOptions options) throws IOException {
    return open(Mix.of(source), options);
  }

  /**
   * Opens a loader.
   *
   * @param mix the sources and how they are combined
   * @throws IllegalArgumentException if the state of {@code options} belongs to other data, another
   *     seed, shuffle or mix; if batches by bytes or cost are combined with several ranks or with
   *     {@link Remainder#DROP} or {@link Remainder#PAD}; if a batch is smaller than the number of
   *     ranks; or if the weights of the mix are too large
   * @throws IOException if a source cannot be opened; the message names the file
   */
  public static DataLoader open(Mix mix, LoaderOptions options) throws IOException {
    checkSized(options);
    List<LoadedSource> sources = openSources(mix, options);
    boolean opened = false;
    try {
      DataLoader loader = open(mix, options, sources);
      opened = true;
      return loader;
    } finally {
      if (!opened) {
        closeAll(sources);
      }
    }
  }

  private static void checkSized(LoaderOptions options) {
    if (!options.batchSize().isRecords()
        && (options.worldSize() > 1 || options.remainder() != Remainder.EVEN)) {
      throw new IllegalArgumentException(
          "batches of "
              + options.batchSize()
              + " work with one rank and Remainder.EVEN only, because their steps depend on the"
              + " contents of records: use BatchSize.records");
    }
  }

  private static List<LoadedSource> openSources(Mix mix, LoaderOptions options) throws IOException {
    boolean global = options.shuffle().method() instanceof ShuffleMethod.Global;
    long cacheSize = global ? options.memory() / 2 / mix.sources().size() : 0;
    List<LoadedSource> opened = new ArrayList<>();
    boolean complete = false;
    try {
      for (RecordSource source : mix.sources()) {
        opened.add(source.open(cacheSize));
      }
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        closeAll(opened);
      }
    }
  }

  private static void closeAll(List<LoadedSource> sources) {
    Closing closing = new Closing();
    sources.forEach(source -> closing.step(source::close));
    closing.end();
  }

  private static DataLoader open(Mix mix, LoaderOptions options, List<LoadedSource> sources) {
    List<ChunkLayout> layouts = sources.stream().map(LoadedSource::layout).toList();
    OrderSpec spec = mix.order(layouts, options.shuffle(), options.seed());
    Fingerprint fingerprint =
        Fingerprint.of(sources.stream().map(LoadedSource::identity).toList(), layouts);
    Progress start = start(options, spec, fingerprint);
    LoadingSession session =
        new LoadingSession(
            name(sources),
            sources,
            new EpochSteps(spec, division(options, sources), start),
            options.settings(
                OrderKey.of(options.seed()).with(RECORD_SEEDS),
                sources.stream().mapToLong(LoadedSource::cacheSize).sum()),
            start);
    return new DataLoader(options, mix, spec, fingerprint, session, start);
  }

  private static String name(List<LoadedSource> sources) {
    String first = sources.getFirst().name();
    return sources.size() == 1 ? first : first + " and " + (sources.size() - 1) + " more sources";
  }

  private static Progress start(LoaderOptions options, OrderSpec spec, Fingerprint fingerprint) {
    LoaderState state = options.state().orElse(null);
    if (state == null) {
      return BEGINNING;
    }
    OrderState order = state.room();
    order.requireFits(spec, fingerprint);
    return new Progress(order.epoch(), order.position(), order.position(), order.checkpoint());
  }

  private static EpochSteps.Division division(LoaderOptions options, List<LoadedSource> sources) {
    return new EpochSteps.Division(
        partRecords(options.batchSize(), sources),
        options.rank(),
        options.worldSize(),
        options.remainder().room(),
        options.epochs());
  }

  /** Records of a batch of the pipeline. Batches of limited size are made of several of these. */
  private static long partRecords(BatchSize size, List<LoadedSource> sources) {
    if (size.isRecords()) {
      return size.most();
    }
    long mean = sources.stream().mapToLong(LoadedSource::meanRecordSize).max().orElse(1);
    long bytes = size.isBytes() ? Math.min(size.most(), PART_BYTES) : PART_BYTES;
    return Math.clamp(bytes / mean, 1, MOST_PART_RECORDS);
  }

  private @Nullable SizedBatches sized(Progress start) {
    BatchSize size = options.batchSize();
    if (size.isRecords()) {
      return null;
    }
    var cost = size.cost().orElse(null);
    return new SizedBatches(
        session.pipeline(), spec, size.most(), cost == null ? null : cost::applyAsLong, start);
  }

  // ---- batches ----

  /**
   * The next batch; {@code null} after the last one of the last epoch. Waits for it if necessary.
   * The caller must close it.
   *
   * @throws IOException if a source cannot be read, or a filter or mapper throws it
   * @throws java.io.InterruptedIOException if the thread is interrupted while it waits; it stays
   *     interrupted, and the next call goes on
   * @throws io.disky.CorruptFileException if a record is damaged, and no or no more damage is
   *     allowed
   * @throws IllegalStateException if the loader is closed or has failed; if the batches that are
   *     not closed take all memory longer than {@link LoaderOptions#holdTimeout()}; if no batch
   *     comes within {@link LoaderOptions#stallTimeout()}; if filters leave out more records than
   *     allowed; or if the thread is in a filter, mapper or source of this loader
   */
  public @Nullable LoadedBatch next() throws IOException {
    try {
      SizedBatches limited = sized;
      FilledBatch batch = limited == null ? session.pipeline().next() : limited.next();
      return batch == null ? null : new LoadedBatch(batch);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The next batches. The iterator closes each batch when the next one is requested, so a batch is
   * valid in the body of a loop only. The iterator throws as {@link #next()} does, but an {@link
   * UncheckedIOException} instead of an {@link IOException}.
   */
  @Override
  public Iterator<LoadedBatch> iterator() {
    return new Batches();
  }

  /** Iterates; the last batch is closed after the end was found. */
  private final class Batches implements Iterator<LoadedBatch> {
    private @Nullable LoadedBatch current;
    private @Nullable LoadedBatch following;

    @Override
    public boolean hasNext() {
      if (following == null) {
        closeCurrent();
        following = nextUnchecked();
      }
      return following != null;
    }

    @Override
    public LoadedBatch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      LoadedBatch next = Objects.requireNonNull(following);
      following = null;
      current = next;
      return next;
    }

    private void closeCurrent() {
      LoadedBatch last = current;
      current = null;
      if (last != null) {
        last.close();
      }
    }
  }

  private @Nullable LoadedBatch nextUnchecked() {
    try {
      return next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The next batches as a stream that is not parallel; lifetimes and exceptions as {@link
   * #iterator}.
   */
  public Stream<LoadedBatch> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  @Override
  public Spliterator<LoadedBatch> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        iterator(), Spliterator.ORDERED | Spliterator.NONNULL);
  }

  /**
   * The next batches for one subscriber, which closes each batch.
   *
   * @param executor runs the deliveries, one at a time; they wait for batches
   */
  public Publisher<LoadedBatch> publisher(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    return new BatchPublisher<>(this::next, executor);
  }

  // ---- order ----

  /**
   * How far the loader has delivered: {@link LoaderOptions#withState} continues there. Takes less
   * than a microsecond; with {@link Shuffle#reservoir} it takes some milliseconds. Any thread may
   * call it at any time, after the loader is closed, too.
   */
  public LoaderState state() {
    SizedBatches limited = sized;
    Progress now = limited == null ? session.pipeline().delivered() : limited.delivered();
    return new LoaderState(
        new OrderState(
            fingerprint,
            options.seed(),
            spec.shuffleText(),
            spec.mixText(),
            now.epoch(),
            now.position(),
            now.exactCheckpoint(spec)));
  }

  /**
   * Number of steps of an epoch, the same for all ranks, counted from its beginning; empty if the
   * epoch has no end, or batches are limited by bytes or cost.
   */
  public OptionalLong stepsPerEpoch() {
    return options.batchSize().isRecords() ? plan().steps() : OptionalLong.empty();
  }

  /**
   * Number of records of an epoch for all ranks together, before any are dropped, padded, filtered
   * or skipped; empty if the epoch has no end.
   */
  public OptionalLong recordsPerEpoch() {
    return plan().positions();
  }

  /**
   * The position in an epoch of a record: the inverse of the order.
   *
   * @param epoch the number of the epoch
   * @param source the index of the source
   * @param number the number of the record in the source
   * @return empty if the record is not in the epoch
   * @throws UnsupportedOperationException for a mix by weight, or a reservoir
   */
  public OptionalLong positionOf(long epoch, int source, long number) {
    synchronized (inverseLock) {
      if (inverse == null || inverseEpoch != epoch) {
        inverse = spec.positions(epoch);
        inverseEpoch = epoch;
      }
      return inverse.of(source, number);
    }
  }

  /**
   * Goes to a position of an epoch, forwards or backwards: the next batch begins with that record.
   * What was loaded ahead is dropped. Takes the time of the batches that are being loaded.
   *
   * @param epoch 0 to the number of epochs - 1
   * @param position 0 to the number of records of the epoch
   * @throws IllegalArgumentException if the epoch or the position is outside its range
   * @throws IllegalStateException if the loader is closed
   */
  public void seek(long epoch, long position) {
    if (epoch < 0 || epoch >= options.epochs()) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " is outside 0 to " + (options.epochs() - 1));
    }
    long[] checkpoint = spec.checkpoint(epoch, position);
    Progress start = new Progress(epoch, position, position, checkpoint);
    EpochSteps steps = new EpochSteps(spec, division(options, session.sources()), start);
    SizedBatches limited = sized;
    if (limited != null) {
      limited.close();
    }
    session.move(steps, start);
    sized = sized(start);
  }

  /**
   * Leaves out the next records of the epoch, for all ranks together.
   *
   * @param records at least 0, and not past the end of the epoch
   * @throws IllegalArgumentException if {@code records} is outside that range
   * @throws IllegalStateException if the loader is closed
   */
  public void skip(long records) {
    LoaderState now = state();
    if (records < 0) {
      throw new IllegalArgumentException("the number of records is negative: " + records);
    }
    seek(now.epoch(), Math.addExact(now.position(), records));
  }

  /** What an epoch costs, computed without reading records. */
  public LoadPlan plan() {
    int ahead = 2 * options.workers() + 1;
    List<LoadedSource> sources = session.sources();
    double[] sizes = sources.stream().mapToDouble(LoadedSource::meanRecordSize).toArray();
    long cacheSize = sources.stream().mapToLong(LoadedSource::cacheSize).sum();
    EpochSteps.Division division = division(options, sources);
    Steps steps =
        new Steps(
            spec.length(0), 0, division.batch(), options.worldSize(), options.remainder().room());
    PlanRequest request = new PlanRequest(sizes, steps, ahead, cacheSize, options.memory());
    return new LoadPlan(OrderPlan.of(spec, request), ahead);
  }

  /** What the loader has done so far, and where its time went. */
  public LoaderMetrics metrics() {
    return new LoaderMetrics(session.pipeline().metrics());
  }

  /** Returns whether the loader is open and has not failed. */
  public boolean isOpen() {
    return session.pipeline().isOpen();
  }

  /**
   * Ends all work and closes the sources; waits for filters, mappers and reads that are running.
   * Does nothing if the loader is closed. Batches stay valid.
   *
   * @throws IllegalStateException if the thread is in a filter, mapper or source of this loader
   */
  @Override
  public void close() {
    session.close();
    SizedBatches limited = sized;
    if (limited != null) {
      limited.close();
    }
    cleanable.clean();
  }

  @Override
  public String toString() {
    return "DataLoader[" + mix + ", " + options + "]";
  }
}
