package io.disky.random;

import io.disky.memory.ArenaMemory;
import io.disky.memory.DecodedChunk;
import io.disky.memory.MemoryFault;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records with given ascending numbers, chunk by chunk. Other threads decode runs
 * of chunks ahead, if threads are free and the bound on memory allows it; the caller decodes the
 * rest. For one thread.
 */
public final class ScatteredRead implements AutoCloseable {
  // A run ends with the chunk that reaches one of these bounds.
  private static final long RUN_FILE_BYTES = 256 << 10;
  private static final double RUN_MEMORY_BYTES = 4 << 20;
  private static final int RUN_CHUNKS = 64;

  /**
   * An index has the mean size of decoded chunks only, so a run may turn out to be larger: a thread
   * that decodes ahead stops after the chunk that reaches this size, in bytes.
   */
  private static final long MOST_RUN_DECODED = 16 << 20;

  /**
   * The wanted records of one chunk: the numbers from {@code from} to before {@code to} of the
   * array of numbers.
   */
  private record Selection(IndexedChunk chunk, int from, int to) {}

  private final IndexedFiles files;
  private final long[] records;
  private final ArrayDeque<Run> ahead = new ArrayDeque<>();
  private int planned;
  private volatile boolean abandoned;

  // The run of the current chunk.
  private @Nullable Run run;
  private @Nullable DecodedAhead ready;
  private int inRun;

  // The current chunk, pinned.
  private @Nullable Selection selection;
  private @Nullable CachedChunk chunk;

  /**
   * @param records ascending numbers of records
   */
  ScatteredRead(IndexedFiles files, long[] records) {
    this.files = files;
    this.records = records;
  }

  /** Neighbouring chunks that one thread may decode, ahead of the caller. */
  private final class Run implements Runnable {
    private final List<Selection> selections;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<DecodedAhead> decoded = new CompletableFuture<>();

    Run(List<Selection> selections) {
      this.selections = selections;
    }

    @Override
    public void run() {
      if (begun.compareAndSet(false, true)) {
        DecodedAhead ahead = new DecodedAhead();
        try {
          ahead.decode(selections);
        } finally {
          decoded.complete(ahead);
        }
      }
    }

    /** Waits for the thread that decodes the run. Nothing is decoded if no thread has begun. */
    DecodedAhead take() {
      return begun.compareAndSet(false, true) ? new DecodedAhead() : decoded.join();
    }
  }

  /** The first chunks of a run, pinned. One thread at a time may use this object. */
  private final class DecodedAhead {
    private final ArrayDeque<CachedChunk> chunks = new ArrayDeque<>();

    void decode(List<Selection> selections) {
      long bytes = 0;
      for (Selection selected : selections) {
        if (abandoned || bytes >= MOST_RUN_DECODED || !decode(selected.chunk())) {
          return;
        }
        bytes += chunks.getLast().memorySize();
      }
    }

    /** Returns {@code false} if the caller has to decode this chunk. */
    private boolean decode(IndexedChunk wanted) {
      long most = wanted.file().index().largestDecodedSize();
      if (!files.threads().reserve(most)) {
        return false;
      }
      long taken = 0;
      try {
        CachedChunk pinned = files.pin(wanted);
        chunks.add(pinned);
        taken = pinned.memorySize();
        return true;
      } catch (IOException | RuntimeException | OutOfMemoryError _) {
        // The caller gets the failure when it reads this chunk, unless the cause no longer exists.
        return false;
      } finally {
        files.threads().release(most - taken);
      }
    }

    /** The next chunk, whose pin becomes the caller's; {@code null} if it is not decoded. */
    @Nullable CachedChunk poll() {
      CachedChunk next = chunks.poll();
      if (next != null) {
        files.threads().release(next.memorySize());
      }
      return next;
    }

    void release() {
      for (CachedChunk next = poll(); next != null; next = poll()) {
        files.unpin(next);
      }
    }
  }

  /** The next run; {@code null} after the last record. */
  private @Nullable Run plan() {
    List<Selection> selections = new ArrayList<>();
    long bytes = 0;
    double decoded = 0;
    while (planned < records.length
        && bytes < RUN_FILE_BYTES
        && decoded < RUN_MEMORY_BYTES
        && selections.size() < RUN_CHUNKS) {
      IndexedChunk found = files.find(records[planned]);
      ChunkIndex.Entry entry = found.entry();
      long end = found.firstRecord() + entry.records();
      int from = planned;
      while (planned < records.length && records[planned] < end) {
        planned++;
      }
      selections.add(new Selection(found, from, planned));
      bytes += entry.end() - entry.begin();
      decoded += found.file().index().meanDecodedSize();
    }
    return selections.isEmpty() ? null : new Run(selections);
  }

  /**
   * Goes to the next chunk that contains wanted records. Takes back the pin of the chunk before it.
   *
   * @return {@code false} after the last chunk
   */
  public boolean next() throws IOException {
    leaveChunk();
    Run current = run != null && inRun < run.selections.size() ? run : nextRun();
    if (current == null) {
      return false;
    }
    Selection next = current.selections.get(inRun++);
    CachedChunk decoded = present(ready).poll();
    chunk = decoded != null ? decoded : files.pin(next.chunk());
    selection = next;
    return true;
  }

  private @Nullable Run nextRun() {
    leaveRun();
    Run planned = ahead.poll();
    Run next = planned != null ? planned : plan();
    if (next != null) {
      decodeAhead();
      ready = next.take();
      run = next;
    }
    return next;
  }

  private void decodeAhead() {
    while (ahead.size() < files.threads().count()) {
      Run next = plan();
      if (next == null) {
        return;
      }
      ahead.add(next);
      try {
        files.threads().execute(next);
      } catch (OutOfMemoryError _) {
        // No thread could be started: the caller decodes the run when it needs the run.
        return;
      }
    }
  }

  /**
   * All records of the current chunk, without a copy. Close the result before the read goes on: the
   * segments of its records then end.
   */
  public DecodedChunk lend() {
    // The pin belongs to this read, so the lent chunk does not take it back.
    return present(chunk).lend(_ -> {});
  }

  /**
   * Copies the wanted records of the current chunk to memory of {@code arena}.
   *
   * @param copies takes the copies, at the indexes of their numbers in the array of numbers
   */
  public void copy(MemorySegment[] copies, Arena arena) throws IOException {
    CachedChunk from = present(chunk);
    long total = 0;
    for (int i = from(); i < to(); i++) {
      total += from.size(indexInChunk(i));
    }
    MemorySegment memory = ArenaMemory.allocate(arena, total, 1);
    long offset = 0;
    try {
      for (int i = from(); i < to(); i++) {
        long size = from.size(indexInChunk(i));
        from.copy(indexInChunk(i), memory, offset, size);
        copies[i] = memory.asSlice(offset, size);
        offset += size;
      }
    } catch (MemoryFault e) {
      throw present(selection).chunk().file().failures().exception(e);
    }
  }

  /** Where the wanted records of the current chunk begin in the array of numbers. */
  public int from() {
    return present(selection).from();
  }

  /** Where the wanted records of the current chunk end in the array of numbers. */
  public int to() {
    return present(selection).to();
  }

  /**
   * The index of a wanted record in the current chunk.
   *
   * @param i {@link #from()} to {@link #to()} - 1
   */
  public int indexInChunk(int i) {
    return present(chunk).indexOf(records[i]);
  }

  private static <T> T present(@Nullable T ofCurrentChunk) {
    if (ofCurrentChunk == null) {
      throw new IllegalStateException("there is no current chunk");
    }
    return ofCurrentChunk;
  }

  private void leaveChunk() {
    CachedChunk left = chunk;
    chunk = null;
    selection = null;
    if (left != null) {
      files.unpin(left);
    }
  }

  private void leaveRun() {
    DecodedAhead left = ready;
    ready = null;
    run = null;
    inRun = 0;
    if (left != null) {
      left.release();
    }
  }

  /** Takes back all pins, after other threads have ended the chunk that they are decoding. */
  @Override
  public void close() {
    abandoned = true;
    leaveChunk();
    leaveRun();
    ahead.forEach(next -> next.take().release());
    ahead.clear();
  }
}
