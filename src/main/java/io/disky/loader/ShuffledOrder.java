package io.disky.loader;

import io.disky.order.ChunkLayout;
import io.disky.order.OrderKey;
import io.disky.order.OrderSpec;
import io.disky.order.PassOrder;
import io.disky.order.ShuffleMethod;
import java.util.Objects;

/**
 * The order of a global shuffle: a permutation of the numbers of records that depends on the number
 * of records and a seed only, and its inverse. {@code docs/order.md} specifies the permutation, so
 * it is the same on all machines and in all versions. It takes at most 16 KiB of memory, for any
 * number of records.
 *
 * <p>{@link RecordShuffle} writes records in this order. A loader that shuffles one source globally
 * delivers them in this order in its epoch 0.
 *
 * <p><b>Threads.</b> One thread at a time may use an order.
 */
public final class ShuffledOrder {
  private final PassOrder order;

  private ShuffledOrder(PassOrder order) {
    this.order = order;
  }

  /**
   * The order of {@code recordCount} records.
   *
   * @param recordCount number of records; at least 0
   * @param seed any number: different seeds give different orders
   * @throws IllegalArgumentException if {@code recordCount} is negative
   */
  public static ShuffledOrder of(long recordCount, long seed) {
    if (recordCount < 0) {
      throw new IllegalArgumentException("the number of records is negative: " + recordCount);
    }
    OrderKey key = OrderSpec.firstPassKey(seed, 0);
    return new ShuffledOrder(new ShuffleMethod.Global().order(new Count(recordCount), key));
  }

  /** Number of records. */
  public long recordCount() {
    return order.length();
  }

  /**
   * The number of the record at a position of the order.
   *
   * @param position 0 to {@link #recordCount()} - 1
   * @throws IndexOutOfBoundsException if {@code position} is outside that range
   */
  public long recordAt(long position) {
    Objects.checkIndex(position, recordCount());
    long[] record = new long[1];
    order.records(position, record, 0, 1);
    return record[0];
  }

  /**
   * The position of a record in the order: the inverse of {@link #recordAt}.
   *
   * @param record the number of the record, 0 to {@link #recordCount()} - 1
   * @throws IndexOutOfBoundsException if {@code record} is outside that range
   */
  public long positionOf(long record) {
    Objects.checkIndex(record, recordCount());
    return order.positionOf(record);
  }

  /** The number of records, for messages. */
  @Override
  public String toString() {
    return "ShuffledOrder[recordCount=" + recordCount() + "]";
  }

  /** A layout for a global shuffle, which depends on the number of records only. */
  private record Count(long records) implements ChunkLayout {
    @Override
    public long chunks() {
      return Math.min(records, 1);
    }

    @Override
    public long firstRecord(long chunk) {
      return chunk == 0 ? 0 : records;
    }

    @Override
    public long chunkOf(long record) {
      return 0;
    }

    @Override
    public long bytes(long chunk) {
      return 1;
    }
  }
}
