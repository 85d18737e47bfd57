package io.disky.engine;

import io.disky.ffi.disky_picked_chunk;
import io.disky.ffi.disky_picked_record;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Single records of several chunks, for {@link NativeReader#pick}, in memory of the caller: tables
 * of the chunks and of the records, and after these the records. One thread at a time may use it.
 */
public final class ChunkPick {
  private static final long CHUNK = disky_picked_chunk.sizeof();
  private static final long RECORD = disky_picked_record.sizeof();
  private static final long RECORDS = disky_picked_chunk.records$offset();
  private static final long PICKED = disky_picked_chunk.picked$offset();
  private static final long ALIGNMENT = 64;

  private final MemorySegment chunkTable;
  private final MemorySegment recordTable;
  private MemorySegment data;
  private int chunks;
  private int records;

  /**
   * @param memory at least {@link #tableSize} bytes, and the memory for the records
   * @param chunks number of chunks
   * @param records number of records of all chunks together
   */
  public ChunkPick(MemorySegment memory, int chunks, int records) {
    this.chunkTable = memory.asSlice(0, chunks * CHUNK);
    this.recordTable = memory.asSlice(chunks * CHUNK, records * RECORD);
    this.data = memory.asSlice(tableSize(chunks, records));
    this.chunks = chunks;
    this.records = records;
  }

  /**
   * Prepares for another call.
   *
   * @param chunks number of chunks, at most that of the constructor
   * @param records number of records of all chunks together, at most that of the constructor
   * @param data the memory for the records
   */
  public void prepare(int chunks, int records, MemorySegment data) {
    this.chunks = chunks;
    this.records = records;
    this.data = data;
  }

  /** Size of the tables in bytes. */
  public static long tableSize(int chunks, int records) {
    return (chunks * CHUNK + records * RECORD + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Sets a chunk.
   *
   * @param begin offset of the chunk in the file in bytes
   * @param end offset just past it
   * @param records number of records of the chunk
   * @param picked how many of them to read
   */
  public void setChunk(int chunk, long begin, long end, long records, long picked) {
    long at = chunk * CHUNK;
    chunkTable.set(ValueLayout.JAVA_LONG, at + disky_picked_chunk.begin$offset(), begin);
    chunkTable.set(ValueLayout.JAVA_LONG, at + disky_picked_chunk.end$offset(), end);
    chunkTable.set(ValueLayout.JAVA_LONG, at + RECORDS, records);
    chunkTable.set(ValueLayout.JAVA_LONG, at + PICKED, picked);
  }

  /**
   * Sets a record; those of a chunk ascend.
   *
   * @param index the index of the record in its chunk
   */
  public void setRecord(int record, long index) {
    recordTable.set(
        ValueLayout.JAVA_LONG, record * RECORD + disky_picked_record.index$offset(), index);
  }

  /** Where a record that was read begins in {@link #data()}, in bytes. */
  public long offset(int record) {
    return recordTable.get(
        ValueLayout.JAVA_LONG, record * RECORD + disky_picked_record.offset$offset());
  }

  /** Size of a record that was read, in bytes. */
  public long size(int record) {
    return recordTable.get(
        ValueLayout.JAVA_LONG, record * RECORD + disky_picked_record.size$offset());
  }

  /** A copy of a record that was read, on the Java heap. An array must have room for it. */
  public byte[] toArray(int record) {
    byte[] copy = new byte[Math.toIntExact(size(record))];
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset(record), copy, 0, copy.length);
    return copy;
  }

  /** The memory for the records. */
  public MemorySegment data() {
    return data;
  }

  /** Offset of a chunk in the file in bytes. */
  long begin(int chunk) {
    return chunkTable.get(ValueLayout.JAVA_LONG, chunk * CHUNK + disky_picked_chunk.begin$offset());
  }

  /** The offset just past a chunk in bytes. */
  long end(int chunk) {
    return chunkTable.get(ValueLayout.JAVA_LONG, chunk * CHUNK + disky_picked_chunk.end$offset());
  }

  MemorySegment chunkTable() {
    return chunkTable;
  }

  long chunks() {
    return chunks;
  }

  MemorySegment recordTable() {
    return recordTable;
  }

  long records() {
    return records;
  }
}
