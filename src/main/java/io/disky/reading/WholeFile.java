package io.disky.reading;

import io.disky.engine.ChunkListing;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;

/** Operations on a complete file, in steps, so that a listener learns how far they have come. */
final class WholeFile {
  /** The engine returns about after this many bytes, in {@code STEP} of {@code record_file.rs}. */
  private static final long STEP = 64 << 20;

  private static final int LISTED_AT_ONCE = 1024;

  private final NativeReader engine;
  private final ReaderSettings settings;
  private final OperationProgress progress;

  WholeFile(NativeReader engine, ReaderSettings settings, OperationProgress progress) {
    this.engine = engine;
    this.settings = settings;
    this.progress = progress;
  }

  /** Takes what the engine has found so far. */
  @FunctionalInterface
  interface Findings {
    /** Returns the end of the last skipped region that is new, in bytes; 0 if none is new. */
    long take() throws EngineException;
  }

  /** Checks the hashes from {@code position} on. */
  void verify(long position, Findings findings) throws EngineException {
    progress.begin();
    long reached = position;
    boolean more = true;
    while (more) {
      more = engine.verify();
      // After the last call, too: the end of the file may be damaged.
      long end = findings.take();
      // The engine returns early if it has found damage.
      reached = end > 0 ? Math.max(reached, end) : reached + STEP;
      progress.at(Math.min(reached, Math.max(engine.fileSize(), 0)));
    }
  }

  /** Counts the records of the file or the range. */
  long count() throws EngineException {
    boolean whole = settings.rangeBegin() == 0 && settings.rangeEnd() == Long.MAX_VALUE;
    return whole && progress.isWanted() ? countInSteps() : engine.count();
  }

  private long countInSteps() throws EngineException {
    progress.begin();
    long records = 0;
    try (ChunkListing listing = new ChunkListing(LISTED_AT_ONCE)) {
      // A file that is followed may grow or be cut meanwhile, so its size does not say when to end.
      long from = -1;
      for (long position = 0; position > from; position = listing.next()) {
        from = position;
        engine.listFurther(listing, position, Long.MAX_VALUE);
        for (long i = 0; i < listing.count(); i++) {
          records += listing.records(i);
        }
        progress.at(Math.min(listing.next(), Math.max(engine.fileSize(), 0)));
      }
    }
    return records;
  }

  /** Statistics of the sizes of all records, after the first half of an operation. */
  NativeReader.RecordSizes recordSizes() throws EngineException {
    long half = engine.fileSize() / 2;
    NativeReader.RecordSizes sizes = engine.measure();
    for (long reached = STEP; sizes == null; reached += STEP) {
      progress.at(half + Math.min(reached, engine.fileSize()) / 2);
      sizes = engine.measure();
    }
    return sizes;
  }
}
