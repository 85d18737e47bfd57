package io.disky.loader;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The size of batches: a number of records, or a limit in bytes or in cost. Immutable.
 *
 * <p>Only {@link #records} works with several ranks: the number of steps of an epoch is then known
 * before records are read, and is the same for all ranks. With {@link #bytes} and {@link #cost} it
 * depends on the contents of the records; so these sizes require one rank and {@link
 * Remainder#EVEN}, and {@link DataLoader#open(Mix, LoaderOptions)} refuses others. Then one thread
 * must take all batches of the loader.
 */
public final class BatchSize {
  private enum Unit {
    RECORDS,
    BYTES,
    COST
  }

  private final Unit unit;
  private final long most;
  private final @Nullable ToLongFunction<? super MemorySegment> cost;

  private BatchSize(Unit unit, long most, @Nullable ToLongFunction<? super MemorySegment> cost) {
    this.unit = unit;
    this.most = most;
    this.cost = cost;
  }

  /**
   * Batches with a number of records, including those that filters leave out later.
   *
   * @param records number of records of a step, which is divided among the ranks; at least 1
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public static BatchSize records(int records) {
    if (records < 1) {
      throw new IllegalArgumentException(
          "a batch of " + records + " records is outside 1 to " + Integer.MAX_VALUE);
    }
    return new BatchSize(Unit.RECORDS, records, null);
  }

  /**
   * Batches with a limited number of bytes. A batch ends before the record with which it would
   * exceed the limit; a record that exceeds the limit alone is a batch of its own.
   *
   * @param bytes the largest total size of the records of a batch, after filters and mappers; at
   *     least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public static BatchSize bytes(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "a batch of " + bytes + " bytes is outside 1 to " + Long.MAX_VALUE);
    }
    return new BatchSize(Unit.BYTES, bytes, null);
  }

  /**
   * Batches with a limited cost, for example a number of tokens. A batch ends before the record
   * with which its cost would exceed the limit; a record that exceeds the limit alone is a batch of
   * its own.
   *
   * @param most the largest total cost of the records of a batch; at least 1
   * @param cost returns the cost of a record, at least 0. The thread that takes batches calls it,
   *     in {@link DataLoader#next()}, with the record as the filters and mappers return it; the
   *     segment is valid during the call only. It must return the same cost for the same record, so
   *     that the batches are the same after a resume. If it throws, {@link DataLoader#next()}
   *     throws the same object; if it returns a negative cost, an {@link IllegalArgumentException}.
   *     The loader then cannot be used any more
   * @throws IllegalArgumentException if {@code most} is less than 1
   */
  public static BatchSize cost(long most, ToLongFunction<? super MemorySegment> cost) {
    Objects.requireNonNull(cost, "cost");
    if (most < 1) {
      throw new IllegalArgumentException(
          "a batch with the cost " + most + " is outside 1 to " + Long.MAX_VALUE);
    }
    return new BatchSize(Unit.COST, most, cost);
  }

  /** Whether a batch has a fixed number of records. */
  public boolean isRecords() {
    return unit == Unit.RECORDS;
  }

  /** Whether the size of a batch is limited in bytes. */
  public boolean isBytes() {
    return unit == Unit.BYTES;
  }

  /** The number of records of a step, or the limit of a batch in bytes or in cost. */
  public long most() {
    return most;
  }

  /** The function that computes the cost of a record; empty unless batches are limited by cost. */
  public Optional<ToLongFunction<? super MemorySegment>> cost() {
    return Optional.ofNullable(cost);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BatchSize that
        && unit == that.unit
        && most == that.most
        && Objects.equals(cost, that.cost);
  }

  @Override
  public int hashCode() {
    return Objects.hash(unit, most, cost);
  }

  @Override
  public String toString() {
    return switch (unit) {
      case RECORDS -> most + " records";
      case BYTES -> "up to " + most + " bytes";
      case COST -> "up to a cost of " + most;
    };
  }
}
