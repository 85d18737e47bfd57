package io.disky.loading;

import io.disky.memory.BatchBuffer;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Copies records into a buffer, which then becomes a {@link FilledBatch}. After {@link #finish} or
 * {@link #abandon} the next batch can begin. Adding a record allocates nothing on the Java heap.
 * For one thread at a time.
 */
public final class BatchFill {
  /** The largest number of records of a batch. */
  public static final int MOST_RECORDS = BatchTable.MOST_RECORDS;

  /** The memory that a batch takes for each record in addition to its bytes, in bytes. */
  public static final int RECORD_ENTRY = BatchTable.RECORD_ENTRY;

  private @Nullable BatchBuffer buffer;
  private BatchTable layout = new BatchTable(0);
  private MemorySegment table = MemorySegment.NULL;
  private MemorySegment data = MemorySegment.NULL;
  private long epoch;
  private long step;
  private long position;
  private int count;
  private int padding;
  private long size;

  // The size of the first record, whether all other ones have the same, and the largest size.
  private long firstSize;
  private boolean sameSize;
  private long longest;

  // Created by the first record that is skipped.
  private @Nullable List<FilledBatch.Skip> skips;

  /** No batch has begun. */
  public BatchFill() {}

  /**
   * Begins a batch in {@code into}, whose contents are lost.
   *
   * @param position the first position of the batch in the epoch
   * @param most the largest number of records that will be added; at most {@link #MOST_RECORDS}
   */
  public void begin(BatchBuffer into, long epoch, long step, long position, int most) {
    if (buffer != null) {
      throw new IllegalStateException("the batch before was neither finished nor abandoned");
    }
    if (most < 0 || most > MOST_RECORDS) {
      throw new IllegalArgumentException(
          "a batch of " + most + " records: it can have 0 to " + MOST_RECORDS);
    }
    if (layout.most() != most) {
      layout = new BatchTable(most);
    }
    into.reserve(layout.longs(), 0);
    buffer = into;
    table = into.ends();
    data = into.data();
    this.epoch = epoch;
    this.step = step;
    this.position = position;
    count = 0;
    padding = 0;
    size = 0;
    longest = 0;
    skips = null;
    BatchTable.setOffset(table, 0, 0);
  }

  /**
   * Makes room for further records with {@code bytes} bytes in total, so that adding them does not
   * move the records before them. Without this call, {@link #add} makes room when it needs it.
   */
  public void reserve(long bytes) {
    BatchBuffer into = begun();
    long needed = Math.addExact(size, bytes);
    if (needed > data.byteSize()) {
      into.grow(needed, size);
      data = into.data();
    }
  }

  /**
   * Adds a record: copies {@code bytes} bytes of {@code from}. If {@code from} can be memory of the
   * user, the caller must call {@link io.disky.memory.PendingFault#raise} before it passes on the
   * batch.
   *
   * @param source the index of the source, at least 0
   * @param number the number of the record in its source
   * @param index the position of the record in the epoch minus the first position of the batch
   */
  public void add(MemorySegment from, long offset, long bytes, int source, long number, int index) {
    append(from, offset, bytes, source, false, number, index);
  }

  private void append(
      MemorySegment from,
      long offset,
      long bytes,
      int source,
      boolean isPadding,
      long number,
      int index) {
    checkNext(isPadding);
    if (bytes > data.byteSize() - size) {
      // At least half of the size so far, so that records are moved a few times only.
      reserve(Math.max(bytes, size / 2));
    }
    MemorySegment.copy(from, offset, data, size, bytes); // may fail, and then nothing is added
    put(bytes, source, isPadding, number, index);
  }

  /**
   * Adds records that lie directly one after the other, as {@link #add} does.
   *
   * @param place the index of the first record in {@code from}
   * @param records number of records, at least 1
   * @param number the number of the first record; the others have the following numbers
   * @param index the index of the first record; the others have the following positions
   */
  public void addRun(RecordsHold from, int place, int records, int source, long number, int index) {
    if (records > layout.most() - count || padding > 0) {
      throw new IllegalStateException(
          "no room for " + records + " records after " + count + " of " + layout.most());
    }
    long begin = from.offset(place);
    int last = place + records - 1;
    long bytes = from.offset(last) + from.size(last) - begin;
    if (bytes > data.byteSize() - size) {
      reserve(Math.max(bytes, size / 2));
    }
    MemorySegment.copy(from.part(place), begin, data, size, bytes);
    layout.setRun(table, count, records, source, number, index);
    long end = size;
    for (int i = 0; i < records; i++) {
      long one = from.size(place + i);
      end += one;
      BatchTable.setOffset(table, count + i + 1, end);
      noteSize(one, count + i == 0);
    }
    count += records;
    size = end;
  }

  private void noteSize(long bytes, boolean first) {
    if (first) {
      firstSize = bytes;
      sameSize = true;
    } else if (bytes != firstSize) {
      sameSize = false;
    }
    longest = Math.max(longest, bytes);
  }

  /**
   * Adds a record as {@link #add} does, as padding. After it, only further padding can be added.
   */
  public void addPadding(
      MemorySegment from, long offset, long bytes, int source, long number, int index) {
    append(from, offset, bytes, source, true, number, index);
  }

  /**
   * Adds a record without its bytes; {@link #copyTo} copies them later. The caller must have made
   * room for all such records with {@link #reserve}.
   */
  public void place(long bytes, int source, boolean isPadding, long number, int index) {
    checkNext(isPadding);
    if (bytes > data.byteSize() - size) {
      throw new IllegalStateException("the batch has no room for a record after its " + count);
    }
    put(bytes, source, isPadding, number, index);
  }

  private void checkNext(boolean isPadding) {
    if (count == layout.most()) {
      throw new IllegalStateException("the batch has all of its " + count + " records");
    }
    if (padding > 0 && !isPadding) {
      throw new IllegalStateException("padding comes after all other records of a batch");
    }
  }

  private void put(long bytes, int source, boolean isPadding, long number, int index) {
    size += bytes;
    layout.set(table, count, source, isPadding, number, index);
    count++;
    padding += isPadding ? 1 : 0;
    BatchTable.setOffset(table, count, size);
    noteSize(bytes, count == 1);
  }

  /** Copies the bytes of the record at index {@code at}, which was {@linkplain #place placed}. */
  public void copyTo(int at, MemorySegment from, long offset) {
    long begin = BatchTable.offset(table, at);
    MemorySegment.copy(from, offset, data, begin, BatchTable.offset(table, at + 1) - begin);
  }

  /** Records that a record is missing because it could not be read. */
  public void skip(int source, long number, int index, IOException reason) {
    begun();
    if (skips == null) {
      skips = new ArrayList<>();
    }
    skips.add(new FilledBatch.Skip(source, number, index, reason));
  }

  /** Number of records so far. */
  public int count() {
    return count;
  }

  /** Size of the records so far in bytes. */
  public long size() {
    return size;
  }

  /**
   * Ends the batch.
   *
   * @param owner takes the buffer back when the batch is closed
   */
  public FilledBatch finish(BatchBuffer.Owner owner) {
    BatchBuffer filled = begun();
    // The chunk takes all numbers of the table for end offsets.
    ChunkPlace place = new ChunkPlace(position, position, layout.longs(), 0, size, false);
    FilledBatch batch =
        new FilledBatch(
            DecodedChunk.pooled(place, filled, owner),
            layout,
            new FilledBatch.Facts(
                epoch, step, position, count, padding, size, fixedSize(), longest, memory(filled)),
            skips == null ? List.of() : List.copyOf(skips));
    end();
    return batch;
  }

  private OptionalLong fixedSize() {
    return count > 0 && sameSize ? OptionalLong.of(firstSize) : OptionalLong.empty();
  }

  private static long memory(BatchBuffer buffer) {
    return buffer.endsMemory().size() + buffer.dataMemory().size();
  }

  /** Ends the batch without a result; returns the buffer. */
  public BatchBuffer abandon() {
    BatchBuffer unfilled = begun();
    end();
    return unfilled;
  }

  private void end() {
    buffer = null;
    table = MemorySegment.NULL;
    data = MemorySegment.NULL;
    skips = null;
  }

  private BatchBuffer begun() {
    return Objects.requireNonNull(buffer, "no batch has begun");
  }
}
