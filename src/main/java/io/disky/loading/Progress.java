package io.disky.loading;

import io.disky.order.EpochOrder;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;

/**
 * Where loading continues: all records before the position have been delivered.
 *
 * @param epoch the number of the epoch
 * @param position the position in the epoch
 * @param known a position, at most {@code position}, from which the order can be restored
 * @param checkpoint the result of {@link EpochOrder#checkpoint} for {@code known}; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Progress(long epoch, long position, long known, long[] checkpoint) {
  /** The beginning of an epoch. */
  static Progress beginningOf(long epoch) {
    return new Progress(epoch, 0, 0, new long[0]);
  }

  /** The order of the epoch, restored at {@code known}. */
  EpochOrder order(OrderSpec spec) {
    // Position 0 has no checkpoint, and no record follows the end.
    boolean inside = known > 0 && known < spec.length(epoch);
    return inside ? spec.epoch(epoch, known, checkpoint) : spec.epoch(epoch);
  }

  /**
   * The checkpoint for {@code position}. Takes some time if {@code known} is an earlier position.
   */
  public long[] exactCheckpoint(OrderSpec spec) {
    return known == position
        ? checkpoint
        : spec.checkpoint(order(spec), known, position, new Picks());
  }
}
