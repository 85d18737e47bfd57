package io.disky.internal;

import io.disky.ffi.disky_batch;
import io.disky.ffi.disky_chunk;
import io.disky.ffi.disky_error;
import io.disky.ffi.disky_extent;
import io.disky.ffi.disky_h;
import io.disky.ffi.disky_need;
import io.disky.ffi.disky_notice;
import io.disky.ffi.disky_reader_options;
import io.disky.ffi.disky_sizes;
import io.disky.ffi.disky_skipped_region;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A {@code disky_reader}. For one thread at a time. The numbers that a call yields are read with
 * the methods below until the next call.
 */
public final class NativeReader {
  private static final Logger LOGGER = System.getLogger("io.disky");

  private static final StackRoom OPENING = new StackRoom();
  private static final StackRoom OPENING_PULLED = new StackRoom();

  private final String name;
  private final @Nullable ByteSource source;
  private final NativeHandle handle;
  private final MemorySegment batch;
  private final MemorySegment chunk;
  private final MemorySegment need;
  private final MemorySegment error;
  private long downcalls;

  private NativeReader(MemorySegment pointer, String name, @Nullable ByteSource source) {
    this.name = name;
    this.source = source;
    this.handle =
        new NativeHandle(this, pointer, disky_h::disky_reader_free, "reader of " + name, true);
    Arena arena = Arena.ofAuto();
    this.need = disky_need.allocate(arena);
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
   * @param randomAccess whether chunks will be asked for here and there
   * @param rangeBegin where the chunks begin that are read, in bytes
   * @param rangeEnd before which position they begin; {@code Long.MAX_VALUE} if that does not
   *     matter
   */
  public record Options(
      long maxChunkSize,
      long maxRecordSize,
      long maxRecordsPerChunk,
      int corruptionStrategy,
      boolean scan,
      boolean tail,
      boolean randomAccess,
      long rangeBegin,
      long rangeEnd) {
    private MemorySegment in(Arena arena) {
      MemorySegment options = disky_reader_options.allocate(arena);
      disky_reader_options.max_chunk_size(options, maxChunkSize);
      disky_reader_options.max_record_size(options, maxRecordSize);
      disky_reader_options.max_records_per_chunk(options, maxRecordsPerChunk);
      disky_reader_options.corruption_strategy(options, corruptionStrategy);
      disky_reader_options.without_scan(options, scan ? 0 : 1);
      disky_reader_options.tail(options, tail ? 1 : 0);
      disky_reader_options.random_access(options, randomAccess ? 1 : 0);
      // To the engine 0 means no end; the range from 1 to 1 is as empty as that from 0 to 0.
      disky_reader_options.range_begin(options, rangeEnd == 0 ? 1 : rangeBegin);
      disky_reader_options.range_end(options, rangeEnd == 0 ? 1 : endOfRange());
      return options;
    }

    private long endOfRange() {
      return rangeEnd == Long.MAX_VALUE ? 0 : rangeEnd;
    }
  }

  /**
   * Opens the file at {@code path}.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeReader open(Path path, Options how) throws NativeException {
    NativeLibrary.ensureLoaded();
    OPENING.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = NativePath.allocate(arena, path);
      MemorySegment options = how.in(arena);
      MemorySegment reader = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      NativeException.check(
          disky_h.disky_reader_open(bytes, bytes.byteSize(), options, reader, error), error);
      OPENING.used();
      return new NativeReader(reader.get(ValueLayout.ADDRESS, 0), QuotedText.name(path), null);
    }
  }

  /**
   * Opens a reader of what {@code source} gives, and closes that in the end; not if this throws.
   *
   * @param name what messages call it
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeReader open(String name, ByteSource source, Options how)
      throws NativeException {
    NativeLibrary.ensureLoaded();
    OPENING_PULLED.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment reader = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      // An unknown size is the largest unsigned number.
      long size = source.size();
      NativeException.check(
          disky_h.disky_reader_open_pulled(size, how.in(arena), reader, error), error);
      OPENING_PULLED.used();
      return new NativeReader(reader.get(ValueLayout.ADDRESS, 0), name, source);
    } catch (IOException e) {
      throw NativeException.of(e);
    }
  }

  /** Makes {@code call}, again whenever it needs bytes that this reader is to bring. */
  private int call(NativeHandle.Call call) throws NativeException {
    try {
      int status = once(call);
      while (status == disky_h.DISKY_NEED_BYTES()) {
        supply();
        status = once(call);
      }
      return status;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Makes {@code call}, which needs no bytes. */
  private int once(NativeHandle.Call call) throws NativeException {
    downcalls++;
    return NativeException.check(handle.call(call), error);
  }

  /** Brings the bytes that the engine needs, and more of those that it would welcome. */
  private void supply() throws NativeException {
    ByteSource from = Objects.requireNonNull(source, "source");
    once(pointer -> disky_h.disky_reader_need(pointer, need, error));
    long position = disky_need.offset(need);
    long missing = disky_need.size(need);
    long welcome = disky_need.welcome(need);
    try {
      boolean more = true;
      while (more && missing > 0) {
        MemorySegment bytes = read(from, position, welcome);
        long size = bytes.byteSize();
        more = size > 0;
        supply(position, bytes, !more);
        position += size;
        missing -= size;
        welcome -= size;
      }
    } catch (IOException e) {
      throw NativeException.of(e);
    }
  }

  private static MemorySegment read(ByteSource from, long position, long most) throws IOException {
    try {
      MemorySegment bytes = from.read(position, most);
      MemoryFault.throwPending();
      return bytes;
    } catch (InternalError e) {
      throw MemoryFault.of("memory that is to be read", e);
    }
  }

  private void supply(long position, MemorySegment bytes, boolean atEnd) throws NativeException {
    once(pointer ->
        disky_h.disky_reader_supply(
            pointer, position, bytes, bytes.byteSize(), atEnd ? 1 : 0, error));
  }

  /**
   * Decodes the next chunk that has records into {@code ends} and {@code data}.
   *
   * @return {@code DISKY_OK} and the batch numbers, {@code DISKY_NEED_MEMORY} and what is needed in
   *     the same numbers, {@code DISKY_END}, or {@code DISKY_NOT_YET}
   */
  public int next(MemorySegment ends, MemorySegment data) throws NativeException {
    long capacity = ends.byteSize() / Long.BYTES;
    return call(pointer ->
        disky_h.disky_reader_next(pointer, ends, capacity, data, data.byteSize(), batch, error));
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

  /** Offset just past the batch's chunk and its padding in the file in bytes. */
  public long batchChunkEnd() {
    return disky_batch.chunk_end(batch);
  }

  /**
   * Goes past the next chunk that has records, as if {@link #next} had decoded it, if it is the one
   * at {@code chunkBegin}.
   *
   * @return {@code false} if it is another one, and still the next, or if there is none
   */
  public boolean skip(long chunkBegin) throws NativeException {
    int status = call(pointer -> disky_h.disky_reader_skip(pointer, chunkBegin, batch, error));
    return status == disky_h.DISKY_OK();
  }

  /**
   * Moves to the chunk at {@code chunkBegin}.
   *
   * @param chunkEnd where the chunk ends, if it was listed by {@link #chunks} or {@link #index};
   *     else 0
   */
  public void seek(long chunkBegin, long chunkEnd) throws NativeException {
    call(pointer -> disky_h.disky_reader_seek(pointer, chunkBegin, chunkEnd, error));
  }

  /**
   * Where a chunk lies, and how much is in it.
   *
   * @param begin offset in the file in bytes
   * @param end offset just past it; where only an index tells it, the chunk may end before
   * @param records number of records
   * @param decodedDataSize sum of the record sizes in bytes
   */
  public record Extent(long begin, long end, long records, long decodedDataSize) {
    private static Extent of(MemorySegment extent) {
      return new Extent(
          disky_extent.begin(extent),
          disky_extent.end(extent),
          disky_extent.records(extent),
          disky_extent.decoded_data_size(extent));
    }
  }

  /**
   * Finds the chunk of any type that is nearest to {@code position}.
   *
   * @param nearest a {@code DISKY_NEAREST_} constant
   * @return {@code null} if there is none on that side
   */
  public @Nullable Extent findChunk(long position, int nearest) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment extent = disky_extent.allocate(arena);
      int status =
          call(pointer ->
              disky_h.disky_reader_find_chunk(pointer, position, nearest, extent, error));
      return status == disky_h.DISKY_OK() ? Extent.of(extent) : null;
    }
  }

  /**
   * Some chunks, in file order.
   *
   * @param extents where they lie
   * @param next where to go on
   */
  public record Chunks(List<Extent> extents, long next) {}

  /**
   * Lists chunks that hold records of the user and begin in {@code position..limit}, from chunk
   * headers. There are more unless {@link Chunks#next()} is at least {@code limit} or the size of
   * the file. Fails if the file turns out to end at {@code position}.
   *
   * @param position before {@code limit}, and before the end of the file
   * @param most how many to list
   */
  public Chunks chunks(long position, long limit, int most) throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment extents = disky_extent.allocateArray(most, arena);
      MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment next = arena.allocate(ValueLayout.JAVA_LONG);
      call(pointer ->
          disky_h.disky_reader_chunks(pointer, position, limit, extents, most, count, next, error));
      checkFurther(position, limit, next.get(ValueLayout.JAVA_LONG, 0));
      return new Chunks(
          extents(extents, count.get(ValueLayout.JAVA_LONG, 0)),
          next.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  private static List<Extent> extents(MemorySegment extents, long count) {
    return LongStream.range(0, count)
        .mapToObj(i -> Extent.of(disky_extent.asSlice(extents, i)))
        .toList();
  }

  /**
   * Lists chunks as {@link #chunks} does, as many as {@code listing} has room for: {@link
   * ChunkListing#next()} says where to go on.
   */
  public void list(ChunkListing listing, long position, long limit) throws NativeException {
    once(pointer ->
        disky_h.disky_reader_chunks(
            pointer,
            position,
            limit,
            listing.extents(),
            listing.capacity(),
            listing.countMemory(),
            listing.nextMemory(),
            error));
    checkFurther(position, limit, listing.next());
  }

  /** Checks that a listing got on: whoever asks for more knows of a file that goes on there. */
  private static void checkFurther(long position, long limit, long next) throws NativeException {
    if (next <= position && position < limit) {
      throw NativeException.shortened(position);
    }
  }

  /**
   * Lists all chunks that the footer of an ArrayRecord lists, as {@link #index()} has them.
   *
   * @return {@code false} if there is no footer that can be used
   */
  public boolean listIndex(ChunkListing listing) throws NativeException {
    int status = index(listing.extents(), listing.countMemory());
    while (status == disky_h.DISKY_NEED_MEMORY()) {
      listing.grow();
      status = index(listing.extents(), listing.countMemory());
    }
    return status == disky_h.DISKY_OK();
  }

  /**
   * The chunks that the footer of an ArrayRecord lists; {@code null} if there is no footer that can
   * be used. Only the first and the last one are known to be there.
   */
  public @Nullable List<Extent> index() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment extents = MemorySegment.NULL;
      while (true) {
        int status = index(extents, count);
        if (status == disky_h.DISKY_END()) {
          return null;
        }
        long listed = count.get(ValueLayout.JAVA_LONG, 0);
        if (status == disky_h.DISKY_OK()) {
          return extents(extents, listed);
        }
        extents = disky_extent.allocateArray(listed, arena);
      }
    }
  }

  private int index(MemorySegment extents, MemorySegment count) throws NativeException {
    long capacity = extents.byteSize() / disky_extent.sizeof();
    return call(pointer -> disky_h.disky_reader_index(pointer, extents, capacity, count, error));
  }

  /**
   * A new reader of the same open file, at its beginning, with the same limits, to which damage is
   * a failure. The two are independent.
   */
  public NativeReader share() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment shared = arena.allocate(ValueLayout.ADDRESS);
      once(pointer -> disky_h.disky_reader_share(pointer, shared, error));
      return new NativeReader(shared.get(ValueLayout.ADDRESS, 0), name, null);
    } finally {
      Reference.reachabilityFence(this);
    }
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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment region = disky_skipped_region.allocate(arena);
      int status = once(pointer -> disky_h.disky_reader_skipped_region(pointer, region, error));
      if (status == disky_h.DISKY_END()) {
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
    return call(pointer -> disky_h.disky_reader_verify(pointer, error)) != disky_h.DISKY_END();
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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment notice = disky_notice.allocate(arena);
      int status = once(pointer -> disky_h.disky_reader_notice(pointer, notice, error));
      if (status == disky_h.DISKY_END()) {
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
    return call(pointer ->
        disky_h.disky_reader_metadata(pointer, metadata, metadata.byteSize(), size, error));
  }

  /** How large the records of the whole file are: a {@code disky_sizes} of {@code arena}. */
  public MemorySegment recordSizes(Arena arena) throws NativeException {
    MemorySegment sizes = disky_sizes.allocate(arena);
    call(pointer -> disky_h.disky_reader_record_sizes(pointer, sizes, error));
    return sizes;
  }

  /**
   * Describes the chunk that begins at {@code position}.
   *
   * @return a {@code disky_chunk}, or {@code MemorySegment.NULL} at the end of the file
   */
  public MemorySegment chunkAt(long position) throws NativeException {
    int status = call(pointer -> disky_h.disky_reader_chunk_at(pointer, position, chunk, error));
    return status == disky_h.DISKY_OK() ? chunk : MemorySegment.NULL;
  }

  /** Counts the records of the whole file from chunk headers alone. */
  public long count() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment records = arena.allocate(ValueLayout.JAVA_LONG);
      call(pointer -> disky_h.disky_reader_count(pointer, records, error));
      return records.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Size of the file in bytes, as it was when it was opened. */
  public long fileSize() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      once(pointer -> disky_h.disky_reader_file_size(pointer, size, error));
      return size.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** What messages call what is read. */
  public String name() {
    return name;
  }

  /** How many calls of the native library this reader has made. */
  public long downcalls() {
    return downcalls;
  }

  /**
   * Closes the file, or the source that was given. Further calls of this method do nothing, of
   * others throw.
   */
  public void close() {
    handle.free();
    if (source != null) {
      closeSource(source);
    }
  }

  private void closeSource(ByteSource from) {
    try {
      from.close();
    } catch (IOException e) {
      // What was read is right all the same.
      LOGGER.log(Level.WARNING, name + ": could not be closed after reading", e);
    }
  }
}
