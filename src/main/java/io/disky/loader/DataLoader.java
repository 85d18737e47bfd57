package io.disky.loader;

import io.disky.loading.BatchFill;
import io.disky.loading.BatchPublisher;
import io.disky.loading.EpochSteps;
import io.disky.loading.FilledBatch;
import io.disky.loading.LoadAhead;
import io.disky.loading.LoadedSource;
import io.disky.loading.LoadingSession;
import io.disky.loading.LoadingSettings;
import io.disky.loading.Pipeline;
import io.disky.loading.Progress;
import io.disky.loading.SizedBatches;
import io.disky.order.ChunkLayout;
import io.disky.order.DataSet;
import io.disky.order.Fingerprint;
import io.disky.order.OrderKey;
import io.disky.order.OrderSpec;
import io.disky.order.OrderState;
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
 * Loads records in batches, in an order that {@code docs/order.md} specifies: the same data, seed
 * and options give the same sequence with any number of threads and processes. A loader that is
 * opened with the {@linkplain #state() state} of another loader continues with the next record.
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
 * <p><b>Batches.</b> {@link #next()} returns the next batch; the caller must close it. {@link
 * #iterator()} and {@link #stream()} close each batch when the next one is requested. Batches stay
 * valid after the loader is closed.
 *
 * <p><b>Threads.</b> Workers load ahead of the caller. Any thread may call any method; threads that
 * call {@link #next()} at the same time get different batches. There is one exception: with {@link
 * BatchSize#bytes} and {@link BatchSize#cost}, one thread must take all batches, and seek. Filters,
 * mappers and {@linkplain RecordSupplier suppliers} must not use the loader that calls them.
 *
 * <p><b>Memory.</b> {@link LoaderOptions#withMemory} bounds the memory for chunks and batches,
 * outside the Java heap. In addition, the loader takes memory on the Java heap: at most 16 bytes
 * for each chunk of the files; with {@link Shuffle#windowed}, 16 bytes for each window; with {@link
 * Shuffle#reservoir}, up to 96 bytes for each record of a reservoir.
 *
 * <p><b>Failures.</b> If reading, a filter or a mapper fails, {@link #next()} first returns all
 * batches before the failure, and then throws it. After that, {@link #next()} throws an {@link
 * IllegalStateException}; open another loader with the {@link #state()} of this one, or {@link
 * #seek}. An interrupt or a timeout does not end the loader: {@link #next()} can be called again.
 *
 * <p>A loader that nothing refers to any more is closed after the garbage collector finds it; the
 * logger {@code io.disky} then writes a warning.
 */
public final class DataLoader implements Iterable<LoadedBatch>, AutoCloseable {
  private static final Progress BEGINNING = new Progress(0, 0, 0, new long[0]);
  private static final String RECORD_SEEDS = "record seeds";
  private static final long PART_BYTES = 1 << 20;

  /** As many batches of the pipeline fit into the memory, if limited batches are made of them. */
  private static final long PARTS_IN_MEMORY = 16;

  private static final long MOST_PART_RECORDS = 1 << 14;

  private final LoaderOptions options;
  private final Mix mix;
  private final OrderSpec spec;
  private final DataSet data;
  private final LoadingSession session;
  private final Cleaner.Cleanable cleanable;

  // The positions of the epoch of the last call of positionOf.
  private final Object inverseLock = new Object();
  private final Object moving = new Object();
  private OrderSpec.@Nullable Positions inverse;
  private long inverseEpoch;

  // Makes batches that are limited by bytes or cost.
  private volatile @Nullable SizedBatches sized;

  private DataLoader(
      LoaderOptions options,
      Mix mix,
      OrderSpec spec,
      DataSet data,
      LoadingSession session,
      Progress start) {
    this.options = options;
    this.mix = mix;
    this.spec = spec;
    this.data = data;
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
   * Opens a loader. It begins to load when the first batch is requested.
   *
   * @param mix the sources and how they are combined
   * @throws IllegalArgumentException if the state of {@code options} belongs to other data, another
   *     seed, shuffle or mix; if batches by bytes or cost are combined with several ranks or with
   *     {@link Remainder#DROP} or {@link Remainder#PAD}; if the batch size is less than the number
   *     of ranks; if a mix by weight has more than 256 sources, or their weights are too large; if
   *     a source has fewer records than {@link WeightedSource#withChoose} or {@link Mix#withChoose}
   *     requests; if a source that is repeated has no records; or if an epoch that has an end has
   *     more than 2<sup>62</sup> positions
   * @throws IOException if a source cannot be opened; the message names the file
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message states the
   *     reason and the remedy
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static DataLoader open(Mix mix, LoaderOptions options) throws IOException {
    checkSized(options);
    checkBatch(options);
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

  private static void checkBatch(LoaderOptions options) {
    long most = options.batchSize().most() / options.worldSize();
    if (options.batchSize().isRecords() && most >= BatchFill.MOST_RECORDS) {
      throw new IllegalArgumentException(
          "a batch of "
              + most
              + " records for each rank is larger than "
              + BatchFill.MOST_RECORDS
              + ": use smaller batches");
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
    long cacheSize =
        global ? LoadingSettings.globalCacheSize(options.memory(), mix.sources().size()) : 0;
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
    DataSet data =
        new DataSet(
            Fingerprint.of(sources.stream().map(LoadedSource::identity).toList(), layouts),
            sources.stream().mapToLong(LoadedSource::files).sum(),
            layouts.stream().mapToLong(ChunkLayout::records).sum());
    Progress start = start(options, spec, data);
    LoadingSession session =
        new LoadingSession(
            name(sources),
            sources,
            new EpochSteps(spec, division(options, sources), start),
            settings(options, sources),
            start);
    return new DataLoader(options, mix, spec, data, session, start);
  }

  private static LoadingSettings settings(LoaderOptions options, List<LoadedSource> sources) {
    long cacheSize = sources.stream().mapToLong(LoadedSource::cacheSize).sum();
    return options.settings(OrderKey.of(options.seed()).with(RECORD_SEEDS), cacheSize);
  }

  private static String name(List<LoadedSource> sources) {
    String first = sources.getFirst().name();
    return sources.size() == 1 ? first : first + " and " + (sources.size() - 1) + " more sources";
  }

  private static Progress start(LoaderOptions options, OrderSpec spec, DataSet data) {
    LoaderState state = options.state().orElse(null);
    if (state == null) {
      return BEGINNING;
    }
    OrderState order = state.room();
    order.requireFits(spec, data);
    if (order.epoch() >= options.epochs()) {
      throw new IllegalArgumentException(
          "the state is in epoch "
              + order.epoch()
              + ", but the loader has epochs 0 to "
              + (options.epochs() - 1)
              + ": allow more with withEpochs");
    }
    return new Progress(order.epoch(), order.position(), order.position(), order.checkpoint());
  }

  private static EpochSteps.Division division(LoaderOptions options, List<LoadedSource> sources) {
    return new EpochSteps.Division(
        partRecords(options, sources),
        options.rank(),
        options.worldSize(),
        options.remainder().room(),
        options.epochs());
  }

  /** Records of a batch of the pipeline. Batches of limited size are made of several of these. */
  private static long partRecords(LoaderOptions options, List<LoadedSource> sources) {
    BatchSize size = options.batchSize();
    if (size.isRecords()) {
      return size.most();
    }
    long mean = sources.stream().mapToLong(LoadedSource::meanRecordSize).max().orElse(1);
    long most = Math.min(PART_BYTES, options.memory() / PARTS_IN_MEMORY);
    long bytes = size.isBytes() ? Math.min(size.most(), most) : most;
    return Math.clamp(bytes / mean, 1, MOST_PART_RECORDS);
  }

  private @Nullable SizedBatches sized(Progress start) {
    BatchSize size = options.batchSize();
    if (size.isRecords()) {
      return null;
    }
    var cost = size.cost().orElse(null);
    return new SizedBatches(
        session.pipeline(),
        session.callbacks(),
        spec,
        size.most(),
        cost == null ? null : cost::applyAsLong,
        start);
  }

  // ---- batches ----

  /**
   * The next batch; {@code null} after the last batch of the last epoch. Waits until the batch is
   * loaded. The caller must close the batch. If a filter, a mapper or a {@link RecordSupplier}
   * throws an unchecked exception or an error, this method throws the same object.
   *
   * @throws IOException if a source cannot be read, or a filter or mapper throws it
   * @throws java.io.InterruptedIOException if the thread is interrupted while it waits; it stays
   *     interrupted, and the method can be called again
   * @throws io.disky.CorruptFileException if a record is damaged, and {@link
   *     LoaderOptions#withMaxSkipped} does not allow to leave it out
   * @throws IllegalStateException if the loader is closed or has failed; if the batches that are
   *     not closed take all memory for longer than {@link LoaderOptions#holdTimeout()}; if no batch
   *     is loaded within {@link LoaderOptions#stallTimeout()}; if filters leave out more records
   *     than {@link LoaderOptions#maxFilteredShare()}; or if a filter, mapper or supplier of this
   *     loader calls this method
   */
  public @Nullable LoadedBatch next() throws IOException {
    try {
      FilledBatch batch = nextBatch();
      return batch == null ? null : new LoadedBatch(batch);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private @Nullable FilledBatch nextBatch() throws IOException {
    while (true) {
      SizedBatches limited = sized;
      Pipeline pipeline = session.pipeline();
      try {
        return limited == null ? pipeline.next() : limited.next();
      } catch (IllegalStateException e) {
        if (!pipeline.isMoved()) {
          throw e;
        }
        // Another thread has called seek meanwhile: the next batch is there.
      }
    }
  }

  /**
   * The next batches. {@code hasNext} closes the batch that {@code next} returned last, so a batch
   * is valid in the body of a loop only. If a loop ends early, the caller must close the last
   * batch. The iterator throws the exceptions of {@link #next()}, but an {@link
   * UncheckedIOException} instead of an {@link IOException}. For one thread.
   */
  @Override
  public Iterator<LoadedBatch> iterator() {
    return new Batches();
  }

  /** Closes the last batch when {@code hasNext} returns {@code false}. */
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
   * The next batches as a sequential stream, which must not be made parallel. Batches are closed,
   * and exceptions are thrown, as by the {@link #iterator}.
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
   * The next batches for one subscriber, which must close each batch. A second subscriber gets an
   * {@link IllegalStateException} by {@code onError}; the exceptions of {@link #next()} are passed
   * to {@code onError}, too.
   *
   * @param executor runs the calls of {@code onNext}, {@code onComplete} and {@code onError}, one
   *     at a time. Its threads wait while a batch is loaded
   */
  public Publisher<LoadedBatch> publisher(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    return new BatchPublisher<>(this::next, LoadedBatch::close, executor);
  }

  // ---- order ----

  /**
   * How far the loader has delivered: a loader that is opened {@linkplain LoaderOptions#withState
   * with this state} continues after the last batch that this loader has returned. Takes less than
   * a microsecond; with {@link Shuffle#reservoir}, some milliseconds. Any thread may call this
   * method at any time, also after the loader is closed or has failed.
   */
  public LoaderState state() {
    SizedBatches limited = sized;
    Progress now = limited == null ? session.pipeline().delivered() : limited.delivered();
    return new LoaderState(
        new OrderState(
            data,
            options.seed(),
            spec.shuffleText(),
            spec.mixText(),
            now.epoch(),
            now.position(),
            now.exactCheckpoint(spec)));
  }

  /**
   * Number of steps of a complete epoch, the same for all ranks; empty if the epoch has no end, or
   * batches are limited by bytes or cost. For {@link Mix#random} with {@link Exhaustion#STOP} or
   * {@link Exhaustion#REPEAT_UNTIL_ALL_SEEN} the number of steps differs between epochs; this
   * method returns that of epoch 0.
   */
  public OptionalLong stepsPerEpoch() {
    return options.batchSize().isRecords() ? plan().steps() : OptionalLong.empty();
  }

  /**
   * Number of records of an epoch for all ranks together, before records are dropped, padded,
   * filtered or skipped; empty if the epoch has no end. If this number differs between epochs, as
   * {@link #stepsPerEpoch()} describes, that of epoch 0.
   */
  public OptionalLong recordsPerEpoch() {
    return plan().positions();
  }

  /**
   * The position in an epoch of a record: the inverse of the order. If the epoch has several passes
   * over its records, the position in the first pass.
   *
   * @param epoch the number of the epoch, from 0 on
   * @param source the index of the source, from 0 on
   * @param number the number of the record in the source, from 0 on
   * @return empty if the first pass does not have the record
   * @throws IndexOutOfBoundsException if there is no such source or record
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
   * Goes to a position of an epoch, forwards or backwards: the next step begins with the record at
   * that position. Batches that were loaded ahead are discarded; batches that were delivered stay
   * valid. Waits for the end of the work that is running. A thread that waits in {@link #next()}
   * gets a batch from the new position. The {@link #metrics()} of batches and times begin again at
   * 0; the counts for {@link LoaderOptions#withMaxSkipped} and {@link
   * LoaderOptions#withMaxFilteredShare} do not. With several ranks, all must go to the same
   * position. A loader that has failed can be used again after this method.
   *
   * <p>The time does not depend on the position, except for a {@linkplain Mix#random random} mix
   * and a {@linkplain Shuffle#reservoir reservoir}: they make all choices of the epoch before the
   * position, some nanoseconds for each.
   *
   * @param epoch 0 to {@link LoaderOptions#epochs()} - 1
   * @param position 0 to the number of records of the epoch
   * @throws IllegalArgumentException if the epoch or the position is outside its range
   * @throws IllegalStateException if the loader is closed, or if a filter, mapper or supplier of
   *     this loader calls this method
   */
  public void seek(long epoch, long position) {
    session.checkNotCalling();
    if (epoch < 0 || epoch >= options.epochs()) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " is outside 0 to " + (options.epochs() - 1));
    }
    long[] checkpoint = spec.checkpoint(epoch, position);
    Progress start = new Progress(epoch, position, position, checkpoint);
    EpochSteps steps = new EpochSteps(spec, division(options, session.sources()), start);
    synchronized (moving) {
      SizedBatches limited = sized;
      session.move(steps, start);
      sized = sized(start);
      if (limited != null) {
        limited.close();
      }
    }
  }

  /**
   * Leaves out the next {@code records} records of the epoch, of all ranks together: {@link #seek}
   * from the position of {@link #state()}.
   *
   * @param records at least 0, and at most as many as are left in the epoch
   * @throws IllegalArgumentException if {@code records} is outside that range
   * @throws IllegalStateException as {@link #seek}
   */
  public void skip(long records) {
    LoaderState now = state();
    if (records < 0 || records > Long.MAX_VALUE - now.position()) {
      throw new IllegalArgumentException(
          "from position " + now.position() + ", " + records + " records cannot be left out");
    }
    seek(now.epoch(), now.position() + records);
  }

  /** What epoch 0 costs, for all ranks together; computed without reading records. */
  public LoadPlan plan() {
    List<LoadedSource> sources = session.sources();
    EpochSteps.Division division = division(options, sources);
    Steps steps =
        new Steps(
            spec.length(0), 0, division.batch(), options.worldSize(), options.remainder().room());
    LoadAhead ahead = settings(options, sources).ahead();
    return LoadPlan.of(
        spec, sources, options.batchSize(), steps, ahead, options.epochs(), options.memory());
  }

  /**
   * What the loader has done since it was opened, or since the last {@link #seek}, and the time
   * that each kind of work took.
   */
  public LoaderMetrics metrics() {
    return new LoaderMetrics(session.pipeline().metrics());
  }

  /** Whether the loader is open and has not failed. */
  public boolean isOpen() {
    return session.pipeline().isOpen();
  }

  /**
   * Ends all work and closes the sources; waits for filters, mappers and reads that are running,
   * but not for requests to remote files, which it cancels. Does nothing if the loader is closed.
   * Batches that were delivered stay valid.
   *
   * @throws IllegalStateException if a filter, mapper, supplier or remote file of this loader calls
   *     this method; the loader stays open
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
