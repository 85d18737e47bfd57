package io.disky;

import io.disky.internal.MemoryFault;
import io.disky.internal.NativeMemory;
import io.disky.internal.NativeReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a chunk, in memory outside the Java heap.
 *
 * <p>A hot loop needs no object per record. The records lie in one segment, so it is for the loop
 * to check that what it reads is inside of the record:
 *
 * {@snippet :
 * MemorySegment data = batch.data();
 * for (int i = 0; i < batch.count(); i++) {
 *   if (batch.length(i) < Integer.BYTES) {
 *     throw new IOException("record " + i + " has only " + batch.length(i) + " bytes");
 *   }
 *   sum += data.get(JAVA_INT_UNALIGNED, batch.offset(i));
 * }
 * }
 *
 * <p>{@link #get} returns a segment that ends where the record ends, and checks by itself.
 *
 * <p><b>Alignment.</b> A record begins at any address: layouts over it must be unaligned, {@link
 * ValueLayout#JAVA_LONG_UNALIGNED} for example. All segments are read-only.
 *
 * <p><b>Lifetime.</b> A batch of {@link RecordReader#nextBatch()} lives until it is closed, or its
 * reader is closed by the thread that the batch belongs to; its memory is then used again. Using it
 * or any of its segments later is an {@link IllegalStateException}. A batch of {@link
 * RecordReader#nextBatch(Arena)} lives as long as that arena; closing the batch does nothing. A
 * batch that is forgotten costs memory until the garbage collector finds it.
 *
 * <p><b>Threads.</b> A batch of {@link RecordReader#nextBatch()} belongs to the thread that first
 * touches one of its records, so it can cross a queue untouched; {@link #count()} and {@link
 * #chunkBegin()} do not touch. Any other thread then gets a {@link WrongThreadException}. A batch
 * in an arena may be used by the threads that the arena allows.
 */
public final class RecordBatch implements AutoCloseable, Iterable<MemorySegment> {
  /** The records as one thread, or the threads of an arena, may see them. */
  private record View(MemorySegment data, MemorySegment ends) {
    View {
      data = data.asReadOnly();
      ends = ends.asReadOnly();
    }
  }

  /** Where a batch was decoded to. */
  record Place(
      long chunkBegin, long chunkEnd, int count, long dataOffset, long dataSize, boolean scanned) {

    /** That of the batch that {@code reader} has decoded last. */
    static Place of(NativeReader reader) {
      return new Place(
          reader.batchChunkBegin(),
          reader.batchChunkEnd(),
          Math.toIntExact(reader.batchRecords()),
          reader.batchDataOffset(),
          reader.batchDataSize(),
          reader.batchScanned());
    }

    /** That of a copy which begins where its memory does. */
    Place atBegin() {
      return new Place(chunkBegin, chunkEnd, count, 0, dataSize, scanned);
    }

    Place withScanned(boolean scanned) {
      return new Place(chunkBegin, chunkEnd, count, dataOffset, dataSize, scanned);
    }
  }

  private final Place place;
  private final BatchBuffer.@Nullable Owner pool;

  // Guarded by this, all three, but for reads of a view that is there: it is immutable, and its
  // arena knows whether it is still to be seen.
  private @Nullable BatchBuffer buffer;
  private @Nullable Arena arena;
  private @Nullable View view;

  private RecordBatch(
      Place place,
      @Nullable BatchBuffer buffer,
      BatchBuffer.@Nullable Owner pool,
      @Nullable View view) {
    this.place = place;
    this.buffer = buffer;
    this.pool = pool;
    this.view = view;
  }

  /** A batch in {@code buffer}, which goes back to {@code pool} when the batch is closed. */
  static RecordBatch pooled(Place place, BatchBuffer buffer, BatchBuffer.Owner pool) {
    return new RecordBatch(place, buffer, pool, null);
  }

  /** A batch in memory of the user. */
  static RecordBatch in(MemorySegment ends, MemorySegment data, Place place) {
    View view =
        new View(
            data.asSlice(place.dataOffset(), place.dataSize()),
            ends.asSlice(0, (long) place.count() * Long.BYTES));
    return new RecordBatch(place, null, null, view);
  }

  private View view() {
    View seen = view;
    return seen != null ? seen : bind();
  }

  /** Gives the batch to the current thread. */
  @SuppressWarnings("MustBeClosedChecker") // Closed with the batch.
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
    // The cleanup does nothing when it runs. While it has not, it makes whoever holds a segment of
    // the arena hold the memory, whatever becomes of the reader, and the batch, so that the reader
    // can still end it.
    return part.reinterpret(arena, new Keeper(this, memory));
  }

  private record Keeper(RecordBatch batch, NativeMemory memory) implements Consumer<MemorySegment> {
    @Override
    public void accept(MemorySegment rescoped) {}
  }

  private MemorySegment data(BatchBuffer buffer) {
    return buffer.data().asSlice(place.dataOffset(), place.dataSize());
  }

  private MemorySegment ends(BatchBuffer buffer) {
    return buffer.ends().asSlice(0, (long) place.count() * Long.BYTES);
  }

  /** Where it was decoded to. */
  Place place() {
    return place;
  }

  /**
   * A copy of this batch in memory of the user, which has room for it. The batch is not touched, so
   * that it still belongs to nobody.
   *
   * @throws MemoryFault if that memory is no longer there
   */
  synchronized RecordBatch copyTo(MemorySegment ends, MemorySegment data) throws MemoryFault {
    if (buffer == null) {
      throw closed();
    }
    try {
      ends.copyFrom(ends(buffer));
      data.copyFrom(data(buffer));
      MemoryFault.throwPending();
    } catch (InternalError e) {
      throw MemoryFault.of("memory of an arena that is to be read to", e);
    }
    return in(ends, data, place.atBegin());
  }

  /** This batch if it lives until it is closed; of one in memory of the user a copy that does. */
  RecordBatch kept(BufferPool buffers) {
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

  /** Number of records, at least 1. */
  public int count() {
    return place.count();
  }

  /** Size of its records in bytes, and 8 for each: what it counts where memory is bounded. */
  long byteSize() {
    return place.dataSize() + (long) place.count() * Long.BYTES;
  }

  /** Offset of the chunk in the file in bytes. */
  public long chunkBegin() {
    return place.chunkBegin();
  }

  /** Offset in the file, in bytes, just past the chunk and its padding. */
  long chunkEnd() {
    return place.chunkEnd();
  }

  /**
   * The position of the record at {@code index}, by which {@link RecordReader#seek} finds it again.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public RecordPosition position(int index) {
    Objects.checkIndex(index, place.count());
    return new RecordPosition(place.chunkBegin(), index);
  }

  /**
   * Says whether only a search has found the chunk, with {@link CorruptionStrategy#RECOVER}: that
   * it is part of this file, and not of a record file in one of its records, is then likely but not
   * proven.
   */
  public boolean isScanned() {
    return place.scanned();
  }

  /**
   * The record at {@code index}.
   *
   * @throws IndexOutOfBoundsException if there is none
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if it belongs to another thread
   */
  public MemorySegment get(int index) {
    Objects.checkIndex(index, place.count());
    View seen = view();
    long begin = begin(seen, index);
    return seen.data().asSlice(begin, end(seen, index) - begin);
  }

  /**
   * Where the record at {@code index} begins in {@link #data()}, in bytes. Throws as {@link #get}
   * does.
   */
  public long offset(int index) {
    Objects.checkIndex(index, place.count());
    return begin(view(), index);
  }

  /** Size of the record at {@code index} in bytes. Throws as {@link #get} does. */
  public long length(int index) {
    Objects.checkIndex(index, place.count());
    View seen = view();
    return end(seen, index) - begin(seen, index);
  }

  private static long begin(View view, int index) {
    if (index > 0) {
      return end(view, index - 1);
    }
    // Nothing to read, but a batch that has ended must say so.
    end(view, 0);
    return 0;
  }

  private static long end(View view, int index) {
    return view.ends().getAtIndex(ValueLayout.JAVA_LONG, index);
  }

  /**
   * All records, one after the other, nothing between. What is read past the end of a record is the
   * next one: compare with {@link #length} first.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment data() {
    return view().data();
  }

  /**
   * Where each record ends in {@link #data()}: {@link #count()} {@link ValueLayout#JAVA_LONG
   * longs}, ascending. A record begins where the one before it ends, the first at 0.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment ends() {
    return view().ends();
  }

  /** The records in order. The iterator throws as {@link #get} does. */
  @Override
  public Iterator<MemorySegment> iterator() {
    return new Iterator<>() {
      private int index;

      @Override
      public boolean hasNext() {
        return index < count();
      }

      @Override
      public MemorySegment next() {
        if (index >= count()) {
          throw new NoSuchElementException();
        }
        return get(index++);
      }
    };
  }

  @Override
  public Spliterator<MemorySegment> spliterator() {
    return stream().spliterator();
  }

  /**
   * The records in order. The stream may be parallel only for a batch in a shared or automatic
   * arena.
   */
  public Stream<MemorySegment> stream() {
    return IntStream.range(0, count()).mapToObj(this::get);
  }

  /**
   * Ends the batch: its segments can no longer be used, and its memory is used again. Does nothing
   * if the batch was closed before, or is in an arena of the user.
   *
   * @throws WrongThreadException if the batch belongs to another thread
   * @throws IllegalStateException if a native call of the user is using one of its segments
   */
  @Override
  public synchronized void close() {
    if (buffer == null || pool == null) {
      return;
    }
    // Closed already if that met the end of the stack before.
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
    BatchBuffer given = buffer;
    buffer = null;
    arena = null;
    view = null;
    pool.give(given);
  }

  /** Says whether the memory of the batch went back to its reader. */
  synchronized boolean isClosed() {
    return buffer == null;
  }

  /** Closes the batch if it belongs to nobody or to the current thread. */
  synchronized void closeIfOwned() {
    MemorySegment seen = view == null ? null : view.ends();
    if (seen == null || seen.isAccessibleBy(Thread.currentThread())) {
      close();
    }
  }

  @Override
  public String toString() {
    return "RecordBatch[chunkBegin="
        + place.chunkBegin()
        + ", count="
        + place.count()
        + ", bytes="
        + place.dataSize()
        + "]";
  }
}
