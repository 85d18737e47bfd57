package io.disky.loader;

import io.disky.order.ShuffleMethod;
import java.util.Objects;

/**
 * How a loader shuffles the records of a source. The order depends only on the seed, the epoch, the
 * parameter of the shuffle, and the numbers and chunks of the records. The orders of different
 * epochs are unrelated, except with {@link #none()}. Immutable.
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
 *     <td>the chunks of the records in the reservoir</td></tr>
 * </table>
 */
public final class Shuffle {
  private final ShuffleMethod method;

  private Shuffle(ShuffleMethod method) {
    this.method = method;
  }

  /** No shuffle: records come in the order of their source. */
  public static Shuffle none() {
    return new Shuffle(new ShuffleMethod.None());
  }

  /**
   * A permutation of all records. It needs no memory and no time at the start, for any number of
   * records. The records of a batch are scattered over the source: if chunks have many records, and
   * not all chunks fit into the cache, each chunk is decoded many times. {@link
   * LoadPlan#readAmplification()} returns how often; for ArrayRecord files with groups of one
   * record it is 1.
   */
  public static Shuffle global() {
    return new Shuffle(new ShuffleMethod.Global());
  }

  /**
   * Chunks in random order, and records permuted within windows. A window has as many consecutive
   * chunks of this order as fit into {@code bytes}, and at least one. Each rank decodes a chunk at
   * most once in a pass.
   *
   * @param bytes memory for the decoded chunks of a window, in bytes; at least 1. Larger windows
   *     mix the records better
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
   * A reservoir: it is filled with the first records. Then at each position a random record of the
   * reservoir is delivered, and the next record of the source takes its place. A {@link
   * LoaderState} contains the numbers of all records in the reservoir, as decimal numbers in its
   * text.
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
