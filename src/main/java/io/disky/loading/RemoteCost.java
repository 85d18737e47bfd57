package io.disky.loading;

import io.disky.order.EpochShare;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.Steps;
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

  /** The most steps that are computed. */
  private static final int SAMPLE = 64;

  private static final long MOST_RECORDS = 1 << 16;

  /** What the first steps read of a source. */
  private static final class Sample {
    private final LoadedSource source;
    // The chunks that later steps use again.
    private final Set<Long> read = new HashSet<>();
    private long records;
    private long requests;
    private long bytes;

    Sample(LoadedSource source) {
      this.source = source;
    }

    void add(long[] numbers, int count, boolean sharesChunks) {
      records += count;
      if (count > 0 && source.isRemote()) {
        boolean keeps = sharesChunks || source.cacheSize() > 0;
        RemoteCost cost = source.cost(numbers, count, keeps ? read : new HashSet<>());
        requests += cost.requests;
        bytes += cost.bytes;
      }
    }

    /**
     * The cost of so many records. A chunk that stays in a cache is requested once by each rank.
     *
     * @param factor number of records of the epoch for each record of this sample
     */
    RemoteCost times(double factor, int ranks) {
      double most =
          source.cacheSize() > 0 && !read.isEmpty()
              ? (double) ranks * source.layout().chunks() / read.size()
              : Double.MAX_VALUE;
      double cost = Math.min(factor, most);
      return new RemoteCost(
          Math.round(requests * cost),
          Math.round(bytes * cost),
          source.isRemote() ? Math.round(records * source.meanRecordSize() * factor) : 0);
    }
  }

  /**
   * The cost of epoch 0, computed from its first steps as they announce their records. Each record
   * of a source is expected to cost the same.
   *
   * @param steps the steps of the epoch
   */
  public static RemoteCost of(OrderSpec spec, List<LoadedSource> sources, Steps steps) {
    if (sources.stream().noneMatch(LoadedSource::isRemote) || steps.count() == 0) {
      return NONE;
    }
    List<Sample> samples = sources.stream().map(Sample::new).toList();
    fill(samples, spec, steps);
    List<EpochShare> shares = EpochShare.of(spec, steps.length());
    long sampled = samples.stream().mapToLong(sample -> sample.records).sum();
    RemoteCost sum = NONE;
    for (int i = 0; i < samples.size(); i++) {
      boolean isSequence = shares.size() < samples.size();
      double records = isSequence ? shares.getFirst().records() : shares.get(i).records();
      long known = isSequence ? sampled : samples.get(i).records;
      RemoteCost cost = samples.get(i).times(known == 0 ? 0 : records / known, steps.ranks());
      sum =
          new RemoteCost(
              sum.requests + cost.requests, sum.bytes + cost.bytes, sum.useful + cost.useful);
    }
    return sum;
  }

  private static void fill(List<Sample> samples, OrderSpec spec, Steps steps) {
    EpochSteps.Division division =
        new EpochSteps.Division(steps.batch(), 0, steps.ranks(), steps.remainder(), 1);
    EpochSteps order = new EpochSteps(spec, division, Progress.beginningOf(0));
    SortedPicks sorted = new SortedPicks(samples.size());
    Picks picks = new Picks();
    long records = 0;
    for (int taken = 0; taken < SAMPLE && records < MOST_RECORDS && order.next(); taken++) {
      order.fill(picks);
      records += picks.count();
      sorted.set(picks);
      for (int i = 0; i < samples.size(); i++) {
        samples.get(i).add(sorted.numbers(i), sorted.count(i), order.sharesChunks(i));
      }
    }
  }

  /** How many bytes are requested for each byte of the records; 1 if nothing is remote. */
  public double amplification() {
    return useful == 0 ? 1 : (double) bytes / useful;
  }
}
