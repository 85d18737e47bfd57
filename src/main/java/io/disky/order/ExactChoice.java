package io.disky.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Chooses sources by an {@link ExactSchedule}. When sources drop out, a new phase begins, with a
 * schedule for the sources that are left.
 */
final class ExactChoice extends SourceChoice {
  /**
   * Consecutive positions with the same sources, from {@code begin} to {@code end} - 1.
   *
   * @param counts number of records of each source before the phase
   */
  private record Phase(long begin, long end, int[] sources, long[] counts) {}

  private final long[] weights;
  private final long[] lengths;
  private final Exhaustion exhaustion;
  private final long length;
  private final List<Phase> phases = new ArrayList<>();

  private int current;
  private Phase phase;
  private ExactSchedule schedule;

  /**
   * Begins at position 0.
   *
   * @param weights without a common divisor
   * @param lengths number of records of each source
   */
  ExactChoice(long[] weights, long[] lengths, Exhaustion exhaustion) {
    this(weights, lengths, exhaustion, firstTable(weights, lengths, exhaustion));
  }

  /**
   * Begins at position 0.
   *
   * @param table the result of {@link #firstTable}, which takes some time to compute
   */
  ExactChoice(long[] weights, long[] lengths, Exhaustion exhaustion, ScheduleTable table) {
    this.weights = weights;
    this.lengths = lengths;
    this.exhaustion = exhaustion;
    this.schedule = new ExactSchedule(table);
    int[] first = first(lengths, exhaustion);
    long[] none = new long[weights.length];
    this.phase = new Phase(0, end(0, first, none), first, none);
    this.length = exhaustion == Exhaustion.DROP_OUT ? Arrays.stream(lengths).sum() : phase.end;
    phases.add(phase);
    schedule.seek(0);
  }

  private ExactChoice(ExactChoice other) {
    this.weights = other.weights;
    this.lengths = other.lengths;
    this.exhaustion = other.exhaustion;
    this.length = other.length;
    this.phases.addAll(other.phases);
    this.current = other.current;
    this.phase = other.phase;
    this.schedule = new ExactSchedule(other.schedule.table());
  }

  /** The schedule of the first phase. */
  static ScheduleTable firstTable(long[] weights, long[] lengths, Exhaustion exhaustion) {
    return table(weights, first(lengths, exhaustion));
  }

  /** The sources that are in the first phase. */
  private static int[] first(long[] lengths, Exhaustion exhaustion) {
    return IntStream.range(0, lengths.length)
        .filter(i -> exhaustion != Exhaustion.DROP_OUT || lengths[i] > 0)
        .toArray();
  }

  private static ScheduleTable table(long[] weights, int[] sources) {
    if (sources.length == 0) {
      return new ScheduleTable(new long[] {1}); // the epoch has no positions: never used
    }
    return new ScheduleTable(
        Weights.reduced(Arrays.stream(sources).mapToLong(i -> weights[i]).toArray()));
  }

  private ExactSchedule schedule(int[] sources) {
    return new ExactSchedule(table(weights, sources));
  }

  /** The position after the last one of a phase with the current schedule. */
  private long end(long begin, int[] sources, long[] counts) {
    if (sources.length == 0) {
      return begin;
    }
    long[] left = Arrays.stream(sources).mapToLong(i -> lengths[i] - counts[i]).toArray();
    long[] last = Arrays.stream(left).map(records -> records - 1).toArray();
    return switch (exhaustion) {
      case DROP_OUT -> begin + schedule.earliest(last) + 1;
      case STOP -> schedule.earliest(left);
      case REPEAT -> Long.MAX_VALUE;
      case REPEAT_UNTIL_ALL_SEEN -> schedule.latest(last) + 1;
    };
  }

  @Override
  long length() {
    return length;
  }

  @Override
  long position() {
    return phase.begin + schedule.position();
  }

  @Override
  long count(int source) {
    int index = Arrays.binarySearch(phase.sources, source);
    return phase.counts[source] + (index < 0 ? 0 : schedule.counts[index]);
  }

  @Override
  boolean isActive(int source) {
    int index = Arrays.binarySearch(phase.sources, source);
    return index >= 0 && (exhaustion != Exhaustion.DROP_OUT || count(source) < lengths[source]);
  }

  @Override
  void seek(long position) {
    int wanted = phases.size() - 1;
    while (wanted > 0 && phases.get(wanted).begin > position) {
      wanted--;
    }
    if (wanted != current) {
      enter(wanted);
    }
    while (position >= phase.end && phase.end < length) {
      nextPhase();
    }
    schedule.seek(position - phase.begin);
  }

  private void enter(int number) {
    current = number;
    phase = phases.get(number);
    schedule = schedule(phase.sources);
  }

  private void nextPhase() {
    if (current + 1 < phases.size()) {
      enter(current + 1);
      return;
    }
    schedule.seek(phase.end - phase.begin);
    long[] counts = phase.counts.clone();
    for (int i = 0; i < phase.sources.length; i++) {
      counts[phase.sources[i]] += schedule.counts[i];
    }
    int[] sources = Arrays.stream(phase.sources).filter(i -> counts[i] < lengths[i]).toArray();
    long begin = phase.end;
    schedule = schedule(sources);
    phase = new Phase(begin, end(begin, sources, counts), sources, counts);
    phases.add(phase);
    current++;
    schedule.seek(0);
  }

  @Override
  void next(int[] into, int count) {
    int at = 0;
    while (at < count) {
      long left = phase.end - position();
      if (left == 0) {
        nextPhase();
        continue;
      }
      int part = (int) Math.min(count - at, left);
      schedule.next(into, at, part);
      if (phase.sources.length < weights.length) {
        for (int i = at; i < at + part; i++) {
          into[i] = phase.sources[into[i]];
        }
      }
      at += part;
    }
  }

  @Override
  long[] snapshot(long position) {
    return new long[0];
  }

  @Override
  int snapshotSize() {
    return 0;
  }

  @Override
  void restore(long position, long[] snapshot) {
    seek(position);
  }

  @Override
  ExactChoice copy() {
    return new ExactChoice(this);
  }
}
