package io.disky.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the records of a source are distributed over an epoch. In each part of the epoch the source
 * has a constant share of the positions. Computed from weights and numbers of records only, so the
 * order can differ by some positions; with a random mix by more. Immutable.
 *
 * @param parts consecutive parts, from position 0 to the last record of the source
 * @param share its share of all records of the epoch
 */
public record EpochShare(List<Part> parts, double share) {
  /** So many shuffled runs of a source are enough for a mean over them. */
  private static final int SAMPLES = 64;

  /**
   * A part of an epoch.
   *
   * @param positions number of positions of all sources
   * @param records number of records of the source
   */
  public record Part(double positions, double records) {}

  /** Copies the list. */
  public EpochShare {
    parts = List.copyOf(parts);
  }

  /**
   * The shares of the sources of {@link OrderSpec#mixedSources()}. If the epoch has no end, each
   * share has one pass over its source.
   *
   * @param length number of positions of the epoch; {@link Long#MAX_VALUE} if it has no end
   */
  public static List<EpochShare> of(OrderSpec spec, long length) {
    long[] weights = spec.integerWeights();
    List<OrderSource> sources = spec.mixedSources();
    if (length != Long.MAX_VALUE && spec.exhaustion() == Exhaustion.DROP_OUT) {
      return droppingOut(weights, sources);
    }
    double sum = Arrays.stream(weights).asDoubleStream().sum();
    return IntStream.range(0, weights.length)
        .mapToObj(i -> {
          double share = weights[i] / sum;
          double records = length == Long.MAX_VALUE ? sources.get(i).passLength() : length * share;
          return new EpochShare(List.of(new Part(records / share, records)), share);
        })
        .toList();
  }

  /** Each time a source drops out, the others have larger shares of the next part. */
  private static List<EpochShare> droppingOut(long[] weights, List<OrderSource> sources) {
    double[] left = sources.stream().mapToDouble(OrderSource::streamLength).toArray();
    double all = Arrays.stream(left).sum();
    List<List<Part>> parts = new ArrayList<>();
    for (int i = 0; i < left.length; i++) {
      parts.add(new ArrayList<>());
    }
    int[] active = IntStream.range(0, left.length).filter(i -> left[i] > 0).toArray();
    while (active.length > 0) {
      double sum = Arrays.stream(active).mapToDouble(i -> weights[i]).sum();
      int first = active[0];
      for (int i : active) {
        first = left[i] / weights[i] < left[first] / weights[first] ? i : first;
      }
      double turns = left[first] / weights[first];
      for (int i : active) {
        double records = i == first ? left[i] : Math.min(left[i], turns * weights[i]);
        parts.get(i).add(new Part(turns * sum, records));
        left[i] -= records;
      }
      active = Arrays.stream(active).filter(i -> left[i] > 0).toArray();
    }
    return IntStream.range(0, left.length)
        .mapToObj(i -> {
          double records = parts.get(i).stream().mapToDouble(Part::records).sum();
          return new EpochShare(parts.get(i), all == 0 ? 0 : records / all);
        })
        .toList();
  }

  /** Number of records of the source in the epoch. */
  public double records() {
    return parts.stream().mapToDouble(Part::records).sum();
  }

  /** Number of positions of the epoch up to the last record of the source. */
  public double positions() {
    return parts.stream().mapToDouble(Part::positions).sum();
  }

  /** The mean distance in the epoch of two successive records of the source, in positions. */
  double stretch() {
    return positions() / records();
  }

  /**
   * The mean distance in the epoch of two records of the same run, in positions. Each run is in
   * random order.
   *
   * @param run number of records of a run; the last run of the source may have fewer
   */
  double distanceWithinRuns(double run) {
    double records = records();
    double runs = Math.ceil(records / run);
    double sum = 0;
    double pairs = 0;
    for (double i = 0; i < runs; i += Math.max(1, Math.floor(runs / SAMPLES))) {
      double from = i * run;
      double to = Math.min(records, from + run);
      double weight = (to - from) * (to - from);
      sum += weight * meanDistance(from, to);
      pairs += weight;
    }
    return sum / pairs;
  }

  /**
   * The mean distance in the epoch of two of the records {@code from} to {@code to}. If F is the
   * share of these records that come before a position, it is the integral of 2 F (1 - F) over all
   * positions; F is linear in each part.
   */
  private double meanDistance(double from, double to) {
    double sum = 0;
    double before = 0;
    for (Part part : parts) {
      double begin = Math.max(from, before);
      double end = Math.min(to, before + part.records);
      before += part.records;
      if (end > begin) {
        double a = (begin - from) / (to - from);
        double b = (end - from) / (to - from);
        double positions = (end - begin) / part.records * part.positions;
        sum += positions * ((a + b) / 2 - (a * a + a * b + b * b) / 3);
      }
    }
    return 2 * sum;
  }
}
