package io.disky.loader;

import io.disky.loading.LoadingSettings;
import io.disky.loading.RecordStage;
import io.disky.options.OptionState;
import io.disky.order.OrderKey;
import io.disky.threads.Parallelism;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DataLoader} loads. Immutable: each {@code with} method returns changed options, and
 * leaves these options as they are.
 *
 * <p>The sequence of records of an epoch depends on the sources, the seed and the shuffle. The
 * other options do not change it: they decide where it begins and ends, how it is divided into
 * batches and among ranks, and which of its records are left out.
 */
public final class LoaderOptions {
  /** The default memory in bytes: 256 MiB. */
  public static final long DEFAULT_MEMORY = 256L << 20;

  /** The largest number of {@linkplain #withWorkers workers}: 1,024. */
  public static final int MAX_WORKERS = Parallelism.MAX;

  /** The values of the options, which begin with the defaults. */
  private static final class State extends OptionState<State> {
    private long seed;
    private Shuffle shuffle = Shuffle.none();
    private BatchSize batchSize = BatchSize.records(256);
    private int rank;
    private int worldSize = 1;
    private Remainder remainder = Remainder.EVEN;
    private long epochs = 1;
    private int workers = Math.min(Runtime.getRuntime().availableProcessors(), 8);
    private long memory = DEFAULT_MEMORY;
    private List<RecordStage> stages = List.of();
    private double maxFilteredShare = 1;
    private long maxSkippedRecords;
    private double maxSkippedShare = 1;
    private Duration holdTimeout = Duration.ofSeconds(30);
    private @Nullable Duration stallTimeout;
    private @Nullable LoaderState state;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("seed", seed);
      all.put("shuffle", shuffle);
      all.put("batchSize", batchSize);
      all.put("rank", rank);
      all.put("worldSize", worldSize);
      all.put("remainder", remainder);
      all.put("epochs", epochs);
      all.put("workers", workers);
      all.put("memory", memory);
      all.put("stages", stages);
      all.put("maxFilteredShare", maxFilteredShare);
      all.put("maxSkippedRecords", maxSkippedRecords);
      all.put("maxSkippedShare", maxSkippedShare);
      all.put("holdTimeout", holdTimeout);
      all.put("stallTimeout", orNone(stallTimeout));
      all.put("state", orNone(state));
      return all;
    }
  }

  private final State state;

  private LoaderOptions(State state) {
    this.state = state;
  }

  private LoaderOptions with(Consumer<State> change) {
    return new LoaderOptions(state.with(change));
  }

  /**
   * The default options: one epoch in the order of the source, batches of 256 records, one rank, as
   * many workers as there are processors but at most 8, 256 MiB of memory; damage is an error.
   */
  public static LoaderOptions defaults() {
    return new LoaderOptions(new State());
  }

  /**
   * These options with another seed of the shuffle, of mixing and of {@link RecordContext#seed}.
   */
  public LoaderOptions withSeed(long seed) {
    return with(state -> state.seed = seed);
  }

  /** The seed: any number. The default is 0. */
  public long seed() {
    return state.seed;
  }

  /** These options with another shuffle. Each epoch then has its own order. */
  public LoaderOptions withShuffle(Shuffle shuffle) {
    Objects.requireNonNull(shuffle, "shuffle");
    return with(state -> state.shuffle = shuffle);
  }

  /** How records are shuffled. The default is {@link Shuffle#none()}. */
  public Shuffle shuffle() {
    return state.shuffle;
  }

  /**
   * These options with another batch size. A number of records is the size of a step, which is
   * divided among the ranks: with several ranks, the batch of a rank is smaller.
   */
  public LoaderOptions withBatchSize(BatchSize size) {
    Objects.requireNonNull(size, "size");
    return with(state -> state.batchSize = size);
  }

  /**
   * These options with {@link BatchSize#records}.
   *
   * @param records number of records of a step, for all ranks together; at least 1
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public LoaderOptions withBatchSize(int records) {
    return withBatchSize(BatchSize.records(records));
  }

  /** The batch size. The default is 256 records. */
  public BatchSize batchSize() {
    return state.batchSize;
  }

  /**
   * These options for one of several processes that train together. With a batch size of {@code G}
   * records, step {@code s} gives rank {@code r} of {@code W} the positions from {@code s*G +
   * r*G/W} to {@code s*G + (r+1)*G/W} of the epoch, without the last one. So all ranks together get
   * the sequence that one process would get. All other options must be the same on all ranks,
   * except the workers, the memory and the timeouts.
   *
   * @param rank 0 to {@code worldSize} - 1
   * @param worldSize the number of ranks, at least 1 and at most the batch size
   * @throws IllegalArgumentException if an argument is outside its range; {@link DataLoader} checks
   *     the batch size
   */
  public LoaderOptions withRank(int rank, int worldSize) {
    if (worldSize < 1 || rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException(
          "rank " + rank + " of " + worldSize + ": a rank is 0 to the number of ranks - 1");
    }
    return with(state -> {
      state.rank = rank;
      state.worldSize = worldSize;
    });
  }

  /** The rank. The default is 0. */
  public int rank() {
    return state.rank;
  }

  /** The number of ranks. The default is 1. */
  public int worldSize() {
    return state.worldSize;
  }

  /** These options with another treatment of the records after the last full step of an epoch. */
  public LoaderOptions withRemainder(Remainder remainder) {
    Objects.requireNonNull(remainder, "remainder");
    return with(state -> state.remainder = remainder);
  }

  /** What happens to the records after the last full step. Default: {@link Remainder#EVEN}. */
  public Remainder remainder() {
    return state.remainder;
  }

  /**
   * These options with another number of epochs, counted from epoch 0 on: a loader that continues
   * from a state in epoch 2 loads the rest of epoch 2 and the epochs after it, up to {@code epochs}
   * - 1. The next epoch is loaded ahead while the last batches of an epoch are used.
   *
   * @param epochs at least 1; {@link Long#MAX_VALUE} for epochs without an end
   * @throws IllegalArgumentException if {@code epochs} is less than 1
   */
  public LoaderOptions withEpochs(long epochs) {
    if (epochs < 1) {
      throw new IllegalArgumentException("the number of epochs is " + epochs + ": at least 1");
    }
    return with(state -> state.epochs = epochs);
  }

  /** The number of epochs, counted from epoch 0 on. The default is 1. */
  public long epochs() {
    return state.epochs;
  }

  /**
   * These options with another number of workers: threads that read, decode and call filters and
   * mappers. With 0, the thread that takes a batch does this work, and batches are not loaded while
   * it does other work. The order of records does not depend on this number.
   *
   * @param workers 0 to {@link #MAX_WORKERS}
   * @throws IllegalArgumentException if {@code workers} is outside that range
   */
  public LoaderOptions withWorkers(int workers) {
    Parallelism.check(workers, 0);
    return with(state -> state.workers = workers);
  }

  /** The number of workers. The default is the number of processors, but at most 8. */
  public int workers() {
    return state.workers;
  }

  /**
   * These options with another bound on the memory outside the Java heap: for decoded chunks, for
   * batches that are loaded ahead, and for batches that the consumer has not closed. If one chunk
   * or one batch is larger, the loader takes the memory that it needs. Bytes of remote files that
   * no batch has used yet are within the memory of their {@link io.disky.remote.RemoteOptions}, in
   * addition; a loader in order requests at most a quarter of {@code bytes} before it plans their
   * batches.
   *
   * <p>The loader takes memory in addition to this bound in two cases. It plans a batch by the mean
   * size of the records of the source: the bytes by which the records of the batches ahead are
   * larger, for example as mappers return them, are in addition until fewer batches are ahead. With
   * {@link BatchSize#bytes} and {@link BatchSize#cost}, {@link DataLoader#next()} copies each batch
   * from blocks of records that are loaded ahead: the batch that it has returned last is in
   * addition, with 24 bytes for each of its records and up to a quarter more, and so are the blocks
   * of a batch that is larger than the bound.
   *
   * @param bytes at least 1 MiB
   * @throws IllegalArgumentException if {@code bytes} is less
   */
  public LoaderOptions withMemory(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException("the memory is " + bytes + " bytes: at least 1 MiB");
    }
    return with(state -> state.memory = bytes);
  }

  /** The bound on memory in bytes. The default is {@link #DEFAULT_MEMORY}. */
  public long memory() {
    return state.memory;
  }

  /**
   * These options with a filter, after the filters and mappers that were added before. Records that
   * it leaves out keep their positions in the epoch, so batches become smaller. A filter that
   * throws ends the loader: {@link DataLoader#next()} throws the exception.
   */
  public LoaderOptions withFilter(RecordFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return withStage(
        new RecordStage.Filter((context, record) -> filter.keep(new Context(context), record)));
  }

  /**
   * These options with a mapper, after the filters and mappers that were added before. A mapper
   * that throws ends the loader: {@link DataLoader#next()} throws the exception.
   */
  public LoaderOptions withMap(RecordMapper mapper) {
    Objects.requireNonNull(mapper, "mapper");
    return withStage(
        new RecordStage.Map((context, record, output) ->
            mapper.map(new Context(context), record, output::allocate)));
  }

  private LoaderOptions withStage(RecordStage stage) {
    List<RecordStage> stages = new ArrayList<>(state.stages);
    stages.add(stage);
    return with(state -> state.stages = List.copyOf(stages));
  }

  /** Valid during a call only: {@code context} is used again for the next record. */
  private record Context(RecordStage.Context context) implements RecordContext {
    @Override
    public long epoch() {
      return context.epoch();
    }

    @Override
    public long position() {
      return context.position();
    }

    @Override
    public int source() {
      return context.source();
    }

    @Override
    public long number() {
      return context.number();
    }

    @Override
    public long seed() {
      return context.seed();
    }
  }

  /**
   * These options with a bound on the share of records that filters may leave out. After the first
   * 1,000 records the loader fails with an {@link IllegalStateException} when the share is larger.
   * Without a bound, a filter that keeps almost no record only makes the loader slow.
   *
   * @param share 0 to 1
   * @throws IllegalArgumentException if {@code share} is outside that range
   */
  public LoaderOptions withMaxFilteredShare(double share) {
    checkShare(share);
    return with(state -> state.maxFilteredShare = share);
  }

  /** The largest share of records that filters may leave out. The default is 1: no bound. */
  public double maxFilteredShare() {
    return state.maxFilteredShare;
  }

  private static void checkShare(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("the share is " + share + ": 0 to 1");
    }
  }

  /**
   * These options with bounds on damage. The loader leaves out records that cannot be read: those
   * of damaged chunks, and those for which a {@link RecordSupplier} throws an {@link
   * java.io.IOException}. {@link LoadedBatch#skipped()} lists them. All other records keep their
   * positions. When one of the bounds is exceeded, {@link DataLoader#next()} throws the exception
   * for the record that exceeds it. By default the first such record is an error. With several
   * ranks, each counts the records that it reads.
   *
   * @param records how many records may be left out, at least 0
   * @param share the largest share of records that may be left out, 0 to 1; it is checked after the
   *     first 1,000 records
   * @throws IllegalArgumentException if an argument is outside its range
   */
  public LoaderOptions withMaxSkipped(long records, double share) {
    if (records < 0) {
      throw new IllegalArgumentException("the number of damaged records is negative: " + records);
    }
    checkShare(share);
    return with(state -> {
      state.maxSkippedRecords = records;
      state.maxSkippedShare = share;
    });
  }

  /** How many records that cannot be read may be left out. The default is 0. */
  public long maxSkippedRecords() {
    return state.maxSkippedRecords;
  }

  /** The largest share of records that cannot be read. The default is 1: no bound. */
  public double maxSkippedShare() {
    return state.maxSkippedShare;
  }

  /**
   * These options with another limit on the time that {@link DataLoader#next()} waits for memory:
   * if the batches that the consumer has not closed take so much memory that no further batch can
   * be loaded. Then it throws an {@link IllegalStateException} that names the lines of code that
   * have taken these batches. It can be called again after batches are closed.
   *
   * @param timeout at least 0
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public LoaderOptions withHoldTimeout(Duration timeout) {
    checkTimeout(timeout);
    return with(state -> state.holdTimeout = timeout);
  }

  /** The longest time to wait for the memory of batches. The default is 30 seconds. */
  public Duration holdTimeout() {
    return state.holdTimeout;
  }

  /**
   * These options with a limit on the time that {@link DataLoader#next()} waits for a batch. Then
   * it throws an {@link IllegalStateException} that states what each worker is doing; it can be
   * called again. By default it waits as long as the workers need. With 0 {@linkplain #withWorkers
   * workers} the limit has no effect.
   *
   * @param timeout at least 0
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public LoaderOptions withStallTimeout(Duration timeout) {
    checkTimeout(timeout);
    return with(state -> state.stallTimeout = timeout);
  }

  /** The longest time to wait for a batch; empty, the default, if there is no limit. */
  public Optional<Duration> stallTimeout() {
    return Optional.ofNullable(state.stallTimeout);
  }

  private static void checkTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("the timeout is negative: " + timeout);
    }
  }

  /**
   * These options for a loader that continues after the last batch that another loader had returned
   * when it returned {@code state}. The data, the seed, the shuffle and the mix must be the same,
   * or {@link DataLoader#open(Mix, LoaderOptions)} throws an {@link IllegalArgumentException}. All
   * other options may differ, also the number of ranks.
   */
  public LoaderOptions withState(LoaderState state) {
    Objects.requireNonNull(state, "state");
    return with(options -> options.state = state);
  }

  /** Where to continue; empty to begin with the first record of epoch 0. */
  public Optional<LoaderState> state() {
    return Optional.ofNullable(state.state);
  }

  LoadingSettings settings(OrderKey stageKey, long cacheSize) {
    return new LoadingSettings(
        state.workers,
        LoadingSettings.memoryWithoutCache(state.memory, cacheSize),
        state.stages,
        stageKey,
        state.maxSkippedRecords,
        state.maxSkippedShare,
        state.maxFilteredShare,
        state.holdTimeout,
        state.stallTimeout);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LoaderOptions options && state.equals(options.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  @Override
  public String toString() {
    return "LoaderOptions" + state;
  }
}
