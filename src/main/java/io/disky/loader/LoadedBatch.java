package io.disky.loader;

import io.disky.collation.ArrowField;
import io.disky.collation.ColumnLayout;
import io.disky.collation.NativeBuffers;
import io.disky.collation.Offsets;
import io.disky.collation.PaddedRows;
import io.disky.collation.ResultMemory;
import io.disky.collation.Transposition;
import io.disky.loading.FilledBatch;
import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of one step that a loader delivers to its rank, in the order of the epoch, in memory
 * outside the Java heap.
 *
 * <p>A hot loop can avoid an object for each record: it reads {@link #data()} from {@link #offset}
 * on, and must compare with {@link #length} itself. {@link #get} returns a segment of the size of
 * the record, which checks its bounds.
 *
 * <p><b>Forms.</b> The records lie directly one after the other, so
 *
 * <ul>
 *   <li>records of one size are the rows of a {@linkplain #matrix() matrix}, without a copy;
 *   <li>records of different sizes are {@link #data()} and {@link #offsets()} of 64 bits, without a
 *       copy, or {@linkplain #intOffsets() offsets of 32 bits}, or {@linkplain #padded() rows of
 *       one size};
 *   <li>the fields of records of one size can become {@linkplain #columns(StructLayout) columns};
 *   <li>{@link #exportArrow(MemorySegment, MemorySegment)} passes them to code that uses Arrow.
 * </ul>
 *
 * <p>Each of these begins at a multiple of 64 bytes and is outside the Java heap, so that native
 * code can use it without a copy. Methods whose names end with {@code Buffer} return a direct
 * buffer in the byte order of the processor. Segments and buffers of the batch are read-only;
 * results in an arena of the caller are not.
 *
 * <p><b>Alignment.</b> A record can begin at any address: layouts over it must be unaligned, for
 * example {@link ValueLayout#JAVA_LONG_UNALIGNED}, unless {@link #fixedSize()} is a multiple of the
 * alignment.
 *
 * <p><b>Lifetime.</b> A batch lives until it is closed; its memory is then used again. Later, the
 * batch and all of its segments throw an {@link IllegalStateException}. Only the values that
 * describe the complete batch remain: {@link #recordCount()}, {@link #epoch()}, {@link #step()},
 * {@link #firstPosition()}, {@link #paddingCount()}, {@link #skipped()}. Native code that uses the
 * memory must have ended before the batch is closed. {@link #close()} detects running calls through
 * {@link java.lang.foreign.Linker} and exported arrays that were not released, but no other use of
 * an address. A batch that is not closed takes memory until the garbage collector finds it.
 *
 * <p><b>Threads.</b> A batch belongs to the thread that first calls one of its methods, except
 * those that describe the complete batch, {@link #awaitReleased} and {@link #close()}. So a thread
 * can take a batch and pass it to another thread that uses it. After that, any other thread that
 * accesses the batch or its memory gets a {@link WrongThreadException}.
 */
public final class LoadedBatch implements AutoCloseable, Iterable<MemorySegment> {
  private final FilledBatch batch;

  LoadedBatch(FilledBatch batch) {
    this.batch = batch;
  }

  /**
   * Number of records, including padding. It can be 0: if filters left out all records, if no
   * record could be read, or in the last step of an epoch with {@link Remainder#EVEN}.
   */
  public int recordCount() {
    return batch.count();
  }

  /** The epoch, from 0 on. */
  public long epoch() {
    return batch.epoch();
  }

  /**
   * The number of the step in the epoch, from 0 on. A loader that continues from a state, or after
   * {@link DataLoader#seek}, counts on from the position divided by the batch size. With {@link
   * BatchSize#bytes} and {@link BatchSize#cost} a loader counts from 0 at the position at which it
   * was opened or to which it went with {@code seek}, and from 0 in each further epoch: a state has
   * no number of a step, so save your own number with it.
   */
  public long step() {
    return batch.step();
  }

  /**
   * The position in the epoch at which the batch begins. Its records have the positions from this
   * one on, without the positions of records that were filtered or skipped. With {@link
   * BatchSize#bytes} and {@link BatchSize#cost}, records that filters leave out after the last
   * record of a batch belong to this batch: the next batch begins with its first record.
   */
  public long firstPosition() {
    return batch.firstPosition();
  }

  /**
   * Number of records that are padding: they only fill the batch up to its size. They come after
   * all other records.
   */
  public int paddingCount() {
    return batch.paddingCount();
  }

  /**
   * The records that are missing in the batch because they could not be read, in the order of their
   * positions; see {@link LoaderOptions#withMaxSkipped}.
   */
  public List<SkippedRecord> skipped() {
    return batch.skips().stream()
        .map(skip ->
            new SkippedRecord(
                skip.source(), skip.number(), batch.firstPosition() + skip.index(), skip.reason()))
        .toList();
  }

  /**
   * The record at {@code index}.
   *
   * @throws IndexOutOfBoundsException if the batch has no record with this index
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if it belongs to another thread
   */
  public MemorySegment get(int index) {
    return batch.get(index);
  }

  /**
   * Where the record at {@code index} begins in {@link #data()}, in bytes. Throws as {@link #get}
   * does.
   */
  public long offset(int index) {
    return batch.offset(index);
  }

  /** Size of the record at {@code index} in bytes. Throws as {@link #get} does. */
  public long length(int index) {
    return batch.length(index);
  }

  /**
   * The index of the source of the record at {@code index}, among the sources of the loader. Throws
   * as {@link #get} does.
   */
  public int source(int index) {
    return batch.source(index);
  }

  /**
   * The number of the record at {@code index} in its source, from 0 on. Throws as {@link #get}
   * does.
   */
  public long number(int index) {
    return batch.number(index);
  }

  /**
   * The position of the record at {@code index} in the epoch; for padding, a position after the end
   * of the epoch. Throws as {@link #get} does.
   */
  public long position(int index) {
    return batch.position(index);
  }

  /**
   * Whether the record at {@code index} is padding: one of the last {@link #paddingCount()}
   * records, which only fill the batch up to its size. Padding repeats records of the epoch, so an
   * evaluation should not count it. Throws as {@link #get} does.
   */
  public boolean isPadding(int index) {
    return batch.isPadding(index);
  }

  /**
   * The size in bytes that all records of this batch have; empty if their sizes differ or there are
   * no records. Throws as {@link #get} does.
   */
  public OptionalLong fixedSize() {
    return batch.fixedSize();
  }

  /**
   * All records, one directly after the other, aligned to 64 bytes. A read past the end of a record
   * returns bytes of the next record: compare with {@link #length} first.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment data() {
    return batch.data();
  }

  /** A copy of {@link #data()} in {@code arena}. Throws as {@link #matrix(Arena)} does. */
  public MemorySegment data(Arena arena) {
    return in(arena).data();
  }

  /**
   * {@link #data()} as a direct buffer in the byte order of the processor.
   *
   * @throws IllegalStateException if the batch is closed, or if the records together have more than
   *     2<sup>31</sup> - 1 bytes
   */
  public ByteBuffer dataBuffer() {
    return NativeBuffers.of(data());
  }

  /**
   * Where each record ends in {@link #data()}: {@link #recordCount()} {@link ValueLayout#JAVA_LONG
   * longs}, ascending.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment ends() {
    return offsets().asSlice(Long.BYTES);
  }

  /**
   * Where each record begins in {@link #data()}, followed by the end of the last record: {@link
   * #recordCount()} + 1 {@link ValueLayout#JAVA_LONG longs}, aligned to 64 bytes. Together with
   * {@link #data()} this is Arrow's layout {@code large_binary}.
   *
   * @throws IllegalStateException if the batch is closed
   */
  public MemorySegment offsets() {
    return batch.offsets();
  }

  /** A copy of {@link #offsets()} in {@code arena}. Throws as {@link #matrix(Arena)} does. */
  public MemorySegment offsets(Arena arena) {
    return in(arena).offsets();
  }

  /**
   * {@link #offsets()} as {@link ValueLayout#JAVA_INT ints}, aligned to 64 bytes, in memory that
   * lives as long as the batch. Together with {@link #data()} this is Arrow's layout {@code
   * binary}.
   *
   * @throws IllegalStateException if the batch is closed, or if the records together have more than
   *     2<sup>31</sup> - 1 bytes
   * @throws WrongThreadException if the batch belongs to another thread
   */
  public MemorySegment intOffsets() {
    return inBatch().intOffsets();
  }

  /** As {@link #intOffsets()}, in {@code arena}. Throws also as {@link #matrix(Arena)} does. */
  public MemorySegment intOffsets(Arena arena) {
    return in(arena).intOffsets();
  }

  /**
   * The records, which must all have one size, as the rows of a matrix of {@link #recordCount()}
   * times {@link #fixedSize()} bytes: {@link #data()}, aligned to 64 bytes. Nothing is copied. A
   * batch without records is an empty matrix.
   *
   * @throws IllegalStateException if the batch is closed, or if the sizes of records differ; the
   *     message names the first record of another size
   * @throws WrongThreadException if the batch belongs to another thread
   */
  public MemorySegment matrix() {
    requireFixedSize();
    return batch.data();
  }

  /**
   * A copy of {@link #matrix()} in {@code arena}, which lives as long as the arena.
   *
   * @throws IllegalArgumentException if {@code arena} returns other memory than requested
   * @throws IllegalStateException as {@link #matrix()}, or if {@code arena} is closed
   * @throws WrongThreadException if the batch or {@code arena} belongs to another thread
   * @throws java.io.UncheckedIOException if the memory of {@code arena} is a mapped file that was
   *     truncated
   */
  public MemorySegment matrix(Arena arena) {
    Collation collation = in(arena);
    requireFixedSize();
    return collation.data();
  }

  /**
   * {@link #matrix()} as a direct buffer in the byte order of the processor. Throws as {@link
   * #matrix()} does, and an {@link IllegalStateException} if the matrix has more than
   * 2<sup>31</sup> - 1 bytes.
   */
  public ByteBuffer matrixBuffer() {
    return NativeBuffers.of(matrix());
  }

  private void requireFixedSize() {
    if (batch.fixedSize().isPresent()) {
      return;
    }
    for (int i = 1; i < batch.count(); i++) {
      if (batch.length(i) != batch.length(0)) {
        throw new IllegalStateException(
            batch
                + " is not a matrix: record "
                + i
                + " has "
                + batch.length(i)
                + " bytes, record 0 has "
                + batch.length(0)
                + ": use padded, or offsets and data");
      }
    }
  }

  /**
   * The fields of the records as columns, in memory that lives as long as the batch. Each member of
   * {@code layout} is padding, which is left out, or has a name and is a value or a sequence of
   * values. Members may have either byte order; columns have that of the processor.
   *
   * @param layout the layout of each record: its size must be the size of all records. Values
   *     should be unaligned, unless they are aligned within the record
   * @throws IllegalArgumentException if a member has no name or the name of another member, is a
   *     struct, a union or an address, or if all members are padding
   * @throws IllegalStateException if the batch is closed, or if a record does not have the size of
   *     {@code layout}
   * @throws WrongThreadException if the batch belongs to another thread
   */
  public Columns columns(StructLayout layout) {
    Objects.requireNonNull(layout, "layout");
    return inBatch().columns(ColumnLayout.of(layout));
  }

  /**
   * As {@link #columns(StructLayout)}, in {@code arena}: the columns live as long as the arena.
   * Throws also as {@link #matrix(Arena)} does.
   */
  public Columns columns(StructLayout layout, Arena arena) {
    Objects.requireNonNull(layout, "layout");
    return in(arena).columns(ColumnLayout.of(layout));
  }

  /**
   * The records as rows of the size of the largest record: each row is a record and zeros after it.
   * The rows are in memory that lives as long as the batch.
   *
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if it belongs to another thread
   * @throws ArithmeticException if all rows together have more bytes than a long can count
   */
  public PaddedRecords padded() {
    return inBatch().padded(batch.longest());
  }

  /**
   * As {@link #padded()}, with rows of {@code width} bytes.
   *
   * @throws IllegalArgumentException if {@code width} is negative, or a record is larger
   */
  public PaddedRecords padded(long width) {
    return inBatch().padded(width);
  }

  /**
   * As {@link #padded(long)}, in {@code arena}: the rows live as long as the arena. Throws also as
   * {@link #matrix(Arena)} does.
   */
  public PaddedRecords padded(long width, Arena arena) {
    return in(arena).padded(width);
  }

  private Collation inBatch() {
    return new Collation(batch, null);
  }

  private Collation in(Arena arena) {
    return new Collation(batch, Objects.requireNonNull(arena, "arena"));
  }

  /**
   * Exports the records through the Arrow C Data Interface as an array of type {@code
   * large_binary}, without copying anything.
   *
   * <p>The consumer can read the memory of the batch, on any thread, until it calls the {@code
   * release} callback of the array. It may move both structures to other memory first, and it may
   * release the array and the schema in any order. Until the array is released, {@link #close()}
   * throws an {@link IllegalStateException}, and the memory stays as it is even if nothing refers
   * to this batch any more. {@link #awaitReleased} waits for the release. The callbacks are C
   * functions that never call Java. A batch may be exported several times.
   *
   * @param array memory for {@code struct ArrowArray}: 80 bytes, native, aligned to 8 bytes. Its
   *     contents are overwritten. For an address use {@link MemorySegment#reinterpret(long)
   *     MemorySegment.ofAddress(address).reinterpret(80)}
   * @param schema memory for {@code struct ArrowSchema}: 72 bytes, as for {@code array}
   * @throws IllegalArgumentException if {@code array} or {@code schema} is not suitable memory, or
   *     if both overlap
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if the batch, {@code array} or {@code schema} belongs to another
   *     thread
   */
  public void exportArrow(MemorySegment array, MemorySegment schema) {
    exportArrow(array, schema, ArrowType.LARGE_BINARY);
  }

  /**
   * As {@link #exportArrow(MemorySegment, MemorySegment)}, as an array of another type.
   *
   * @throws IllegalStateException also if the records do not have the sizes that {@code type} needs
   */
  public void exportArrow(MemorySegment array, MemorySegment schema, ArrowType type) {
    Objects.requireNonNull(array, "array");
    Objects.requireNonNull(schema, "schema");
    batch.export(arrowField(Objects.requireNonNull(type, "type")), array, schema);
  }

  private ArrowField arrowField(ArrowType type) {
    int count = batch.count();
    long offsets = batch.offsets().address();
    // Some consumers refuse 0 as the address of values, even if they have no bytes.
    long data = batch.size() == 0 ? offsets : batch.data().address();
    return switch (type) {
      case LARGE_BINARY -> ArrowField.largeBinary(count, offsets, data);
      case BINARY -> ArrowField.binary(count, intOffsets().address(), data);
      case FIXED_SIZE_BINARY -> ArrowField.fixedSizeBinary(count, arrowSize(), data);
    };
  }

  private int arrowSize() {
    requireFixedSize();
    long size = batch.fixedSize().orElse(0);
    if (size == 0 || size > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          batch
              + (batch.count() == 0 ? " has no records" : " has records of " + size + " bytes")
              + ", but sizes in Arrow's type fixed_size_binary are 1 to "
              + Integer.MAX_VALUE
              + ": use LARGE_BINARY");
    }
    return (int) size;
  }

  /**
   * Waits until the consumers of all exported arrays have released them. Any thread may call this.
   *
   * @param timeout the longest time to wait; with zero or less, this method does not wait
   * @return whether all arrays were released; true if nothing was exported
   * @throws InterruptedException if the current thread is interrupted while it waits
   */
  public boolean awaitReleased(Duration timeout) throws InterruptedException {
    Objects.requireNonNull(timeout, "timeout");
    return batch.awaitReleased(timeout);
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
   * The records in order. The stream must not be made parallel, because the batch belongs to one
   * thread. Throws as {@link #get} does.
   */
  public Stream<MemorySegment> stream() {
    return IntStream.range(0, recordCount()).mapToObj(this::get);
  }

  /**
   * Ends the batch: its segments can no longer be used, and its memory is used again. Does nothing
   * if the batch was closed before. If nobody has used its records, any thread can close it.
   *
   * @throws WrongThreadException if the batch belongs to another thread
   * @throws IllegalStateException if an exported array was not released, or a native call of the
   *     user is using one of the segments. The batch then stays open and can be closed later
   */
  @Override
  public void close() {
    batch.close();
  }

  @Override
  public String toString() {
    return "LoadedBatch[epoch="
        + epoch()
        + ", step="
        + step()
        + ", firstPosition="
        + firstPosition()
        + ", recordCount="
        + recordCount()
        + ", bytes="
        + batch.size()
        + "]";
  }

  /** Gives the records of a batch another form, in memory of the batch or of an arena. */
  private static final class Collation {
    private final FilledBatch batch;
    private final @Nullable Arena arena;

    /**
     * @param arena where results are; {@code null} for memory that lives as long as the batch
     */
    Collation(FilledBatch batch, @Nullable Arena arena) {
      this.batch = batch;
      this.arena = arena;
    }

    /** A copy of all records. */
    MemorySegment data() {
      return copy(batch.data());
    }

    /** A copy of the offsets, as longs. */
    MemorySegment offsets() {
      return copy(batch.offsets());
    }

    private MemorySegment copy(MemorySegment from) {
      return filled(from.byteSize(), result -> result.filled().copyFrom(from)).shown();
    }

    /** The offsets as ints. */
    MemorySegment intOffsets() {
      MemorySegment offsets = batch.offsets();
      Offsets.requireInts(batch.size(), batch.toString());
      int count = batch.count() + 1;
      return filled(
              (long) count * Integer.BYTES,
              result -> Offsets.narrow(offsets, count, result.filled()))
          .shown();
    }

    /** Rows of {@code width} bytes. */
    PaddedRecords padded(long width) {
      MemorySegment data = batch.data();
      MemorySegment offsets = batch.offsets();
      requireWidth(width);
      int count = batch.count();
      long rows = Math.multiplyExact(count, width);
      long lengths = (long) count * Long.BYTES;
      long begin = ResultMemory.aligned(rows);
      ResultMemory memory =
          filled(
              Math.addExact(begin, lengths),
              result ->
                  PaddedRows.copy(
                      data,
                      offsets,
                      count,
                      width,
                      result.filled().asSlice(0, rows),
                      result.filled().asSlice(begin, lengths)));
      return new PaddedRecords(
          memory.part(0, rows).shown(), width, memory.part(begin, lengths).shown());
    }

    private void requireWidth(long width) {
      if (width < 0) {
        throw new IllegalArgumentException("the width is negative: " + width);
      }
      for (int i = 0; width < batch.longest() && i < batch.count(); i++) {
        if (batch.length(i) > width) {
          throw new IllegalArgumentException(
              "record "
                  + i
                  + " of "
                  + batch
                  + " has "
                  + batch.length(i)
                  + " bytes, more than the width of "
                  + width
                  + ": choose a width of at least "
                  + batch.longest());
        }
      }
    }

    /** Columns of the fields of {@code layout}. */
    Columns columns(ColumnLayout layout) {
      MemorySegment data = batch.data();
      int rows = batch.count();
      requireSize(layout.recordSize());
      ResultMemory memory =
          filled(
              layout.begins(rows)[layout.columns().size()],
              result -> Transposition.copy(data, rows, layout, result.filled()));
      return new Columns(layout, rows, memory.shown(), arena == null ? batch : null);
    }

    private void requireSize(long size) {
      for (int i = 0; i < batch.count() && !hasSize(size); i++) {
        if (batch.length(i) != size) {
          throw new IllegalStateException(
              "record "
                  + i
                  + " of "
                  + batch
                  + " has "
                  + batch.length(i)
                  + " bytes, but the layout has "
                  + size
                  + ": all records must have the size of the layout");
        }
      }
    }

    private boolean hasSize(long size) {
      return batch.fixedSize().orElse(-1) == size;
    }

    private ResultMemory filled(long size, Consumer<ResultMemory> fill) {
      if (arena == null) {
        ResultMemory result = batch.allocate(size);
        fill.accept(result);
        return result;
      }
      ResultMemory result = ResultMemory.of(arena, size);
      try {
        fill.accept(result);
        PendingFault.raise();
      } catch (InternalError e) {
        throw new UncheckedIOException(MemoryFault.of("memory of an arena for records", e));
      }
      return result;
    }
  }
}
