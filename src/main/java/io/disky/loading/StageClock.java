package io.disky.loading;

import java.util.EnumMap;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Measures the time that a thread spends in each stage. Other threads may read the results. */
final class StageClock {
  /** What a thread does. */
  enum Stage {
    /** Waits for work. */
    IDLE("waiting for work"),
    /** Decodes chunks that several batches share. */
    DECODE("decoding a chunk"),
    /** Reads the records of a batch. */
    READ("reading records"),
    /** Copies records to a batch. */
    COPY("copying records to a batch"),
    /** Calls the user's filters and mappers. */
    TRANSFORM("calling a filter or mapper");

    private final String text;

    Stage(String text) {
      this.text = text;
    }

    /** What the thread does, for messages. */
    String text() {
      return text;
    }
  }

  private final EnumMap<Stage, AtomicLong> nanos = new EnumMap<>(Stage.class);
  private volatile Stage stage = Stage.IDLE;
  private volatile long since = System.nanoTime();

  StageClock() {
    for (Stage each : Stage.values()) {
      nanos.put(each, new AtomicLong());
    }
  }

  private AtomicLong of(Stage which) {
    return Objects.requireNonNull(nanos.get(which));
  }

  /** The thread enters a stage. */
  void enter(Stage next) {
    long now = System.nanoTime();
    of(stage).addAndGet(now - since);
    since = now;
    stage = next;
  }

  /** The current stage. */
  Stage stage() {
    return stage;
  }

  /** How long the thread has been in the current stage, in nanoseconds. */
  long inStage() {
    return System.nanoTime() - since;
  }

  /** How long the thread was in a stage before the current one, in nanoseconds. */
  long nanos(Stage stage) {
    return of(stage).get();
  }
}
