package io.disky;

import io.disky.memory.DecodedChunk;
import io.disky.reading.StreamedBatches;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a chunk, in memory outside the Java heap.
 *
 * <p>A hot loop needs no object per record. The records lie in one segment, so the loop itself must
 * check that it reads inside the record:
 *
 * {@snippet :
 * MemorySegment data = batch.data();
 * for (int i = 0; i < batch.recordCount(); i++) {
 *   if (batch.length(i) < Integer.BYTES) {
 *     throw new IOException("record " + i + " has only " + batch.length(i) + " bytes");
 *   }
 *   sum += data.get(JAVA_INT_UNALIGNED, batch.offset(i));
 * }
 * }
 *
 * <p>{@link #get} returns a segment of the record's size, which checks its bounds itself.
 *
 * <p><b>Alignment.</b> A record begins at any address: layouts over it must be unaligned, for
 * example {@link ValueLayout#JAVA_LONG_UNALIGNED}. With {@link ReaderOptions#withDataAlignment} the
 * first record is aligned; if {@link #fixedSize()} is a multiple of the alignment, all records are.
 * All segments are read-only.
 *
 * <p><b>Lifetime.</b> A batch of {@link RecordReader#nextBatch()} lives until it is closed, or its
 * reader is closed by the thread that the batch belongs to; its memory is then used again. Using it
 * or any of its segments later is an {@link IllegalStateException}. A batch of {@link
 * RecordReader#nextBatch(Arena)} lives as long as that arena; closing the batch does nothing. A
 * batch that is forgotten costs memory until the garbage collector finds it.
 *
 * <p><b>Threads.</b> A batch of {@link RecordReader#nextBatch()} belongs to the thread that first
 * touches one of its records, so it can cross a queue untouched; {@link #recordCount()} and {@link
 * #chunkBegin()} do not touch. Any other thread then gets a {@link WrongThreadException}. A batch
 * in an arena may be used by the threads that the arena allows.
 */
public final class RecordBatch implements AutoCloseable, Iterable<MemorySegment> {
  private final DecodedChunk chunk;
  private final @Nullable StreamedBatches stream;

  RecordBatch(DecodedChunk chunk) {
    this(chunk, null);
  }

  /**
   * A batch of {@code chunk}.
   *
   * @param stream counts the batch as an open batch of a stream, until it is closed
   */
  RecordBatch(DecodedChunk chunk, @Nullable StreamedBatches stream) {
    this.chunk = chunk;
    this.stream = stream;
    if (stream != null) {
      stream.handOut();
    }
  }

  static @Nullable RecordBatch of(@Nullable DecodedChunk chunk) {
    return chunk == null ? null : new RecordBatch(chunk);
  }

  DecodedChunk chunk() {
    return chunk;
  }

  /** Number of records, at least 1. */
  public int recordCount() {
    return chunk.count();
  }

  /** Offset of the chunk in the file in bytes. */
  public long chunkBegin() {
    return chunk.place().chunkBegin();
  }

  /**
   * The position of the record at {@code index}, for {@link RecordReader#seek}.
   *
   * @throws IndexOutOfBoundsException if the batch has no record with this index
   */
  public RecordPosition position(int index) {
    Objects.checkIndex(index, recordCount());
    return new RecordPosition(chunk.place().chunkBegin(), index);
  }

  /**
   * Returns whether only a search has found the chunk, with {@link CorruptionStrategy#RECOVER}. The
   * chunk is then likely part of this file, but might belong to a record file inside one of its
   * records.
   */
  public boolean isScanned() {
    return chunk.place().scanned();
  }

  /**
   * The record at {@code index}.
   *
   * @throws IndexOutOfBoundsException if the batch has no record with this index
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if it belongs to another thread
   */
  public MemorySegment get(int index) {
    return chunk.get(index);
  }

  /**
   * Where the record at {@code index} begins in {@link #data()}, in bytes. Throws as {@link #get}
   * does.
   */
  public long offset(int index) {
    return chunk.offset(index);
  }

  /** Size of the record at {@code index} in bytes. Throws as {@link #get} does. */
  public long length(int index) {
    return chunk.length(index);
  }

  /**
   * The size in bytes that all records of this batch have; empty if their sizes differ. The record
   * at {@code index} then begins at {@code index * size} in {@link #data()}. The first call
   * compares the sizes; later calls return the result. Throws as {@link #get} does.
   */
  public OptionalLong fixedSize() {
    return chunk.fixedSize();
  }

  /**
   * All records, one directly after the other. A read past the end of a record returns bytes of the
   * next one: compare with {@link #length} first.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment data() {
    return chunk.data();
  }

  /**
   * Where each record ends in {@link #data()}: {@link #recordCount()} {@link ValueLayout#JAVA_LONG
   * longs}, ascending. A record begins where the one before it ends, the first at 0.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment ends() {
    return chunk.ends();
  }

  /** The records in order. The iterator throws as {@link #get} does. */
  @Override
  public Iterator<MemorySegment> iterator() {
    return new Iterator<>() {
      private int index;

      @Override
      public boolean hasNext() {
        return index < recordCount();
      }

      @Override
      public MemorySegment next() {
        if (index >= recordCount()) {
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
    return IntStream.range(0, recordCount()).mapToObj(this::get);
  }

  /**
   * Ends the batch: its segments can no longer be used, and its memory is used again. Does nothing
   * if the batch was closed before, or is in an arena of the user.
   *
   * @throws WrongThreadException if the batch belongs to another thread
   * @throws IllegalStateException if a native call of the user is using one of its segments
   */
  @Override
  public void close() {
    boolean ended = chunk.end();
    if (stream != null && ended) {
      stream.close();
    }
  }

  @Override
  public String toString() {
    return "RecordBatch[chunkBegin="
        + chunk.place().chunkBegin()
        + ", recordCount="
        + chunk.count()
        + ", bytes="
        + chunk.place().dataSize()
        + "]";
  }
}
