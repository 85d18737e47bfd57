package io.disky;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The events that a listener of shards was told of, in order. */
final class ShardEventLog implements ShardListener {
  final List<String> all = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger open = new AtomicInteger();
  final AtomicInteger mostOpen = new AtomicInteger();

  @Override
  public void opened(String shard) {
    all.add("opened " + shard);
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
  }

  @Override
  public void finished(String shard, long records) {
    all.add("finished " + shard + " " + records);
    open.decrementAndGet();
  }

  @Override
  public void failed(String shard, IOException failure) {
    all.add("failed " + shard + " " + failure.getMessage());
  }

  @Override
  public void skipped(String shard, SkippedRegion region) {
    all.add("skipped " + shard + " " + region.begin() + " to " + region.end());
  }
}
