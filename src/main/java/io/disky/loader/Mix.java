package io.disky.loader;

import io.disky.order.ChunkLayout;
import io.disky.order.MixMethod;
import io.disky.order.OrderSource;
import io.disky.order.OrderSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The sources of a loader, and how they are combined. Immutable: each {@code with} method returns a
 * changed copy.
 *
 * <ul>
 *   <li>{@link #of} and {@link #concatenated}: the records of all sources, one source after the
 *       other, are one sequence. A shuffle permutes all of them together.
 *   <li>{@link #exact}: by weight. Until a source has no records left, in the first k records of an
 *       epoch, for every k, the number of records of each source differs from its share of k by
 *       less than 1. So the number of records of a source in a step differs from its share of the
 *       step by less than 2, and is exactly its share if the shares of all sources are integers.
 *   <li>{@link #random}: by weight, independently at each position. This is the sampling of
 *       upstream disky.
 * </ul>
 *
 * Each source of a mix by weight is shuffled separately. When a source has no records left, {@link
 * Exhaustion} decides; by default the others go on without it.
 */
public final class Mix {
  private final MixMethod method;
  private final List<WeightedSource> sources;
  private final Exhaustion exhaustion;
  // For concatenated sources.
  private final double repeat;
  private final long choose;

  private Mix(
      MixMethod method,
      List<WeightedSource> sources,
      Exhaustion exhaustion,
      double repeat,
      long choose) {
    this.method = method;
    this.sources = sources;
    this.exhaustion = exhaustion;
    this.repeat = repeat;
    this.choose = choose;
  }

  private Mix(MixMethod method, List<WeightedSource> sources) {
    this(method, List.copyOf(sources), Exhaustion.DROP_OUT, 1, OrderSource.ALL);
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("a mix needs at least one source");
    }
  }

  /** The records of one source. */
  public static Mix of(RecordSource source) {
    return concatenated(List.of(source));
  }

  /**
   * The records of sources one after the other, as one sequence. A shuffle permutes all of them
   * together.
   *
   * @throws IllegalArgumentException if there are no sources
   */
  public static Mix concatenated(List<? extends RecordSource> sources) {
    List<WeightedSource> weighted = new ArrayList<>();
    for (RecordSource source : sources) {
      weighted.add(WeightedSource.of(source, 1));
    }
    return new Mix(MixMethod.CONCATENATED, weighted);
  }

  /**
   * Sources that are mixed exactly by weight.
   *
   * @param sources 1 to 256 sources. Written as integers with the same ratios and without a common
   *     divisor, their weights must have a sum of at most 2^20; so weights with up to 6 digits are
   *     possible. The mix keeps a table with one byte for each unit of this sum. When a source
   *     drops out, it makes another table, which takes up to some tens of milliseconds for ten
   *     sources.
   * @throws IllegalArgumentException if there are no sources; {@link DataLoader} checks the sum and
   *     the largest number of sources
   */
  public static Mix exact(List<WeightedSource> sources) {
    return new Mix(MixMethod.EXACT, sources);
  }

  /**
   * Sources that are mixed at random by weight.
   *
   * <p>With {@link Exhaustion#STOP} or {@link Exhaustion#REPEAT_UNTIL_ALL_SEEN}, the number of
   * records of an epoch depends on all random choices of the epoch. A loader makes these choices
   * when the epoch begins, which takes some nanoseconds for each record. With the other values,
   * {@link DataLoader#seek} makes all choices before the position; opening a loader with a state
   * does not.
   *
   * @param sources 1 to 256 sources. Written as integers with the same ratios and without a common
   *     divisor, their weights must have a sum of at most 2^62.
   * @throws IllegalArgumentException if there are no sources; {@link DataLoader} checks the sum and
   *     the largest number of sources
   */
  public static Mix random(List<WeightedSource> sources) {
    return new Mix(MixMethod.RANDOM, sources);
  }

  /**
   * This mix with another choice of what happens when a source has no records left. The default is
   * {@link Exhaustion#DROP_OUT}. Concatenated sources count as one source: {@link
   * Exhaustion#REPEAT} repeats their sequence without an end; with all other values the epoch ends
   * after the sequence.
   */
  public Mix withExhaustion(Exhaustion exhaustion) {
    Objects.requireNonNull(exhaustion, "exhaustion");
    return new Mix(method, sources, exhaustion, repeat, choose);
  }

  /**
   * These concatenated sources with another number of passes over their records in an epoch, as
   * {@link WeightedSource#withRepeat}. The default is 1.
   *
   * @param passes more than 0 and at most 10^9
   * @throws IllegalArgumentException if {@code passes} is outside these bounds
   * @throws IllegalStateException if this is a mix by weight: use {@link WeightedSource#withRepeat}
   */
  public Mix withRepeat(double passes) {
    OrderSource.requireRepeat(passes);
    requireSequence("withRepeat");
    return new Mix(method, sources, exhaustion, passes, choose);
  }

  /**
   * These concatenated sources with passes of a limited number of records, as {@link
   * WeightedSource#withChoose}. By default there is no limit.
   *
   * @param records at least 1; {@link DataLoader} checks that the sources have so many
   * @throws IllegalArgumentException if {@code records} is less than 1
   * @throws IllegalStateException if this is a mix by weight: use {@link WeightedSource#withChoose}
   */
  public Mix withChoose(long records) {
    OrderSource.requireChoose(records);
    requireSequence("withChoose");
    return new Mix(method, sources, exhaustion, repeat, records);
  }

  private void requireSequence(String method) {
    if (this.method != MixMethod.CONCATENATED) {
      throw new IllegalStateException(
          "the sources of a mix by weight have a number each: use WeightedSource." + method);
    }
  }

  /** The sources, in their order. */
  public List<RecordSource> sources() {
    return sources.stream().map(WeightedSource::source).toList();
  }

  /** The weight of each source; 1 for each of concatenated sources. */
  public double[] weights() {
    return sources.stream().mapToDouble(WeightedSource::weight).toArray();
  }

  /** What happens when a source has no records left. The default is {@link Exhaustion#DROP_OUT}. */
  public Exhaustion exhaustion() {
    return exhaustion;
  }

  /** The order of epochs over the sources with these layouts. */
  OrderSpec order(List<? extends ChunkLayout> layouts, Shuffle shuffle, long seed) {
    if (method == MixMethod.CONCATENATED) {
      return OrderSpec.concatenated(
          List.copyOf(layouts), repeat, choose, shuffle.method(), exhaustion.room(), seed);
    }
    List<OrderSource> weighted = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      weighted.add(sources.get(i).room(layouts.get(i)));
    }
    return OrderSpec.mixed(weighted, shuffle.method(), method, exhaustion.room(), seed);
  }

  @Override
  public String toString() {
    return "Mix[" + method + ", " + exhaustion + ", " + sources + "]";
  }
}
