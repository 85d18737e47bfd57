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
 * <p>The seed, the shuffle and the state decide which records come in which order. The number of
 * workers, the memory, the timeouts and the rank do not.
 */
public final class LoaderOptions {
  /** The default memory in bytes: 256 MiB. */
  public static final long DEFAULT_MEMORY = 256L << 20;

  /** The largest number of {@linkplain #withWorkers workers}: 1,024. */
  public static final int MAX_WORKERS = Parallelism.MAX;

  /** The options with their defaults. */
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

  /** The seed. The default is 0. */
  public long seed() {
    return state.seed;
  }

  /** These options with another shuffle. Each epoch is shuffled in another way. */
  public LoaderOptions withShuffle(Shuffle shuffle) {
    Objects.requireNonNull(shuffle, "shuffle");
    return with(state -> state.shuffle = shuffle);
  }

  /** How records are shuffled. The default is {@link Shuffle#none()}. */
  public Shuffle shuffle() {
    return state.shuffle;
  }

  /**
   * These options with another size of batches. With several ranks it is the size of the batch of
   * all ranks together.
   */
  public LoaderOptions withBatchSize(BatchSize size) {
    Objects.requireNonNull(size, "size");
    return with(state -> state.batchSize = size);
  }

  /** These options with batches of {@code records} records, as by {@link BatchSize#records}. */
  public LoaderOptions withBatchSize(int records) {
    return withBatchSize(BatchSize.records(records));
  }

  /** The size of batches. The default is 256 records. */
  public BatchSize batchSize() {
    return state.batchSize;
  }

  /**
   * These options for one of several processes that train together. Step {@code s} with a batch of
   * {@code G} records gives rank {@code r} of {@code W} the positions from {@code s*G + r*G/W} to
   * {@code s*G + (r+1)*G/W} of the epoch: all ranks see the same sequence, each its part of it.
   *
   * @param rank 0 to {@code worldSize} - 1
   * @param worldSize the number of processes, at least 1
   * @throws IllegalArgumentException if an argument is outside its range
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

  /** These options with another treatment of the records that fill no complete batch. */
  public LoaderOptions withRemainder(Remainder remainder) {
    Objects.requireNonNull(remainder, "remainder");
    return with(state -> state.remainder = remainder);
  }

  /** What becomes of the last records of an epoch. The default is {@link Remainder#EVEN}. */
  public Remainder remainder() {
    return state.remainder;
  }

  /**
   * These options with another number of epochs. Epochs are loaded ahead without a pause between
   * them.
   *
   * @param epochs at least 1; {@link Long#MAX_VALUE} for no end
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
   * These options with another number of threads that read, decode and call filters and mappers.
   * With 0, the thread that takes a batch does that. The order of records does not depend on it.
   *
   * @param workers 0 to {@link #MAX_WORKERS}
   * @throws IllegalArgumentException if {@code workers} is outside that range
   */
  public LoaderOptions withWorkers(int workers) {
    Parallelism.check(workers, 0);
    return with(state -> state.workers = workers);
  }

  /** The number of threads. The default is the number of processors, but at most 8. */
  public int workers() {
    return state.workers;
  }

  /**
   * These options with another bound on the memory outside the Java heap: for decoded chunks, for
   * batches that are loaded ahead, and for batches that the consumer has not closed. If one chunk
   * or one batch takes more, the loader takes what that needs.
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
   * These options with one more stage, after those that were added before: a filter. The records
   * that it leaves out keep their positions, so batches become smaller.
   */
  public LoaderOptions withFilter(RecordFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return withStage(
        new RecordStage.Filter((context, record) -> filter.keep(new Context(context), record)));
  }

  /** These options with one more stage, after those that were added before: a mapper. */
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

  /** Ends with the call: the room's context is used again for further records. */
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
   * These options with a bound on the share of records that filters may leave out. If they leave
   * out more, after the first 1,000 records, the loader fails: a filter that keeps almost nothing
   * makes reading slow without a sign.
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
   * These options with a bound on damage. The loader leaves out the records of damaged chunks,
   * reports them by {@link LoadedBatch#skipped()}, and fails when one of the bounds is exceeded.
   * All other records keep their positions. By default any damage is an error.
   *
   * @param records how many records may be left out, at least 0
   * @param share the largest share of damaged records after the first 1,000 records, 0 to 1
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

  /** How many damaged records may be left out. The default is 0. */
  public long maxSkippedRecords() {
    return state.maxSkippedRecords;
  }

  /** The largest share of damaged records. The default is 1: no bound. */
  public double maxSkippedShare() {
    return state.maxSkippedShare;
  }

  /**
   * These options with another time to wait if the batches that the consumer has not closed take so
   * much memory that no further batch can be loaded. After that, {@link DataLoader#next()} throws
   * an exception that names the lines of code that have taken these batches.
   *
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public LoaderOptions withHoldTimeout(Duration timeout) {
    checkTimeout(timeout);
    return with(state -> state.holdTimeout = timeout);
  }

  /** How long to wait for memory of batches that are not closed. The default is 30 seconds. */
  public Duration holdTimeout() {
    return state.holdTimeout;
  }

  /**
   * These options with a limit on the time that {@link DataLoader#next()} waits for a batch. After
   * that it throws an exception that names what each worker is doing. By default it waits as long
   * as the workers need.
   *
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public LoaderOptions withStallTimeout(Duration timeout) {
    checkTimeout(timeout);
    return with(state -> state.stallTimeout = timeout);
  }

  /** How long to wait for a batch; empty if there is no limit. */
  public Optional<Duration> stallTimeout() {
    return Optional.ofNullable(state.stallTimeout);
  }

  private static void checkTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("the timeout is negative: " + timeout);
    }
  }

  /**
   * These options for a loader that continues where another one was when it returned {@code state}:
   * with exactly the next record. The data, the seed, the shuffle and the mix must be the same;
   * everything else may differ, the number of ranks too.
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
        Math.max(0, state.memory - cacheSize),
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
