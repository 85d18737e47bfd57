package io.disky.internal;

import io.disky.ffi.disky_batch;
import io.disky.ffi.disky_chunk;
import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import io.disky.ffi.disky_notice;
import io.disky.ffi.disky_reader_options;
import io.disky.ffi.disky_sizes;
import io.disky.ffi.disky_skipped_region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A {@code disky_reader}. For one thread at a time. The numbers that a call yields are read with
 * the methods below until the next call.
 */
public final class NativeReader {
  private final NativeHandle handle;
  private final MemorySegment batch;
  private final MemorySegment chunk;
  private final MemorySegment error;
  private long downcalls;

  private NativeReader(MemorySegment pointer, Path path) {
    this.handle =
        new NativeHandle(this, pointer, disky_h::disky_reader_free, "The reader of " + path);
    Arena arena = Arena.ofAuto();
    this.batch = disky_batch.allocate(arena);
    this.chunk = disky_chunk.allocate(arena);
    this.error = disky_error.allocate(arena);
  }

  /**
   * How to read.
   *
   * @param maxChunkSize the largest chunk that is decoded, in bytes
   * @param maxRecordSize the largest record that is returned, in bytes
   * @param maxRecordsPerChunk the most records of a chunk that is decoded
   * @param corruptionStrategy a {@code DISKY_CORRUPTION_} constant
   * @param scan whether to search for chunks that nothing else places
   * @param tail whether to follow a file that grows
   */
  public record Options(
      long maxChunkSize,
      long maxRecordSize,
      long maxRecordsPerChunk,
      int corruptionStrategy,
      boolean scan,
      boolean tail) {
    private MemorySegment in(Arena arena) {
      MemorySegment options = disky_reader_options.allocate(arena);
      disky_reader_options.max_chunk_size(options, maxChunkSize);
      disky_reader_options.max_record_size(options, maxRecordSize);
      disky_reader_options.max_records_per_chunk(options, maxRecordsPerChunk);
      disky_reader_options.corruption_strategy(options, corruptionStrategy);
      disky_reader_options.without_scan(options, scan ? 0 : 1);
      disky_reader_options.tail(options, tail ? 1 : 0);
      disky_reader_options.reserved(options, 0);
      return options;
    }
  }

  /**
   * Opens the file at {@code path}.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeReader open(Path path, Options how) throws NativeException {
    NativeLibrary.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = NativePath.allocate(arena, path);
      MemorySegment options = how.in(arena);
      MemorySegment reader = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      NativeException.check(
          disky_h.disky_reader_open(bytes, bytes.byteSize(), options, reader, error), error);
      return new NativeReader(reader.get(ValueLayout.ADDRESS, 0), path);
    }
  }

  /**
   * Decodes the next chunk that has records into {@code ends} and {@code data}.
   *
   * @return {@code DISKY_OK} and the batch numbers, {@code DISKY_NEED_MEMORY} and what is needed in
   *     the same numbers, {@code DISKY_END}, or {@code DISKY_NOT_YET}
   */
  public int next(MemorySegment ends, MemorySegment data) throws NativeException {
    downcalls++;
    try {
      return NativeException.check(
          disky_h.disky_reader_next(
              handle.pointer(),
              ends,
              ends.byteSize() / Long.BYTES,
              data,
              data.byteSize(),
              batch,
              error),
          error);
    } catch (AssertionError e) {
      throw refusal(e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * What the bindings made an {@code AssertionError} of: memory of the caller that is no longer
   * there, because its arena was closed meanwhile, or that native code cannot reach.
   */
  private static RuntimeException refusal(AssertionError error) {
    if (error.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    throw error;
  }

  /** Number of records of the batch, or of end offsets needed. */
  public long batchRecords() {
    return disky_batch.records(batch);
  }

  /** Size of the batch's records, or of the data memory needed, in bytes. */
  public long batchDataSize() {
    return disky_batch.data_size(batch);
  }

  /** Where the batch's records begin in the data memory, in bytes. */
  public long batchDataOffset() {
    return disky_batch.data_offset(batch);
  }

  /** Offset of the batch's chunk in the file in bytes. */
  public long batchChunkBegin() {
    return disky_batch.chunk_begin(batch);
  }

  /** Whether only a search has found the batch's chunk. */
  public boolean batchScanned() {
    return disky_batch.scanned(batch) != 0;
  }

  /** How many skipped regions there are to {@linkplain #nextSkippedRegion() take}. */
  public long batchSkippedRegions() {
    return disky_batch.skipped_regions(batch);
  }

  /**
   * A part of the file that was skipped.
   *
   * @param begin offset of its first byte
   * @param end offset just past its last byte
   * @param scanned whether its end is known from a search alone
   * @param reason what is wrong there
   */
  public record SkippedRegion(long begin, long end, boolean scanned, NativeException reason) {}

  /** Takes the next skipped region; {@code null} if there is none. */
  public @Nullable SkippedRegion nextSkippedRegion() throws NativeException {
    downcalls++;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment region = disky_skipped_region.allocate(arena);
      int status = disky_h.disky_reader_skipped_region(handle.pointer(), region, error);
      if (NativeException.check(status, error) == disky_h.DISKY_END()) {
        return null;
      }
      return new SkippedRegion(
          disky_skipped_region.begin(region),
          disky_skipped_region.end(region),
          disky_skipped_region.scanned(region) != 0,
          NativeException.of(disky_skipped_region.reason(region)));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Checks hashes from the current position on.
   *
   * @return whether to call again, once skipped regions and notices are taken
   */
  public boolean verify() throws NativeException {
    downcalls++;
    try {
      int status = disky_h.disky_reader_verify(handle.pointer(), error);
      return NativeException.check(status, error) != disky_h.DISKY_END();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** How many notices there are to {@linkplain #nextNotice() take}, as of the last batch. */
  public long batchNotices() {
    return disky_batch.notices(batch);
  }

  /**
   * Something that the user should know though reading goes on.
   *
   * @param position offset in the file in bytes
   * @param message what was found and what is done about it
   */
  public record Notice(long position, String message) {}

  /** Takes the oldest notice; {@code null} if there is none. */
  public @Nullable Notice nextNotice() throws NativeException {
    downcalls++;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment notice = disky_notice.allocate(arena);
      int status = disky_h.disky_reader_notice(handle.pointer(), notice, error);
      if (NativeException.check(status, error) == disky_h.DISKY_END()) {
        return null;
      }
      String message =
          NativeException.text(
              disky_notice.message(notice),
              disky_notice.message_size(notice),
              disky_notice.truncated(notice));
      return new Notice(disky_notice.position(notice), message);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The file metadata; {@code null} if the file has none. */
  public byte @Nullable [] metadata() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment metadata = MemorySegment.NULL;
      while (true) {
        int status = metadata(metadata, size);
        if (status == disky_h.DISKY_END()) {
          return null;
        }
        if (status == disky_h.DISKY_OK()) {
          return metadata
              .asSlice(0, size.get(ValueLayout.JAVA_LONG, 0))
              .toArray(ValueLayout.JAVA_BYTE);
        }
        metadata = arena.allocate(size.get(ValueLayout.JAVA_LONG, 0));
      }
    }
  }

  private int metadata(MemorySegment metadata, MemorySegment size) throws NativeException {
    downcalls++;
    try {
      return NativeException.check(
          disky_h.disky_reader_metadata(
              handle.pointer(), metadata, metadata.byteSize(), size, error),
          error);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** How large the records of the whole file are: a {@code disky_sizes} of {@code arena}. */
  public MemorySegment recordSizes(Arena arena) throws NativeException {
    downcalls++;
    try {
      MemorySegment sizes = disky_sizes.allocate(arena);
      NativeException.check(
          disky_h.disky_reader_record_sizes(handle.pointer(), sizes, error), error);
      return sizes;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Describes the chunk that begins at {@code position}.
   *
   * @return a {@code disky_chunk}, or {@code MemorySegment.NULL} at the end of the file
   */
  public MemorySegment chunkAt(long position) throws NativeException {
    downcalls++;
    try {
      int status = disky_h.disky_reader_chunk_at(handle.pointer(), position, chunk, error);
      boolean found = NativeException.check(status, error) == disky_h.DISKY_OK();
      return found ? chunk : MemorySegment.NULL;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Counts the records of the whole file from chunk headers alone. */
  public long count() throws NativeException {
    downcalls++;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment records = arena.allocate(ValueLayout.JAVA_LONG);
      NativeException.check(disky_h.disky_reader_count(handle.pointer(), records, error), error);
      return records.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Size of the file in bytes, as it was when it was opened. */
  public long fileSize() throws NativeException {
    downcalls++;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      NativeException.check(disky_h.disky_reader_file_size(handle.pointer(), size, error), error);
      return size.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** How many calls of the native library this reader has made. */
  public long downcalls() {
    return downcalls;
  }

  /** Closes the file. Further calls of this method do nothing, of others throw. */
  public void close() {
    handle.free();
  }
}
