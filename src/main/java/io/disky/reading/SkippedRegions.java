package io.disky.reading;

import io.disky.engine.NativeReader.SkippedRegion;
import io.disky.threads.Callbacks;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The regions that a reader has skipped so far. Their number is bounded, whatever the file. */
public final class SkippedRegions {
  /**
   * The largest number of regions that are kept; the last one then extends to the end of all
   * regions after it.
   */
  private static final int MOST_KEPT = 10_000;

  private static final int MOST_LOGGED = 100;
  private final String file;
  private final @Nullable Consumer<SkippedRegion> listener;
  private final Callbacks callbacks;

  // Guarded by this object's monitor: threads other than the one that reads the file may request
  // the list.
  private final List<SkippedRegion> kept = new ArrayList<>();
  private long count;

  /**
   * @param file the file's name, quoted for messages
   * @param listener is called with each region; if {@code null}, regions are logged
   */
  public SkippedRegions(
      String file, @Nullable Consumer<SkippedRegion> listener, Callbacks callbacks) {
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
            last.begin(), region.end(), last.scanned() || region.scanned(), last.reason()));
  }

  private void log(SkippedRegion region) {
    if (count > MOST_LOGGED) {
      return;
    }
    System.getLogger("io.disky")
        .log(
            Level.WARNING,
            "{0}: bytes {1} to {2} were skipped: {3}",
            file,
            Long.toString(region.begin()),
            Long.toString(region.end()),
            region.reason().detail());
    if (count == MOST_LOGGED) {
      System.getLogger("io.disky")
          .log(Level.WARNING, "{0}: further skipped regions are not logged", file);
    }
  }

  /** The regions so far, in file order. May be called by any thread. */
  public synchronized List<SkippedRegion> soFar() {
    return List.copyOf(kept);
  }
}
