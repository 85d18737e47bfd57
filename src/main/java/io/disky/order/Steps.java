package io.disky.order;

/**
 * The steps of an epoch from a position on: which positions each rank gets at each step. Immutable.
 *
 * @param length number of positions of the epoch; {@link Long#MAX_VALUE} if it has no end
 * @param base the position at which step 0 begins
 * @param batch the batch size: number of positions of a step, for all ranks together
 * @param ranks number of ranks
 */
public record Steps(long length, long base, long batch, int ranks, Remainder remainder) {
  /** What happens to the positions after the last full step. */
  public enum Remainder {
    /** They are not delivered. */
    DROP,
    /** They are followed by the first positions of the epoch, so that the step is full. */
    PAD,
    /** They are divided among the ranks, whose numbers of records differ by 1 at most. */
    EVEN
  }

  /** Checks the values. */
  public Steps {
    if (length < 0 || base < 0 || base > length) {
      throw new IllegalArgumentException(
          "the position " + base + " is outside 0 to " + length + ", the length of the epoch");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("a batch of " + batch + " records is not at least 1");
    }
    if (ranks < 1) {
      throw new IllegalArgumentException(ranks + " ranks are not at least 1");
    }
    if (batch < ranks) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch
              + " records is too small for "
              + ranks
              + " ranks: make it at least as large, so that each rank gets a record at each step");
    }
  }

  /** Number of steps; the same for all ranks. {@link Long#MAX_VALUE} if the epoch has no end. */
  public long count() {
    if (length == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long left = length - base;
    return left / batch + (remainder == Remainder.DROP || left % batch == 0 ? 0 : 1);
  }

  /**
   * The first position that a rank gets at a step.
   *
   * @param step 0 to {@link #count()} - 1
   */
  public long begin(long step, int rank) {
    return stepBegin(step) + part(stepSize(step), rank);
  }

  /**
   * The position after the last one that a rank gets at a step. With {@link Remainder#PAD} it can
   * be after the end of the epoch.
   */
  public long end(long step, int rank) {
    return stepBegin(step) + part(stepSize(step), rank + 1);
  }

  /** Where a step begins: the position of the state after the step before it. */
  public long stepBegin(long step) {
    return base + step * batch;
  }

  /** Where the state is after a step: at the end of the epoch, or at the beginning of a step. */
  public long stepEnd(long step) {
    return stepBegin(step) + Math.min(batch, length - stepBegin(step));
  }

  private long stepSize(long step) {
    return remainder == Remainder.EVEN ? Math.min(batch, length - stepBegin(step)) : batch;
  }

  /** {@code total * rank / ranks}, rounded down. */
  private long part(long total, int rank) {
    return total / ranks * rank + total % ranks * rank / ranks;
  }

  /** Number of positions that are in no step; 0 unless the remainder is {@link Remainder#DROP}. */
  public long dropped() {
    return remainder == Remainder.DROP && length != Long.MAX_VALUE ? (length - base) % batch : 0;
  }

  /** Whether the record at a position of the last step is padding. */
  public boolean isPadding(long position) {
    return position >= length;
  }

  /** The position of the epoch whose record is at {@code position} of the last step. */
  public long wrapped(long position) {
    return position < length ? position : (position - length) % length;
  }
}
