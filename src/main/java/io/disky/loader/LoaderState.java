package io.disky.loader;

import io.disky.order.OrderSpec;
import io.disky.order.OrderState;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How far a loader has delivered, so that another loader can continue with the next record. It
 * counts delivered records, not those that are loaded ahead. After the same step it is the same on
 * all ranks. Immutable and thread-safe.
 *
 * <p>A loader can be opened with a state if the following are the same as when the state was made.
 * Otherwise an {@link IllegalArgumentException} names the difference:
 *
 * <ul>
 *   <li>the data set: the {@linkplain RecordSource identity} of each source, and their order;
 *   <li>the seed;
 *   <li>the {@link Shuffle} with its parameter;
 *   <li>the {@link Mix}: method, ratios of the weights, repeats, choices, {@link Exhaustion};
 *   <li>the version of the specification of orders.
 * </ul>
 *
 * The numbers of ranks and workers, the batch size, the remainder, the memory, the filters and the
 * mappers may differ.
 *
 * <p>{@link #toString()} is one line of printable ASCII. It has at most 1024 characters if at most
 * ten sources are mixed and the shuffle is not a {@linkplain Shuffle#reservoir reservoir}. With a
 * reservoir, it also lists the numbers of the records that wait in the reservoir.
 */
public final class LoaderState {
  private final OrderState state;

  LoaderState(OrderState state) {
    this.state = state;
  }

  OrderState room() {
    return state;
  }

  /**
   * Reads a state from a text that {@link #toString()} has returned. The text ends with a checksum.
   *
   * @throws IllegalArgumentException if the text is not a state, was changed, or has an unknown
   *     version; the message names the field
   */
  public static LoaderState parse(String text) {
    return new LoaderState(OrderState.parse(text));
  }

  /**
   * Reads a state from bytes that {@link #toBytes()} has returned.
   *
   * @throws IllegalArgumentException as {@link #parse(String)}
   */
  public static LoaderState parse(byte[] bytes) {
    return parse(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** The version of the state and of the specification of orders. */
  public int version() {
    return OrderSpec.VERSION;
  }

  /**
   * A hash that identifies the data set: 32 hexadecimal digits, computed from the {@linkplain
   * RecordSource identities} of the sources.
   */
  public String fingerprint() {
    return state.data().fingerprint().toString();
  }

  /** Number of files of the data set; 0 if code supplies all records. */
  public long fileCount() {
    return state.data().files();
  }

  /** Number of records of all sources of the data set together. */
  public long recordCount() {
    return state.data().records();
  }

  /** The seed. */
  public long seed() {
    return state.seed();
  }

  /** The shuffle with its parameter, for example {@code windowed:268435456}. */
  public String shuffle() {
    return state.shuffle();
  }

  /**
   * The method of mixing, what happens to exhausted sources, and the weights, for example {@code
   * exact/drop-out/3+1}.
   */
  public String mix() {
    return state.mix();
  }

  /** Number of the epoch, from 0 on. */
  public long epoch() {
    return state.epoch();
  }

  /** The position in the epoch of the next record, from 0 on. */
  public long position() {
    return state.position();
  }

  /** The state in ASCII, for {@link #parse(byte[])}. */
  public byte[] toBytes() {
    return toString().getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LoaderState that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** The state as one line of printable ASCII, for {@link #parse(String)}. */
  @Override
  public String toString() {
    return state.toString();
  }
}
