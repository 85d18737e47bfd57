package io.disky.loading;

import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.Steps;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What it costs to read an epoch of remote sources, for all ranks together.
 *
 * @param requests expected number of requests
 * @param bytes expected number of bytes that these request
 * @param useful expected size of the delivered records in bytes
 */
public record RemoteCost(long requests, long bytes, long useful) {
  /** Nothing is remote. */
  public static final RemoteCost NONE = new RemoteCost(0, 0, 0);

  /** The most steps that are computed; the others are expected to cost the same. */
  private static final int SAMPLE = 64;

  private static final long MOST_RECORDS = 1 << 16;

  /** The first steps, with the chunks that they have read and later steps use again. */
  private static final class Sample implements AnnouncedSteps.Receiver {
    private final List<LoadedSource> sources;
    private final StepOrder order;
    private final List<Set<Long>> read = new ArrayList<>();
    private long requests;
    private long bytes;
    private long useful;

    Sample(List<LoadedSource> sources, StepOrder order) {
      this.sources = sources;
      this.order = order;
      sources.forEach(_ -> read.add(new HashSet<>()));
    }

    @Override
    public void announce(int index, long[] numbers, int count, boolean more) {
      LoadedSource source = sources.get(index);
      boolean keeps = order.sharesChunks(index) || source.cacheSize() > 0;
      Set<Long> known = keeps ? read.get(index) : new HashSet<>();
      RemoteCost cost = source.cost(numbers, count, known, more);
      requests += cost.requests;
      bytes += cost.bytes;
      useful += count * source.meanRecordSize();
    }

    RemoteCost times(double factor) {
      return new RemoteCost(
          Math.round(requests * factor), Math.round(bytes * factor), Math.round(useful * factor));
    }
  }

  /**
   * The cost of epoch 0, computed from its first steps as they announce their records.
   *
   * @param steps the steps of the epoch
   * @param memory the memory of the loader for chunks and batches, in bytes
   */
  public static RemoteCost of(
      OrderSpec spec, List<LoadedSource> sources, Steps steps, long memory) {
    if (sources.stream().noneMatch(LoadedSource::isRemote) || steps.count() == 0) {
      return NONE;
    }
    EpochSteps.Division division =
        new EpochSteps.Division(steps.batch(), 0, steps.ranks(), steps.remainder(), 1);
    EpochSteps order = new EpochSteps(spec, division, Progress.beginningOf(0));
    Sample sample = new Sample(sources, order);
    AnnouncedSteps announced =
        new AnnouncedSteps(sources, memory / Schedule.ANNOUNCED_SHARE, sample);
    SortedPicks sorted = new SortedPicks(sources.size());
    Picks picks = new Picks();
    int taken = 0;
    while (taken < SAMPLE && announced.records() < MOST_RECORDS && order.next()) {
      order.fill(picks);
      sorted.set(picks);
      announced.plan(order, sorted);
      taken++;
    }
    // An epoch without an end: one pass over the sources.
    double all =
        steps.count() == Long.MAX_VALUE
            ? (double) sources.stream().mapToLong(source -> source.layout().records()).sum()
                / Math.max(1, announced.records())
            : (double) steps.count() / Math.max(1, announced.steps()) * steps.ranks();
    return sample.times(all);
  }

  /** How many bytes are requested for each byte of the records; 1 if nothing is remote. */
  public double amplification() {
    return useful == 0 ? 1 : (double) bytes / useful;
  }
}
