package io.disky.engine;

import io.disky.engine.Step.Outcome;
import io.disky.ffi.disky_batch;
import io.disky.ffi.disky_h;
import java.lang.foreign.MemorySegment;

/**
 * Decodes chunks at stated places, one after the other, as {@link NativeReader#seek} and {@link
 * NativeReader#tryNext} do, but without objects for each chunk. One thread at a time may use it,
 * and nobody else may use its reader meanwhile.
 */
public final class ChunkRead {
  private final NativeReader reader;
  private final NativeHandle.Call seek = this::seek;
  private final NativeHandle.Call next = this::next;
  private long begin;
  private long end;
  private MemorySegment ends = MemorySegment.NULL;
  private MemorySegment data = MemorySegment.NULL;

  /** Reads with {@code reader}. */
  public ChunkRead(NativeReader reader) {
    this.reader = reader;
  }

  /**
   * Goes to a chunk, as {@link NativeReader#seek} does.
   *
   * @param begin offset of the chunk in the file in bytes
   * @param end offset just past it, as an index states it
   */
  public void seek(long begin, long end) throws EngineException {
    this.begin = begin;
    this.end = end;
    reader.moveTo(begin, end);
    reader.call(seek);
  }

  private int seek(MemorySegment pointer) {
    return disky_h.disky_reader_seek(pointer, begin, end, reader.error());
  }

  /**
   * Decodes the next chunk. If the memory is too small, the chunk stays the next one.
   *
   * @param ends memory for where each record ends in {@code data}, as longs
   * @param data memory for the records
   */
  public Outcome decode(MemorySegment ends, MemorySegment data) throws EngineException {
    this.ends = ends;
    this.data = data;
    try {
      return Outcome.of(reader.call(next));
    } finally {
      this.ends = MemorySegment.NULL;
      this.data = MemorySegment.NULL;
    }
  }

  private int next(MemorySegment pointer) {
    return disky_h.disky_reader_next(
        pointer,
        ends,
        ends.byteSize() / Long.BYTES,
        data,
        data.byteSize(),
        reader.batch(),
        reader.error());
  }

  /** Number of records of the chunk, also of one that needs more memory. */
  public long records() {
    return disky_batch.records(reader.batch());
  }

  /** Size of the records of the chunk in bytes, also of one that needs more memory. */
  public long dataSize() {
    return disky_batch.data_size(reader.batch());
  }

  /** Where the records of the decoded chunk begin in the memory for data, in bytes. */
  public long dataOffset() {
    return disky_batch.data_offset(reader.batch());
  }

  /** Offset of the decoded chunk in the file in bytes. */
  public long chunkBegin() {
    return disky_batch.chunk_begin(reader.batch());
  }

  /** Offset in the file, in bytes, just past the decoded chunk and its padding. */
  public long chunkEnd() {
    return disky_batch.chunk_end(reader.batch());
  }
}
