package io.disky.shards;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which lane is read from next, and what is delivered next. Guarded by the lock of the queue. */
public interface DeliveryOrder<S, T> {
  /** A shard was opened; in the order of the source. */
  void joined(ShardLane<S, T> lane);

  /** Something was read from {@code lane}. */
  void add(ShardLane<S, T> lane, Delivery<T> delivery);

  /** Nothing more will be read from {@code lane}. */
  void ended(ShardLane<S, T> lane);

  /** No more shards will be opened. */
  void exhausted();

  /** Whether there is something to take now. */
  boolean hasNext();

  /** What is to be taken now; {@code null} if there is nothing. */
  @Nullable Delivery<T> next();

  /** Removes everything that was added and not taken. */
  List<Delivery<T>> removeAll();

  /** Whether what could still be read would never be taken. */
  boolean needsNoMore();

  /** Whether to open a shard rather than to read from those that are open. */
  boolean opensFirst();

  /** Whether another shard may be opened while {@code bytes} of {@code limit} are queued. */
  boolean hasRoomForShard(long bytes, long limit);

  /** The lane to read from while {@code bytes} of {@code limit} are queued, if any. */
  @Nullable ShardLane<S, T> laneToRead(long bytes, long limit);
}
