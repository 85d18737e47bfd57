package io.disky.loading;

import io.disky.collation.ArrowExport;
import io.disky.collation.ArrowField;
import io.disky.collation.ResultMemory;
import io.disky.memory.DecodedChunk;
import io.disky.memory.KeptMemory;
import io.disky.memory.MemoryLoan;
import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * The records of a batch with their numbers, sources and positions, in memory outside the Java
 * heap. The memory belongs to the thread that first accesses it, as that of a {@link DecodedChunk}.
 * After the batch is closed, every access throws an {@link IllegalStateException}.
 */
public final class FilledBatch implements AutoCloseable {
  private static final long POLL_MILLIS = 1;

  /**
   * A record that is missing because it could not be read.
   *
   * @param index the position of the record in the epoch minus the first position of the batch
   */
  public record Skip(int source, long number, int index, IOException reason) {}

  /**
   * The values that describe the complete batch. They do not need the memory of the batch.
   *
   * @param fixedSize the size that all records have; empty if they differ, or there are none
   * @param longest size of the largest record, 0 if there are none
   * @param memory the memory of the buffer in bytes, which is at least the size of its contents
   */
  record Facts(
      long epoch,
      long step,
      long position,
      int count,
      int padding,
      long size,
      OptionalLong fixedSize,
      long longest,
      long memory) {}

  /** Memory for a result that was computed from the records. */
  private record Result(NativeMemory memory, MemoryLoan loan, MemorySegment shown) {
    void end() {
      if (shown.scope().isAlive()) {
        loan.close();
      }
      KeptMemory.give(memory);
    }
  }

  // The chunk stores the table as its end offsets.
  private final DecodedChunk chunk;
  private final BatchTable layout;
  private final Facts facts;
  private final List<Skip> skips;

  // Read without a lock: the memory throws in any other thread than the owner.
  private boolean ended;

  // This object's monitor guards these two lists.
  private final List<Result> results = new ArrayList<>(0);
  private final List<ArrowExport> exports = new ArrayList<>(0);

  FilledBatch(DecodedChunk chunk, BatchTable layout, Facts facts, List<Skip> skips) {
    this.chunk = chunk;
    this.layout = layout;
    this.facts = facts;
    this.skips = skips;
  }

  /** Number of records; may be 0. */
  public int count() {
    return facts.count;
  }

  /** Size of all records together in bytes. */
  public long size() {
    return facts.size;
  }

  /** The epoch. */
  public long epoch() {
    return facts.epoch;
  }

  /** The step in the epoch. */
  public long step() {
    return facts.step;
  }

  /** The position in the epoch from which the positions of the records are counted. */
  public long firstPosition() {
    return facts.position;
  }

  /** Number of records that are padding. */
  public int paddingCount() {
    return facts.padding;
  }

  /** Size of the largest record in bytes; 0 if there are none. */
  public long longest() {
    return facts.longest;
  }

  /** The records that are missing because they could not be read. */
  public List<Skip> skips() {
    return skips;
  }

  /** The memory of the buffer in bytes. */
  public long memory() {
    return facts.memory;
  }

  private MemorySegment table() {
    if (ended) {
      throw closed();
    }
    return chunk.ends();
  }

  private IllegalStateException closed() {
    return new IllegalStateException(this + " is closed, or its loader is");
  }

  /**
   * The size that all records have; empty if they differ, or there are none. Throws as {@link #get}
   * does.
   */
  public OptionalLong fixedSize() {
    BatchTable.offset(table(), 0); // A batch that has ended must throw.
    return facts.fixedSize;
  }

  /**
   * The record at {@code index}.
   *
   * @throws IndexOutOfBoundsException if the batch has no record with this index
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if it belongs to another thread
   */
  public MemorySegment get(int index) {
    Objects.checkIndex(index, facts.count);
    MemorySegment table = table();
    long begin = BatchTable.offset(table, index);
    return chunk.data().asSlice(begin, BatchTable.offset(table, index + 1) - begin);
  }

  /** Where the record begins in {@link #data()}, in bytes. Throws as {@link #get} does. */
  public long offset(int index) {
    Objects.checkIndex(index, facts.count);
    return BatchTable.offset(table(), index);
  }

  /** Size of the record in bytes. Throws as {@link #get} does. */
  public long length(int index) {
    Objects.checkIndex(index, facts.count);
    MemorySegment table = table();
    return BatchTable.offset(table, index + 1) - BatchTable.offset(table, index);
  }

  /** The source of the record. Throws as {@link #get} does. */
  public int source(int index) {
    Objects.checkIndex(index, facts.count);
    return layout.source(table(), index);
  }

  /** The number of the record in its source. Throws as {@link #get} does. */
  public long number(int index) {
    Objects.checkIndex(index, facts.count);
    return layout.number(table(), index);
  }

  /** The position of the record in the epoch. Throws as {@link #get} does. */
  public long position(int index) {
    Objects.checkIndex(index, facts.count);
    return facts.position + layout.index(table(), index);
  }

  /** Whether the record is padding. Throws as {@link #get} does. */
  public boolean isPadding(int index) {
    Objects.checkIndex(index, facts.count);
    return layout.isPadding(table(), index);
  }

  /** All records, one after the other, aligned to 64 bytes. Throws as {@link #get} does. */
  public MemorySegment data() {
    table();
    return chunk.data();
  }

  /**
   * Where each record begins in {@link #data()}, followed by the end of the last record, as longs,
   * aligned to 64 bytes. Throws as {@link #get} does.
   */
  public MemorySegment offsets() {
    return table().asSlice(0, (facts.count + 1L) * Long.BYTES);
  }

  /** Memory of {@code size} bytes that lives as long as the batch. Throws as {@link #get} does. */
  public ResultMemory allocate(long size) {
    BatchTable.offset(table(), 0); // Only the owner may allocate.
    NativeMemory memory = KeptMemory.takeOrAllocate(Math.max(size, ResultMemory.ALIGNMENT));
    MemorySegment part = memory.segment().asSlice(0, size);
    MemoryLoan loan = new MemoryLoan(memory, part);
    MemorySegment shown = loan.slice(0, size);
    synchronized (this) {
      results.add(new Result(memory, loan, shown));
    }
    return new ResultMemory(part, shown);
  }

  /**
   * Exports memory of this batch as the structures of the Arrow C Data Interface. Until their
   * consumer has released the array, the batch cannot be closed.
   *
   * @throws IllegalStateException if the batch is closed
   * @throws WrongThreadException if it belongs to another thread
   * @throws IllegalArgumentException if {@code array} or {@code schema} is not suitable memory
   */
  public void export(ArrowField field, MemorySegment array, MemorySegment schema) {
    BatchTable.offset(table(), 0); // Only the owner may export.
    synchronized (this) {
      exports.add(ArrowExport.export(field, this, array, schema));
    }
  }

  /** Whether all exported arrays were released. */
  public synchronized boolean isReleased() {
    if (!exports.isEmpty()) {
      ArrowExport.endReleased();
      exports.removeIf(ArrowExport::isReleased);
    }
    return exports.isEmpty();
  }

  /**
   * Waits until all exported arrays were released; returns whether they were.
   *
   * @param timeout the longest time to wait
   */
  public boolean awaitReleased(Duration timeout) throws InterruptedException {
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    long begin = System.nanoTime();
    while (!isReleased()) {
      if (System.nanoTime() - begin >= nanos) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  /**
   * Ends the batch: its segments can no longer be used, and its memory is used again. Does nothing
   * if the batch was closed before.
   *
   * @throws WrongThreadException if the batch belongs to another thread
   * @throws IllegalStateException if an exported array was not released, or a native call of the
   *     user is using a segment
   */
  @Override
  public synchronized void close() {
    if (!isReleased()) {
      throw new IllegalStateException(
          this
              + " is exported to Arrow, and its consumer has not released "
              + exports.size()
              + (exports.size() == 1 ? " array" : " arrays")
              + ": close what imported them first, or wait with awaitReleased");
    }
    end();
  }

  /** Closes the batch if it belongs to no thread or to the current one, and is not exported. */
  public synchronized void closeIfOwned() {
    boolean foreign =
        !results.isEmpty() && !results.getFirst().shown().isAccessibleBy(Thread.currentThread());
    if (foreign || !isReleased()) {
      return;
    }
    endResults();
    chunk.closeIfOwned();
    ended = chunk.isClosed();
  }

  private void end() {
    endResults();
    chunk.end();
    ended = true;
  }

  private void endResults() {
    while (!results.isEmpty()) {
      results.getLast().end();
      results.removeLast();
    }
  }

  /** Whether the batch was closed. */
  public boolean isClosed() {
    return chunk.isClosed();
  }

  @Override
  public String toString() {
    return "the batch of step " + facts.step + " of epoch " + facts.epoch;
  }
}
