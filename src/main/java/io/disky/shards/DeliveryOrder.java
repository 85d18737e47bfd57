package io.disky.shards;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which lane to read from next, and which delivery comes next. Guarded by the lock of the
 * queue.
 */
public interface DeliveryOrder<S, T> {
  /** A shard was opened. Called in the order of the source. */
  void joined(ShardLane<S, T> lane);

  /** A batch or a failure was read from {@code lane}. */
  void add(ShardLane<S, T> lane, Delivery<T> delivery);

  /** Nothing more will be read from {@code lane}. */
  void ended(ShardLane<S, T> lane);

  /** No more shards will be opened. */
  void exhausted();

  /** Whether a delivery can be taken now. */
  boolean hasNext();

  /** Takes the next delivery; {@code null} if there is none now. */
  @Nullable Delivery<T> next();

  /** Removes all deliveries that were not taken. */
  List<Delivery<T>> removeAll();

  /** Whether batches that are read from now on would never be taken. */
  boolean needsNoMore();

  /** Whether to open another shard before reading further from the open ones. */
  boolean opensFirst();

  /** Whether another shard may be opened while {@code bytes} of {@code limit} are queued. */
  boolean hasRoomForShard(long bytes, long limit);

  /** The lane to read from while {@code bytes} of {@code limit} are queued, if any. */
  @Nullable ShardLane<S, T> laneToRead(long bytes, long limit);
}
