package io.disky;

import io.disky.threads.Callbacks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The regions that a reader has skipped so far. Memory is bounded, whatever the file. */
final class SkippedRegions {
  /** How many are kept; the last one then stands for all that follow. */
  static final int MOST_KEPT = 10_000;

  private static final int MOST_LOGGED = 100;
  private static final Logger LOGGER = System.getLogger("io.disky");

  private final String file;
  private final @Nullable Consumer<? super SkippedRegion> listener;
  private final Callbacks callbacks;

  // For readers of the list on other threads than the one that reads the file.
  private final List<SkippedRegion> kept = new ArrayList<>();
  private long count;

  SkippedRegions(
      String file, @Nullable Consumer<? super SkippedRegion> listener, Callbacks callbacks) {
    this.file = file;
    this.listener = listener;
    this.callbacks = callbacks;
  }

  void add(SkippedRegion region) {
    keep(region);
    String outer = callbacks.begin(listener == null ? "logger" : "skipped-region listener");
    try {
      if (listener != null) {
        listener.accept(region);
      } else {
        log(region);
      }
    } finally {
      callbacks.end(outer);
    }
  }

  private synchronized void keep(SkippedRegion region) {
    count++;
    if (kept.size() < MOST_KEPT) {
      kept.add(region);
      return;
    }
    SkippedRegion last = kept.removeLast();
    kept.add(
        new SkippedRegion(
            last.begin(),
            region.end(),
            last.damage(),
            last.reason(),
            last.scanned() || region.scanned()));
  }

  private void log(SkippedRegion region) {
    if (count > MOST_LOGGED) {
      return;
    }
    LOGGER.log(
        Level.WARNING,
        "{0}: bytes {1} to {2} were skipped: {3}",
        file,
        Long.toString(region.begin()),
        Long.toString(region.end()),
        region.reason());
    if (count == MOST_LOGGED) {
      LOGGER.log(Level.WARNING, "{0}: further skipped regions are not logged", file);
    }
  }

  /** Those so far, in file order. */
  synchronized List<SkippedRegion> soFar() {
    return List.copyOf(kept);
  }
}
