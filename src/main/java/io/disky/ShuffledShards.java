package io.disky;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Shards without end, each epoch in an order of its own. */
final class ShuffledShards implements ShardSource {
  private final List<Shard> epoch;

  // Its sequence is part of its specification, so a seed means the same everywhere.
  private final Random random;
  private int next;

  ShuffledShards(List<Shard> shards, Random random) {
    this.epoch = new ArrayList<>(shards);
    this.random = random;
    this.next = epoch.size();
  }

  @Override
  public Shard next() {
    if (next == epoch.size()) {
      shuffle();
      next = 0;
    }
    return epoch.get(next++);
  }

  // Not Collections.shuffle, which may take its random numbers in another way one day.
  private void shuffle() {
    for (int i = epoch.size() - 1; i > 0; i--) {
      Collections.swap(epoch, i, random.nextInt(i + 1));
    }
  }
}
