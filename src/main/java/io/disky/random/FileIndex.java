package io.disky.random;

import io.disky.engine.ChunkListing;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.files.QuotedText;
import io.disky.reading.Notices;
import io.disky.reading.OperationProgress;
import io.disky.threads.Callbacks;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The index of a file, and its source.
 *
 * @param chunks the index
 * @param source from which part of the file it was made
 */
record FileIndex(ChunkIndex chunks, IndexSource source) {
  private static final int FOOTER_CHUNKS = 1 << 10;

  /**
   * Takes the index from the first source that has one: footer, saved index, chunk headers.
   *
   * @param saved the saved index of the file, if it exists
   * @param callbacks the user's code that the reader of the sequence is calling
   */
  static FileIndex find(
      FileLocation.Opened file,
      RandomAccessSettings settings,
      SavedIndexFile saved,
      Callbacks callbacks)
      throws EngineException, InterruptedIOException {
    NativeReader engine = file.engine();
    long size = engine.fileSize();
    ChunkIndex footer = settings.footer() ? tryFooter(engine, size) : null;
    if (footer != null && isComplete(engine, footer)) {
      return new FileIndex(footer, IndexSource.FOOTER);
    }
    ChunkIndex loaded = settings.load() ? saved.load(size) : null;
    if (loaded != null) {
      return new FileIndex(loaded, IndexSource.SAVED);
    }
    RemoteBytes remote = file.remote();
    OperationProgress progress = new OperationProgress(settings.progress(), callbacks);
    ChunkIndex walked =
        remote == null
            ? IndexWalk.index(engine, size, settings.minPart(), progress)
            : IndexWalk.index(engine, size, remote, progress);
    Notices.log(engine.name(), engine);
    if (settings.save() && saved.canBeSaved()) {
      trySave(saved, walked);
    }
    return new FileIndex(walked, IndexSource.HEADERS);
  }

  /**
   * The index from the footer; {@code null} if the file has no usable footer, or memory for the
   * index is exhausted.
   */
  private static @Nullable ChunkIndex tryFooter(NativeReader engine, long size)
      throws EngineException {
    try {
      return footer(engine, size);
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.OUT_OF_MEMORY) {
        throw e;
      }
      logUnusedFooter(engine, e);
    } catch (OutOfMemoryError e) {
      logUnusedFooter(engine, e);
    }
    return null;
  }

  private static void logUnusedFooter(NativeReader engine, Throwable reason) {
    System.getLogger("io.disky")
        .log(
            Level.WARNING,
            "{0}: the ArrayRecord footer is not used, but the chunk headers: {1}",
            engine.name(),
            reason);
  }

  private static @Nullable ChunkIndex footer(NativeReader engine, long size)
      throws EngineException {
    try (ChunkListing listing = new ChunkListing(FOOTER_CHUNKS)) {
      if (!engine.listIndex(listing)) {
        return null;
      }
      ChunkIndex.Builder builder = new ChunkIndex.Builder();
      for (long i = 0; i < listing.count(); i++) {
        if (!builder.add(listing.begin(i), listing.records(i), listing.decodedDataSize(i))) {
          return null;
        }
      }
      return builder.build(size);
    }
  }

  /** Whether the first chunk of the footer is the first chunk with records in the file. */
  private static boolean isComplete(NativeReader engine, ChunkIndex index) throws EngineException {
    try (ChunkListing first = new ChunkListing(1)) {
      long position = 0;
      while (position < engine.fileSize()) {
        engine.list(first, position, Long.MAX_VALUE);
        if (first.count() > 0) {
          return index.chunks() > 0 && first.begin(0) == index.entry(0).begin();
        }
        position = first.next();
      }
      return index.chunks() == 0;
    }
  }

  private static void trySave(SavedIndexFile saved, ChunkIndex index) {
    try {
      saved.save(index);
    } catch (Throwable e) {
      // A failure to save is only logged, because records can be read without a saved index.
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "{0}: the index could not be saved: {1}",
              QuotedText.name(saved.path()),
              e);
    }
  }
}
