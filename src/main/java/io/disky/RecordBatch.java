package io.disky;

import io.disky.memory.DecodedChunk;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
  private final DecodedChunk chunk;

  RecordBatch(DecodedChunk chunk) {
    this.chunk = chunk;
  }

  DecodedChunk chunk() {
    return chunk;
  }

  /** Number of records, at least 1. */
  public int count() {
    return chunk.count();
  }

  /** Offset of the chunk in the file in bytes. */
  public long chunkBegin() {
    return chunk.place().chunkBegin();
  }

  /**
   * The position of the record at {@code index}, by which {@link RecordReader#seek} finds it again.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public RecordPosition position(int index) {
    Objects.checkIndex(index, count());
    return new RecordPosition(chunk.place().chunkBegin(), index);
  }

  /**
   * Says whether only a search has found the chunk, with {@link CorruptionStrategy#RECOVER}: that
   * it is part of this file, and not of a record file in one of its records, is then likely but not
   * proven.
   */
  public boolean isScanned() {
    return chunk.place().scanned();
  }

  /**
   * The record at {@code index}.
   *
   * @throws IndexOutOfBoundsException if there is none
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
   * All records, one after the other, nothing between. What is read past the end of a record is the
   * next one: compare with {@link #length} first.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment data() {
    return chunk.data();
  }

  /**
   * Where each record ends in {@link #data()}: {@link #count()} {@link ValueLayout#JAVA_LONG
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
  public void close() {
    chunk.close();
  }

  @Override
  public String toString() {
    return "RecordBatch[chunkBegin="
        + chunk.place().chunkBegin()
        + ", count="
        + chunk.count()
        + ", bytes="
        + chunk.place().dataSize()
        + "]";
  }
}
