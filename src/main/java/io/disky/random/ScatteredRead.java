package io.disky.random;

import io.disky.memory.ArenaMemory;
import io.disky.memory.MemoryFault;
import io.disky.memory.MemoryLoan;
import io.disky.memory.PendingFault;
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

  /** As many chunks are hashed together. */
  private static final int MIN_RUN_CHUNKS = 3;

  /**
   * An index has the mean size of decoded chunks only, so a run may turn out to be larger: a thread
   * that decodes ahead stops after the chunk that reaches this size, in bytes.
   */
  private static final long MOST_RUN_DECODED = 16 << 20;

  private final IndexedFiles files;
  private final long[] records;
  private final boolean cached;
  private final ArrayDeque<Run> ahead = new ArrayDeque<>();
  private final AnnouncedChunks announcing;
  private int planned;
  private volatile boolean abandoned;

  // The run of the current chunk.
  private @Nullable Run run;
  private @Nullable DecodedAhead ready;
  private int inRun;

  // The current records, and the chunks that have them.
  private @Nullable RecordGroup group;
  private int from;
  private int to;

  /**
   * @param records ascending numbers of records
   */
  ScatteredRead(IndexedFiles files, long[] records) {
    this.files = files;
    this.records = records;
    this.cached = fitIntoCache();
    this.announcing = new AnnouncedChunks(files);
  }

  /**
   * Whether the cache has room for all chunks. If not, chunks are not put into it: they would
   * remove all others, and then each other.
   */
  private boolean fitIntoCache() {
    double bytes = 0;
    int i = 0;
    while (i < records.length) {
      IndexedChunk found = files.find(records[i]);
      bytes += found.file().index().meanDecodedSize();
      if (bytes > files.cache().capacity()) {
        return false;
      }
      i = after(found.firstRecord() + found.entry().records(), i);
    }
    return true;
  }

  /** The index of the first number after {@code i} that is at least {@code end}. */
  private int after(long end, int i) {
    int next = i + 1;
    while (next < records.length && records[next] < end) {
      next++;
    }
    return next;
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

  /** The records of the first chunks of a run. One thread at a time may use this object. */
  private final class DecodedAhead {
    private record Reserved(RecordGroup group, long bytes) {}

    private final ArrayDeque<Reserved> groups = new ArrayDeque<>();

    void decode(List<Selection> selections) {
      long bytes = 0;
      int next = 0;
      while (next < selections.size() && !abandoned && bytes < MOST_RUN_DECODED) {
        List<Selection> rest = selections.subList(next, selections.size());
        if (!decodeUncached(rest) && !decodePinned(rest.getFirst())) {
          return;
        }
        Reserved decoded = groups.getLast();
        next += decoded.group.chunks();
        bytes += decoded.bytes;
      }
    }

    private boolean decodeUncached(List<Selection> rest) {
      if (cached) {
        return false;
      }
      UncachedRecords uncached = new UncachedRecords(files, rest, records);
      long bytes = uncached.memorySize();
      return files.threads().reserve(bytes)
          && keep(bytes, () -> uncached.read() ? new Reserved(uncached, bytes) : null);
    }

    private boolean decodePinned(Selection wanted) {
      long most = wanted.file().index().largestDecodedSize();
      return files.threads().reserve(most)
          && keep(
              most,
              () -> {
                PinnedChunk pinned = new PinnedChunk(files, wanted.chunk(), records);
                return new Reserved(pinned, pinned.memorySize());
              });
    }

    private interface Decoding {
      @Nullable Reserved decode() throws IOException;
    }

    /** Returns {@code false} if the caller has to decode the next chunk. */
    private boolean keep(long reserved, Decoding decoding) {
      long taken = 0;
      try {
        Reserved decoded = decoding.decode();
        if (decoded == null) {
          return false;
        }
        groups.add(decoded);
        taken = decoded.bytes;
        return true;
      } catch (IOException | RuntimeException | OutOfMemoryError _) {
        // The caller gets the failure when it reads this chunk, unless the cause no longer exists.
        return false;
      } finally {
        files.threads().release(reserved - taken);
      }
    }

    /** The next records, which the caller must release; {@code null} if they are not decoded. */
    @Nullable RecordGroup poll() {
      Reserved next = groups.poll();
      if (next == null) {
        return null;
      }
      files.threads().release(next.bytes);
      return next.group;
    }

    void release() {
      for (RecordGroup next = poll(); next != null; next = poll()) {
        next.release();
      }
    }
  }

  /** The next run; {@code null} after the last record. */
  private @Nullable Run plan() {
    announcing.advance(records, planned);
    List<Selection> selections = new ArrayList<>();
    long bytes = 0;
    double decoded = 0;
    while (planned < records.length
        && (bytes < RUN_FILE_BYTES || selections.size() < MIN_RUN_CHUNKS)
        && decoded < RUN_MEMORY_BYTES
        && selections.size() < RUN_CHUNKS) {
      IndexedChunk found = files.find(records[planned]);
      ChunkIndex.Entry entry = found.entry();
      long end = found.firstRecord() + entry.records();
      int from = planned;
      planned = after(end, from);
      selections.add(new Selection(found, entry, from, planned));
      bytes += entry.end() - entry.begin();
      decoded += found.file().index().meanDecodedSize();
    }
    return selections.isEmpty() ? null : new Run(selections);
  }

  /**
   * Goes to the next wanted records: those of one chunk, or of several. Releases the memory of the
   * records before them.
   *
   * @return {@code false} after the last records
   */
  public boolean next() throws IOException {
    leaveGroup();
    Run current = run != null && inRun < run.selections.size() ? run : nextRun();
    if (current == null) {
      return false;
    }
    RecordGroup decoded = present(ready).poll();
    RecordGroup next = decoded == null ? decode(current) : decoded;
    from = current.selections.get(inRun).from();
    inRun += next.chunks();
    to = current.selections.get(inRun - 1).to();
    group = next;
    return true;
  }

  /** Decodes the next chunks of {@code current} in this thread. */
  private RecordGroup decode(Run current) throws IOException {
    List<Selection> rest = current.selections.subList(inRun, current.selections.size());
    if (!cached) {
      UncachedRecords uncached = new UncachedRecords(files, rest, records);
      if (uncached.read()) {
        return uncached;
      }
    }
    return new PinnedChunk(files, rest.getFirst().chunk(), records);
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

  /** The memory of the current records. Close the result before the read goes on. */
  public MemoryLoan lend() {
    RecordGroup current = present(group);
    return new MemoryLoan(current.memory(), current.part());
  }

  /**
   * Copies the current records to memory of {@code arena}.
   *
   * @param copies takes the copies, at the indexes of their numbers in the array of numbers
   */
  public void copy(MemorySegment[] copies, Arena arena) throws IOException {
    RecordGroup current = present(group);
    int alignment = files.alignment();
    long total = 0;
    for (int i = from; i < to; i++) {
      total = aligned(total, alignment) + current.size(i);
    }
    MemorySegment memory = ArenaMemory.allocate(arena, total, alignment);
    try {
      long end = 0;
      for (int i = from; i < to; i++) {
        long begin = aligned(end, alignment);
        long size = current.size(i);
        MemorySegment.copy(current.part(), current.offset(i), memory, begin, size);
        copies[i] = memory.asSlice(begin, size);
        end = begin + size;
      }
      PendingFault.raise();
    } catch (InternalError e) {
      throw files
          .find(records[from])
          .file()
          .failures()
          .exception(MemoryFault.of("memory of an arena for records", e));
    }
  }

  /** The first multiple of {@code alignment}, a power of two, from {@code offset} on. */
  private static long aligned(long offset, int alignment) {
    return (offset + alignment - 1) & -alignment;
  }

  /** Where the current records begin in the array of numbers. */
  public int from() {
    return from;
  }

  /** Where the current records end in the array of numbers. */
  public int to() {
    return to;
  }

  /**
   * Where a record begins in the memory that {@link #lend} returns, in bytes.
   *
   * @param i {@link #from()} to {@link #to()} - 1
   */
  public long offset(int i) {
    return present(group).offset(i);
  }

  /**
   * Size of a record in bytes.
   *
   * @param i {@link #from()} to {@link #to()} - 1
   */
  public long size(int i) {
    return present(group).size(i);
  }

  private static <T> T present(@Nullable T ofCurrentChunk) {
    if (ofCurrentChunk == null) {
      throw new IllegalStateException("there are no current records");
    }
    return ofCurrentChunk;
  }

  private void leaveGroup() {
    RecordGroup left = group;
    group = null;
    if (left != null) {
      left.release();
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

  /** Releases all memory, after other threads have ended the chunks that they are decoding. */
  @Override
  public void close() {
    abandoned = true;
    announcing.close();
    leaveGroup();
    leaveRun();
    ahead.forEach(next -> next.take().release());
    ahead.clear();
  }
}
