package io.disky.reading;

import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.Step;
import io.disky.threads.Callbacks;
import java.io.IOException;

/** Passes skipped regions and notices of the engine on to the user. */
final class News {
  private final NativeReader engine;
  private final String name;
  private final SkippedRegions skippedRegions;
  private final Callbacks callbacks;
  private final ReadingFailures failures;

  News(
      NativeReader engine,
      ReaderState state,
      SkippedRegions skippedRegions,
      ReadingFailures failures) {
    this.engine = engine;
    this.name = state.name();
    this.callbacks = state.callbacks();
    this.skippedRegions = skippedRegions;
    this.failures = failures;
  }

  /** Takes the news of {@code step}. */
  void take(Step step) throws EngineException {
    if (step.skippedRegions() > 0) {
      var _ = takeSkippedRegions();
    }
    if (step.notices() > 0) {
      logNotices();
    }
  }

  /**
   * Takes the skipped regions so far; calls the user's listener. Returns the end of the last region
   * in bytes; 0 if there was none since the last call.
   */
  long takeSkippedRegions() throws EngineException {
    long end = 0;
    for (NativeReader.SkippedRegion region = engine.nextSkippedRegion();
        region != null;
        region = engine.nextSkippedRegion()) {
      skippedRegions.add(region);
      end = region.end();
    }
    return end;
  }

  /** Logs the notices so far; the logger may be code of the user. */
  void logNotices() throws EngineException {
    String outer = callbacks.begin("logger");
    try {
      Notices.log(name, engine);
    } finally {
      callbacks.end(outer);
    }
  }

  /** Logs the notices so far, then returns the exception for {@code failure}. */
  IOException failure(EngineException failure, long recordsRead, boolean fromBeginning) {
    try {
      logNotices();
    } catch (EngineException other) {
      failure.addSuppressed(other);
    }
    return failures.exception(failure, recordsRead, fromBeginning);
  }
}
