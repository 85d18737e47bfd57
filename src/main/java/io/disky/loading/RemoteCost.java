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
  private static final class Sample {
    private final List<LoadedSource> sources;
    private final List<Set<Long>> read = new ArrayList<>();
    private long requests;
    private long bytes;
    private long useful;

    Sample(List<LoadedSource> sources) {
      this.sources = sources;
      sources.forEach(_ -> read.add(new HashSet<>()));
    }

    void add(SortedPicks picks, StepOrder steps) {
      for (int i = 0; i < sources.size(); i++) {
        int count = picks.count(i);
        LoadedSource source = sources.get(i);
        if (count > 0 && source.isRemote()) {
          boolean keeps = steps.sharesChunks(i) || source.cacheSize() > 0;
          Set<Long> known = keeps ? read.get(i) : new HashSet<>();
          RemoteCost cost = source.cost(picks.numbers(i), count, known);
          requests += cost.requests;
          bytes += cost.bytes;
          useful += count * source.meanRecordSize();
        }
      }
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
   */
  public static RemoteCost of(OrderSpec spec, List<LoadedSource> sources, Steps steps) {
    if (sources.stream().noneMatch(LoadedSource::isRemote) || steps.count() == 0) {
      return NONE;
    }
    EpochSteps.Division division =
        new EpochSteps.Division(steps.batch(), 0, steps.ranks(), steps.remainder(), 1);
    EpochSteps order = new EpochSteps(spec, division, Progress.beginningOf(0));
    Sample sample = new Sample(sources);
    SortedPicks sorted = new SortedPicks(sources.size());
    Picks picks = new Picks();
    long records = 0;
    int taken = 0;
    while (taken < SAMPLE && records < MOST_RECORDS && order.next()) {
      order.fill(picks);
      records += picks.count();
      sorted.set(picks);
      sample.add(sorted, order);
      taken++;
    }
    // An epoch without an end: one pass over the sources.
    double all =
        steps.count() == Long.MAX_VALUE
            ? (double) sources.stream().mapToLong(source -> source.layout().records()).sum()
                / Math.max(1, records)
            : (double) steps.count() / Math.max(1, taken) * steps.ranks();
    return sample.times(all);
  }

  /** How many bytes are requested for each byte of the records; 1 if nothing is remote. */
  public double amplification() {
    return useful == 0 ? 1 : (double) bytes / useful;
  }
}
