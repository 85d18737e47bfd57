package io.disky.loading;

import io.disky.order.Picks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides, batch after batch, which records and chunks are read. For one thread at a time. */
final class Planner {
  // Memory for the end offset of a record, in bytes.
  private static final long PER_RECORD = Long.BYTES;

  private final List<LoadedSource> sources;
  private final StepOrder steps;
  private final List<LoadedSource.@Nullable Announcer> announcers = new ArrayList<>();
  private final ChunkHolds holds;
  private final Picks scratch = new Picks();
  private final ArrayDeque<SortedPicks> unused = new ArrayDeque<>();
  private long epoch = -1;
  private boolean ended;

  Planner(List<LoadedSource> sources, StepOrder steps, SharedHold.Memory memory) {
    this.sources = sources;
    this.steps = steps;
    this.holds = new ChunkHolds(sources, memory);
    sources.forEach(source -> announcers.add(source.announcer()));
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
    announce(picks);
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

  /** Lets remote sources request the records while the batches before this one are gathered. */
  private void announce(SortedPicks picks) {
    for (int source = 0; source < picks.sourceCount(); source++) {
      int count = picks.count(source);
      LoadedSource.Announcer announcer = announcers.get(source);
      if (count > 0 && announcer != null) {
        announcer.announce(picks.numbers(source), count);
      }
    }
  }

  private long expectedBytes(SortedPicks picks) {
    long bytes = 0;
    for (int source = 0; source < picks.sourceCount(); source++) {
      bytes += picks.count(source) * (sources.get(source).meanRecordSize() + PER_RECORD);
    }
    return bytes;
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
    for (LoadedSource.Announcer announcer : announcers) {
      if (announcer != null) {
        announcer.withdraw();
      }
    }
  }
}
