package io.disky.shards;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Delivers in an order that depends only on the shards. There are seats for lanes, and the seats
 * deliver in turn. If the lane of the current seat is spent, the first opened lane without a seat
 * takes the seat; if no further lane will come, the seat is removed. Draining has a single seat.
 *
 * <p>Workers do not wait for the order: they read from lanes without a seat, too.
 */
public final class TurnOrder<S, T> implements DeliveryOrder<S, T> {
  private final boolean roundRobin;
  private final int mostUnseated;

  // A null is a seat that has had no lane yet.
  private final List<@Nullable ShardLane<S, T>> seats = new ArrayList<>();
  private final ArrayDeque<ShardLane<S, T>> unseated = new ArrayDeque<>();
  private int turn;
  private boolean exhausted;

  /**
   * For {@code shards} shards open at once. If {@code roundRobin}, a chunk of each in turn; else
   * one shard after the other.
   */
  public TurnOrder(boolean roundRobin, int shards) {
    this.roundRobin = roundRobin;
    this.mostUnseated = shards;
    int count = roundRobin ? shards : 1;
    for (int i = 0; i < count; i++) {
      seats.add(null);
    }
  }

  @Override
  public void joined(ShardLane<S, T> lane) {
    unseated.add(lane);
    settle();
  }

  @Override
  public void add(ShardLane<S, T> lane, Delivery<T> delivery) {
    lane.waiting.add(delivery);
  }

  @Override
  public void ended(ShardLane<S, T> lane) {
    settle();
  }

  @Override
  public void exhausted() {
    exhausted = true;
    settle();
  }

  /** If the lane of the current seat is spent, gives the seat a lane that is not spent, if any. */
  private void settle() {
    while (!seats.isEmpty()) {
      ShardLane<S, T> lane = seats.get(turn);
      if (lane != null && !lane.isSpent()) {
        return;
      }
      ShardLane<S, T> successor = unseated.poll();
      if (successor != null) {
        seats.set(turn, successor);
      } else if (exhausted) {
        seats.remove(turn);
        turn = turn < seats.size() ? turn : 0;
      } else {
        return;
      }
    }
  }

  private @Nullable ShardLane<S, T> seated() {
    return seats.isEmpty() ? null : seats.get(turn);
  }

  @Override
  public boolean hasNext() {
    ShardLane<S, T> lane = seated();
    return lane != null && !lane.waiting.isEmpty();
  }

  @Override
  public @Nullable Delivery<T> next() {
    ShardLane<S, T> lane = seated();
    Delivery<T> delivery = lane == null ? null : lane.waiting.poll();
    if (delivery != null) {
      turn = (turn + 1) % seats.size();
      settle();
    }
    return delivery;
  }

  @Override
  public List<Delivery<T>> removeAll() {
    List<Delivery<T>> all = new ArrayList<>();
    for (ShardLane<S, T> lane : lanes()) {
      all.addAll(lane.waiting);
      lane.waiting.clear();
    }
    settle();
    return all;
  }

  /** All lanes, beginning with the lane of the current seat. */
  private List<ShardLane<S, T>> lanes() {
    List<ShardLane<S, T>> lanes = seatedLanes();
    lanes.addAll(unseated);
    return lanes;
  }

  private List<ShardLane<S, T>> seatedLanes() {
    List<ShardLane<S, T>> lanes = new ArrayList<>();
    for (int i = 0; i < seats.size(); i++) {
      ShardLane<S, T> lane = seats.get((turn + i) % seats.size());
      if (lane != null) {
        lanes.add(lane);
      }
    }
    return lanes;
  }

  @Override
  public boolean needsNoMore() {
    return false;
  }

  @Override
  public boolean opensFirst() {
    return roundRobin;
  }

  // The bytes do not matter, because all consumers may be waiting for that shard.
  @Override
  public boolean hasRoomForShard(long bytes, long limit) {
    return unseated.size() < mostUnseated;
  }

  @Override
  public @Nullable ShardLane<S, T> laneToRead(long bytes, long limit) {
    ShardLane<S, T> awaited = seated();
    if (awaited != null && awaited.isIdle() && awaited.waiting.isEmpty()) {
      // Even if batches of other lanes fill the queue: no batch can be taken before this one.
      return awaited;
    }
    return bytes < limit ? neededFirst(bytes < limit / 2 || isSeatedReadToTheEnd()) : null;
  }

  private boolean isSeatedReadToTheEnd() {
    return seatedLanes().stream().allMatch(lane -> lane.ended);
  }

  /**
   * The lane whose next batch is probably needed first. Lanes without a seat must not fill the
   * queue: otherwise workers would read from lanes with a seat only at the last moment.
   */
  private @Nullable ShardLane<S, T> neededFirst(boolean withUnseated) {
    ShardLane<S, T> first = null;
    for (ShardLane<S, T> lane : withUnseated ? lanes() : seatedLanes()) {
      if (lane.isIdle() && (first == null || isNeededBefore(lane, first))) {
        first = lane;
      }
    }
    return first;
  }

  /** Whether {@code later}, whose turn comes after that of {@code lane}, is needed before it. */
  private boolean isNeededBefore(ShardLane<S, T> later, ShardLane<S, T> lane) {
    return roundRobin && later.waiting.size() < lane.waiting.size();
  }
}
