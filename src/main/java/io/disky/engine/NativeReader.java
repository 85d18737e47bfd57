package io.disky.engine;

import io.disky.ffi.disky_batch;
import io.disky.ffi.disky_chunk;
import io.disky.ffi.disky_error;
import io.disky.ffi.disky_extent;
import io.disky.ffi.disky_h;
import io.disky.ffi.disky_notice;
import io.disky.ffi.disky_sizes;
import io.disky.ffi.disky_skipped_region;
import io.disky.ffi.disky_slot;
import io.disky.files.NativePath;
import io.disky.files.QuotedText;
import io.disky.memory.BatchBuffer;
import io.disky.memory.ChunkMemory;
import io.disky.threads.StackRoom;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A {@code disky_reader}. One thread at a time may use this object. */
public final class NativeReader {
  private static final byte[] NO_BYTES = {};
  private static final StackRoom OPENING = new StackRoom();
  private static final StackRoom OPENING_PULLED = new StackRoom();

  private final String name;
  private final @Nullable PulledBytes pulled;
  private final long fileSize;
  private final NativeHandle handle;
  private final MemorySegment batch;
  private final MemorySegment error;
  private @Nullable RunParameters run;
  private @Nullable PickCall pickCall;
  private long downcalls;

  private NativeReader(
      MemorySegment pointer, String name, @Nullable ByteSource source, long fileSize) {
    this.name = name;
    this.pulled = source == null ? null : new PulledBytes(this, source);
    this.fileSize = fileSize;
    this.handle =
        new NativeHandle(this, pointer, disky_h::disky_reader_free, "reader of " + name, true);
    // One allocation instead of two, because files may be small and many.
    MemorySegment results =
        Arena.ofAuto().allocate(disky_batch.sizeof() + disky_error.sizeof(), Long.BYTES);
    this.batch = results.asSlice(0, disky_batch.sizeof());
    this.error = results.asSlice(disky_batch.sizeof(), disky_error.sizeof());
  }

  /**
   * Opens the file at {@code path}.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeReader open(Path path, ReaderSettings settings) throws EngineException {
    Engine.ensureReady();
    OPENING.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = NativePath.allocate(arena, path);
      MemorySegment options = settings.allocate(arena);
      MemorySegment reader = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment error = disky_error.allocate(arena);
      EngineException.check(
          disky_h.disky_reader_open(bytes, bytes.byteSize(), options, reader, size, error), error);
      OPENING.used();
      return new NativeReader(
          reader.get(ValueLayout.ADDRESS, 0),
          QuotedText.name(path),
          null,
          size.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  /**
   * Opens a reader of the bytes of {@code source}. The reader closes {@code source} when it is
   * closed; if this method throws, the source stays open.
   *
   * @param name the name of the source in messages
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeReader open(String name, ByteSource source, ReaderSettings settings)
      throws EngineException {
    Engine.ensureReady();
    OPENING_PULLED.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment reader = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      // An unknown size is the largest unsigned number.
      long size = source.size();
      EngineException.check(
          disky_h.disky_reader_open_pulled(size, settings.allocate(arena), reader, error), error);
      OPENING_PULLED.used();
      return new NativeReader(reader.get(ValueLayout.ADDRESS, 0), name, source, size);
    } catch (IOException e) {
      throw EngineException.of(e);
    }
  }

  /** Makes {@code call}, and repeats it after supplying the bytes that it needs. */
  int call(NativeHandle.Call call) throws EngineException {
    try {
      int status = once(call);
      PulledBytes supply = pulled;
      while (status == disky_h.DISKY_NEED_BYTES() && supply != null) {
        supply.supplyNeeded();
        status = once(call);
      }
      return status;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Makes {@code call}, which needs no bytes. */
  int once(NativeHandle.Call call) throws EngineException {
    downcalls++;
    return EngineException.check(handle.call(call), error);
  }

  /** What the last call has read. */
  MemorySegment batch() {
    return batch;
  }

  /** Where calls report failures. */
  MemorySegment error() {
    return error;
  }

  private Step step(int status) {
    return Step.of(status, batch);
  }

  /**
   * Decodes the next chunk that has records into {@code memory}; makes room there if necessary.
   *
   * @return what {@link #tryNext} returns, except {@link Outcome#TOO_SMALL}
   */
  public Step next(ChunkMemory memory) throws EngineException {
    Step step = tryNext(memory.ends(), memory.data());
    while (step.outcome() == Step.Outcome.TOO_SMALL) {
      memory.reserve(step.records(), step.dataSize());
      step = tryNext(memory.ends(), memory.data());
    }
    return step;
  }

  /**
   * Decodes the next chunk that has records.
   *
   * @param ends memory for where each record ends in {@code data}, as longs
   * @param data memory for the records
   */
  public Step tryNext(MemorySegment ends, MemorySegment data) throws EngineException {
    long capacity = ends.byteSize() / Long.BYTES;
    return step(
        call(pointer ->
            disky_h.disky_reader_next(
                pointer, ends, capacity, data, data.byteSize(), batch, error)));
  }

  /** The largest number of chunks that {@link #nextRun} decodes on this processor. */
  public static int mostInRun() {
    return RunParameters.LENGTH;
  }

  /**
   * Decodes the next chunk that has records into the first of {@code memory}, as {@link #next}
   * does, and, if possible, the chunks after it into the others, which takes less time than one
   * after the other. A chunk after the first one that is damaged or unusual in any way, or needs
   * more memory, stays the next one.
   *
   * @param memory at most {@link #mostInRun} are used
   * @return what {@link #next} returns for the first chunk, then a step for each further chunk
   */
  public List<Step> nextRun(List<BatchBuffer> memory) throws EngineException {
    RunParameters used = runParameters();
    Step first = tryNextRun(memory, used);
    while (first.outcome() == Step.Outcome.TOO_SMALL) {
      for (BatchBuffer each : memory) {
        each.reserve(first.records(), first.dataSize());
      }
      first = tryNextRun(memory, used);
    }
    if (first.outcome() != Step.Outcome.CHUNK) {
      return List.of(first);
    }
    List<Step> steps = new ArrayList<>(RunParameters.LENGTH);
    steps.add(first);
    long length = used.length.get(ValueLayout.JAVA_LONG, 0);
    for (int i = 1; i < length; i++) {
      steps.add(Step.of(disky_h.DISKY_OK(), disky_slot.batch(disky_slot.asSlice(used.slots, i))));
    }
    return steps;
  }

  /** The parameters of a call that reads a run. */
  private static final class RunParameters {
    // Not asked for before the first run: linking a native function takes milliseconds.
    static final int LENGTH = (int) disky_h.disky_run_length();

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment slots = disky_slot.allocateArray(LENGTH, arena);
    private final MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
  }

  private RunParameters runParameters() {
    RunParameters known = run;
    if (known == null) {
      known = new RunParameters();
      run = known;
    }
    return known;
  }

  // Only this reader's caller can free the memory of the buffers, so no call must protect it,
  // unlike
  // memory of an arena of the user.
  private Step tryNextRun(List<BatchBuffer> memory, RunParameters run) throws EngineException {
    MemorySegment slots = run.slots;
    int count = Math.min(memory.size(), RunParameters.LENGTH);
    for (int i = 0; i < count; i++) {
      MemorySegment slot = disky_slot.asSlice(slots, i);
      MemorySegment ends = memory.get(i).ends();
      MemorySegment data = memory.get(i).data();
      disky_slot.ends(slot, ends);
      disky_slot.ends_capacity(slot, ends.byteSize() / Long.BYTES);
      disky_slot.data(slot, data);
      disky_slot.data_capacity(slot, data.byteSize());
    }
    try {
      int status =
          call(pointer -> disky_h.disky_reader_next_run(pointer, slots, count, run.length, error));
      return Step.of(status, disky_slot.batch(slots));
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  /**
   * If the next chunk that has records begins at {@code chunkBegin}, goes past it as if {@link
   * #next} had decoded it.
   *
   * @return {@link Outcome#END} if the next chunk begins elsewhere (it then stays the next one), or
   *     if the file has no more chunks with records
   */
  public Step skip(long chunkBegin) throws EngineException {
    return step(call(pointer -> disky_h.disky_reader_skip(pointer, chunkBegin, batch, error)));
  }

  /**
   * Goes past a chunk as {@link #skip(long)} does, without reading its header from the source.
   *
   * @param head what {@link #head} of another reader of the same bytes returned for the chunk
   */
  public Step skip(long chunkBegin, byte[] head) throws EngineException {
    if (pulled != null && head.length > 0) {
      pulled.supplyHead(chunkBegin, head);
    }
    return skip(chunkBegin);
  }

  /**
   * The first bytes of the chunk to which the reader was moved last; none if they were not read, or
   * the reader reads a file of its own.
   */
  public byte[] head() {
    return pulled == null ? NO_BYTES : pulled.head();
  }

  /** Whether the reader reads a file of its own, and not bytes that are supplied. */
  public boolean readsItsFile() {
    return pulled == null;
  }

  /**
   * Moves to the chunk at {@code chunkBegin}.
   *
   * @param chunkEnd where the chunk ends, if it was listed by {@link #chunks} or {@link #index};
   *     else 0
   */
  public void seek(long chunkBegin, long chunkEnd) throws EngineException {
    moveTo(chunkBegin, chunkEnd);
    call(pointer -> disky_h.disky_reader_seek(pointer, chunkBegin, chunkEnd, error));
  }

  /** States that the next call moves this reader to a chunk, whose bytes are then read together. */
  void moveTo(long chunkBegin, long chunkEnd) {
    if (pulled != null) {
      pulled.movedTo(chunkBegin, chunkEnd);
    }
  }

  /**
   * Reads single records of chunks that {@link #chunks}, {@link #list} or {@link #index} has
   * listed. The position of this reader does not change.
   *
   * @return how many chunks were read, from the first one on. If that is 0, the first chunk needs
   *     more memory, is damaged, or is unusual in another way: {@link #seek} and {@link #tryNext}
   *     return its records or throw the failure. Otherwise a further call can read the next chunks
   * @throws EngineException if the source of a reader without a file has failed
   */
  public int pick(ChunkPick pick) throws EngineException {
    PickCall used = pickCall;
    if (used == null) {
      used = new PickCall(error);
      pickCall = used;
    }
    int chunks = pulled == null ? (int) pick.chunks() : pulled.supplyChunks(pick);
    return used.read(this, pick, chunks);
  }

  /**
   * The place of a chunk in the file, and the size of its contents.
   *
   * @param begin offset in the file in bytes
   * @param end offset just past it; if only an index states it, the chunk may end before
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

  /** Which chunk to find. */
  public enum Nearest {
    /** The last chunk of any type that begins at the position or before it. */
    AT_OR_BEFORE(disky_h.DISKY_NEAREST_AT_OR_BEFORE()),
    /** The first chunk of any type that begins at the position or after it. */
    AT_OR_AFTER(disky_h.DISKY_NEAREST_AT_OR_AFTER()),
    /** The last chunk with records of the user that begins before the position. */
    RECORDS_BEFORE(disky_h.DISKY_NEAREST_RECORDS_BEFORE());

    private final int value;

    Nearest(int value) {
      this.value = value;
    }
  }

  /**
   * Finds the chunk that is nearest to {@code position}.
   *
   * @return {@code null} if the file has no such chunk
   */
  public @Nullable Extent findChunk(long position, Nearest nearest) throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment extent = disky_extent.allocate(arena);
      int status =
          call(pointer ->
              disky_h.disky_reader_find_chunk(pointer, position, nearest.value, extent, error));
      return status == disky_h.DISKY_OK() ? Extent.of(extent) : null;
    }
  }

  /**
   * Some chunks, in file order.
   *
   * @param extents the places of the chunks
   * @param next the position at which the next listing must begin
   */
  public record Chunks(List<Extent> extents, long next) {}

  /**
   * Lists chunks that hold records of the user and begin in {@code position..limit}, from chunk
   * headers. More chunks may follow unless {@link Chunks#next()} is at least {@code limit} or the
   * size of the file. Fails if the file turns out to end at {@code position}.
   *
   * @param position before {@code limit}, and before the end of the file
   * @param most the largest number of chunks to list
   */
  public Chunks chunks(long position, long limit, int most) throws EngineException {
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
   * ChunkListing#next()} is the position at which to go on.
   */
  public void list(ChunkListing listing, long position, long limit) throws EngineException {
    listFurther(listing, position, limit);
    checkFurther(position, limit, listing.next());
  }

  /** As {@link #list}. At the end of the file it lists nothing, and does not go on. */
  public void listFurther(ChunkListing listing, long position, long limit) throws EngineException {
    call(pointer ->
        disky_h.disky_reader_chunks(
            pointer,
            position,
            limit,
            listing.extents(),
            listing.capacity(),
            listing.countMemory(),
            listing.nextMemory(),
            error));
  }

  /**
   * Checks that a listing made progress: callers request a listing only from positions before the
   * end of the file.
   */
  private static void checkFurther(long position, long limit, long next) throws EngineException {
    if (next <= position && position < limit) {
      throw EngineException.shortened(position);
    }
  }

  /**
   * Lists all chunks that the footer of an ArrayRecord lists, as {@link #index()} has them.
   *
   * @return {@code false} if the file has no usable footer
   */
  public boolean listIndex(ChunkListing listing) throws EngineException {
    int status = index(listing.extents(), listing.countMemory());
    while (status == disky_h.DISKY_NEED_MEMORY()) {
      listing.grow();
      status = index(listing.extents(), listing.countMemory());
    }
    return status == disky_h.DISKY_OK();
  }

  /**
   * The chunks that the footer of an ArrayRecord lists; {@code null} if the file has no usable
   * footer. Only the first and the last of these chunks were checked in the file.
   */
  public @Nullable List<Extent> index() throws EngineException {
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

  private int index(MemorySegment extents, MemorySegment count) throws EngineException {
    long capacity = extents.byteSize() / disky_extent.sizeof();
    return call(pointer -> disky_h.disky_reader_index(pointer, extents, capacity, count, error));
  }

  /**
   * A new reader of the same open file, or of another {@linkplain ByteSource#share source} of the
   * same bytes, at its beginning, with the same limits. Damage is a failure for the new reader,
   * even if this one recovers. The two readers are independent, and each is closed by itself.
   */
  public NativeReader share() throws EngineException {
    return share(pulled == null ? null : pulled.share());
  }

  /**
   * As {@link #share()}, for a reader without a file, with another source of the same bytes. The
   * new reader closes it; if this method throws, the source is closed, too.
   */
  public NativeReader share(@Nullable ByteSource other) throws EngineException {
    boolean complete = false;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment shared = arena.allocate(ValueLayout.ADDRESS);
      once(pointer -> disky_h.disky_reader_share(pointer, shared, error));
      NativeReader reader =
          new NativeReader(shared.get(ValueLayout.ADDRESS, 0), name, other, fileSize);
      complete = true;
      return reader;
    } finally {
      if (other != null && !complete) {
        closeSource(other);
      }
      Reference.reachabilityFence(this);
    }
  }

  /**
   * A part of the file that was skipped.
   *
   * @param begin offset of its first byte
   * @param end offset just past its last byte
   * @param scanned whether only a search has found its end
   * @param reason the damage
   */
  public record SkippedRegion(long begin, long end, boolean scanned, EngineException reason) {}

  /** Takes the next skipped region; {@code null} if there is none. */
  public @Nullable SkippedRegion nextSkippedRegion() throws EngineException {
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
          EngineException.of(disky_skipped_region.reason(region)));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Checks hashes from the current position on.
   *
   * @return whether to call again, once skipped regions and notices are taken
   */
  public boolean verify() throws EngineException {
    return call(pointer -> disky_h.disky_reader_verify(pointer, error)) != disky_h.DISKY_END();
  }

  /**
   * A flaw of the file that the user should know about, although reading goes on.
   *
   * @param position offset in the file in bytes
   * @param message the flaw, and how the reader treats it
   */
  public record Notice(long position, String message) {}

  /** Takes the oldest notice; {@code null} if there is none. */
  public @Nullable Notice nextNotice() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment notice = disky_notice.allocate(arena);
      int status = once(pointer -> disky_h.disky_reader_notice(pointer, notice, error));
      if (status == disky_h.DISKY_END()) {
        return null;
      }
      String message =
          EngineException.text(
              disky_notice.message(notice),
              disky_notice.message_size(notice),
              disky_notice.truncated(notice));
      return new Notice(disky_notice.position(notice), message);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The file metadata; {@code null} if the file has none. */
  public byte @Nullable [] metadata() throws EngineException {
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

  private int metadata(MemorySegment metadata, MemorySegment size) throws EngineException {
    return call(pointer ->
        disky_h.disky_reader_metadata(pointer, metadata, metadata.byteSize(), size, error));
  }

  /**
   * Statistics of the sizes of records.
   *
   * @param count number of records
   * @param smallest size of the smallest record in bytes
   * @param largest size of the largest record in bytes
   * @param total size of all records in bytes
   * @param buckets element 0 counts records of 0 bytes, element {@code i} those of {@code 2^(i-1)}
   *     to {@code 2^i - 1} bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed to one caller.
  public record RecordSizes(long count, long smallest, long largest, long total, long[] buckets) {}

  /**
   * Makes a step of measuring the sizes of the records of the complete file.
   *
   * @return {@code null} after each step but the last one
   */
  public @Nullable RecordSizes measure() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sizes = disky_sizes.allocate(arena);
      int status = call(pointer -> disky_h.disky_reader_measure(pointer, sizes, error));
      if (status != disky_h.DISKY_END()) {
        return null;
      }
      return new RecordSizes(
          disky_sizes.count(sizes),
          disky_sizes.smallest(sizes),
          disky_sizes.largest(sizes),
          disky_sizes.total(sizes),
          disky_sizes.buckets(sizes).toArray(ValueLayout.JAVA_LONG));
    }
  }

  /**
   * Describes the chunk that begins at {@code position}.
   *
   * @return {@code null} at the end of the file
   */
  public @Nullable ChunkHeader chunkAt(long position) throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chunk = disky_chunk.allocate(arena);
      int status = call(pointer -> disky_h.disky_reader_chunk_at(pointer, position, chunk, error));
      return status == disky_h.DISKY_OK() ? ChunkHeader.of(chunk) : null;
    }
  }

  /** Counts the records of the complete file; reads only chunk headers. */
  public long count() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment records = arena.allocate(ValueLayout.JAVA_LONG);
      call(pointer -> disky_h.disky_reader_count(pointer, records, error));
      return records.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Size of the file in bytes when it was opened; -1 if the source does not state it. */
  public long fileSize() {
    return fileSize;
  }

  /** The name of the file or source in messages. */
  public String name() {
    return name;
  }

  /** How many calls of the native library this reader has made. */
  public long downcalls() {
    return downcalls;
  }

  /**
   * Closes the file, or the source that was given. A second call does nothing; later calls of other
   * methods throw.
   */
  public void close() {
    handle.free();
    if (pulled != null) {
      closeSource(pulled.source());
    }
  }

  private void closeSource(ByteSource from) {
    try {
      from.close();
    } catch (IOException e) {
      // The records that were read are valid all the same.
      System.getLogger("io.disky")
          .log(Level.WARNING, name + ": could not be closed after reading", e);
    }
  }
}
