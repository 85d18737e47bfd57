package io.disky.loader;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How many records a batch has. Immutable.
 *
 * <p>Only {@link #records} works with several ranks: how many steps an epoch has is then known
 * before anything is read, and is the same for all ranks. With {@link #bytes} and {@link #cost} it
 * depends on the contents of the records.
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
   * Batches with a number of records.
   *
   * @param records number of records of a step, for all ranks together; at least 1
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
   * Batches with a limited number of bytes. A batch ends before the record with which it would be
   * larger; a record that is larger alone is a batch of its own. For one rank only.
   *
   * @param bytes total size of the records of a batch, as the stages of the loader return them; at
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
   * with which its cost would be larger; a record that costs more alone is a batch of its own. For
   * one rank only.
   *
   * @param most total cost of the records of a batch; at least 1
   * @param cost returns the cost of a record, at least 0. The loader calls it once for each record,
   *     on any of its threads, with the record as the stages return it; the segment is valid during
   *     the call only. It must return the same cost for the same record, so that the batches are
   *     the same after a resume. If it throws, or returns a negative cost, the loader fails.
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

  /** The most records, the most bytes or the highest cost of a batch. */
  public long most() {
    return most;
  }

  /** What computes the cost of a record, if batches are limited by cost. */
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
