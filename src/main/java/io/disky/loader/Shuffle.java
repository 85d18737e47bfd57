package io.disky.loader;

import io.disky.order.ShuffleMethod;
import java.util.Objects;

/**
 * How a loader shuffles the records of a source. The order depends on the seed, the epoch and the
 * records alone, and another epoch has an unrelated order. Immutable.
 *
 * <table>
 * <caption>Shuffles</caption>
 * <tr><th>Shuffle</th><th>Order</th><th>Reading</th><th>Memory</th></tr>
 * <tr><td>{@link #none()}</td><td>of the source</td><td>sequential</td><td>a few chunks</td></tr>
 * <tr><td>{@link #global()}</td><td>a permutation of all records</td><td>one random access per
 *     record; fast only if chunks have few records</td><td>the batches</td></tr>
 * <tr><td>{@link #windowed}</td><td>chunks in random order, records permuted within a
 *     window</td><td>chunks, each once</td><td>a window</td></tr>
 * <tr><td>{@link #reservoir}</td><td>each record is delayed at random</td><td>sequential</td>
 *     <td>the chunks of the records that wait</td></tr>
 * </table>
 */
public final class Shuffle {
  private static final Shuffle NONE = new Shuffle(new ShuffleMethod.None());
  private static final Shuffle GLOBAL = new Shuffle(new ShuffleMethod.Global());

  private final ShuffleMethod method;

  private Shuffle(ShuffleMethod method) {
    this.method = method;
  }

  /** No shuffle: records come in the order of their source. */
  public static Shuffle none() {
    return NONE;
  }

  /**
   * A permutation of all records. It needs no memory and no time at the start, however many records
   * there are. A batch needs records from all over the source; if these are in chunks of many
   * records, each chunk is decoded many times. {@link LoadPlan#readAmplification()} states how
   * often; for files of ArrayRecord with groups of one record it is 1.
   */
  public static Shuffle global() {
    return GLOBAL;
  }

  /**
   * Chunks in random order, and records permuted within windows. A window is as many consecutive
   * chunks of this order as fit into {@code bytes}, and at least one. Each chunk is decoded once.
   *
   * @param bytes memory for the decoded chunks of a window, in bytes; at least 1. A source with
   *     larger windows is shuffled better.
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public static Shuffle windowed(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "a window of " + bytes + " bytes is outside 1 to " + Long.MAX_VALUE);
    }
    return new Shuffle(new ShuffleMethod.Windowed(bytes));
  }

  /**
   * A reservoir: it is filled with the first records; then each further record takes the place of
   * one that is chosen at random, which is delivered. Each record is delayed by {@code records}
   * positions on average. {@link LoaderState}s contain the numbers of the records in the reservoir,
   * 8 bytes each.
   *
   * @param records the size of the reservoir; at least 1
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public static Shuffle reservoir(int records) {
    if (records < 1) {
      throw new IllegalArgumentException(
          "a reservoir of " + records + " records is outside 1 to " + Integer.MAX_VALUE);
    }
    return new Shuffle(new ShuffleMethod.Reservoir(records));
  }

  ShuffleMethod method() {
    return method;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shuffle that && method.equals(that.method);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(method);
  }

  /** The name of the shuffle, with its parameter. */
  @Override
  public String toString() {
    return switch (method) {
      case ShuffleMethod.None none -> "none";
      case ShuffleMethod.Global global -> "global";
      case ShuffleMethod.Windowed windowed -> "windowed(" + windowed.bytes() + " bytes)";
      case ShuffleMethod.Reservoir reservoir -> "reservoir(" + reservoir.records() + " records)";
    };
  }
}
