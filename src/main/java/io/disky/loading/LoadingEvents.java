package io.disky.loading;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Events of the Java Flight Recorder. A runtime without the module {@code jdk.jfr} has none. */
final class LoadingEvents {
  private LoadingEvents() {}

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  /**
   * Whether something may be recorded. In a JVM that has recorded nothing, the first event would
   * load more than a hundred classes of the recorder.
   */
  private static boolean isRecording() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /** A span of time that is recorded when it ends. */
  interface Span {
    Span NONE =
        new Span() {
          @Override
          public void end(FilledBatch batch) {}
        };

    /** Ends the span: {@code batch} was delivered or gathered. */
    void end(FilledBatch batch);
  }

  /** The consumer begins to wait for a batch. */
  static Span waitForBatch(String loader) {
    return isRecording() ? BatchWait.start(loader) : Span.NONE;
  }

  /** A worker begins to gather a batch. */
  static Span gather() {
    return isRecording() ? BatchGather.start() : Span.NONE;
  }

  @SuppressWarnings("UnusedVariable") // the recorder reads the fields
  @Name("io.disky.BatchWait")
  @Label("Batch Wait")
  @Category({"Disky", "Loader"})
  @Description("The consumer of a loader has waited for a batch")
  private static final class BatchWait extends Event implements Span {
    @Label("Data")
    String data = "";

    @Label("Epoch")
    long epoch;

    @Label("Step")
    long step;

    static Span start(String loader) {
      BatchWait event = new BatchWait();
      if (!event.isEnabled()) {
        return NONE;
      }
      event.data = loader;
      event.begin();
      return event;
    }

    @Override
    public void end(FilledBatch batch) {
      epoch = batch.epoch();
      step = batch.step();
      commit();
    }
  }

  @SuppressWarnings("UnusedVariable") // the recorder reads the fields
  @Name("io.disky.BatchGather")
  @Label("Batch Gather")
  @Category({"Disky", "Loader"})
  @Description("A worker has read the records of a batch and copied them to the batch")
  @StackTrace(false)
  private static final class BatchGather extends Event implements Span {
    @Label("Epoch")
    long epoch;

    @Label("Step")
    long step;

    @Label("Records")
    int records;

    @Label("Size")
    @DataAmount
    long size;

    static Span start() {
      BatchGather event = new BatchGather();
      if (!event.isEnabled()) {
        return NONE;
      }
      event.begin();
      return event;
    }

    @Override
    public void end(FilledBatch batch) {
      epoch = batch.epoch();
      step = batch.step();
      records = batch.count();
      size = batch.size();
      commit();
    }
  }
}
