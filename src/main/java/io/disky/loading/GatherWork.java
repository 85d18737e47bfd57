package io.disky.loading;

import io.disky.loading.StageClock.Stage;
import io.disky.memory.BatchBuffer;
import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import io.disky.order.OrderKey;
import io.disky.threads.Closing;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gathers batches: reads their records, lets the user's stages change them, and copies them, in the
 * order of the batch, to the memory of the batch. For one thread.
 */
final class GatherWork {
  private final Loading loading;
  private final StageChain stages;
  private final StageClock clock;
  private final BatchFill fill = new BatchFill();
  private final @Nullable RecordsHold[] read;
  private int filtered;

  GatherWork(Loading loading, OrderKey stageKey, StageClock clock) {
    this.loading = loading;
    this.stages = new StageChain(loading.settings().stages(), stageKey);
    this.clock = clock;
    this.read = new RecordsHold[loading.sources().size()];
  }

  /**
   * Gathers a batch. Throws all exceptions and errors of the user's stages.
   *
   * @param owner takes the memory back when the batch is closed
   */
  FilledBatch gather(PlannedBatch planned, BatchBuffer.Owner owner) throws Throwable {
    filtered = 0;
    boolean begun = false;
    boolean gathered = false;
    LoadingEvents.Span span = LoadingEvents.gather();
    try {
      for (SharedHold hold : planned.holds()) {
        hold.check();
      }
      clock.enter(Stage.READ);
      read(planned.picks());
      clock.enter(stages.isEmpty() ? Stage.COPY : Stage.TRANSFORM);
      fill.begin(
          loading.buffers().take(),
          planned.epoch(),
          planned.step(),
          planned.position(),
          planned.picks().count());
      begun = true;
      fill(planned);
      FilledBatch batch = fill.finish(owner);
      gathered = true;
      span.end(batch);
      return batch;
    } finally {
      clock.enter(Stage.IDLE);
      Closing closing = new Closing();
      closing.step(this::closeRead);
      planned.holds().forEach(hold -> closing.step(hold::release));
      if (begun && !gathered) {
        closing.step(() -> loading.buffers().give(fill.abandon()));
      }
      closing.end();
    }
  }

  /** How many records of the last batch the filters have left out. */
  int filtered() {
    return filtered;
  }

  private void read(SortedPicks picks) throws IOException {
    for (int source = 0; source < read.length; source++) {
      int count = picks.count(source);
      if (count > 0) {
        read[source] = loading.sources().get(source).read(picks.numbers(source), count);
      }
    }
  }

  private void closeRead() {
    for (int source = 0; source < read.length; source++) {
      RecordsHold hold = read[source];
      read[source] = null;
      if (hold != null) {
        hold.close();
      }
    }
  }

  private RecordsHold hold(int source) {
    RecordsHold hold = read[source];
    if (hold == null) {
      throw new IllegalStateException("no record of source " + source + " was read");
    }
    return hold;
  }

  private void fill(PlannedBatch planned) throws Throwable {
    SortedPicks picks = planned.picks();
    if (stages.isEmpty()) {
      fill.reserve(size(picks));
    }
    if (stages.isEmpty() && !picks.isInOrder() && isComplete(picks)) {
      fillScattered(planned);
      return;
    }
    int inEpoch = picks.count() - planned.padding();
    for (int i = 0; i < picks.count(); ) {
      RecordsHold hold = hold(picks.source(i));
      int place = picks.place(i);
      Exception failure = hold.failure(place);
      if (failure != null) {
        skip(planned, i++, failure);
      } else if (!stages.isEmpty()) {
        transform(planned, i++, hold);
      } else if (i < inEpoch) {
        i += addRun(picks, i, inEpoch - i, hold);
      } else {
        add(planned, i++, hold.part(place), hold.offset(place), hold.size(place));
      }
    }
    PendingFault.raise();
  }

  /** Whether all records were read. */
  private boolean isComplete(SortedPicks picks) {
    for (int source = 0; source < read.length; source++) {
      int count = picks.count(source);
      for (int i = 0; i < count; i++) {
        if (hold(source).failure(i) != null) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Copies records in the order of their addresses. If they are scattered over much memory, this
   * takes half the time of copying them in the order of the batch.
   */
  private void fillScattered(PlannedBatch planned) {
    SortedPicks picks = planned.picks();
    int inEpoch = picks.count() - planned.padding();
    for (int i = 0; i < picks.count(); i++) {
      long size = hold(picks.source(i)).size(picks.place(i));
      fill.place(size, picks.source(i), i >= inEpoch, picks.number(i), i);
    }
    for (int source = 0; source < read.length; source++) {
      int count = picks.count(source);
      for (int place = 0; place < count; place++) {
        RecordsHold hold = hold(source);
        fill.copyTo(picks.index(source, place), hold.part(place), hold.offset(place));
      }
    }
  }

  /** Adds records that lie directly one after the other; returns their number. */
  private int addRun(SortedPicks picks, int index, int most, RecordsHold hold) {
    int place = picks.place(index);
    int together = picks.run(index, most);
    int count = together == 1 ? 1 : hold.run(place, together);
    fill.addRun(hold, place, count, picks.source(index), picks.number(index), index);
    return count;
  }

  private void add(PlannedBatch planned, int index, MemorySegment from, long offset, long size) {
    SortedPicks picks = planned.picks();
    if (index >= picks.count() - planned.padding()) {
      fill.addPadding(from, offset, size, picks.source(index), picks.number(index), index);
    } else {
      fill.add(from, offset, size, picks.source(index), picks.number(index), index);
    }
  }

  /** Size of all records in bytes. */
  private long size(SortedPicks picks) {
    long bytes = 0;
    for (int source = 0; source < read.length; source++) {
      RecordsHold hold = read[source];
      if (hold != null) {
        int count = picks.count(source);
        for (int i = 0; i < count; i++) {
          bytes += hold.failure(i) == null ? hold.size(i) : 0;
        }
      }
    }
    return bytes;
  }

  private void skip(PlannedBatch planned, int index, Exception failure) throws Exception {
    SortedPicks picks = planned.picks();
    if (failure instanceof IOException damage && loading.settings().mostSkipped() > 0) {
      fill.skip(picks.source(index), picks.number(index), index, damage);
    } else {
      throw failure;
    }
  }

  private void transform(PlannedBatch planned, int index, RecordsHold hold) throws Throwable {
    try {
      transformInScope(planned, index, hold);
    } catch (Throwable e) {
      Closing.suppress(e, new IllegalStateException(place(planned, index)));
      throw e;
    } finally {
      stages.endRecord();
    }
  }

  private void transformInScope(PlannedBatch planned, int index, RecordsHold hold)
      throws Throwable {
    SortedPicks picks = planned.picks();
    int place = picks.place(index);
    stages.begin(
        planned.epoch(), planned.position() + index, picks.source(index), picks.number(index));
    try (Arena scope = Arena.ofConfined()) {
      MemorySegment record =
          rescope(hold.part(place).asSlice(hold.offset(place), hold.size(place)), scope);
      MemorySegment result = stages.apply(record, scope);
      PendingFault.raise();
      if (result == null) {
        filtered++;
      } else {
        add(planned, index, result, 0, result.byteSize());
      }
    } catch (InternalError e) {
      throw MemoryFault.of("memory that a filter or mapper has used", e);
    }
  }

  private String place(PlannedBatch planned, int index) {
    SortedPicks picks = planned.picks();
    return "this was record "
        + picks.number(index)
        + " of "
        + loading.sources().get(picks.source(index)).name()
        + ", at position "
        + (planned.position() + index)
        + " of epoch "
        + planned.epoch();
  }

  @SuppressWarnings("restricted")
  private static MemorySegment rescope(MemorySegment memory, Arena scope) {
    // The memory outlives the scope, because a field of this object holds it.
    return memory.reinterpret(scope, null).asReadOnly();
  }

  /** Gives all memory back. */
  void release() {
    stages.release();
    Arrays.fill(read, null);
  }
}
