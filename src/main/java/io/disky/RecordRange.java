package io.disky;

import io.disky.memory.DecodedChunk;
import io.disky.threads.OwnerThread;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive records of a {@link RandomAccessReader}, in its decoded chunks, without a copy. Until
 * the range is closed, all chunks that hold these records stay in memory.
 *
 * <p><b>Alignment.</b> A record begins at any address: layouts over it must be unaligned, {@link
 * ValueLayout#JAVA_LONG_UNALIGNED} for example. All segments are read-only.
 *
 * <p><b>Lifetime.</b> A range lives until it is closed, even if its reader is closed before. Using
 * it or any of its segments later is an {@link IllegalStateException}. A range that is forgotten
 * costs memory until the garbage collector finds it.
 *
 * <p><b>Threads.</b> A range belongs to the thread that first touches one of its records, so it can
 * cross a queue untouched; {@link #recordCount()} and {@link #first()} do not touch. Any other
 * thread then gets a {@link WrongThreadException}.
 */
public final class RecordRange implements AutoCloseable, Iterable<MemorySegment> {
  private final OwnerThread owner = new OwnerThread("the range of records");
  private final long first;
  private final int count;
  private final List<DecodedChunk> chunks;
  private final int[] begins; // of each chunk, counted from the first record; the first at most 0

  // Where the last record was found: the next one is likely there.
  private int last;

  private RecordRange(long first, int count, List<DecodedChunk> chunks, int[] begins) {
    this.first = first;
    this.count = count;
    this.chunks = chunks;
    this.begins = begins;
  }

  /**
   * The records from {@code first} on that are in {@code chunks}.
   *
   * @param before how many records of the first chunk come before {@code first}
   */
  static RecordRange of(long first, int count, List<DecodedChunk> chunks, int before) {
    int[] begins = new int[chunks.size()];
    int begin = -before;
    for (int i = 0; i < begins.length; i++) {
      begins[i] = begin;
      begin += chunks.get(i).count();
    }
    return new RecordRange(first, count, chunks, begins);
  }

  /** The number of the first record in the sequence of the reader. */
  public long first() {
    return first;
  }

  /** Number of records. */
  public int recordCount() {
    return count;
  }

  /**
   * A record.
   *
   * @param index counted from {@link #first()}
   * @throws IndexOutOfBoundsException if the range has no record with this index
   * @throws IllegalStateException if the range is closed
   * @throws WrongThreadException if it belongs to another thread
   */
  public MemorySegment get(int index) {
    Objects.checkIndex(index, count);
    owner.check();
    int chunk = find(index);
    return chunks.get(chunk).get(index - begins[chunk]);
  }

  private int find(int index) {
    int chunk = last;
    boolean here =
        begins[chunk] <= index && (chunk + 1 == begins.length || index < begins[chunk + 1]);
    if (!here) {
      chunk = search(index);
      last = chunk;
    }
    return chunk;
  }

  private int search(int index) {
    int low = 0;
    int high = begins.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (begins[middle] <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The records in order. The iterator throws as {@link #get} does. */
  @Override
  public Iterator<MemorySegment> iterator() {
    return new Iterator<>() {
      private int index;

      @Override
      public boolean hasNext() {
        return index < count;
      }

      @Override
      public MemorySegment next() {
        if (index >= count) {
          throw new NoSuchElementException();
        }
        return get(index++);
      }
    };
  }

  /** The records in order, as a stream that is not parallel. */
  public Stream<MemorySegment> stream() {
    return IntStream.range(0, count).mapToObj(this::get);
  }

  /**
   * Ends the range: its segments can no longer be used. Does nothing if it was closed before.
   *
   * @throws WrongThreadException if the range belongs to another thread
   * @throws IllegalStateException if a native call of the user is using one of its segments; the
   *     chunk of that segment stays in memory until the range is closed again
   */
  @Override
  public void close() {
    owner.check();
    IllegalStateException inUse = null;
    for (DecodedChunk chunk : chunks) {
      try {
        chunk.close();
      } catch (IllegalStateException e) {
        inUse = first(inUse, e);
      }
    }
    if (inUse != null) {
      throw inUse;
    }
  }

  private static IllegalStateException first(
      @Nullable IllegalStateException earlier, IllegalStateException failure) {
    if (earlier == null) {
      return failure;
    }
    earlier.addSuppressed(failure);
    return earlier;
  }

  @Override
  public String toString() {
    return "RecordRange[first=" + first + ", recordCount=" + count + "]";
  }
}
