package io.disky.loading;

import io.disky.order.Picks;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides, batch after batch, which records and chunks are read. For one thread at a time. */
final class Planner {
  private final List<LoadedSource> sources;
  private final StepOrder steps;
  private final LoadAhead limits;
  private final Map<Integer, LoadedSource.Announcer> announcers = new HashMap<>(); // by source
  private final ChunkHolds holds;
  private final AnnouncedSteps announcing;
  private final Picks scratch = new Picks();
  private final ArrayDeque<SortedPicks> unused = new ArrayDeque<>();
  private long epoch = -1;
  private boolean ended;

  /**
   * @param mostAnnounced the largest number of bytes that are announced ahead of planning
   */
  Planner(
      List<LoadedSource> sources,
      StepOrder steps,
      LoadAhead limits,
      long mostAnnounced,
      SharedHold.Memory memory) {
    this.sources = sources;
    this.steps = steps;
    this.limits = limits;
    this.holds = new ChunkHolds(sources, memory);
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).isRemote()) {
        announcers.put(i, sources.get(i).announcer());
      }
    }
    this.announcing = new AnnouncedSteps(sources, mostAnnounced, this::announce);
  }

  /**
   * The work for the next batch.
   *
   * @param fresh the chunks that must be decoded before the batch is gathered
   * @param bytes the memory that these chunks and the batch are expected to take, in bytes
   */
  record Plan(List<SharedHold> fresh, PlannedBatch batch, long bytes) {}

  /** Plans the next batch; returns {@code null} after the last one. */
  @Nullable Plan next() {
    if (ended || !steps.next()) {
      end();
      return null;
    }
    if (steps.epoch() != epoch) {
      holds.releaseAll(); // Another epoch needs the chunks in another order.
      epoch = steps.epoch();
    }
    steps.fill(scratch);
    SortedPicks picks = takePicks();
    picks.set(scratch);
    announcing.plan(steps, picks);
    Progress after = steps.after(); // may fail, and nothing is held yet
    ChunkHolds.Needed needed = holds.need(picks, steps);
    if (!needed.fresh().isEmpty()) {
      holds.releaseDone(steps);
    }
    long expected = expectedBytes(picks);
    PlannedBatch batch =
        new PlannedBatch(
            epoch,
            steps.step(),
            steps.begin(),
            steps.padding(),
            after,
            picks,
            needed.all(),
            expected);
    return new Plan(needed.fresh(), batch, needed.freshBytes() + expected);
  }

  /** Lets a remote source request records while batches before theirs are gathered. */
  private void announce(int source, long[] numbers, int count, boolean more) {
    Objects.requireNonNull(announcers.get(source)).announce(numbers, count);
  }

  private long expectedBytes(SortedPicks picks) {
    long bytes = 0;
    for (int source = 0; source < picks.sourceCount(); source++) {
      bytes +=
          picks.count(source) * (sources.get(source).meanRecordSize() + BatchFill.RECORD_ENTRY);
    }
    return limits.ofBatch(bytes);
  }

  private void end() {
    if (!ended) {
      ended = true;
      holds.releaseAll();
    }
  }

  private SortedPicks takePicks() {
    SortedPicks picks;
    synchronized (unused) {
      picks = unused.poll();
    }
    return picks == null ? new SortedPicks(sources.size()) : picks;
  }

  /** Takes back the picks of a batch that was gathered. Any thread may call this method. */
  void give(SortedPicks picks) {
    synchronized (unused) {
      unused.add(picks);
    }
  }

  /** Ends planning, releases all chunks, and withdraws what was announced and not read. */
  void stop() {
    end();
    announcers.values().forEach(LoadedSource.Announcer::withdraw);
  }
}
