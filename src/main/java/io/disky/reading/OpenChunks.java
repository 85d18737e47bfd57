package io.disky.reading;

import io.disky.memory.DecodedChunk;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The chunks that a reader has handed out, and closes when it is closed. */
final class OpenChunks {
  private static final int MIN_TRACKED = 16;

  // Weak references: a batch that the user forgot must be found by the garbage collector.
  private final List<WeakReference<DecodedChunk>> chunks = new ArrayList<>();
  private int mostTracked = MIN_TRACKED;

  void track(DecodedChunk chunk) {
    if (chunks.size() >= mostTracked) {
      chunks.removeIf(reference -> reference.refersTo(null) || isClosed(reference.get()));
      mostTracked = Math.max(MIN_TRACKED, 2 * chunks.size());
    }
    chunks.add(new WeakReference<>(chunk));
  }

  private static boolean isClosed(@Nullable DecodedChunk chunk) {
    return chunk == null || chunk.isClosed();
  }

  /**
   * Runs {@code first}, then closes the chunks that belong to the current thread or to no thread.
   * Chunks of other threads stay valid until these threads close them.
   *
   * @throws IllegalStateException if a native call of the user is using a chunk; the others are
   *     closed all the same
   */
  void closeAll(Runnable first) {
    try {
      IllegalStateException inUse = end(first, null);
      for (WeakReference<DecodedChunk> reference : chunks) {
        DecodedChunk chunk = reference.get();
        if (chunk != null) {
          inUse = end(chunk::closeIfOwned, inUse);
        }
      }
      if (inUse != null) {
        throw inUse;
      }
    } finally {
      chunks.clear();
    }
  }

  /**
   * Runs {@code close}. Returns {@code earlier}, with the failure of {@code close} added; or, if
   * {@code earlier} is {@code null}, the failure of {@code close}.
   */
  private static @Nullable IllegalStateException end(
      Runnable close, @Nullable IllegalStateException earlier) {
    try {
      close.run();
      return earlier;
    } catch (IllegalStateException e) {
      if (earlier == null) {
        return e;
      }
      earlier.addSuppressed(e);
      return earlier;
    }
  }
}
