package io.disky.reading;

import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.NativeReader.Extent;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.memory.ChunkPlace;
import io.disky.threads.WorkerPool;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Decodes chunks of a file ahead of its reader. Each thread has a native reader of its own. The
 * reader's thread may decode, too, where it would have to wait. A chunk that cannot be decoded, or
 * is not where it should be, is left to the reader, which reports the failure. The decoder does not
 * refer to the reader, so that the garbage collector can find a forgotten reader.
 */
final class ParallelDecoder {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicInteger DECODERS = new AtomicInteger();
  private static final int MOST_LISTED = 64;

  // To hand a smaller chunk from thread to thread takes about as long as to decode it.
  private static final long LARGE = 16 << 10;

  // Who allows less to be decoded ahead than so many of those asks for smaller ones.
  private static final int AHEAD = 16;

  // So many small ones in a row are taken for a file of such. So is what is not known yet.
  private static final int MOST_SMALL = 16;

  /** A chunk that was decoded: where it is, and the memory that it is in. */
  record Decoded(ChunkPlace place, BatchBuffer buffer) {}

  private final BufferPool buffers;
  private final ChunkWindow<Decoded> window;
  private final long end;
  private final long large;
  private final List<Thread> threads = new ArrayList<>();
  private final List<NativeReader> helping = new ArrayList<>(); // One, after the start.
  private boolean started;
  private int small = MOST_SMALL; // chunks in a row
  private long taken;

  /**
   * @param readAhead bound on the bytes that are decoded and not yet taken
   * @param end position in the file up to which chunks begin that are decoded
   * @param largest the most bytes that a chunk can come to
   */
  ParallelDecoder(BufferPool buffers, long readAhead, long end, long largest) {
    this.buffers = buffers;
    this.end = end;
    this.large = Math.clamp(readAhead / AHEAD, 1, LARGE);
    this.window = new ChunkWindow<>(readAhead, end, largest, chunk -> buffers.give(chunk.buffer()));
  }

  /** Sees to it that the threads end when nothing refers to {@code owner} any more. */
  void endWith(Object owner) {
    CLEANER.register(owner, this::closeUnused);
  }

  /** Whether the threads were started. */
  boolean isStarted() {
    return started;
  }

  /**
   * Starts a thread for each of {@code readers} except the first, with which the thread that takes
   * chunks decodes. Closes all readers in the end.
   */
  void start(List<NativeReader> readers) {
    started = true;
    helping.add(readers.getFirst());
    Thread.Builder builder =
        Thread.ofPlatform().daemon().name("disky-decode-" + DECODERS.incrementAndGet() + "-", 1);
    for (NativeReader reader : readers.subList(1, readers.size())) {
      threads.add(builder.unstarted(() -> work(reader)));
    }
    threads.forEach(Thread::start);
  }

  private void work(NativeReader reader) {
    boolean ended = false;
    try {
      while (doTask(reader, window.awaitTask())) {
        // One after the other.
      }
      ended = true;
    } finally {
      if (!ended) {
        // Out of memory, for example: the reader must not wait for this thread.
        window.stop();
      }
      reader.close();
    }
  }

  private boolean doTask(NativeReader reader, ChunkWindow.Task<Decoded> task) {
    return switch (task) {
      case ChunkWindow.Task.Look<Decoded> look -> {
        look(reader, look);
        yield true;
      }
      case ChunkWindow.Task.Decode<Decoded>(var run) -> {
        decode(reader, run);
        yield true;
      }
      case ChunkWindow.Task.Stop<Decoded>() -> false;
    };
  }

  private void look(NativeReader reader, ChunkWindow.Task.Look<Decoded> look) {
    List<Extent> extents = List.of();
    long next = Long.MAX_VALUE;
    try {
      NativeReader.Chunks chunks = reader.chunks(look.position(), end, MOST_LISTED);
      extents = chunks.extents();
      next = chunks.next();
    } catch (Throwable e) {
      // The reader comes to it and says what is wrong. It waits, so nothing may end the thread.
    }
    window.listed(look, extents, next);
  }

  private void decode(NativeReader reader, List<List<ChunkWindow.Slot<Decoded>>> run) {
    for (List<ChunkWindow.Slot<Decoded>> group : run) {
      List<@Nullable Decoded> decoded = new ArrayList<>(group.size());
      for (ChunkWindow.Slot<Decoded> slot : group) {
        decoded.add(window.isDropped(slot) ? null : decode(reader, slot.extent()));
      }
      window.settle(group, decoded);
    }
  }

  private @Nullable Decoded decode(NativeReader reader, Extent extent) {
    BatchBuffer buffer = buffers.take();
    Decoded decoded = null;
    try {
      reader.seek(extent.begin(), extent.end());
      decoded = decodeInto(buffer, reader, extent);
    } catch (Throwable e) {
      // As above.
    } finally {
      if (decoded == null) {
        buffers.give(buffer);
      }
    }
    return decoded;
  }

  private static @Nullable Decoded decodeInto(
      BatchBuffer buffer, NativeReader reader, Extent extent) throws EngineException {
    ChunkPlace place = reader.next(buffer).place();
    return place != null && place.chunkBegin() == extent.begin()
        ? new Decoded(buffer.align(place), buffer)
        : null;
  }

  /**
   * Takes the next chunk, and waits for it, or decodes others meanwhile; {@code null} if the reader
   * is to read it.
   */
  @Nullable Decoded take() {
    if (!started || !isOfUse()) {
      return null;
    }
    helping.forEach(this::decodeWhileWaiting);
    Decoded chunk = window.take();
    taken += chunk == null ? 0 : 1;
    return chunk;
  }

  /** Whether the chunks here are large enough to be decoded by others: threads start only then. */
  boolean isOfUse() {
    return small < MOST_SMALL;
  }

  /** How many chunks the reader has taken. */
  long taken() {
    return taken;
  }

  /** The reader has got the records of a chunk, which take so many bytes. */
  void met(long bytes) {
    boolean wasOfUse = isOfUse();
    small = bytes < large ? Math.min(small + 1, MOST_SMALL) : 0;
    if (wasOfUse && !isOfUse()) {
      window.forget();
    }
  }

  private void decodeWhileWaiting(NativeReader reader) {
    for (ChunkWindow.Slot<Decoded> slot = window.tryHelp(); slot != null; slot = window.tryHelp()) {
      window.settle(List.of(slot), Collections.singletonList(decode(reader, slot.extent())));
    }
  }

  /** The reader has read by itself, and is now at {@code position}. */
  void passed(long position) {
    window.passed(position);
  }

  /** The reader goes elsewhere. */
  void forget() {
    window.forget();
  }

  /** Ends the threads, and waits until none is left: each ends its chunk first. */
  void close() {
    closeUnused();
    WorkerPool.join(threads);
  }

  /** Ends the threads without waiting; nobody is taking, or will. */
  private void closeUnused() {
    window.stop();
    helping.forEach(NativeReader::close);
  }
}
