package io.disky.loading;

import java.util.List;

/** Does the tasks of a pipeline, one after the other. For one thread. */
final class LoadingWorker {
  /** A task. */
  sealed interface Task {}

  /** Chunks to decode before batches that need them are gathered. */
  record Decode(List<SharedHold> holds) implements Task {}

  /** A batch to gather. */
  record GatherBatch(Delivery delivery) implements Task {
    /** Whether all chunks that the batch needs are decoded. */
    boolean isReady() {
      for (SharedHold hold : delivery.planned().holds()) {
        if (!hold.isDecoded()) {
          return false;
        }
      }
      return true;
    }
  }

  private final Schedule schedule;
  private final GatherWork gathering;
  private final StageClock clock = new StageClock();

  LoadingWorker(Schedule schedule, Loading loading) {
    this.schedule = schedule;
    this.gathering = new GatherWork(loading, loading.settings().stageKey(), clock);
  }

  StageClock clock() {
    return clock;
  }

  /** Does a task. A failure becomes the result of the task and is not thrown. */
  void run(Task task) {
    switch (task) {
      case Decode decode -> decode(decode.holds());
      case GatherBatch gather -> gather(gather.delivery());
    }
  }

  private void decode(List<SharedHold> holds) {
    clock.enter(StageClock.Stage.DECODE);
    for (SharedHold hold : holds) {
      hold.decode();
      schedule.decodedChunk();
    }
    clock.enter(StageClock.Stage.IDLE);
  }

  private void gather(Delivery delivery) {
    FilledBatch batch = null;
    Throwable failure = null;
    try {
      batch = gathering.gather(delivery.planned(), delivery);
    } catch (Throwable e) {
      failure = e;
    }
    schedule.gathered(delivery, batch, gathering.filtered(), failure);
  }

  /** Gives all memory back. */
  void release() {
    gathering.release();
  }
}
