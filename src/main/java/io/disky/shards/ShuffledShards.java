package io.disky.shards;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of shards without end; each epoch has its own order. One thread at a time calls {@link
 * #next}; any thread may call {@link #finished}.
 *
 * @param <S> a shard
 */
public final class ShuffledShards<S> {
  private static final int NAMED = 3;

  // The shard that the current thread got last: a source of the user may return it to the reader,
  // and not pass on that it was read.
  private static final ThreadLocal<@Nullable Given<?>> GIVEN = new ThreadLocal<>();

  /** A shard, and the source that it is from. */
  public record Given<S>(ShuffledShards<S> source, S shard) {
    /** The shard was read to its end, and had {@code records} records. */
    public void finished(long records) {
      source.finished(shard, records);
    }
  }

  private final List<S> shards;
  private final List<S> epoch;
  private final Function<? super S, String> name;

  // Its sequence is part of its specification, so a seed means the same everywhere.
  private final Random random;
  private int next;

  // The shards that may have records. Epochs overlap if several shards are open. So each shard
  // itself must come to its end; counting ends would not be enough. The monitor of this set guards
  // it.
  private final Set<S> hopes = Collections.newSetFromMap(new IdentityHashMap<>());
  private volatile boolean empty;

  /**
   * @param name returns the name of a shard in messages
   */
  public ShuffledShards(List<S> shards, Random random, Function<? super S, String> name) {
    this.shards = shards;
    this.epoch = new ArrayList<>(shards);
    this.random = random;
    this.name = name;
    this.next = epoch.size();
    hopes.addAll(shards);
  }

  /**
   * The next shard.
   *
   * @throws IOException if all shards were read to their ends, and none had a record
   */
  public S next() throws IOException {
    if (empty) {
      throw new IOException("all shards are empty; " + named());
    }
    if (next == epoch.size()) {
      shuffle();
      next = 0;
    }
    S shard = epoch.get(next++);
    GIVEN.set(new Given<>(this, shard));
    return shard;
  }

  /** The shard that the current thread got last, if it got one since it called this last. */
  public static @Nullable Given<?> takeGiven() {
    Given<?> given = GIVEN.get();
    GIVEN.remove();
    return given;
  }

  private String named() {
    List<String> names = shards.stream().limit(NAMED).map(name).map(QuotedText::name).toList();
    int more = shards.size() - names.size();
    return "the shards are "
        + String.join(", ", names)
        + (more > 0 ? " and " + more + " more" : "");
  }

  // This is not Collections.shuffle, because a later JDK may use its random numbers in another way.
  private void shuffle() {
    for (int i = epoch.size() - 1; i > 0; i--) {
      Collections.swap(epoch, i, random.nextInt(i + 1));
    }
  }

  /** A shard was read to its end, and had {@code records} records. */
  public void finished(S shard, long records) {
    synchronized (hopes) {
      if (records == 0) {
        hopes.remove(shard);
      }
      empty = hopes.isEmpty();
    }
  }
}
