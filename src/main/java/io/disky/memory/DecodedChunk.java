package io.disky.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of a chunk, in memory outside the Java heap. Until a thread accesses one of the
 * records, the chunk belongs to no thread; then it belongs to that thread. If the chunk is in
 * memory of the user, the arena decides which threads may use it.
 */
public final class DecodedChunk implements AutoCloseable {
  /**
   * The records in segments that only the owning thread, or the threads of the user's arena, can
   * access.
   */
  private record View(MemorySegment data, MemorySegment ends) {
    View {
      data = data.asReadOnly();
      ends = ends.asReadOnly();
    }
  }

  // Values of fixedSize. Several threads may compute it at once, with the same result.
  private static final long UNKNOWN = -1;
  private static final long DIFFERENT = -2;

  private final ChunkPlace place;
  private volatile long fixedSize = UNKNOWN;
  private final BatchBuffer.@Nullable Owner pool;

  // This object's monitor guards these three fields. Only an existing view is read without it: a
  // view is immutable, and its arena throws after the chunk has ended.
  private @Nullable BatchBuffer buffer;
  private @Nullable Arena arena;
  private @Nullable View view;

  private DecodedChunk(
      ChunkPlace place,
      @Nullable BatchBuffer buffer,
      BatchBuffer.@Nullable Owner pool,
      @Nullable View view) {
    this.place = place;
    this.buffer = buffer;
    this.pool = pool;
    this.view = view;
  }

  /** A chunk in {@code buffer}, which goes back to {@code pool} when the chunk is closed. */
  public static DecodedChunk pooled(ChunkPlace place, BatchBuffer buffer, BatchBuffer.Owner pool) {
    return new DecodedChunk(place, buffer, pool, null);
  }

  /** A chunk in memory of the user, which closing it does not free. */
  public static DecodedChunk in(MemorySegment ends, MemorySegment data, ChunkPlace place) {
    View view =
        new View(
            data.asSlice(place.dataOffset(), place.dataSize()),
            ends.asSlice(0, (long) place.count() * Long.BYTES));
    return new DecodedChunk(place, null, null, view);
  }

  private View view() {
    View seen = view;
    return seen != null ? seen : bind();
  }

  /** Gives the chunk to the current thread. */
  @SuppressWarnings("MustBeClosedChecker") // Closed with the chunk.
  private synchronized View bind() {
    if (view != null) {
      return view;
    }
    if (buffer == null) {
      throw closed();
    }
    Arena owned = Arena.ofConfined();
    view =
        new View(
            rescope(data(buffer), buffer.dataMemory(), owned),
            rescope(ends(buffer), buffer.endsMemory(), owned));
    arena = owned;
    return view;
  }

  private IllegalStateException closed() {
    return new IllegalStateException(
        "the batch of the chunk at byte " + place.chunkBegin() + ", or its reader, is closed");
  }

  @SuppressWarnings("restricted")
  private MemorySegment rescope(MemorySegment part, NativeMemory memory, Arena arena) {
    // The cleanup action itself does nothing. But until it has run, each segment of the arena keeps
    // the memory reachable, even if the reader is forgotten, and the chunk, so that the reader can
    // still end it.
    return part.reinterpret(arena, new Keeper(this, memory));
  }

  private record Keeper(DecodedChunk chunk, NativeMemory memory)
      implements Consumer<MemorySegment> {
    @Override
    public void accept(MemorySegment rescoped) {}
  }

  private MemorySegment data(BatchBuffer buffer) {
    return buffer.data().asSlice(place.dataOffset(), place.dataSize());
  }

  private MemorySegment ends(BatchBuffer buffer) {
    return buffer.ends().asSlice(0, (long) place.count() * Long.BYTES);
  }

  /** The place of the chunk in its file and in memory. */
  public ChunkPlace place() {
    return place;
  }

  /**
   * A copy of this chunk in memory of the user, which must have room for it. The copy does not
   * count as an access, so the chunk still belongs to no thread.
   *
   * @throws MemoryFault if that memory cannot be accessed any more
   */
  public synchronized DecodedChunk copyTo(MemorySegment ends, MemorySegment data)
      throws MemoryFault {
    if (buffer == null) {
      throw closed();
    }
    try {
      ends.copyFrom(ends(buffer));
      data.copyFrom(data(buffer));
      PendingFault.raise();
    } catch (InternalError e) {
      throw MemoryFault.of("memory of an arena for records", e);
    }
    return in(ends, data, place.atBegin());
  }

  /**
   * This chunk, if its memory stays valid until the chunk is closed; if the chunk is in memory of
   * the user, a copy.
   */
  public DecodedChunk kept(BufferPool buffers) {
    if (pool != null) {
      return this;
    }
    View seen = view();
    BatchBuffer copy = buffers.take();
    copy.reserve(place.count(), place.dataSize());
    copy.ends().copyFrom(seen.ends());
    copy.data().copyFrom(seen.data());
    return pooled(place.atBegin(), copy, buffers);
  }

  /**
   * A copy of the record at {@code index} as a chunk of its own, in a buffer of {@code buffers}.
   * Throws as {@link #get} does.
   */
  public DecodedChunk copyOf(int index, BufferPool buffers) {
    MemorySegment record = get(index);
    long size = record.byteSize();
    BatchBuffer copy = buffers.take();
    copy.reserve(1, size);
    copy.ends().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, size);
    MemorySegment.copy(record, 0, copy.data(), 0, size);
    ChunkPlace copied = new ChunkPlace(place.chunkBegin(), place.chunkBegin(), 1, 0, size, false);
    return pooled(copied, copy, buffers);
  }

  /** Number of records, at least 1. */
  public int count() {
    return place.count();
  }

  /**
   * Size of its records in bytes, plus 8 for each record: the memory that the chunk counts for
   * bounds.
   */
  public long byteSize() {
    return place.dataSize() + (long) place.count() * Long.BYTES;
  }

  /**
   * The record at {@code index}.
   *
   * @throws IndexOutOfBoundsException if the chunk has no record with this index
   * @throws IllegalStateException if the chunk is closed
   * @throws WrongThreadException if it belongs to another thread
   */
  public MemorySegment get(int index) {
    Objects.checkIndex(index, place.count());
    View seen = view();
    long begin = begin(seen, index);
    return seen.data().asSlice(begin, end(seen, index) - begin);
  }

  /** Where the record begins in {@link #data()}, in bytes. Throws as {@link #get} does. */
  public long offset(int index) {
    Objects.checkIndex(index, place.count());
    return begin(view(), index);
  }

  /** Size of the record in bytes. Throws as {@link #get} does. */
  public long length(int index) {
    Objects.checkIndex(index, place.count());
    View seen = view();
    return end(seen, index) - begin(seen, index);
  }

  /** The size that all records have; empty if they differ. Throws as {@link #get} does. */
  public OptionalLong fixedSize() {
    View seen = view();
    end(seen, 0); // A chunk that has ended must throw, even if the size is known.
    if (fixedSize == UNKNOWN) {
      fixedSize = findFixedSize(seen);
    }
    return fixedSize == DIFFERENT ? OptionalLong.empty() : OptionalLong.of(fixedSize);
  }

  private long findFixedSize(View seen) {
    long size = end(seen, 0);
    for (int i = 1; i < place.count(); i++) {
      if (end(seen, i) != (i + 1) * size) {
        return DIFFERENT;
      }
    }
    return size;
  }

  private static long begin(View view, int index) {
    if (index > 0) {
      return end(view, index - 1);
    }
    // This reads nothing, but a chunk that has ended must throw.
    end(view, 0);
    return 0;
  }

  private static long end(View view, int index) {
    return view.ends().getAtIndex(ValueLayout.JAVA_LONG, index);
  }

  /** All records, one after the other. Throws as {@link #get} does. */
  public MemorySegment data() {
    return view().data();
  }

  /** Where each record ends in {@link #data()}, as longs. Throws as {@link #get} does. */
  public MemorySegment ends() {
    return view().ends();
  }

  /**
   * Ends the chunk: its segments can no longer be used, and its memory is used again. Does nothing
   * if the chunk was closed before, or is in an arena of the user.
   *
   * @throws WrongThreadException if the chunk belongs to another thread
   * @throws IllegalStateException if a native call of the user is using one of its segments
   */
  @Override
  public void close() {
    end();
  }

  /** As {@link #close}; returns whether this call has ended the chunk. */
  public synchronized boolean end() {
    if (buffer == null || pool == null) {
      return false;
    }
    // The arena is already closed if an earlier call closed it and then exhausted the stack.
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
    BatchBuffer given = buffer;
    buffer = null;
    arena = null;
    view = null;
    pool.give(given);
    return true;
  }

  /** Returns whether the memory of the chunk was returned to its pool. */
  public synchronized boolean isClosed() {
    return buffer == null;
  }

  /** Closes the chunk if it belongs to nobody or to the current thread. */
  public synchronized void closeIfOwned() {
    MemorySegment seen = view == null ? null : view.ends();
    if (seen == null || seen.isAccessibleBy(Thread.currentThread())) {
      close();
    }
  }
}
