package io.disky.random;

import io.disky.engine.ChunkRead;
import io.disky.engine.EngineException;
import io.disky.engine.Step.Outcome;
import io.disky.memory.NativeMemory;
import io.disky.random.CachedChunk.Layout;
import io.disky.random.SharedReaders.SharedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A decoded chunk that stays in memory until everyone who holds it has released it; then {@link
 * HeldChunks} uses this object and its memory for another chunk. The lock of {@link HeldChunks}
 * guards what is not stated to be something else.
 */
public final class HeldChunk {
  /** How far the chunk is. */
  enum State {
    /** A thread is decoding it. */
    DECODING,
    /** It is in memory, or {@link #failure()} states why it cannot be. */
    READY,
    /** The thread that was decoding it has failed for a reason that is not its contents. */
    ABANDONED
  }

  private final ChunkCache memory;
  private NativeMemory endsMemory = NativeMemory.NONE;
  private NativeMemory dataMemory = NativeMemory.NONE;

  // For HeldChunks only.
  long key;
  int holders;
  State state = State.DECODING;
  @Nullable HeldChunk next; // with the same hash

  // Written by the thread that decodes the chunk, before it is ready.
  private MemorySegment ends = MemorySegment.NULL;
  private MemorySegment data = MemorySegment.NULL;
  private long endsBegin;
  private long dataBegin;
  private long dataSize;
  private long firstRecord;
  private int last;
  private @Nullable IOException failure;

  /** A chunk without memory, which it will take from {@code memory}. */
  HeldChunk(ChunkCache memory) {
    this.memory = memory;
  }

  /** The memory that it takes, in bytes. Also after the chunk was released. */
  public long bytes() {
    return endsMemory.size() + dataMemory.size();
  }

  /** Whether records of {@code size} bytes fit into its memory, and do not waste it. */
  boolean suits(long size) {
    long most = 2 * size + (64 << 10);
    return dataMemory.size() >= size && dataMemory.size() <= most;
  }

  /** Why the chunk cannot be read: its contents. {@code null} if it is in memory. */
  @Nullable IOException failure() {
    return failure;
  }

  /** The memory in which the records lie. */
  MemorySegment data() {
    return data;
  }

  /** The index in this chunk of a record of the sequence. */
  int indexOf(long record) {
    return (int) (record - firstRecord);
  }

  /**
   * Where a record begins in {@link #data()}, in bytes.
   *
   * @param index the index of the record in the chunk
   */
  long place(int index) {
    return dataBegin + begin(index);
  }

  /**
   * Size of a record in bytes.
   *
   * @param index the index of the record in the chunk
   */
  long size(int index) {
    return end(index) - begin(index);
  }

  private long begin(int index) {
    return index == 0 ? 0 : end(index - 1);
  }

  private long end(int index) {
    return index == last
        ? dataSize
        : ends.get(ValueLayout.JAVA_LONG, endsBegin + (long) index * Long.BYTES);
  }

  /**
   * Decodes a chunk. If its contents are at fault, {@link #failure()} states that; this object then
   * takes no memory.
   *
   * @param number the number of the chunk in the file
   */
  void decode(IndexedFile file, long number) throws IOException {
    failure = null;
    firstRecord = file.firstRecord() + file.index().firstRecord(number);
    last = (int) Math.min(file.index().records(number) - 1, Integer.MAX_VALUE);
    boolean decoded = false;
    try {
      if (!decodeUsual(file, number)) {
        decodeUnusual(file, number);
      }
      memory.countDecodes(1);
      decoded = true;
    } catch (IOException e) {
      if (!file.failures().isOfChunk(e)) {
        throw e;
      }
      failure = e;
    } finally {
      if (!decoded) {
        free();
      }
    }
  }

  /** Returns {@code false} if the chunk is not exactly what the index states, or is damaged. */
  private boolean decodeUsual(IndexedFile file, long number) throws IOException {
    SharedReader reader = file.takeReader();
    try {
      return decode(reader.chunks(), file, number);
    } catch (EngineException e) {
      return false; // The chunk is decoded again, to find out why and to report it.
    } finally {
      file.readers().give(reader);
    }
  }

  private boolean decode(ChunkRead read, IndexedFile file, long number) throws EngineException {
    ChunkIndex index = file.index();
    long records = index.records(number);
    if (records > Math.min(Integer.MAX_VALUE, index.trusted(number) / Long.BYTES)) {
      return false;
    }
    reserve(records * Long.BYTES, index.likelyDataSize(number));
    read.seek(index.begin(number), index.end(number));
    Outcome outcome = read.decode(endsMemory.segment(), dataMemory.segment());
    if (outcome == Outcome.TOO_SMALL && read.records() == records) {
      reserve(0, read.dataSize());
      outcome = read.decode(endsMemory.segment(), dataMemory.segment());
    }
    if (outcome != Outcome.CHUNK || !isAsStated(read, file, number)) {
      return false;
    }
    ends = endsMemory.segment();
    endsBegin = 0;
    data = dataMemory.segment();
    dataBegin = read.dataOffset();
    dataSize = read.dataSize();
    return true;
  }

  private static boolean isAsStated(ChunkRead read, IndexedFile file, long number) {
    ChunkIndex index = file.index();
    boolean certain = file.indexSource() == IndexSource.HEADERS;
    return read.records() == index.records(number)
        && read.chunkBegin() == index.begin(number)
        && (certain || read.chunkEnd() == index.end(number));
  }

  private void decodeUnusual(IndexedFile file, long number) throws IOException {
    try (ChunkCache.Decoding decoding = file.decoding(number)) {
      reserve(0, decoding.size());
      Layout layout = decoding.decode(dataMemory.segment(), 0);
      ends = dataMemory.segment();
      endsBegin = layout.ends();
      data = ends;
      dataBegin = layout.data();
      dataSize = layout.dataSize();
    }
  }

  /** Makes room, in bytes; the previous contents are lost. */
  private void reserve(long endsSize, long size) {
    if (endsMemory.size() < endsSize) {
      NativeMemory small = endsMemory;
      endsMemory = NativeMemory.NONE;
      memory.giveBeyond(small);
      endsMemory = memory.takeBeyond(rounded(endsSize));
    }
    if (dataMemory.size() < size) {
      NativeMemory small = dataMemory;
      dataMemory = NativeMemory.NONE;
      memory.giveBeyond(small);
      dataMemory = memory.takeBeyond(rounded(size));
    }
  }

  /** At most an eighth more, so that memory for one chunk fits most other chunks of its file. */
  static long rounded(long size) {
    long step = Math.max(64, Long.highestOneBit(Math.max(size, 1)) >>> 3);
    return Math.addExact(size, step - 1) / step * step;
  }

  /** Gives its memory back. */
  void free() {
    ends = MemorySegment.NULL;
    data = MemorySegment.NULL;
    NativeMemory unusedEnds = endsMemory;
    NativeMemory unusedData = dataMemory;
    endsMemory = NativeMemory.NONE;
    dataMemory = NativeMemory.NONE;
    memory.giveBeyond(unusedEnds);
    memory.giveBeyond(unusedData);
  }
}
