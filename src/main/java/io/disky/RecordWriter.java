package io.disky;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.disky.ffi.disky_h;
import io.disky.internal.ByteSink;
import io.disky.internal.ChannelSink;
import io.disky.internal.FileFailures;
import io.disky.internal.ForgottenObjects;
import io.disky.internal.MemoryFault;
import io.disky.internal.NativeEncoder;
import io.disky.internal.NativeException;
import io.disky.internal.NativeLibrary;
import io.disky.internal.NativeWriter;
import io.disky.internal.OutputStreamSink;
import io.disky.internal.QuotedText;
import io.disky.internal.SegmentSink;
import io.disky.internal.StackRoom;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to a file.
 *
 * {@snippet :
 * try (RecordWriter writer = RecordWriter.open(path)) {
 *   writer.write(bytes);
 * }
 * }
 *
 * <p>A record is copied once, into the chunk that is being gathered outside the Java heap. A full
 * chunk is compressed, hashed and written by the call that completes it; its memory is used again.
 *
 * <p><b>Durability.</b> Records become visible to readers chunk by chunk; {@link #flush()} makes
 * those so far visible, {@link #flush(FlushMode) flush(SYNC)} makes them outlive a power cut. Each
 * flush ends a chunk: frequent ones make a file larger and slower. Records of a writer that is
 * never flushed or closed are not promised. A crash can tear the end of a file; {@link
 * WriterOptions#withRepair} continues such a file behind its last whole chunk. With {@link
 * WriterOptions#withAtomicCreation} a file is there when it is complete, or not at all. While a
 * writer is open, another one for the same file is refused.
 *
 * <p><b>Parallelism.</b> With {@link WriterOptions#withParallelism} threads of the writer encode
 * and write full chunks behind the thread that writes records; the file is the same.
 *
 * <p><b>Failures.</b> Where the operating system fails a write or a sync, the method throws an
 * exception of {@link java.nio.file}. From then on every call that writes, flushes or closes
 * throws; what was written before stays readable, and the file is cut back to its last whole chunk.
 *
 * <p><b>Callbacks.</b> While a record is built in place, and while bytes go to a stream or channel,
 * the user's code that does so cannot write, flush, close or discard: that is an {@link
 * IllegalStateException}, and changes nothing.
 *
 * <p><b>Threads.</b> A writer belongs to the thread that first writes with it; another thread gets
 * a {@link WrongThreadException}, from {@link #close()} too.
 *
 * <p><b>ArrayRecord.</b> In a {@link Container#ARRAY_RECORD} a chunk is a group of records,
 * whatever their sizes: all of it is in memory until it is written, and 24 bytes for each group
 * until the file is closed. Only {@link #close()} writes the index by which Google's readers find
 * records. Without it the groups that were written can be read by this library.
 *
 * <p>A writer that is forgotten is closed once the garbage collector finds it, which the logger
 * {@code io.disky} reports; the records of its last chunk are lost.
 */
public final class RecordWriter implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("io.disky");

  // Never started: stands for the threads of a writer with parallelism.
  private static final Thread OTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

  private final Origin origin;
  private final Callbacks callbacks;
  private final NativeWriter engine;
  private final OwnerThread owner = new OwnerThread("the writer");
  private ChunkBuffer chunk;

  // With parallelism.
  private final @Nullable ChunkEncoding encoding;
  private final Cleaner.@Nullable Cleanable forgotten;

  private final boolean grouped;
  private final boolean padded;
  private final boolean atomic;
  private final @Nullable Repair repair;
  private final @Nullable Path temporaryPath;

  // Negative until the file is complete.
  private volatile long finalSize = -1;
  private long recordCount;
  private long recordBytes;
  private boolean inSlot;

  // The thread that needs no further check to write. Read without a fence: only a thread that has
  // put itself here finds itself here.
  private @Nullable Thread ready;
  private volatile boolean open = true;
  private @Nullable IOException failure;

  private RecordWriter(
      Origin origin,
      Callbacks callbacks,
      NativeWriter engine,
      WriterOptions options,
      @Nullable Repair repair,
      @Nullable Path temporaryPath) {
    this.temporaryPath = temporaryPath;
    this.origin = origin;
    this.callbacks = callbacks;
    this.engine = engine;
    this.encoding = options.parallelism() == 0 ? null : encoding(origin, engine, options);
    this.forgotten = encoding == null ? null : ForgottenObjects.register(this, encoding::abandon);
    this.chunk = encoding == null ? ChunkBuffer.of(options) : encoding.chunk();
    this.grouped = options.container() == Container.ARRAY_RECORD;
    this.padded = options.finalPadding() > 1;
    this.atomic = options.atomicCreation();
    this.repair = repair;
  }

  private static ChunkEncoding encoding(Origin origin, NativeWriter engine, WriterOptions options) {
    return new ChunkEncoding(
        origin.toString(),
        engine,
        nativeOptions(options),
        options.parallelism(),
        () -> ChunkBuffer.of(options));
  }

  /**
   * Creates the file at {@code path} with {@link WriterOptions#defaults()}.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it exists
   * @throws java.nio.file.AccessDeniedException if it must not be created
   * @throws java.nio.file.FileSystemException if it cannot be created for another reason
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(Path path) throws IOException {
    return open(path, WriterOptions.defaults());
  }

  /**
   * Opens the file at {@code path} for writing, as {@link WriterOptions#openMode()} says, and locks
   * it against other writers. A new file gets its signature at once.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it exists, for {@link OpenMode#CREATE_NEW}
   * @throws java.nio.file.AccessDeniedException if it must not be written
   * @throws java.nio.file.FileSystemException if another writer has it open, it is a directory, or
   *     it cannot be opened for another reason
   * @throws CorruptFileException if it is torn or damaged where it would be continued, or no record
   *     file, for {@link OpenMode#APPEND}; it is left as it is. The position is where the tear
   *     begins; {@link WriterOptions#withRepair} cuts it there
   * @throws IllegalArgumentException if {@code options} do not go together, or the file to be
   *     continued is an ArrayRecord; the message says what to choose, and nothing is done to the
   *     file. Atomic creation is for new files; {@link Dialect#DISKY} has neither brotli and snappy
   *     nor transposed chunks, metadata and padding; {@link Container#ARRAY_RECORD} is not
   *     continued, and its final padding is 65,536 bytes or none
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(Path path, WriterOptions options) throws IOException {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(options, "options");
    NativeLibrary.ensureLoaded();
    Origin origin = Origin.of(path);
    if (!origin.isFile()) {
      return openForeign(origin, path, options);
    }
    try {
      NativeWriter engine = NativeWriter.open(path, nativeOptions(options));
      Path temporaryPath = options.atomicCreation() ? engine.temporaryPath() : null;
      Repair repair = repair(engine, path, options);
      return new RecordWriter(origin, callbacks(origin), engine, options, repair, temporaryPath);
    } catch (NativeException e) {
      IOException failure = Failures.exception(e, origin, 0);
      boolean torn = failure instanceof CorruptFileException && !options.repair() && isTorn(path);
      throw torn ? Failures.torn((CorruptFileException) failure, origin) : failure;
    }
  }

  /** Whether a repair would mend the file. */
  private static boolean isTorn(Path path) {
    try {
      return repair(path, true).isPresent();
    } catch (IOException e) {
      return false; // what the file cannot be opened for says enough
    }
  }

  /** Opens a file of another file system than the default one. */
  private static RecordWriter openForeign(Origin origin, Path path, WriterOptions options)
      throws IOException {
    checkNew(origin, options);
    WritableByteChannel channel =
        options.openMode() == OpenMode.OVERWRITE
            ? FileFailures.quoting(
                () -> Files.newByteChannel(path, CREATE, TRUNCATE_EXISTING, WRITE))
            : FileFailures.quoting(() -> Files.newByteChannel(path, CREATE_NEW, WRITE));
    try {
      return open(origin, new ChannelSink(channel), options);
    } catch (Throwable e) {
      try {
        channel.close();
      } catch (IOException other) {
        e.addSuppressed(other);
      }
      throw e;
    }
  }

  /** Writes a file to {@code segment} with {@link WriterOptions#defaults()}. */
  public static RecordWriter open(MemorySegment segment) throws IOException {
    return open(segment, WriterOptions.defaults());
  }

  /**
   * Writes a file to {@code segment}, of the heap or not, from its beginning. {@link #fileSize()}
   * tells how much of it is used, after closing too. Where there is no more room, writing throws an
   * {@link IOException}; where it is of a mapped file that was truncated, a {@link
   * MemoryFaultException}; in a thread that must not use the segment, a {@link
   * WrongThreadException}; once its arena is closed, an {@link IllegalStateException}.
   *
   * @throws IllegalArgumentException if the segment is read-only; if it belongs to one thread, with
   *     {@linkplain WriterOptions#withParallelism parallelism}; if {@code options} do not go
   *     together, or are for paths: {@link OpenMode#APPEND}, {@link WriterOptions#withRepair} and
   *     {@link WriterOptions#withAtomicCreation}. Nothing is written then
   * @throws IOException if there is no room for the file signature
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(MemorySegment segment, WriterOptions options) throws IOException {
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException("the memory segment to be written to is read-only");
    }
    if (options.parallelism() > 0 && !segment.isAccessibleBy(OTHER_THREAD)) {
      throw new IllegalArgumentException(
          "the memory segment to be written to belongs to one thread, so the writer can have no"
              + " others: choose parallelism 0, or a segment of a shared or automatic arena");
    }
    return open(Origin.MEMORY, new SegmentSink(segment), options);
  }

  /** Writes a file to {@code channel} with {@link WriterOptions#defaults()}. */
  public static RecordWriter open(WritableByteChannel channel) throws IOException {
    return open(channel, WriterOptions.defaults());
  }

  /**
   * Writes a file to {@code channel} from where it is, and closes it when the writer is closed or
   * discarded; nobody else uses it until then. {@link OpenMode} and {@link FlushMode#SYNC} make a
   * difference to files only: the latter puts a {@link java.nio.channels.FileChannel} on the disk.
   * What a failed write left in the channel stays there.
   *
   * @throws IllegalArgumentException if {@code options} do not go together, or are for paths:
   *     {@link OpenMode#APPEND}, {@link WriterOptions#withRepair} and {@link
   *     WriterOptions#withAtomicCreation}. Nothing is written then, and the channel stays open
   * @throws java.nio.channels.IllegalBlockingModeException if the channel is in non-blocking mode
   *     and takes no more
   * @throws IOException if the channel throws it; it stays open
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(WritableByteChannel channel, WriterOptions options)
      throws IOException {
    Objects.requireNonNull(channel, "channel");
    return open(Origin.CHANNEL, new ChannelSink(channel), options);
  }

  /** Writes a file to {@code stream} with {@link WriterOptions#defaults()}. */
  public static RecordWriter open(OutputStream stream) throws IOException {
    return open(stream, WriterOptions.defaults());
  }

  /**
   * Writes a file to {@code stream}, and closes it when the writer is closed or discarded. It is
   * written to in large pieces, so that no {@link java.io.BufferedOutputStream} is needed. A flush
   * of any {@link FlushMode} flushes it, and promises no more than it does.
   *
   * @throws IllegalArgumentException as for {@link #open(WritableByteChannel, WriterOptions)}
   * @throws IOException if the stream throws it; it stays open
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(OutputStream stream, WriterOptions options) throws IOException {
    Objects.requireNonNull(stream, "stream");
    return open(Origin.STREAM, new OutputStreamSink(stream), options);
  }

  private static RecordWriter open(Origin origin, ByteSink sink, WriterOptions options)
      throws IOException {
    Objects.requireNonNull(options, "options");
    NativeLibrary.ensureLoaded();
    checkNew(origin, options);
    try {
      Callbacks callbacks = callbacks(origin);
      ByteSink guarded =
          origin.isMemory() ? sink : new CallbackSink(sink, origin.kind(), callbacks);
      NativeWriter engine = NativeWriter.open(origin.toString(), guarded, nativeOptions(options));
      return new RecordWriter(origin, callbacks, engine, options, null, null);
    } catch (NativeException e) {
      throw Failures.exception(e, origin, 0);
    }
  }

  private static Callbacks callbacks(Origin origin) {
    return new Callbacks("the writer of " + origin);
  }

  private static void checkNew(Origin origin, WriterOptions options) {
    if (options.openMode() == OpenMode.APPEND || options.repair() || options.atomicCreation()) {
      throw new IllegalArgumentException(
          origin
              + ": only a path of the default file system can be continued, repaired or created"
              + " atomically; choose OpenMode.CREATE_NEW without repair and atomic creation");
    }
  }

  private static @Nullable Repair repair(NativeWriter engine, Path path, WriterOptions options)
      throws NativeException {
    Repair repair = options.repair() ? repairOf(engine.repair()) : null;
    if (repair != null) {
      LOGGER.log(
          Level.WARNING,
          "{0}: its torn tail was cut off, {1} of {2} bytes: {3}",
          QuotedText.name(path),
          Long.toString(repair.sizeBefore() - repair.sizeAfter()),
          Long.toString(repair.sizeBefore()),
          repair.reason());
    }
    return repair;
  }

  private static @Nullable Repair repairOf(NativeWriter.@Nullable Repair repair) {
    return repair == null
        ? null
        : new Repair(repair.sizeBefore(), repair.sizeAfter(), repair.reason());
  }

  /**
   * Cuts the file at {@code path} at the end of its last whole chunk if its tail is torn, and puts
   * that on the disk. Nothing that is whole is ever cut. Padding that the last chunk lacks is no
   * damage.
   *
   * @param dryRun whether only to say what would be cut
   * @return what was cut; empty if the file is intact, one of 0 bytes too
   * @throws CorruptFileException if it is no record file, or is damaged in a way that a cut does
   *     not mend; the message says where, and where something intact follows. It is left as it is
   * @throws java.nio.file.NoSuchFileException if it does not exist
   * @throws java.nio.file.AccessDeniedException if it must not be written; for a dry run, read
   * @throws java.nio.file.FileSystemException if a writer has it open, it is no regular file, or it
   *     cannot be read or cut for another reason
   * @throws IllegalArgumentException if it is an ArrayRecord, which ends with an index and is never
   *     cut
   * @throws UnsupportedOperationException if {@code path} is not in the default file system
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static Optional<Repair> repair(Path path, boolean dryRun) throws IOException {
    Objects.requireNonNull(path, "path");
    NativeLibrary.ensureLoaded();
    try {
      return Optional.ofNullable(repairOf(NativeWriter.repair(path, dryRun)));
    } catch (NativeException e) {
      throw Failures.exception(e, Origin.of(path), 0);
    }
  }

  /** The options as the native library has them. */
  static NativeWriter.Options nativeOptions(WriterOptions options) {
    Compression compression = options.compression();
    return new NativeWriter.Options(
        openMode(options.openMode()),
        compression(compression),
        compression.level(),
        compression.windowLog().orElse(0),
        dialect(options.dialect()),
        container(options.container()),
        options.groupSize(),
        options.chunkSize(),
        options.transpose(),
        options.bucketFraction(),
        options.initialPadding(),
        options.finalPadding(),
        options.metadata().map(RecordsMetadata::toByteArray).orElse(null),
        options.repair(),
        options.atomicCreation(),
        options.upstreamCompatibility());
  }

  private static int openMode(OpenMode mode) {
    return switch (mode) {
      case CREATE_NEW -> disky_h.DISKY_OPEN_CREATE_NEW();
      case OVERWRITE -> disky_h.DISKY_OPEN_OVERWRITE();
      case APPEND -> disky_h.DISKY_OPEN_APPEND();
    };
  }

  private static int compression(Compression compression) {
    return switch (compression.codec()) {
      case NONE -> disky_h.DISKY_COMPRESSION_NONE();
      case ZSTD -> disky_h.DISKY_COMPRESSION_ZSTD();
      case BROTLI -> disky_h.DISKY_COMPRESSION_BROTLI();
      case SNAPPY -> disky_h.DISKY_COMPRESSION_SNAPPY();
    };
  }

  private static int dialect(Dialect dialect) {
    return switch (dialect) {
      case DISKY -> disky_h.DISKY_DIALECT_DISKY();
      case RIEGELI -> disky_h.DISKY_DIALECT_RIEGELI();
    };
  }

  private static int container(Container container) {
    return switch (container) {
      case RECORDS -> disky_h.DISKY_CONTAINER_RECORDS();
      case ARRAY_RECORD -> disky_h.DISKY_CONTAINER_ARRAY_RECORD();
    };
  }

  /** The file, as it was given; empty if there is no path. */
  public Optional<Path> path() {
    return origin.path();
  }

  /**
   * With {@linkplain WriterOptions#withAtomicCreation atomic creation}, the absolute path of the
   * hidden file that is written until the writer is closed; it is to be removed by a program that
   * ends without closing or discarding the writer, for example on a signal. Empty without atomic
   * creation, and once the writer is closed. Any thread can call this.
   */
  public Optional<Path> temporaryPath() {
    return open ? Optional.ofNullable(temporaryPath) : Optional.empty();
  }

  /**
   * What messages call what is written: the path as text, {@code memory}, {@code channel} or {@code
   * stream}.
   */
  public String name() {
    return origin.name();
  }

  /** Says whether the writer is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * What was cut off the file when it was opened: with {@link WriterOptions#withRepair} a torn
   * tail, otherwise nothing.
   */
  public Optional<Repair> repair() {
    return Optional.ofNullable(repair);
  }

  /** Number of records that this writer has taken. */
  public long recordCount() {
    return recordCount;
  }

  /** Sum of the sizes of the records that this writer has taken, in bytes. */
  public long recordBytes() {
    return recordBytes;
  }

  /**
   * Size of the file so far in bytes, without records that are still gathered; after {@link
   * #close()} that of the whole file. With {@linkplain WriterOptions#withParallelism parallelism}
   * full chunks are waited for.
   *
   * @throws IllegalStateException if the writer was closed by {@link #discard()}, or by a call that
   *     failed
   */
  public long fileSize() throws IOException {
    if (finalSize >= 0) {
      return finalSize;
    }
    checkUsable();
    callbacks.enter();
    if (encoding != null) {
      await(encoding);
    }
    try {
      return engine.fileSize();
    } catch (NativeException e) {
      throw Failures.exception(e, origin, 0);
    }
  }

  /**
   * The position of the record that this writer has taken last, by which {@link RecordReader#seek}
   * finds it once it is in the file. With {@linkplain WriterOptions#withParallelism parallelism}
   * full chunks are waited for. With {@linkplain WriterOptions#withUpstreamCompatibility upstream
   * compatibility} it may end the chunk, once behind a flush or a small chunk.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, or has taken no record
   */
  public RecordPosition lastPosition() throws IOException {
    checkWritable();
    StackRoom.require();
    if (recordCount == 0) {
      throw new IllegalStateException("the writer of " + origin + " has taken no record so far");
    }
    if (encoding != null) {
      await(encoding);
      checkNotFailed();
    }
    try {
      // The records that are gathered become the chunk that comes next, or begin it.
      long next = chunk.isEmpty() ? -1 : engine.promiseNextChunk(chunk.count(), chunk.size());
      return next >= 0 ? new RecordPosition(next, chunk.count() - 1) : lastWrittenPosition();
    } catch (NativeException e) {
      throw Failures.exception(e, origin, 0);
    }
  }

  /** Writes the records that are gathered, if any. The position of the last one written. */
  private RecordPosition lastWrittenPosition() throws IOException, NativeException {
    writeAll();
    NativeWriter.LastChunk last =
        Objects.requireNonNull(engine.lastChunk(), "a record was written");
    return new RecordPosition(last.begin(), last.count() - 1);
  }

  /**
   * Writes a record.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, or is building a record in place
   */
  public void write(byte[] record) throws IOException {
    write(record, 0, record.length);
  }

  /**
   * Writes a range of an array as a record.
   *
   * @param offset where the record begins
   * @param length its size in bytes
   * @throws IndexOutOfBoundsException if the range is not within the array
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, or is building a record in place
   */
  public void write(byte[] array, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, array.length);
    if (isReady() && chunk.tryAdd(array, offset, length)) {
      count(length);
      return;
    }
    MemorySegment data = reserve(length);
    MemorySegment.copy(array, offset, data, ValueLayout.JAVA_BYTE, chunk.size(), length);
    add(length);
  }

  /**
   * Writes the bytes between a buffer's position and its limit as a record, and moves the position
   * to the limit.
   *
   * @throws MemoryFaultException if the buffer is of a mapped file that was truncated meanwhile;
   *     the record is not written, and the writer can go on
   * @throws IOException if writing fails, now or earlier; the position is then where it was
   * @throws IllegalStateException if the writer is closed, or is building a record in place
   */
  public void write(ByteBuffer record) throws IOException {
    write(MemorySegment.ofBuffer(record));
    record.position(record.limit());
  }

  /**
   * Writes the bytes of a segment, of the heap or not, as a record.
   *
   * @throws MemoryFaultException if the segment is of a mapped file that was truncated meanwhile;
   *     the record is not written, and the writer can go on
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, is building a record in place, or the
   *     segment's arena is closed
   * @throws WrongThreadException if the writer or the segment belongs to another thread
   */
  public void write(MemorySegment record) throws IOException {
    long length = record.byteSize();
    try {
      if (!isReady() || !chunk.tryAdd(record)) {
        makeRoom(length);
        chunk.add(record);
      }
    } catch (MemoryFault e) {
      throw Failures.memoryFault(e, origin);
    }
    count(length);
  }

  /**
   * Builds a record in place, in the chunk, without a copy.
   *
   * {@snippet :
   * writer.write(16, slot -> {
   *   slot.set(JAVA_LONG_UNALIGNED, 0, timestamp);
   *   return 8;
   * });
   * }
   *
   * <p>While {@code slotWriter} runs, every other method of this writer that writes, flushes or
   * closes throws. If it throws, the record is discarded and the writer goes on as if nothing had
   * been asked of it.
   *
   * @param maxSize the most bytes that the record can have; that much memory is held, so a close
   *     bound is better
   * @throws IllegalArgumentException if {@code maxSize} is negative, or {@code slotWriter} returns
   *     a size that is negative or more than {@code maxSize}; the record is discarded
   * @throws MemoryFaultException if memory that {@code slotWriter} has used is of a mapped file
   *     that was truncated meanwhile; the record is discarded, and the writer can go on
   * @throws IOException if writing fails, now or earlier
   * @throws X if {@code slotWriter} throws it
   * @throws IllegalStateException if the writer is closed, or is already building a record in place
   */
  public <X extends Throwable> void write(long maxSize, SlotWriter<X> slotWriter)
      throws IOException, X {
    Objects.requireNonNull(slotWriter, "slotWriter");
    if (maxSize < 0) {
      throw new IllegalArgumentException("the most bytes of a record are negative: " + maxSize);
    }
    checkWritable();
    long size = fillSlot(maxSize, slotWriter);
    if (size < 0 || size > maxSize) {
      throw new IllegalArgumentException(
          "a record of " + size + " bytes was built in a slot of " + maxSize);
    }
    if (!chunk.isEmpty() && chunk.overflows(size)) {
      StackRoom.require();
      writeChunk(size);
    }
    add(size);
  }

  private <X extends Throwable> long fillSlot(long maxSize, SlotWriter<X> slotWriter)
      throws IOException, X {
    inSlot = true;
    ready = null;
    try (Arena arena = Arena.ofConfined()) {
      long size = slotWriter.write(rescope(chunk.slot(maxSize), arena));
      MemoryFault.throwPending();
      return size;
    } catch (InternalError e) {
      throw Failures.memoryFault(
          MemoryFault.of("memory that a record in its slot was made from", e), origin);
    } finally {
      inSlot = false;
    }
  }

  @SuppressWarnings("restricted")
  private static MemorySegment rescope(MemorySegment memory, Arena arena) {
    // The chunk's memory outlives the arena: this writer, which is on the stack, holds it.
    return memory.reinterpret(arena, null);
  }

  /**
   * Makes the records so far visible to readers that open the file from now on: {@link
   * FlushMode#VISIBLE}.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, is building a record in place, or is
   *     inside a group of a {@link Container#ARRAY_RECORD}
   */
  public void flush() throws IOException {
    flush(FlushMode.VISIBLE);
  }

  /**
   * Writes the records so far, and the {@linkplain WriterOptions#finalPadding() padding}; returns
   * when what {@code mode} promises holds for them.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, is building a record in place, or is
   *     inside a group of a {@link Container#ARRAY_RECORD}: its groups are of one size; for {@link
   *     FlushMode#SYNC} also with {@linkplain WriterOptions#withAtomicCreation atomic creation}
   */
  public void flush(FlushMode mode) throws IOException {
    Objects.requireNonNull(mode, "mode");
    checkWritable();
    StackRoom.require();
    if (atomic && mode == FlushMode.SYNC) {
      throw new IllegalStateException(
          "the writer of "
              + origin
              + " creates the file atomically: nothing of it outlives a power cut before it is"
              + " closed");
    }
    checkGroupComplete();
    writeAll();
    ready = null; // what takes the bytes is perhaps the user's code, and is to be refused
    if (mode == FlushMode.SYNC) {
      sync();
    } else if (padded || !origin.isFile()) {
      pad();
    }
  }

  private void checkGroupComplete() {
    if (grouped && !chunk.isEmpty() && !chunk.isFullGroup()) {
      throw new IllegalStateException(
          "the writer of "
              + origin
              + " is inside a group, after "
              + chunk.count()
              + " of its records: the groups of an ArrayRecord are of one size, so it cannot be"
              + " flushed here");
    }
  }

  private void pad() throws IOException {
    try {
      engine.flush();
    } catch (NativeException e) {
      throw failed(e);
    }
  }

  private void sync() throws IOException {
    try {
      engine.sync();
    } catch (NativeException e) {
      throw failed(e);
    }
  }

  private void finish() throws IOException {
    try {
      engine.finish();
      finalSize = engine.fileSize();
    } catch (NativeException e) {
      throw failed(e);
    }
  }

  /**
   * Writes the records that are still gathered, then what the file is to end with (padding, the
   * index of an ArrayRecord), and closes it. With {@linkplain WriterOptions#withAtomicCreation
   * atomic creation} the file is put on the disk and gets its name. Does nothing if the writer is
   * closed. When this throws, the writer is closed all the same, and a file that was to be created
   * atomically is removed.
   *
   * <p>A {@code try} block closes its writer when the block throws, too: an incomplete file then
   * gets its name, unless the writer is {@linkplain #discard() discarded} before.
   *
   * @throws java.nio.file.FileAlreadyExistsException if with atomic creation and {@link
   *     OpenMode#CREATE_NEW} there is such a file meanwhile
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is building a record in place; it is then not
   *     closed
   * @throws WrongThreadException if the writer belongs to another thread; it is then not closed
   */
  @Override
  public void close() throws IOException {
    if (!open) {
      return;
    }
    owner.check();
    checkNoSlot();
    callbacks.enter();
    closeEncoded();
  }

  /**
   * Closes the writer without writing the records that are still gathered, or what the file is to
   * end with. With {@linkplain WriterOptions#withAtomicCreation atomic creation} the file is
   * removed, and what was there before stays; otherwise it keeps what was written. Does nothing if
   * the writer is closed.
   *
   * @throws IllegalStateException if the writer is building a record in place; it is then not
   *     closed
   * @throws WrongThreadException if the writer belongs to another thread; it is then not closed
   */
  public void discard() {
    if (!open) {
      return;
    }
    owner.check();
    checkNoSlot();
    callbacks.enter();
    open = false;
    ready = null;
    if (encoding != null) {
      encoding.abandon();
    }
    release();
  }

  /**
   * Writes a chunk that {@code encoder} holds. This and the following are for who has the writer
   * for itself, on whatever thread; they take no notice of the records that are gathered.
   */
  void writeEncoded(NativeEncoder encoder, ChunkBuffer encoded) throws IOException {
    checkNotFailed();
    try {
      engine.writeEncoded(encoder, encoded.records());
    } catch (NativeException e) {
      throw failed(e);
    }
    recordCount += encoded.count();
    recordBytes += encoded.size();
  }

  /** Flushes what was written. */
  void flushEncoded(FlushMode mode) throws IOException {
    checkNotFailed();
    if (mode == FlushMode.SYNC) {
      sync();
    } else if (padded) {
      pad();
    }
  }

  /** Closes the writer. */
  void closeEncoded() throws IOException {
    open = false;
    ready = null;
    try {
      checkNotFailed();
      writeAll();
      finish();
    } finally {
      release();
    }
  }

  /** Closes the writer, and removes a file that was to be created atomically. */
  void discardEncoded() {
    open = false;
    ready = null;
    release();
  }

  private void release() {
    if (encoding != null) {
      encoding.close();
    }
    if (forgotten != null) {
      forgotten.clean();
    }
    chunk.release();
    engine.close();
  }

  /**
   * Makes room for a record of {@code length} bytes at the chunk's size of the segment returned.
   */
  private MemorySegment reserve(long length) throws IOException {
    makeRoom(length);
    return chunk.reserve(length);
  }

  /** Sees to it that the next record, of {@code length} bytes, goes into the chunk. */
  private void makeRoom(long length) throws IOException {
    checkWritable();
    if (chunk.overflows(length) && !chunk.isEmpty()) {
      StackRoom.require();
      writeChunk(0);
    }
  }

  private void add(long length) {
    chunk.add(length);
    count(length);
  }

  private void count(long length) {
    recordCount++;
    recordBytes += length;
  }

  /**
   * Writes the records gathered so far; {@code pending} bytes behind them stay, for the next chunk.
   */
  private void writeChunk(long pending) throws IOException {
    if (chunk.isEmpty()) {
      return;
    }
    ready = null; // as for flush
    if (encoding != null) {
      try {
        chunk = encoding.submit(pending);
      } finally {
        Reference.reachabilityFence(this); // forgotten objects drop their chunks
      }
      return;
    }
    try {
      engine.write(chunk.records(), chunk.ends());
    } catch (NativeException e) {
      throw failed(e);
    }
    chunk.clear(pending);
  }

  /** Writes the records gathered so far, and returns when they are written. */
  private void writeAll() throws IOException {
    writeChunk(0);
    if (encoding != null) {
      await(encoding);
      checkNotFailed();
    }
  }

  private void await(ChunkEncoding chunks) {
    try {
      chunks.await();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private IOException failed(NativeException e) {
    failure = Failures.exception(e, origin, 0);
    ready = null;
    return failure;
  }

  /** Says whether the writer was writable, to this thread, and nothing has happened since. */
  private boolean isReady() {
    return ready == Thread.currentThread() && (encoding == null || encoding.failure() == null);
  }

  private void checkWritable() throws IOException {
    ready = null;
    checkUsable();
    checkNoSlot();
    callbacks.check();
    checkNotFailed();
    ready = Thread.currentThread();
  }

  private void checkUsable() {
    owner.check();
    if (!open) {
      throw new IllegalStateException("the writer of " + origin + " is closed");
    }
  }

  private void checkNoSlot() {
    if (inSlot) {
      throw new IllegalStateException(
          "the writer of " + origin + " is building a record in place: return from it first");
    }
  }

  private void checkNotFailed() throws IOException {
    if (failure != null) {
      throw Failures.repeat(failure, origin);
    }
    if (encoding != null) {
      checkEncoded(encoding.failure());
    }
  }

  private void checkEncoded(@Nullable Throwable problem) throws IOException {
    if (problem instanceof NativeException e) {
      throw failed(e);
    }
    if (problem != null) {
      failure = new IOException(origin + ": a chunk could not be written", problem);
      throw failure;
    }
  }

  /** How many calls of the native library this writer has made. */
  long downcalls() {
    return engine.downcalls();
  }
}
