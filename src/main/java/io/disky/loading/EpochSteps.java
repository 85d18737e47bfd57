package io.disky.loading;

import io.disky.order.EpochOrder;
import io.disky.order.MixMethod;
import io.disky.order.OrderSpec;
import io.disky.order.Picks;
import io.disky.order.ShuffleMethod;
import io.disky.order.Steps;
import io.disky.order.Steps.Remainder;
import org.jspecify.annotations.Nullable;

/** The steps of one rank over all epochs of an order. For one thread at a time. */
public final class EpochSteps implements StepOrder {
  /**
   * How an epoch is divided.
   *
   * @param batch the batch size: number of records of a step, for all ranks together
   * @param rank the rank that gets the records
   * @param ranks number of ranks
   * @param epochs number of epochs, from epoch 0 on
   */
  public record Division(long batch, int rank, int ranks, Remainder remainder, long epochs) {}

  private static final long[] NOTHING = {};

  // A reservoir is listed after at least so many records.
  private static final int CHECKPOINT_DISTANCE = 1 << 16;

  // The lengths of epochs differ only if a random mix ends with a source. After so many epochs that
  // are too short for a step there will be none.
  private static final int MOST_EMPTY = 1_000;

  private final OrderSpec spec;
  private final Division division;
  private final Picks wrapped = new Picks();
  private final Picks passed = new Picks();

  private long epoch;
  private @Nullable EpochOrder order;
  private Steps steps;
  private Progress known; // the last checkpoint of a reservoir
  private long step = -1;

  /**
   * The steps from {@code start} on.
   *
   * @throws IllegalArgumentException if {@code start} is outside the epochs, or the division is
   *     impossible
   */
  public EpochSteps(OrderSpec spec, Division division, Progress start) {
    this.spec = spec;
    this.division = division;
    this.epoch = start.epoch();
    this.known = start;
    this.steps = stepsFrom(start.position());
    if (epoch < division.epochs()) {
      this.order = start.order(spec);
    }
  }

  private Steps stepsFrom(long base) {
    return new Steps(
        spec.length(epoch), base, division.batch(), division.ranks(), division.remainder());
  }

  @Override
  public boolean next() {
    if (epoch >= division.epochs()) {
      return false;
    }
    step++;
    if (step < steps.count()) {
      return true;
    }
    order = null;
    return nextEpoch();
  }

  /** Goes to the next epoch that has a step. */
  private boolean nextEpoch() {
    int most = spec.mix() == MixMethod.RANDOM ? MOST_EMPTY : 1;
    for (int empty = 0; empty < most && ++epoch < division.epochs(); empty++) {
      step = 0;
      steps = stepsFrom(0);
      if (steps.count() > 0) {
        order = spec.epoch(epoch);
        known = Progress.beginningOf(epoch);
        return true;
      }
    }
    epoch = division.epochs();
    return false;
  }

  private EpochOrder order() {
    EpochOrder current = order;
    if (current == null) {
      throw new IllegalStateException("there is no current step");
    }
    return current;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public long step() {
    // A resumed loader goes on counting where the other loader was, if the batch size is the same.
    return steps.base() / division.batch() + step;
  }

  @Override
  public long begin() {
    return steps.begin(step, division.rank());
  }

  private long last() {
    return steps.end(step, division.rank());
  }

  @Override
  public int count() {
    return Math.toIntExact(last() - begin());
  }

  @Override
  public int padding() {
    return Math.toIntExact(last() - Math.clamp(steps.length(), begin(), last()));
  }

  private long end() {
    return steps.stepEnd(step);
  }

  @Override
  public void fill(Picks into) {
    long begin = begin();
    int count = count();
    int inEpoch = count - padding();
    if (inEpoch == count) {
      order().fill(begin, count, into);
    } else {
      into.prepare(begin, count);
      copy(begin, inEpoch, into, 0);
      fillWrapped(begin + inEpoch, into, inEpoch);
    }
  }

  private void fillWrapped(long first, Picks into, int done) {
    int at = done;
    while (at < into.count()) {
      long position = steps.wrapped(first + at - done);
      int count = (int) Math.min(into.count() - at, steps.length() - position);
      copy(position, count, into, at);
      at += count;
    }
  }

  private void copy(long position, int count, Picks into, int at) {
    if (count > 0) {
      order().fill(position, count, wrapped);
      for (int i = 0; i < count; i++) {
        into.set(at + i, wrapped.source(i), wrapped.record(i));
      }
    }
  }

  @Override
  public boolean sharesChunks(int source) {
    return order().sharesChunks(source);
  }

  @Override
  public boolean isDone(int source, long chunk) {
    return order().isDone(source, chunk);
  }

  @Override
  public @Nullable StepOrder ahead() {
    return spec.shuffle() instanceof ShuffleMethod.None
        ? new EpochSteps(spec, division, after())
        : null;
  }

  @Override
  public Progress after() {
    long end = end();
    if (end >= steps.length()) {
      return new Progress(epoch, end, end, NOTHING); // The next epoch begins.
    }
    if (!(spec.shuffle() instanceof ShuffleMethod.Reservoir reservoir)) {
      return new Progress(epoch, end, end, order().checkpoint(end));
    }
    // A checkpoint lists the records in the reservoir, so it is not taken at each step.
    if (end - known.known() >= Math.max(CHECKPOINT_DISTANCE, reservoir.records())) {
      // The contents of a reservoir follow only from all records before, also of other ranks.
      long[] checkpoint = spec.checkpoint(order(), last(), end, passed);
      known = new Progress(epoch, end, end, checkpoint);
    }
    return new Progress(epoch, end, known.known(), known.checkpoint());
  }
}
