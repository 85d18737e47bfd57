package io.disky.loader;

import io.disky.order.ChunkLayout;
import io.disky.order.OrderSource;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A source of a {@link Mix} with its weight. Immutable: each {@code with} method returns a changed
 * copy.
 */
public final class WeightedSource {
  private final RecordSource source;
  private final double weight;
  private final double repeat;
  private final long choose;

  private WeightedSource(RecordSource source, double weight, double repeat, long choose) {
    this.source = source;
    this.weight = weight;
    this.repeat = repeat;
    this.choose = choose;
  }

  /**
   * A source with one pass over all of its records in an epoch.
   *
   * @param weight positive and finite; only the ratios of the weights matter. The mix uses the
   *     decimal number of {@link Double#toString(double)}, such as 0.1
   * @throws IllegalArgumentException if {@code weight} is not positive and finite
   */
  public static WeightedSource of(RecordSource source, double weight) {
    Objects.requireNonNull(source, "source");
    OrderSource.requireWeight(weight);
    return new WeightedSource(source, weight, 1, OrderSource.ALL);
  }

  /**
   * This source with another number of passes over its records in an epoch. Each pass has an order
   * of its own. If {@code passes} is not an integer, the last pass ends early: 1.25 passes over 10
   * records are 12 records. {@link Exhaustion#REPEAT} ignores this number.
   *
   * @param passes more than 0 and at most 10^9
   * @throws IllegalArgumentException if {@code passes} is outside these bounds
   */
  public WeightedSource withRepeat(double passes) {
    OrderSource.requireRepeat(passes);
    return new WeightedSource(source, weight, passes, choose);
  }

  /**
   * This source with passes of a limited number of records: the first {@code records} records of
   * the order of the pass. If the source is shuffled globally, these are a random choice, which is
   * another one in each pass and epoch.
   *
   * @param records at least 1; {@link DataLoader} checks that the source has so many
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public WeightedSource withChoose(long records) {
    OrderSource.requireChoose(records);
    return new WeightedSource(source, weight, repeat, records);
  }

  /** The source. */
  public RecordSource source() {
    return source;
  }

  /** The weight: positive and finite. */
  public double weight() {
    return weight;
  }

  /** Number of passes in an epoch; 1 by default. */
  public double repeat() {
    return repeat;
  }

  /** Number of records of a pass; empty, the default, for all records of the source. */
  public OptionalLong choose() {
    return choose == OrderSource.ALL ? OptionalLong.empty() : OptionalLong.of(choose);
  }

  OrderSource room(ChunkLayout layout) {
    return new OrderSource(layout, weight, repeat, choose);
  }

  @Override
  public String toString() {
    return "WeightedSource["
        + source
        + ", weight="
        + weight
        + ", repeat="
        + repeat
        + ", choose="
        + (choose == OrderSource.ALL ? "all" : choose)
        + "]";
  }
}
