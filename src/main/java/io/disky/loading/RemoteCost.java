package io.disky.loading;

import io.disky.order.EpochShare;
import io.disky.order.Exhaustion;
import io.disky.order.OrderSource;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.ShuffleMethod;
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

  /** What the first steps read of a source; nothing if it is not remote. */
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

    void add(long[] numbers, int count, boolean sharesChunks, boolean more) {
      boolean keeps = sharesChunks || source.cacheSize() > 0;
      RemoteCost cost = source.cost(numbers, count, keeps ? read : new HashSet<>(), more);
      records += count;
      requests += cost.requests;
      bytes += cost.bytes;
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
          Math.round(records * source.meanRecordSize() * factor));
    }
  }

  /**
   * The cost of epoch 0, computed from its first steps as they announce their records; for sources
   * one after the other, from the first steps of each source. Each record of a source is expected
   * to cost the same.
   *
   * @param steps the steps of the epoch
   * @param memory the memory of the loader for chunks and batches, in bytes
   */
  public static RemoteCost of(
      OrderSpec spec, List<LoadedSource> sources, Steps steps, long memory) {
    if (sources.stream().noneMatch(LoadedSource::isRemote) || steps.count() == 0) {
      return NONE;
    }
    List<EpochShare> shares = EpochShare.of(spec, steps.length());
    boolean isSequence = shares.size() < sources.size();
    if (isSequence && isInOrder(spec.shuffle())) {
      return ofSequence(spec, sources, shares.getFirst().records(), steps, memory);
    }
    List<Sample> samples = sources.stream().map(Sample::new).toList();
    long sampled = fill(samples, spec, steps, memory);
    RemoteCost sum = NONE;
    for (int i = 0; i < samples.size(); i++) {
      double records = isSequence ? shares.getFirst().records() : shares.get(i).records();
      long known = isSequence ? sampled : samples.get(i).records;
      sum = sum.plus(samples.get(i).times(known == 0 ? 0 : records / known, steps.ranks()));
    }
    return sum;
  }

  private RemoteCost plus(RemoteCost other) {
    return new RemoteCost(requests + other.requests, bytes + other.bytes, useful + other.useful);
  }

  /** Whether the records of a source come before those of the next source of a sequence. */
  private static boolean isInOrder(ShuffleMethod shuffle) {
    return shuffle instanceof ShuffleMethod.None || shuffle instanceof ShuffleMethod.Reservoir;
  }

  /**
   * The cost of sources one after the other. The first steps have records of the first source only,
   * so each source is sampled from its own first record on.
   *
   * @param records number of records of the epoch
   */
  private static RemoteCost ofSequence(
      OrderSpec spec, List<LoadedSource> sources, double records, Steps steps, long memory) {
    double pass = spec.passLength();
    double passes = Math.floor(records / pass);
    double rest = records - passes * pass;
    double begin = 0; // of the source in a pass
    RemoteCost sum = NONE;
    for (LoadedSource source : sources) {
      double size = source.layout().records();
      double read = passes * Math.clamp(pass - begin, 0, size) + Math.clamp(rest - begin, 0, size);
      if (source.isRemote() && read >= 1) {
        sum = sum.plus(ofPart(spec, source, read / size, steps, memory));
      }
      begin += size;
    }
    return sum;
  }

  /** The cost of {@code passes} passes over a source. */
  private static RemoteCost ofPart(
      OrderSpec spec, LoadedSource source, double passes, Steps steps, long memory) {
    OrderSpec alone =
        OrderSpec.concatenated(
            List.of(source.layout()),
            passes,
            OrderSource.ALL,
            spec.shuffle(),
            Exhaustion.DROP_OUT,
            spec.seed());
    Steps own = new Steps(alone.length(0), 0, steps.batch(), steps.ranks(), Steps.Remainder.EVEN);
    return of(alone, List.of(source), own, memory);
  }

  /** Announces the first steps; returns how many records these have, of all sources. */
  private static long fill(List<Sample> samples, OrderSpec spec, Steps steps, long memory) {
    EpochSteps.Division division =
        new EpochSteps.Division(steps.batch(), 0, steps.ranks(), steps.remainder(), 1);
    EpochSteps order = new EpochSteps(spec, division, Progress.beginningOf(0));
    AnnouncedSteps announced =
        new AnnouncedSteps(
            samples.stream().map(sample -> sample.source).toList(),
            memory / Schedule.ANNOUNCED_SHARE,
            (source, numbers, count, more) ->
                samples.get(source).add(numbers, count, order.sharesChunks(source), more));
    SortedPicks sorted = new SortedPicks(samples.size());
    Picks picks = new Picks();
    for (int taken = 0;
        taken < SAMPLE && announced.records() < MOST_RECORDS && order.next();
        taken++) {
      order.fill(picks);
      sorted.set(picks);
      announced.plan(order, sorted);
    }
    return announced.records();
  }

  /** How many bytes are requested for each byte of the records; 1 if nothing is remote. */
  public double amplification() {
    return useful == 0 ? 1 : (double) bytes / useful;
  }
}
