package io.disky.shards;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Delivers chunks in the order in which they were read: no shard waits for another one. */
public final class ArrivalOrder<S, T> implements DeliveryOrder<S, T> {
  private final boolean roundRobin;
  private final List<ShardLane<S, T>> lanes = new ArrayList<>();
  private final ArrayDeque<Delivery<T>> arrived = new ArrayDeque<>();
  private long ranks;
  private boolean failing;

  /** If {@code roundRobin}, a chunk of each shard in turn; else one shard after the other. */
  public ArrivalOrder(boolean roundRobin) {
    this.roundRobin = roundRobin;
  }

  @Override
  public void joined(ShardLane<S, T> lane) {
    lane.rank = ranks++;
    lanes.add(lane);
  }

  @Override
  public void add(ShardLane<S, T> lane, Delivery<T> delivery) {
    arrived.add(delivery);
    failing |= delivery.failure() != null;
  }

  @Override
  public void ended(ShardLane<S, T> lane) {
    lanes.remove(lane);
  }

  @Override
  public void exhausted() {}

  @Override
  public boolean hasNext() {
    return !arrived.isEmpty();
  }

  @Override
  public @Nullable Delivery<T> next() {
    return arrived.poll();
  }

  @Override
  public List<Delivery<T>> removeAll() {
    List<Delivery<T>> all = List.copyOf(arrived);
    arrived.clear();
    return all;
  }

  @Override
  public boolean needsNoMore() {
    return failing;
  }

  @Override
  public boolean opensFirst() {
    return roundRobin;
  }

  @Override
  public boolean hasRoomForShard(long bytes, long limit) {
    return bytes < limit;
  }

  @Override
  public @Nullable ShardLane<S, T> laneToRead(long bytes, long limit) {
    if (bytes >= limit) {
      return null;
    }
    ShardLane<S, T> first = null;
    for (ShardLane<S, T> lane : lanes) {
      if (lane.isIdle() && (first == null || lane.rank < first.rank)) {
        first = lane;
      }
    }
    if (first != null && roundRobin) {
      first.rank = ranks++;
    }
    return first;
  }
}
