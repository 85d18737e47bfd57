package io.disky.loading;

import io.disky.order.Picks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Announces the records of steps to remote sources. In an order in which neighbouring steps have
 * neighbouring records, it announces several steps together, ahead of planning: so requests are
 * larger than a batch. It begins with few bytes ahead, because the consumer may never take more.
 * For one thread at a time.
 */
final class AnnouncedSteps {
  /** Receives the announcements. */
  interface Receiver {
    /**
     * Records that will be read soon.
     *
     * @param numbers ascending
     * @param more whether further records are announced before these are read
     */
    void announce(int source, long[] numbers, int count, boolean more);
  }

  /** So many announcements are ahead of planning: a request each, if records are not large. */
  private static final int AHEAD = 16;

  private static final long LEAST_BYTES = 1 << 20;
  private static final int MOST_RECORDS = 1 << 16;

  /** So many times as many bytes as were planned are announced ahead. */
  private static final int GROWTH = 16;

  private final List<LoadedSource> sources;
  private final boolean remote;
  private final long most;
  private final Receiver receiver;

  private @Nullable StepOrder ahead;
  private boolean ended = true; // no further step of the epoch is announced ahead
  private long epoch = -1;
  private long planned; // bytes, in this epoch
  private long announced;
  private long stepsAhead; // announced, but not planned
  private long records;

  private final Picks picks = new Picks();
  private final SortedPicks sorted;
  private final List<Group> groups = new ArrayList<>();

  /** The records of a source that are announced together. */
  private static final class Group {
    private long[] numbers = new long[0];
    private int count;

    boolean isBefore(long number) {
      return count == 0 || numbers[count - 1] <= number;
    }

    void add(long[] added, int length) {
      if (numbers.length < count + length) {
        numbers = Arrays.copyOf(numbers, Math.max(count + length, 2 * numbers.length));
      }
      System.arraycopy(added, 0, numbers, count, length);
      count += length;
    }
  }

  /**
   * @param most the largest number of bytes that are announced ahead of planning
   */
  AnnouncedSteps(List<LoadedSource> sources, long most, Receiver receiver) {
    this.sources = sources;
    this.remote = sources.stream().anyMatch(LoadedSource::isRemote);
    this.most = most;
    this.receiver = receiver;
    this.sorted = new SortedPicks(sources.size());
    sources.forEach(_ -> groups.add(new Group()));
  }

  /** The current step of {@code order}, which has the records {@code current}, is planned. */
  void plan(StepOrder order, SortedPicks current) {
    if (!remote) {
      return;
    }
    if (order.epoch() != epoch) {
      epoch = order.epoch();
      ahead = order.ahead();
      ended = ahead == null;
      stepsAhead = 0;
      planned = 0;
      announced = 0;
      announce(current, false);
    } else if (stepsAhead > 0) {
      stepsAhead--;
    } else {
      skip();
      announce(current, false);
    }
    planned += bytes(current);
    announceAhead();
  }

  /** Lets the steps that are announced ahead begin after the current step, which is not one. */
  private void skip() {
    StepOrder further = ahead;
    if (further != null && !ended) {
      ended = !further.next() || further.epoch() != epoch;
    }
  }

  private void announceAhead() {
    long window = Math.min(most, GROWTH * planned);
    long bytes = Math.min(window, Math.max(LEAST_BYTES, window / AHEAD));
    while (!ended && bytes > 0 && announced - planned <= window - bytes) {
      announceGroup(announced + bytes);
    }
  }

  /** Announces further steps together, until {@code end} bytes are announced. */
  private void announceGroup(long end) {
    long last = records + MOST_RECORDS;
    StepOrder further = ahead;
    while (further != null && !ended && announced < end && records < last) {
      ended = !further.next() || further.epoch() != epoch;
      if (!ended) {
        further.fill(picks);
        sorted.set(picks);
        announce(sorted, true);
        stepsAhead++;
      }
    }
    for (int source = 0; source < groups.size(); source++) {
      flush(source);
    }
  }

  /** Announces the records of a step, at once or together with later ones. */
  private void announce(SortedPicks step, boolean together) {
    for (int source = 0; source < step.sourceCount(); source++) {
      int count = step.count(source);
      if (count > 0 && sources.get(source).isRemote()) {
        long[] numbers = step.numbers(source);
        if (together) {
          add(source, numbers, count);
        } else {
          receiver.announce(source, numbers, count, false);
        }
      }
    }
    announced += bytes(step);
    records += step.count();
  }

  private void add(int source, long[] numbers, int count) {
    Group group = groups.get(source);
    if (!group.isBefore(numbers[0])) {
      flush(source); // A step with padding has the first records of the epoch again.
    }
    group.add(numbers, count);
  }

  private void flush(int source) {
    Group group = groups.get(source);
    if (group.count > 0) {
      receiver.announce(source, group.numbers, group.count, true);
      group.count = 0;
    }
  }

  private long bytes(SortedPicks step) {
    long bytes = 0;
    for (int source = 0; source < step.sourceCount(); source++) {
      if (sources.get(source).isRemote()) {
        bytes += step.count(source) * sources.get(source).meanRecordSize();
      }
    }
    return bytes;
  }

  /** How many records the announced steps have. */
  long records() {
    return records;
  }
}
