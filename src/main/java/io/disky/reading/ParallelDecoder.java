package io.disky.reading;

import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.NativeReader.Extent;
import io.disky.engine.Step;
import io.disky.fetching.FetchedFile;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.memory.ChunkPlace;
import io.disky.threads.WorkerPool;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Decodes chunks of a file ahead of its reader. Each thread has a native reader of its own. The
 * reader's thread also decodes if it would otherwise have to wait. The reader itself reads a chunk
 * that these threads could not decode, or did not find at its place, and reports the failure. The
 * decoder does not refer to the reader, so that the garbage collector can find a forgotten reader.
 */
final class ParallelDecoder {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicInteger DECODERS = new AtomicInteger();
  private static final int MOST_LISTED = 64;

  // Handing a smaller chunk to another thread takes about as long as decoding it.
  private static final long LARGE = 16 << 10;

  // If the bound on the bytes decoded ahead is less than this many large chunks, smaller chunks
  // count as large, too.
  private static final int AHEAD = 16;

  // After this many consecutive small chunks, the threads do not decode ahead. A new decoder begins
  // in this state.
  private static final int MOST_SMALL = 16;

  /**
   * A decoded chunk.
   *
   * @param place its place
   * @param buffer the memory that contains its records
   * @param head its first bytes, for {@link NativeReader#skip(long, byte[])}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed to one reader, and never compared
  record Decoded(ChunkPlace place, BatchBuffer buffer, byte[] head) {}

  private final BufferPool buffers;
  private final ChunkWindow<Decoded> window;
  private final long end;
  private final @Nullable AnnouncedPart announced;
  private final long large;
  private final List<Thread> threads = new ArrayList<>();
  private final List<NativeReader> helping = new ArrayList<>(); // One reader, after the start.
  private boolean started;
  private int small = MOST_SMALL; // chunks in a row
  private long taken;

  /**
   * @param readAhead bound on the bytes that are decoded and not yet taken
   * @param end chunks that begin at this position of the file or after it are not decoded
   * @param largest the largest size that a decoded chunk can have, in bytes
   * @param remote the file if requests read it; else {@code null}
   */
  ParallelDecoder(
      BufferPool buffers, long readAhead, long end, long largest, @Nullable FetchedFile remote) {
    this.buffers = buffers;
    this.announced = remote == null ? null : new AnnouncedPart(remote, end);
    this.end = end;
    this.large = Math.clamp(readAhead / AHEAD, 1, LARGE);
    this.window = new ChunkWindow<>(readAhead, end, largest, chunk -> buffers.give(chunk.buffer()));
  }

  /** Ends the threads after the garbage collector has found {@code owner} unreachable. */
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
   *
   * @param position where the next chunk begins, in bytes
   */
  void start(List<NativeReader> readers, long position) {
    started = true;
    NativeReader own = readers.getFirst();
    helping.add(own);
    Thread.Builder builder =
        Thread.ofPlatform().daemon().name("disky-decode-" + DECODERS.incrementAndGet() + "-", 1);
    for (NativeReader reader : readers.subList(1, readers.size())) {
      threads.add(builder.unstarted(() -> work(reader)));
    }
    window.decodeTogether(own.readsItsFile() ? NativeReader.mostInRun() : 1, readers.size());
    window.passed(position);
    ChunkWindow.Task<Decoded> first = window.tryTask();
    try {
      threads.forEach(Thread::start);
    } catch (Throwable e) {
      // Not all threads can be started, for example because memory is exhausted: the reader must
      // not wait for them.
      window.stop();
      throw e;
    }
    // While the threads are starting, this thread lists the first chunks, so that neither has to
    // wait for the other.
    if (first != null) {
      doTask(own, first);
    }
  }

  private void work(NativeReader reader) {
    boolean ended = false;
    try {
      while (doTask(reader, window.awaitTask())) {
        // The condition does the work.
      }
      ended = true;
    } finally {
      if (!ended) {
        // The thread ends early, for example because memory is exhausted: the reader must not wait
        // for it.
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
      if (announced != null) {
        announced.advance(look.position());
      }
      NativeReader.Chunks chunks = reader.chunks(look.position(), end, MOST_LISTED);
      extents = chunks.extents();
      next = chunks.next();
    } catch (Throwable e) {
      // The reader meets this failure later and reports it. The reader waits for this thread, so no
      // failure may end the thread.
    }
    window.listed(look, extents, next);
  }

  private void decode(NativeReader reader, List<List<ChunkWindow.Slot<Decoded>>> run) {
    run.forEach(group -> decodeGroup(reader, group));
  }

  private void decodeGroup(NativeReader reader, List<ChunkWindow.Slot<Decoded>> group) {
    List<@Nullable Decoded> decoded = new ArrayList<>(group.size());
    while (decoded.size() < group.size()) {
      List<ChunkWindow.Slot<Decoded>> rest = group.subList(decoded.size(), group.size());
      boolean together = rest.size() > 1 && rest.getFirst().paysTogether();
      List<Decoded> run = together ? decodeTogether(reader, rest) : List.of();
      decoded.addAll(run);
      if (run.size() < rest.size()) {
        decoded.add(decode(reader, rest.get(run.size())));
      }
    }
    window.settle(group, decoded);
  }

  /**
   * Decodes chunks in one call, which takes less time than one after the other. Returns those
   * before the first one that is damaged or unusual.
   */
  private List<Decoded> decodeTogether(NativeReader reader, List<ChunkWindow.Slot<Decoded>> slots) {
    List<BatchBuffer> memory = new ArrayList<>(slots.size());
    List<Decoded> decoded = new ArrayList<>(slots.size());
    if (slots.stream().anyMatch(window::isDropped)) {
      return decoded;
    }
    try {
      for (ChunkWindow.Slot<Decoded> slot : slots) {
        memory.add(buffers.take());
        Extent extent = slot.extent();
        memory.getLast().reserve(extent.records(), extent.end() - extent.begin());
      }
      reader.seek(slots.getFirst().extent().begin(), slots.getLast().extent().end());
      for (Step step : reader.nextRun(memory)) {
        int index = decoded.size();
        Decoded chunk = decoded(step, memory.get(index), reader, slots.get(index).extent());
        if (chunk == null) {
          break;
        }
        decoded.add(chunk);
      }
    } catch (Throwable e) {
      // The next chunk is then decoded alone, and meets this failure again if it is the cause.
    } finally {
      memory.subList(decoded.size(), memory.size()).forEach(buffers::give);
    }
    return decoded;
  }

  private @Nullable Decoded decode(NativeReader reader, ChunkWindow.Slot<Decoded> slot) {
    if (window.isDropped(slot)) {
      return null;
    }
    Extent extent = slot.extent();
    BatchBuffer buffer = buffers.take();
    Decoded decoded = null;
    try {
      reader.seek(extent.begin(), extent.end());
      decoded = decodeInto(buffer, reader, extent);
    } catch (Throwable e) {
      // The reader meets this failure later and reports it.
    } finally {
      if (decoded == null) {
        buffers.give(buffer);
      }
    }
    return decoded;
  }

  private static @Nullable Decoded decodeInto(
      BatchBuffer buffer, NativeReader reader, Extent extent) throws EngineException {
    return decoded(reader.next(buffer), buffer, reader, extent);
  }

  /**
   * The chunk that {@code step} has decoded; {@code null} if it is not the one at {@code extent}.
   */
  private static @Nullable Decoded decoded(
      Step step, BatchBuffer buffer, NativeReader reader, Extent extent) {
    ChunkPlace place = step.place();
    return place != null && place.chunkBegin() == extent.begin()
        ? new Decoded(buffer.align(place), buffer, reader.head())
        : null;
  }

  /**
   * Takes the next chunk; decodes other chunks, or waits, until it is decoded. Returns {@code null}
   * if the reader must read the chunk itself.
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

  /**
   * Whether the last chunks were large enough to be decoded by other threads. The threads start
   * only if they were.
   */
  boolean isOfUse() {
    return small < MOST_SMALL;
  }

  /** How many chunks the reader has taken. */
  long taken() {
    return taken;
  }

  /** The reader has received a chunk whose records have {@code bytes} bytes. */
  void met(long bytes) {
    boolean wasOfUse = isOfUse();
    small = bytes < large ? Math.min(small + 1, MOST_SMALL) : 0;
    if (wasOfUse && !isOfUse()) {
      window.forget();
    }
  }

  private void decodeWhileWaiting(NativeReader reader) {
    for (List<ChunkWindow.Slot<Decoded>> group = window.tryHelp();
        !group.isEmpty();
        group = window.tryHelp()) {
      decodeGroup(reader, group);
    }
  }

  /** The reader has read by itself, and is now at {@code position}. */
  void passed(long position) {
    if (announced != null) {
      announced.passed(position);
    }
    window.passed(position);
  }

  /** The reader moves to another position. */
  void forget() {
    window.forget();
  }

  /**
   * Ends the threads, and waits for their ends. Each thread first completes its chunk, unless it
   * waits for bytes of a remote file.
   *
   * @param inCallback whether the user's code calls this, for which the threads may be waiting:
   *     then they end later
   */
  void close(boolean inCallback) {
    closeUnused();
    if (!inCallback) {
      WorkerPool.join(threads);
    }
  }

  /** Ends the threads without waiting. No thread is in {@link #take()}, and none will call it. */
  private void closeUnused() {
    window.stop();
    if (announced != null) {
      announced.stop();
    }
    helping.forEach(NativeReader::close);
  }
}
