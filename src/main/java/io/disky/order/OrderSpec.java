package io.disky.order;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that decides the order of epochs: the sources, how they are shuffled and mixed, and the seed.
 * Immutable and thread-safe. docs/order.md is the specification.
 */
public final class OrderSpec {
  /** The version of the specification of orders. */
  public static final int VERSION = 1;

  private static final int MOST_PASSED = 1 << 16;

  // The sources of a mix by weight; for concatenated sources, one source with all records.
  private final List<OrderSource> sources;
  private final ConcatenatedLayout layout;
  private final long[] weights;
  private final long[] lengths;
  private final ShuffleMethod shuffle;
  private final MixMethod mix;
  private final Exhaustion exhaustion;
  private final long seed;
  // The turns of an exact mix until a source drops out.
  private final @Nullable ScheduleTable turns;

  private OrderSpec(
      List<OrderSource> sources,
      ConcatenatedLayout layout,
      ShuffleMethod shuffle,
      MixMethod mix,
      Exhaustion exhaustion,
      long seed) {
    this.sources = List.copyOf(sources);
    this.layout = layout;
    this.shuffle = shuffle;
    this.mix = mix;
    this.exhaustion = exhaustion;
    this.seed = seed;
    this.weights = weights(sources, mix);
    this.lengths = sources.stream().mapToLong(OrderSource::streamLength).toArray();
    requireSources();
    this.turns =
        mix == MixMethod.EXACT ? ExactChoice.firstTable(weights, lengths, exhaustion) : null;
  }

  private static long[] weights(List<OrderSource> sources, MixMethod mix) {
    return switch (mix) {
      case CONCATENATED -> new long[] {1};
      case EXACT -> Weights.integers(sources, ScheduleTable.LONGEST_PERIOD);
      case RANDOM -> Weights.integers(sources, RandomChoice.MOST_WEIGHT);
    };
  }

  /**
   * An order over sources one after the other, as one sequence.
   *
   * @param repeat how often the sequence comes, as in {@link OrderSource}
   * @param choose how many records a pass has, as in {@link OrderSource}
   */
  public static OrderSpec concatenated(
      List<ChunkLayout> sources,
      double repeat,
      long choose,
      ShuffleMethod shuffle,
      Exhaustion exhaustion,
      long seed) {
    ConcatenatedLayout layout = new ConcatenatedLayout(sources);
    OrderSource all = new OrderSource(layout, 1, repeat, choose);
    return new OrderSpec(List.of(all), layout, shuffle, MixMethod.CONCATENATED, exhaustion, seed);
  }

  /**
   * An order over sources that are mixed.
   *
   * @param mix {@link MixMethod#EXACT} or {@link MixMethod#RANDOM}
   */
  public static OrderSpec mixed(
      List<OrderSource> sources,
      ShuffleMethod shuffle,
      MixMethod mix,
      Exhaustion exhaustion,
      long seed) {
    if (mix == MixMethod.CONCATENATED) {
      throw new IllegalArgumentException("a sequence is not a mix");
    }
    if (sources.isEmpty() || sources.size() > ScheduleTable.MOST_SOURCES) {
      throw new IllegalArgumentException(
          "a mix of "
              + sources.size()
              + " sources is not possible, only of 1 to "
              + ScheduleTable.MOST_SOURCES
              + ": combine sources, for example as shards of one");
    }
    List<ChunkLayout> layouts = sources.stream().map(OrderSource::layout).toList();
    return new OrderSpec(sources, new ConcatenatedLayout(layouts), shuffle, mix, exhaustion, seed);
  }

  private void requireSources() {
    long sum = 0;
    for (int i = 0; i < lengths.length; i++) {
      requireRepeatable(i);
      sum += lengths[i];
      if (exhaustion == Exhaustion.DROP_OUT && (sum < 0 || sum > OrderSource.MOST_RECORDS)) {
        throw new IllegalArgumentException(
            "the epoch has more than "
                + OrderSource.MOST_RECORDS
                + " positions: repeat the sources less often");
      }
    }
  }

  private void requireRepeatable(int source) {
    boolean unseen = exhaustion == Exhaustion.REPEAT_UNTIL_ALL_SEEN && lengths[source] == 0;
    boolean empty = exhaustion == Exhaustion.REPEAT && sources.get(source).passLength() == 0;
    if (unseen || empty) {
      throw new IllegalArgumentException(
          "source " + source + " has no records and cannot be repeated: leave it out");
    }
  }

  /** Checks that an epoch of {@code length} positions has these positions. */
  static void requirePositions(long position, int count, long length) {
    if (position < 0 || count < 0 || position > length - count) {
      throw new IllegalArgumentException(
          "positions "
              + position
              + " to "
              + (position + count)
              + " are outside an epoch of "
              + length);
    }
  }

  /** The order of an epoch, from position 0 on. */
  public SpecifiedEpoch epoch(long epoch) {
    return mix == MixMethod.CONCATENATED ? sequence(epoch) : mixed(epoch);
  }

  /**
   * The order of an epoch, restored at a position.
   *
   * @param checkpoint what {@link EpochOrder#checkpoint} returned for {@code position}
   * @throws IllegalArgumentException if the epoch does not have this position, or the checkpoint
   *     does not fit
   */
  public SpecifiedEpoch epoch(long epoch, long position, long[] checkpoint) {
    if (mix == MixMethod.CONCATENATED) {
      SequenceEpoch order = sequence(epoch);
      requirePositions(position, 0, order.length());
      order.restore(position, checkpoint);
      return order;
    }
    MixedEpoch order = mixed(epoch);
    requirePositions(position, 0, order.length());
    order.restore(position, checkpoint);
    return order;
  }

  /**
   * The result of {@link EpochOrder#checkpoint} for a position of an epoch. Makes all choices
   * before the position, unless the order is a pure function of the position.
   *
   * @throws IllegalArgumentException if the epoch does not have this position
   */
  public long[] checkpoint(long epoch, long position) {
    return checkpoint(epoch(epoch), 0, position, new Picks());
  }

  /**
   * The checkpoint for {@code position} of an order that is at position {@code from}, which is at
   * most {@code position}.
   *
   * @param passed takes the records that are passed
   * @throws IllegalArgumentException if the epoch does not have this position
   */
  public long[] checkpoint(EpochOrder order, long from, long position, Picks passed) {
    requirePositions(position, 0, order.length());
    if (SourceStream.needsCheckpoints(shuffle)) {
      for (long at = from; at < position; at += MOST_PASSED) {
        order.fill(at, (int) Math.min(MOST_PASSED, position - at), passed);
      }
    } else {
      order.fill(position, 0, passed);
    }
    return order.checkpoint(position);
  }

  /** Finds the positions of records in an epoch. For one thread. */
  public interface Positions {
    /**
     * The position of a record in the first pass.
     *
     * @return empty if the first pass does not have the record
     * @throws IndexOutOfBoundsException if the source does not have the record
     */
    OptionalLong of(int source, long number);
  }

  /**
   * The positions of records in an epoch.
   *
   * @throws UnsupportedOperationException if this is a mix by weight
   */
  public Positions positions(long epoch) {
    if (mix != MixMethod.CONCATENATED) {
      throw new UnsupportedOperationException(
          "the positions of single records are known for one source, or sources one after the"
              + " other, not for a mix by weight");
    }
    return sequence(epoch)::positionOf;
  }

  private SequenceEpoch sequence(long epoch) {
    return new SequenceEpoch(layout, stream(key(epoch), 0), streamLength(0));
  }

  private MixedEpoch mixed(long epoch) {
    OrderKey key = key(epoch);
    SourceStream[] streams = new SourceStream[sources.size()];
    for (int i = 0; i < streams.length; i++) {
      streams[i] = stream(key, i);
    }
    return new MixedEpoch(choice(key), streams, weights, SourceStream.needsCheckpoints(shuffle));
  }

  private SourceChoice choice(OrderKey key) {
    ScheduleTable table = turns;
    return table != null
        ? new ExactChoice(weights, lengths, exhaustion, table)
        : new RandomChoice(key.with("mix"), weights, lengths, exhaustion);
  }

  private OrderKey key(long epoch) {
    return epochKey(seed, epoch);
  }

  private static OrderKey epochKey(long seed, long epoch) {
    return OrderKey.of(seed).with(epoch);
  }

  private static OrderKey sourceKey(OrderKey epochKey, int source) {
    return epochKey.with("source").with(source);
  }

  /** The key of pass 0 over source 0 in an epoch. */
  public static OrderKey firstPassKey(long seed, long epoch) {
    return SourceStream.passKey(sourceKey(epochKey(seed, epoch), 0), 0);
  }

  private SourceStream stream(OrderKey epochKey, int source) {
    OrderKey key = sourceKey(epochKey, source);
    return new SourceStream(sources.get(source), shuffle, key, streamLength(source));
  }

  /** The length of the stream of a source; {@link Long#MAX_VALUE} if it has no end. */
  private long streamLength(int source) {
    boolean repeated =
        exhaustion == Exhaustion.REPEAT
            || (exhaustion == Exhaustion.REPEAT_UNTIL_ALL_SEEN && mix != MixMethod.CONCATENATED);
    return repeated ? Long.MAX_VALUE : lengths[source];
  }

  /**
   * Number of positions of an epoch; {@link Long#MAX_VALUE} if it has no end. For a random mix with
   * {@link Exhaustion#STOP} or {@link Exhaustion#REPEAT_UNTIL_ALL_SEEN} this makes all choices of
   * the epoch.
   */
  public long length(long epoch) {
    return mix == MixMethod.CONCATENATED ? streamLength(0) : choice(key(epoch)).length();
  }

  /** Number of records of a pass over all sources, which are concatenated. */
  public long passLength() {
    if (mix != MixMethod.CONCATENATED) {
      throw new UnsupportedOperationException("each source of a mix has its own passes");
    }
    return sources.getFirst().passLength();
  }

  /** Number of sources. */
  public int sourceCount() {
    return layout.sources();
  }

  /** The sources of a mix by weight; for concatenated sources, one source with all records. */
  List<OrderSource> mixedSources() {
    return sources;
  }

  /** The weights of {@link #mixedSources()} as integers without a common divisor. */
  long[] integerWeights() {
    return weights.clone();
  }

  /** How records are shuffled. */
  public ShuffleMethod shuffle() {
    return shuffle;
  }

  /** How sources are mixed. */
  public MixMethod mix() {
    return mix;
  }

  /** What happens if a source has no records left. */
  public Exhaustion exhaustion() {
    return exhaustion;
  }

  /** The seed. */
  public long seed() {
    return seed;
  }

  /** The shuffle with its parameter, for a state. */
  public String shuffleText() {
    return switch (shuffle) {
      case ShuffleMethod.None none -> "none";
      case ShuffleMethod.Global global -> "global";
      case ShuffleMethod.Windowed windowed -> "windowed:" + windowed.bytes();
      case ShuffleMethod.Reservoir reservoir -> "reservoir:" + reservoir.records();
    };
  }

  /**
   * The mix for a state: the method, the exhaustion, and for each source its weight as an integer,
   * its repeat and its choose.
   */
  public String mixText() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < weights.length; i++) {
      OrderSource source = sources.get(i);
      text.append(i == 0 ? "" : "+").append(weights[i]);
      if (source.repeat() != 1) {
        text.append('x').append(source.repeat());
      }
      if (source.choose() != OrderSource.ALL) {
        text.append(':').append(source.choose());
      }
    }
    return word(mix) + "/" + word(exhaustion) + "/" + text;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return sources.stream()
        .map(source -> Long.toString(source.layout().records()))
        .collect(
            Collectors.joining(
                "+", "OrderSpec[" + mixText() + ", " + shuffleText() + ", records ", "]"));
  }
}
