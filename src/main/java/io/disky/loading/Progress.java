package io.disky.loading;

import io.disky.order.EpochOrder;
import io.disky.order.OrderSpec;

/**
 * Where loading continues: the records before have been delivered.
 *
 * @param epoch the number of the epoch
 * @param position the position in the epoch
 * @param known a position at or before that one, from which the order can be restored
 * @param checkpoint as {@link EpochOrder#checkpoint} for {@code known}; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Progress(long epoch, long position, long known, long[] checkpoint) {
  /** The beginning of an epoch. */
  static Progress beginningOf(long epoch) {
    return new Progress(epoch, 0, 0, new long[0]);
  }

  /** The order of the epoch, which can continue here. */
  EpochOrder order(OrderSpec spec) {
    // A beginning has no checkpoint, and nothing follows the end.
    boolean inside = known > 0 && known < spec.length(epoch);
    return inside ? spec.epoch(epoch, known, checkpoint) : spec.epoch(epoch);
  }

  /** The checkpoint of the position itself. Takes time if it is not known. */
  public long[] exactCheckpoint(OrderSpec spec) {
    return known == position ? checkpoint : spec.checkpoint(order(spec), known, position);
  }
}
