package io.disky.order;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The order of an epoch that mixes sources by weight. */
final class MixedEpoch implements SpecifiedEpoch {
  private final SourceChoice choice;
  private final SourceStream[] streams;
  private final long[] weights;
  private final boolean needsCheckpoints;

  // The choices at the position of the last call that asked about another position.
  private @Nullable SourceChoice follower;

  // For a call of fill: the source of each position; the records, grouped by source; for each
  // source the records before the call, the number in it, and the next one in the group.
  private int[] chosen = new int[0];
  private long[] records = new long[0];
  private final long[] before;
  private final int[] counts;
  private final int[] next;

  // The last checkpoint, and the parts of which it consists.
  private long[][] parts;
  private long[] snapshot = new long[0];
  private long[] checkpoint = new long[0];

  MixedEpoch(
      SourceChoice choice, SourceStream[] streams, long[] weights, boolean needsCheckpoints) {
    this.choice = choice;
    this.streams = streams;
    this.weights = weights;
    this.needsCheckpoints = needsCheckpoints;
    this.before = new long[streams.length];
    this.counts = new int[streams.length];
    this.next = new int[streams.length];
    this.parts = new long[0][];
  }

  @Override
  public long length() {
    return choice.length();
  }

  @Override
  public void fill(long position, int count, Picks into) {
    OrderSpec.requirePositions(position, count, choice.length());
    into.prepare(position, count);
    if (chosen.length < count) {
      int length = Math.max(count, 2 * chosen.length);
      chosen = new int[length];
      records = new long[length];
    }
    choose(position, count);
    int at = 0;
    for (int source = 0; source < streams.length; source++) {
      next[source] = at;
      if (counts[source] > 0) {
        streams[source].records(before[source], records, at, counts[source]);
        at += counts[source];
      }
    }
    for (int i = 0; i < count; i++) {
      int source = chosen[i];
      into.set(i, source, records[next[source]++]);
    }
  }

  private void choose(long position, int count) {
    choice.seek(position);
    for (int source = 0; source < streams.length; source++) {
      before[source] = choice.count(source);
      counts[source] = 0;
    }
    choice.next(chosen, count);
    for (int i = 0; i < count; i++) {
      counts[chosen[i]]++;
    }
  }

  @Override
  public boolean sharesChunks(int source) {
    return streams[source].sharesChunks();
  }

  @Override
  public boolean isDone(int source, long chunk) {
    return streams[source].isDone(chunk, choice.count(source));
  }

  @Override
  public long[] checkpoint(long position) {
    long[] now = choice.snapshot(position);
    if (!needsCheckpoints) {
      if (!Arrays.equals(now, checkpoint)) {
        checkpoint = now;
      }
      return checkpoint;
    }
    SourceChoice at = follow(position);
    boolean changed = parts.length == 0 || !Arrays.equals(now, snapshot);
    long[][] newParts = new long[streams.length][];
    for (int source = 0; source < streams.length; source++) {
      newParts[source] = streams[source].checkpoint(at.count(source));
      changed |= parts.length == 0 || !same(parts[source], newParts[source]);
    }
    if (changed) {
      parts = newParts;
      snapshot = now;
      checkpoint = joined(now, newParts);
    }
    return checkpoint;
  }

  @SuppressWarnings(
      "ReferenceEquality") // the contents do not change, and comparing them takes long
  private static boolean same(long[] one, long[] other) {
    return one == other || one.length + other.length == 0;
  }

  private static long[] joined(long[] first, long[][] parts) {
    int length = first.length + parts.length;
    for (long[] part : parts) {
      length = Math.addExact(length, part.length);
    }
    long[] joined = Arrays.copyOf(first, length);
    int at = first.length;
    for (long[] part : parts) {
      joined[at] = part.length;
      System.arraycopy(part, 0, joined, at + 1, part.length);
      at += 1 + part.length;
    }
    return joined;
  }

  /** Goes to the position of a checkpoint. */
  void restore(long position, long[] checkpoint) {
    int size = choice.snapshotSize();
    if (checkpoint.length < size) {
      throw new IllegalArgumentException(
          "the checkpoint has " + checkpoint.length + " numbers, not " + size + " at least");
    }
    choice.restore(position, Arrays.copyOf(checkpoint, size));
    choice.seek(position);
    int at = size;
    for (int source = 0; source < streams.length; source++) {
      long[] part = new long[0];
      if (needsCheckpoints) {
        part = part(checkpoint, at, source);
        at += 1 + part.length;
      }
      streams[source].restore(choice.count(source), part);
    }
    if (at != checkpoint.length) {
      throw new IllegalArgumentException(
          "the checkpoint has " + checkpoint.length + " numbers, of which " + at + " are needed");
    }
  }

  private static long[] part(long[] checkpoint, int at, int source) {
    long left = checkpoint.length - at - 1L;
    if (left < 0 || checkpoint[at] < 0 || checkpoint[at] > left) {
      throw new IllegalArgumentException(
          "the checkpoint ends within the numbers of source " + source);
    }
    return Arrays.copyOfRange(checkpoint, at + 1, at + 1 + (int) checkpoint[at]);
  }

  /** The choices at an earlier or later position. */
  private SourceChoice follow(long position) {
    SourceChoice known = follower;
    SourceChoice at = known == null ? choice.copy() : known;
    follower = at;
    long distance = position - at.position();
    if (distance < 0 || distance > RandomChoice.MARK_DISTANCE) {
      at.restore(position, choice.snapshot(position));
    }
    at.seek(position);
    return at;
  }

  @Override
  public int activeSources(long position) {
    SourceChoice at = follow(position);
    int sources = 0;
    for (int source = 0; source < streams.length; source++) {
      sources += isActive(at, source) ? 1 : 0;
    }
    return sources;
  }

  private static boolean isActive(SourceChoice at, int source) {
    return at.position() < at.length() && at.isActive(source);
  }

  @Override
  public double[] shares(long position) {
    SourceChoice at = follow(position);
    double[] shares = new double[streams.length];
    double sum = 0;
    for (int source = 0; source < streams.length; source++) {
      shares[source] = isActive(at, source) ? weights[source] : 0;
      sum += shares[source];
    }
    for (int source = 0; source < streams.length; source++) {
      shares[source] = sum == 0 ? 0 : shares[source] / sum;
    }
    return shares;
  }
}
