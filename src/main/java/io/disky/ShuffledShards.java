package io.disky;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shards without end, each epoch in an order of its own. One thread at a time asks; any may tell
 * what it has read.
 */
final class ShuffledShards implements ShardSource {
  private static final int NAMED = 3;

  // What the current thread was given last: a source of the user's may hand it on, and not pass on
  // what becomes of it.
  private static final ThreadLocal<@Nullable Given> GIVEN = new ThreadLocal<>();

  /** A shard, and the source that it is from. */
  record Given(ShuffledShards source, Shard shard) {
    void finished(long records) {
      source.finished(shard, records);
    }
  }

  private final List<Shard> shards;
  private final List<Shard> epoch;

  // Its sequence is part of its specification, so a seed means the same everywhere.
  private final Random random;
  private int next;

  // Those of which nobody knows yet that they are empty. Epochs overlap where several shards are
  // open, so it takes each shard, not as many ends as there are shards. Guarded by itself.
  private final Set<Shard> hopes = Collections.newSetFromMap(new IdentityHashMap<>());
  private volatile boolean empty;

  ShuffledShards(List<Shard> shards, Random random) {
    this.shards = shards;
    this.epoch = new ArrayList<>(shards);
    this.random = random;
    this.next = epoch.size();
    hopes.addAll(shards);
  }

  @Override
  public Shard next() throws IOException {
    if (empty) {
      throw new IOException("a whole epoch had no record; " + named());
    }
    if (next == epoch.size()) {
      shuffle();
      next = 0;
    }
    Shard shard = epoch.get(next++);
    GIVEN.set(new Given(this, shard));
    return shard;
  }

  /** What a source of this kind has given to the current thread since this was called last. */
  static @Nullable Given takeGiven() {
    Given given = GIVEN.get();
    GIVEN.remove();
    return given;
  }

  private String named() {
    List<String> names =
        shards.stream().limit(NAMED).map(Shard::name).map(QuotedText::name).toList();
    int more = shards.size() - names.size();
    return "the shards are "
        + String.join(", ", names)
        + (more > 0 ? " and " + more + " more" : "");
  }

  // Not Collections.shuffle, which may take its random numbers in another way one day.
  private void shuffle() {
    for (int i = epoch.size() - 1; i > 0; i--) {
      Collections.swap(epoch, i, random.nextInt(i + 1));
    }
  }

  @Override
  public void finished(Shard shard, long records) {
    synchronized (hopes) {
      if (records == 0) {
        hopes.remove(shard);
      }
      empty = hopes.isEmpty();
    }
  }
}
