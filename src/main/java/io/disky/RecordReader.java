package io.disky;

import io.disky.ffi.disky_chunk;
import io.disky.ffi.disky_h;
import io.disky.ffi.disky_sizes;
import io.disky.internal.ByteSource;
import io.disky.internal.ChannelSource;
import io.disky.internal.FileFailures;
import io.disky.internal.InputStreamSource;
import io.disky.internal.MemoryFault;
import io.disky.internal.NativeException;
import io.disky.internal.NativeLibrary;
import io.disky.internal.NativeReader;
import io.disky.internal.SeekableChannelSource;
import io.disky.internal.SegmentSource;
import io.disky.internal.StackRoom;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a file in order, without copying them into the Java heap.
 *
 * {@snippet :
 * try (RecordReader reader = RecordReader.open(path)) {
 *   for (MemorySegment record : reader) {
 *     total += record.byteSize();
 *   }
 * }
 * }
 *
 * <p>There is one position in the file, which iteration, visits, streams and batches share. Records
 * are read a chunk at a time; every byte of a record has passed the chunk's hash.
 *
 * <p><b>Which way to read.</b> Iteration is the simplest, and as fast as any where the loop is
 * compiled. {@link #visitBatches} and {@link #nextBatch()} hand out a chunk at a time: for loops
 * without any object per record, for other threads, and for records that are to live longer. {@link
 * #nextBatch(Arena)} decodes into memory whose lifetime the caller chooses. {@link #visit} is for
 * code that throws checked exceptions.
 *
 * <p><b>Lifetime.</b> A record that iteration, a visit or a stream handed out is valid until the
 * next one is asked for, or the reader is closed. Once its chunk has been left, and after closing,
 * using it is an {@link IllegalStateException}. Batches live longer: see {@link RecordBatch}.
 * Nothing that a program does with a record crashes the JVM.
 *
 * <p><b>Threads.</b> A reader belongs to the thread that first reads with it; another thread gets a
 * {@link WrongThreadException}, from {@link #close()} too. Batches can go to other threads.
 *
 * <p><b>Callbacks.</b> What a reader calls in the middle of an operation (a visitor, a {@link
 * RecordSearch}, an arena, a {@linkplain ReaderOptions#withSkippedRegionListener listener}, a
 * logger, the stream or channel that it reads) can ask it for {@link #position()}, and close it:
 * the operation then throws an {@link IllegalStateException}. Everything else that reads or moves
 * is refused to it by an {@link IllegalStateException} that names the callback; nothing is lost by
 * that, nor by what else a callback throws.
 *
 * <p><b>Failures.</b> Reading throws a {@link CorruptFileException} for a damaged file, after every
 * record before the damage, an {@link UnsupportedFormatException} for a type of chunk or
 * compression that this version does not know, a {@link ChunkTooLargeException} for a chunk beyond
 * the limit, and the exceptions of {@link java.nio.file} where the operating system fails. It then
 * stays where it is: reading on throws the same again. Iterators and streams wrap these in {@link
 * UncheckedIOException}. With {@link CorruptionStrategy#RECOVER} it goes on behind damage instead,
 * and tells what it skipped: {@link #skippedRegions()}.
 *
 * <p><b>Files that grow.</b> With {@link ReaderOptions#withTail} reading waits at the end of the
 * file for more records. What looks at the whole file, such as {@link #count()}, and {@link
 * #verify()} do not wait: they see the file as large as it was when it was last looked at for
 * records, and an unfinished chunk at its end is damage to them.
 *
 * <p>A reader that is forgotten is closed once the garbage collector finds it, which the logger
 * {@code io.disky} reports.
 */
public final class RecordReader implements Iterable<MemorySegment>, AutoCloseable {
  private static final int MIN_TRACKED = 16;

  private final Origin origin;
  private final Callbacks callbacks;
  private final NativeReader engine;
  private final OwnerThread owner = new OwnerThread("the reader");
  private final BufferPool buffers = new BufferPool();
  private final RecordCursor cursor = new RecordCursor(new Feed(), owner);
  private final long fileSize;
  private final SkippedRegions skippedRegions;
  private final ReaderOptions options;
  private final @Nullable ParallelDecoder decoder;

  // Batches that are to be closed with the reader. Weak: one that is forgotten is nobody's
  // business.
  private final List<WeakReference<RecordBatch>> batches = new ArrayList<>();
  private int trackedMost = MIN_TRACKED;

  // Decoded by a call that then failed because the user's code did: the next one returns it.
  private @Nullable RecordBatch undelivered;

  // Where the chunk begins that follows what was decoded or sought last.
  private long nextChunk;
  private long recordsRead;

  // Whether nothing was read since the reader was moved: it may be moved again after one chunk.
  private boolean moved;

  // Whether nothing was decoded since the user said where a chunk begins.
  private boolean sought;
  private boolean streamed;
  private volatile boolean open = true;

  private RecordReader(
      Origin origin,
      Callbacks callbacks,
      NativeReader engine,
      long fileSize,
      ReaderOptions options) {
    this.origin = origin;
    this.callbacks = callbacks;
    this.engine = engine;
    this.fileSize = fileSize;
    this.options = options;
    this.nextChunk = options.rangeBegin();
    this.skippedRegions =
        new SkippedRegions(
            origin.toString(), options.skippedRegionListener().orElse(null), callbacks);
    this.decoder = options.parallelism() > 0 && canBeShared() ? decoder() : null;
  }

  /** Whether several threads can read at places of their own. */
  private boolean canBeShared() {
    return origin.isFile() && !options.tail();
  }

  private ParallelDecoder decoder() {
    ParallelDecoder decoder =
        new ParallelDecoder(buffers, options.readAhead(), end(), options.maxChunkSize());
    decoder.endWith(this);
    return decoder;
  }

  /**
   * Opens the file at {@code path} with {@link ReaderOptions#defaults()}.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws java.nio.file.AccessDeniedException if it must not be read
   * @throws java.nio.file.FileSystemException if it is a directory, or cannot be opened for another
   *     reason
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordReader open(Path path) throws IOException {
    return open(path, ReaderOptions.defaults());
  }

  /**
   * Opens the file at {@code path}, through a channel if it is of another file system than the
   * default one. The file's size is taken now: what is appended later is seen only with {@link
   * ReaderOptions#withTail}, which is for the default file system. Its contents are first looked at
   * when they are read.
   *
   * @throws IllegalArgumentException if the options exclude each other; the file is not opened then
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws java.nio.file.AccessDeniedException if it must not be read
   * @throws java.nio.file.FileSystemException if it is a directory, or cannot be opened for another
   *     reason
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordReader open(Path path, ReaderOptions options) throws IOException {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(options, "options");
    NativeLibrary.ensureLoaded();
    Origin origin = Origin.of(path);
    if (origin.isFile()) {
      try {
        NativeReader engine = NativeReader.open(path, nativeOptions(options));
        return of(origin, callbacks(origin), engine, options);
      } catch (NativeException e) {
        throw Failures.exception(e, origin, 0);
      }
    }
    SeekableByteChannel channel = FileFailures.quoting(() -> Files.newByteChannel(path));
    try {
      return open(origin, sourceOf(channel), options);
    } catch (Throwable e) {
      close(channel, e);
      throw e;
    }
  }

  /** The channels of some file systems, that of the JDK's modules for one, have no positions. */
  private static ByteSource sourceOf(SeekableByteChannel channel) throws IOException {
    try {
      channel.position(0);
    } catch (UnsupportedOperationException e) {
      return new ChannelSource(channel);
    }
    return new SeekableChannelSource(channel);
  }

  private static void close(Closeable opened, Throwable failure) {
    try {
      opened.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Reads the file whose bytes are those of {@code segment}, with {@link ReaderOptions#defaults()}.
   */
  public static RecordReader open(MemorySegment segment) throws IOException {
    return open(segment, ReaderOptions.defaults());
  }

  /**
   * Reads the file whose bytes are those of {@code segment}: of the heap, native, or of a mapped
   * file, which may be truncated meanwhile: that is a {@link MemoryFaultException}. Bytes are
   * copied when records are read, and records do not refer to the segment. It is not written to,
   * and must stay as it is while the reader is used.
   *
   * <p>Once its arena is closed, reading throws an {@link IllegalStateException}; in a thread that
   * must not use it, a {@link WrongThreadException}. Closing the reader does not close the arena.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withTail}: only a file grows
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordReader open(MemorySegment segment, ReaderOptions options) throws IOException {
    Objects.requireNonNull(segment, "segment");
    return open(Origin.MEMORY, new SegmentSource(segment), options);
  }

  /** Reads the file that is all of {@code channel}, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(SeekableByteChannel channel) throws IOException {
    return open(channel, ReaderOptions.defaults());
  }

  /**
   * Reads the file that is all of {@code channel}, wherever its position is; the size is taken now.
   * The reader moves the position, and closes the channel when it is closed; nobody else uses it
   * until then. A {@link Path} is faster, and can be followed while the file grows.
   *
   * <p>What the channel throws, reading throws; it can then be tried again.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withTail}; the channel stays open
   * @throws IOException if the size cannot be told; the channel stays open
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordReader open(SeekableByteChannel channel, ReaderOptions options)
      throws IOException {
    Objects.requireNonNull(channel, "channel");
    return open(Origin.CHANNEL, new SeekableChannelSource(channel), options);
  }

  /** Reads the file that {@code channel} gives, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(ReadableByteChannel channel) throws IOException {
    return open(channel, ReaderOptions.defaults());
  }

  /**
   * Reads the file that {@code channel} gives from where it is to its end, as {@link
   * #open(InputStream, ReaderOptions)} does. The channel waits for bytes: one in non-blocking mode
   * is an {@link java.nio.channels.IllegalBlockingModeException} when it has none.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withTail} or {@link
   *     ReaderOptions#withRange}; the channel stays open
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordReader open(ReadableByteChannel channel, ReaderOptions options)
      throws IOException {
    Objects.requireNonNull(channel, "channel");
    return open(Origin.CHANNEL, new ChannelSource(channel), options);
  }

  /** Reads the file that {@code stream} gives, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(InputStream stream) throws IOException {
    return open(stream, ReaderOptions.defaults());
  }

  /**
   * Reads the file that {@code stream} gives from where it is to its end; closes it when the reader
   * is closed. Bytes are taken in larger pieces, so that no {@link java.io.BufferedInputStream} is
   * needed, and may be taken beyond the records read.
   *
   * <p>A stream does not go back. Records can be read and verified, and {@link #metadata()} be
   * asked for before; {@link #count()}, {@link #describe()}, {@link #forEachChunk}, seeking and
   * searching throw {@link UnsupportedOperationException}. A chunk whose records are about as small
   * as the entries of an ArrayRecord's index is handed out once what follows it has come. The bytes
   * of a chunk are kept until it is decoded. With {@link CorruptionStrategy#RECOVER} all that
   * follows the first damage is kept, at most twice {@link ReaderOptions#maxChunkSize()} and 16
   * MiB; a {@link ChunkTooLargeException} says that it is more.
   *
   * <p>What the stream throws, reading throws; it can then be tried again.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withTail} or {@link
   *     ReaderOptions#withRange}; the stream stays open
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordReader open(InputStream stream, ReaderOptions options) throws IOException {
    Objects.requireNonNull(stream, "stream");
    return open(Origin.STREAM, new InputStreamSource(stream), options);
  }

  private static RecordReader open(Origin origin, ByteSource source, ReaderOptions options)
      throws IOException {
    Objects.requireNonNull(options, "options");
    NativeLibrary.ensureLoaded();
    try {
      if (source.size() == ByteSource.UNKNOWN_SIZE
          && (options.rangeBegin() > 0 || options.rangeEnd() < Long.MAX_VALUE)) {
        throw new IllegalArgumentException(
            origin + ": a range is read of a file, a seekable channel or memory, not of a stream");
      }
      Callbacks callbacks = callbacks(origin);
      ByteSource guarded =
          origin.isMemory() ? source : new CallbackSource(source, origin.kind(), callbacks);
      NativeReader engine = NativeReader.open(origin.toString(), guarded, nativeOptions(options));
      return of(origin, callbacks, engine, options);
    } catch (NativeException e) {
      throw Failures.exception(e, origin, 0);
    }
  }

  private static Callbacks callbacks(Origin origin) {
    return new Callbacks("the reader of " + origin);
  }

  private static RecordReader of(
      Origin origin, Callbacks callbacks, NativeReader engine, ReaderOptions options)
      throws NativeException {
    return new RecordReader(origin, callbacks, engine, engine.fileSize(), options);
  }

  private static NativeReader.Options nativeOptions(ReaderOptions options) {
    return new NativeReader.Options(
        options.maxChunkSize(),
        options.maxRecordSize(),
        options.maxRecordsPerChunk(),
        corruptionStrategy(options.corruptionStrategy()),
        options.scan(),
        options.tail(),
        false,
        options.rangeBegin(),
        options.rangeEnd());
  }

  private static int corruptionStrategy(CorruptionStrategy strategy) {
    return switch (strategy) {
      case ERROR -> disky_h.DISKY_CORRUPTION_ERROR();
      case RECOVER -> disky_h.DISKY_CORRUPTION_RECOVER();
    };
  }

  /** The file, as it was given; empty if there is no path. */
  public Optional<Path> path() {
    return origin.path();
  }

  /**
   * What messages call what is read: the path as text, {@code memory}, {@code channel} or {@code
   * stream}.
   */
  public String name() {
    return origin.name();
  }

  /**
   * Size of the file in bytes, as it was when it was opened; -1 of a stream, which does not tell.
   */
  public long fileSize() {
    return fileSize;
  }

  /** Says whether the reader is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * The records from the current position on. Every iterator of a reader moves the same position.
   *
   * <p>A record is valid until {@link Iterator#next()} is called again; {@link Iterator#hasNext()}
   * leaves it alone.
   *
   * @throws IllegalStateException if the reader is closed; so do the iterator's methods
   */
  @Override
  public Iterator<MemorySegment> iterator() {
    checkIdle();
    return cursor;
  }

  /** As {@link #stream()} has it. */
  @Override
  public Spliterator<MemorySegment> spliterator() {
    checkIdle();
    return new RecordSpliterator();
  }

  /**
   * The records from the current position on, as a sequential stream that does not split: each
   * record is valid until the next one is processed, so a record that is collected must be copied.
   * For parallel work use {@link #batches()}. Closing the stream does not close the reader.
   *
   * @throws IllegalStateException if the reader is closed
   */
  public Stream<MemorySegment> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  /**
   * Calls {@code visitor} with each record from the current position on. If it throws, the position
   * is after that record.
   *
   * @throws IOException if reading fails
   * @throws X if the visitor throws it
   * @throws IllegalStateException if the reader is closed, by the visitor too
   */
  public <X extends Throwable> void visit(RecordVisitor<X> visitor) throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    checkIdle();
    while (cursor.hasRecord() || cursor.nextBatch()) {
      visitChunk(visitor);
    }
  }

  /** Visits the records of the chunk that the cursor is in, until it no longer is. */
  private <X extends Throwable> void visitChunk(RecordVisitor<X> visitor) throws X {
    String outer = callbacks.begin("record visitor");
    try {
      while (cursor.hasRecord()) {
        cursor.visitNext(visitor);
      }
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * Reads the next chunk that has records. Its memory is this reader's, used again once the batch
   * is closed: close each batch when its work is done.
   *
   * @return the batch, or {@code null} at the end of the file; if the file is followed, also when
   *     the {@linkplain ReaderOptions#withTailTimeout time to wait} is up
   * @throws IOException if reading fails; a {@link java.io.InterruptedIOException} if the thread is
   *     interrupted while it waits for a file that is followed
   * @throws IllegalStateException if the reader is closed, or if iteration has handed out some
   *     records of a chunk but not all
   */
  public @Nullable RecordBatch nextBatch() throws IOException {
    checkBetweenChunks();
    RecordBatch ahead = cursor.takeUpcoming();
    return ahead != null ? ahead : decodeNext();
  }

  /**
   * Reads the next chunk that has records into memory of {@code arena}, where it stays as long as
   * the arena. Memory of an arena that is not one of the JDK's is copied to.
   *
   * @return the batch, or {@code null} at the end of the file; if the file is followed, also when
   *     the {@linkplain ReaderOptions#withTailTimeout time to wait} is up
   * @throws IOException if reading fails; a {@link java.io.InterruptedIOException} if the thread is
   *     interrupted while it waits for a file that is followed
   * @throws IllegalStateException if the reader or the arena is closed, or if iteration has handed
   *     out some records of a chunk but not all
   * @throws IllegalArgumentException if {@code arena} gives other memory than it was asked for; the
   *     chunk is still the next one
   * @throws WrongThreadException if {@code arena} is confined to another thread
   */
  public @Nullable RecordBatch nextBatch(Arena arena) throws IOException {
    Objects.requireNonNull(arena, "arena");
    checkBetweenChunks();
    // What other threads have decoded, or an earlier call, is somewhere already. Native code does
    // not write to memory of an arena that is not the JDK's.
    boolean decodedApart = decoder != null || undelivered != null || !isOfJdk(arena);
    if (decodedApart && !cursor.hasNextBatch()) {
      return null;
    }
    RecordBatch ahead = cursor.upcoming();
    if (ahead == null) {
      return decodeInto(arena);
    }
    // After hasNext, which had to decode the chunk to know that it has records, too.
    RecordBatch.Place place = ahead.place();
    MemorySegment ends = allocate(arena, (long) place.count() * Long.BYTES, Long.BYTES);
    MemorySegment data = allocate(arena, place.dataSize(), 1);
    RecordBatch copied = copy(ahead, ends, data);
    cursor.takeUpcoming();
    ahead.close();
    return copied;
  }

  private @Nullable RecordBatch decodeInto(Arena arena) throws IOException {
    MemorySegment ends = MemorySegment.NULL;
    MemorySegment data = MemorySegment.NULL;
    while (true) {
      Step step = decode(ends, data);
      if (step.status() == disky_h.DISKY_END()) {
        return null;
      }
      if (step.status() == disky_h.DISKY_OK()) {
        return deliver(RecordBatch.in(ends, data, step.place()), false);
      }
      ends = allocate(arena, Math.multiplyExact(step.records(), Long.BYTES), Long.BYTES);
      data = allocate(arena, step.dataSize(), 1);
    }
  }

  private RecordBatch copy(RecordBatch batch, MemorySegment ends, MemorySegment data)
      throws IOException {
    try {
      return batch.copyTo(ends, data);
    } catch (MemoryFault e) {
      throw Failures.memoryFault(e, origin);
    }
  }

  /**
   * Whether native code may write to what the arena gives. Other arenas may give memory of a mapped
   * file: who truncates that file would end the process.
   */
  private static boolean isOfJdk(Arena arena) {
    return arena.getClass().getModule() == Object.class.getModule();
  }

  /** Memory of the user, whose code this calls. */
  private MemorySegment allocate(Arena arena, long size, long alignment) {
    String outer = callbacks.begin("arena");
    MemorySegment memory;
    try {
      memory = ArenaMemory.allocate(arena, size, alignment);
    } finally {
      callbacks.end(outer);
    }
    checkOpen();
    return memory;
  }

  /**
   * Calls {@code visitor} with each chunk from the current position on that has records, and closes
   * the batch when it returns. If it throws, the position is after that chunk.
   *
   * @throws IOException if reading fails
   * @throws X if the visitor throws it
   * @throws IllegalStateException if the reader is closed, by the visitor too, or if iteration has
   *     handed out some records of a chunk but not all
   */
  public <X extends Throwable> void visitBatches(BatchVisitor<X> visitor) throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    while (true) {
      try (RecordBatch batch = nextBatch()) {
        if (batch == null) {
          return;
        }
        visitBatch(visitor, batch);
      }
    }
  }

  private <X extends Throwable> void visitBatch(BatchVisitor<X> visitor, RecordBatch batch)
      throws X {
    String outer = callbacks.begin("batch visitor");
    try {
      visitor.visit(batch);
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * The chunks from the current position on that have records, each as by {@link #nextBatch()}. A
   * sequential stream has them in the order of the file; a parallel one hands them to threads as
   * these get to them, in no particular order. Whatever takes a batch closes it:
   *
   * {@snippet :
   * long bytes = reader.batches().parallel().mapToLong(batch -> {
   *   try (batch) {
   *     return batch.data().byteSize();
   *   }
   * }).sum();
   * }
   *
   * <p>From now on this reader can only be closed, from any thread. Closing the stream does not
   * close it.
   *
   * @throws IllegalStateException if the reader is closed, or if iteration has handed out some
   *     records of a chunk but not all
   */
  public Stream<RecordBatch> batches() {
    checkBetweenChunks();
    cursor.release();
    streamed = true;
    return StreamSupport.stream(new BatchSpliterator(this::takeShared), false);
  }

  /** For the threads of a stream of batches, one at a time. */
  private synchronized @Nullable RecordBatch takeShared() throws IOException {
    checkOpen();
    callbacks.enter();
    RecordBatch ahead = cursor.takeUpcoming();
    return ahead != null ? ahead : decodeNext();
  }

  /**
   * The position of the record that is read next. Between two chunks this is where the next one may
   * begin: {@link #seek} takes it for the record that follows, and it is less than that record's
   * own. At the end of the file it is the file's size. Before the first record of a {@linkplain
   * ReaderOptions#withRange range} is read, it is where the range begins.
   *
   * @throws IllegalStateException if the reader is closed
   */
  public RecordPosition position() {
    checkUsable();
    RecordBatch current = cursor.current();
    if (current != null && cursor.isInsideChunk()) {
      return current.position(cursor.index());
    }
    RecordBatch upcoming = cursor.upcoming() != null ? cursor.upcoming() : undelivered;
    return upcoming != null ? upcoming.position(0) : new RecordPosition(nextChunk, 0);
  }

  /**
   * The position of the record that iteration, a visit or a stream handed out last.
   *
   * @throws IllegalStateException if there is none since the reader was opened or moved, or batches
   *     were read since; or if the reader is closed
   */
  public RecordPosition lastPosition() {
    checkUsable();
    RecordBatch current = cursor.current();
    if (current == null || !cursor.hasHandedOut()) {
      throw new IllegalStateException(
          "no record was handed out before, whose position it could be");
    }
    return current.position(cursor.index() - 1);
  }

  /**
   * Moves to a record: it is read next. {@code position} is one of this file, by {@link
   * #position()}, {@link #lastPosition()}, {@link RecordBatch#position} or {@link
   * RecordWriter#lastPosition()}; another one, of a chunk that is there, is taken for the next
   * record after it. Seeking behind the records of a chunk goes to the next chunk.
   *
   * <p>If {@link RecordPosition#recordIndex()} is not 0, the chunk is decoded now; iteration then
   * goes on inside it. For {@link #nextBatch()}, which gives whole chunks, seek to index 0.
   *
   * @throws IllegalArgumentException if no chunk can begin at such an offset, or it is outside the
   *     file or the {@linkplain ReaderOptions#withRange range}; the reader stays where it is. Also
   *     if a chunk lies there that begins before; if the index is 0, only the next read throws that
   * @throws CorruptFileException if the file is damaged there; if the index is 0, only the next
   *     read throws that
   * @throws IOException if reading fails
   * @throws IllegalStateException if the reader is closed
   */
  public void seek(RecordPosition position) throws IOException {
    Objects.requireNonNull(position, "position");
    moveTo(position.chunkBegin());
    if (position.recordIndex() > 0 && cursor.hasNextBatch()) {
      RecordBatch upcoming = Objects.requireNonNull(cursor.upcoming());
      if (upcoming.chunkBegin() == position.chunkBegin()) {
        cursor.nextBatch();
        cursor.moveTo((int) Math.min(position.recordIndex(), upcoming.count()));
      }
    }
  }

  private void moveTo(long chunkBegin) throws IOException {
    moveTo(chunkBegin, 0);
  }

  /**
   * Moves to a chunk that ends at {@code chunkEnd}, if that is not 0 but was told by the engine.
   */
  private void moveTo(long chunkBegin, long chunkEnd) throws IOException {
    checkGoesBack("seeking");
    try {
      engine.seek(chunkBegin, chunkEnd);
    } catch (NativeException e) {
      throw failure(e);
    }
    cursor.abandon();
    dropUndelivered();
    nextChunk = chunkBegin;
    moved = true;
    sought = true;
    forgetDecoded();
  }

  /**
   * Moves to where this reader itself has found that a chunk begins, or that the file ends: no
   * argument is wrong if that is there no more.
   */
  private void moveToFound(long chunkBegin) throws IOException {
    moveToFound(chunkBegin, 0);
  }

  private void moveToFound(long chunkBegin, long chunkEnd) throws IOException {
    try {
      moveTo(chunkBegin, chunkEnd);
    } catch (IllegalArgumentException e) {
      throw Failures.shortened(e, origin, chunkBegin, recordsRead);
    }
  }

  /**
   * Moves to the record whose {@linkplain RecordPosition#numeric() numeric position} is {@code
   * position}, or to the next one. The file's block headers tell where to look, so this takes a few
   * small reads more than {@link #seek}.
   *
   * @param position at least 0; one behind the end means the end
   * @throws IllegalArgumentException if it is negative, or outside the {@linkplain
   *     ReaderOptions#withRange range}
   * @throws IOException if reading fails
   * @throws IllegalStateException if the reader is closed
   */
  public void seekNumeric(long position) throws IOException {
    if (position < 0) {
      throw new IllegalArgumentException("the numeric position is negative: " + position);
    }
    checkIdle();
    NativeReader.Extent chunk = findChunk(position, disky_h.DISKY_NEAREST_AT_OR_BEFORE());
    if (position >= fileSize()) {
      moveTo(fileSize());
    } else if (chunk == null || position >= chunk.end()) {
      // Inside damage, where no chunk may begin at the position itself.
      long end = chunk == null ? 0 : chunk.end();
      moveTo(Math.max(end, Math.min(position, options.rangeBegin())));
    } else if (position - chunk.begin() >= chunk.records()) {
      // Padding, for example: it has no records.
      moveTo(position == chunk.begin() ? position : Math.min(chunk.end(), fileSize()));
    } else {
      seek(new RecordPosition(chunk.begin(), position - chunk.begin()));
    }
  }

  /**
   * Moves to the first record of the first chunk that begins at the byte {@code offset} of the file
   * or behind it; to the end if there is none. One small read of a block header tells where to
   * look.
   *
   * @param offset in bytes, at least 0
   * @throws IllegalArgumentException if it is negative, or the chunk is outside the {@linkplain
   *     ReaderOptions#withRange range}
   * @throws IOException if reading fails
   * @throws IllegalStateException if the reader is closed
   */
  public void seekToOffset(long offset) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("the offset is negative: " + offset);
    }
    checkIdle();
    NativeReader.Extent chunk = findChunk(offset, disky_h.DISKY_NEAREST_AT_OR_AFTER());
    moveTo(chunk == null ? end() : chunk.begin());
  }

  /**
   * Moves back by one record: that before the one that would be read next.
   *
   * @return {@code false} if there is none, in the {@linkplain ReaderOptions#withRange range}; the
   *     reader is then at the first record
   * @throws IOException if reading fails
   * @throws IllegalStateException if the reader is closed
   */
  public boolean seekBack() throws IOException {
    checkIdle();
    RecordPosition position = position();
    if (position.recordIndex() > 0) {
      cursor.moveTo((int) position.recordIndex() - 1);
      return true;
    }
    NativeReader.Extent before = lastChunkBefore(position.chunkBegin());
    while (before != null && !enterAtLast(before)) {
      // The file was changed meanwhile.
      before = lastChunkBefore(before.begin());
    }
    if (before == null) {
      moveTo(options.rangeBegin());
      return false;
    }
    return true;
  }

  /** Moves to the last record of a chunk; {@code false} if another chunk is read there. */
  private boolean enterAtLast(NativeReader.Extent chunk) throws IOException {
    moveToFound(chunk.begin(), chunk.end());
    if (!cursor.hasNextBatch()) {
      return false;
    }
    RecordBatch upcoming = Objects.requireNonNull(cursor.upcoming());
    if (upcoming.chunkBegin() != chunk.begin()) {
      return false;
    }
    cursor.nextBatch();
    cursor.moveTo(upcoming.count() - 1);
    return true;
  }

  /**
   * The last chunk with records in the range that begins before {@code position}; with recovery one
   * that can be read.
   */
  private NativeReader.@Nullable Extent lastChunkBefore(long position) throws IOException {
    NativeReader.Extent chunk = findChunk(position, disky_h.DISKY_NEAREST_RECORDS_BEFORE());
    if (options.corruptionStrategy() == CorruptionStrategy.RECOVER) {
      try {
        takeSkippedRegions();
      } catch (NativeException e) {
        throw failure(e);
      }
    }
    return chunk;
  }

  /** The first chunk that holds records of the user and begins in {@code begin..end}. */
  private NativeReader.@Nullable Extent firstChunkWithRecords(long begin, long end)
      throws IOException {
    try {
      long position = begin;
      while (position < Math.min(end, fileSize())) {
        NativeReader.Chunks chunks = engine.chunks(position, end, 1);
        if (!chunks.extents().isEmpty()) {
          return chunks.extents().getFirst();
        }
        position = chunks.next();
      }
      return null;
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  private NativeReader.@Nullable Extent findChunk(long position, int nearest) throws IOException {
    checkGoesBack("searching for a chunk");
    try {
      return engine.findChunk(position, nearest);
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  /** Where the range ends, or the file. */
  private long end() {
    return Math.min(options.rangeEnd(), fileSize());
  }

  /**
   * Finds a record in a file whose records are in the order by which {@code search} compares: all
   * that are before what is searched, then those that are it, then those that are after it. A
   * binary search, first over chunks by means of the file's block headers, then within one: it
   * decodes as many chunks as the binary logarithm of their number, about. Where the reader was
   * does not matter; {@linkplain ReaderOptions#withRange in a range} only its chunks are searched.
   *
   * <p>Afterwards the reader is at the first record that is what is searched; if there is none, at
   * the first one after it, or at the end.
   *
   * @return whether there is a record that is what is searched
   * @throws IOException if reading fails; where it then is, is not defined
   * @throws X if {@code search} throws it
   * @throws IllegalStateException if the reader is closed, by {@code search} too
   * @throws UnsupportedOperationException if a stream is read
   */
  public <X extends Throwable> boolean search(RecordSearch<X> search) throws IOException, X {
    Objects.requireNonNull(search, "search");
    checkGoesBack("searching");
    // The last chunk known to begin before what is searched, and where the first one begins that is
    // known not to.
    long low = -1;
    long lowEnd = options.rangeBegin();
    long high = end();
    boolean highIsIt = false;
    // No other chunk with records begins in limit..high.
    long limit = high;
    while (lowEnd < limit) {
      long middle = lowEnd + (limit - lowEnd) / 2;
      NativeReader.Extent at = findChunk(middle, disky_h.DISKY_NEAREST_AT_OR_AFTER());
      NativeReader.Extent chunk =
          at == null || at.begin() >= limit ? null : firstChunkWithRecords(at.begin(), limit);
      if (chunk == null) {
        limit = middle;
      } else {
        int compared = compareFirst(chunk, search);
        if (compared < 0) {
          low = chunk.begin();
          lowEnd = chunk.end();
        } else {
          high = chunk.begin();
          highIsIt = compared == 0;
          limit = middle;
        }
      }
    }
    if (low >= 0) {
      boolean found = searchChunk(low, search);
      if (cursor.isInsideChunk()) {
        return found;
      }
    }
    moveToFound(high);
    return highIsIt;
  }

  private <X extends Throwable> int compareFirst(NativeReader.Extent chunk, RecordSearch<X> search)
      throws IOException, X {
    moveToFound(chunk.begin());
    if (!cursor.nextBatch()) {
      return 1;
    }
    return compareNext(search);
  }

  private <X extends Throwable> int compareNext(RecordSearch<X> search) throws X {
    String outer = callbacks.begin("record search");
    MemorySegment record = cursor.step();
    cursor.withhold();
    int compared;
    try {
      compared = search.compare(record);
    } finally {
      cursor.resume();
      callbacks.end(outer);
    }
    checkOpen();
    return compared;
  }

  /**
   * Searches the chunk at {@code chunkBegin}, whose first record is before what is searched. If
   * there is nothing, the reader is behind the chunk.
   *
   * @return whether what is searched is there, and the reader at it
   */
  private <X extends Throwable> boolean searchChunk(long chunkBegin, RecordSearch<X> search)
      throws IOException, X {
    moveToFound(chunkBegin);
    if (!cursor.nextBatch()) {
      return false;
    }
    int count = Objects.requireNonNull(cursor.current()).count();
    int low = 0;
    int high = count;
    boolean found = false;
    while (low < high) {
      int middle = (low + high) >>> 1;
      cursor.moveTo(middle);
      int compared = compareNext(search);
      if (compared < 0) {
        low = middle + 1;
      } else {
        high = middle;
        found = compared == 0;
      }
    }
    cursor.moveTo(low);
    return found;
  }

  /**
   * The parts of the file that were skipped so far, in file order: with {@link
   * CorruptionStrategy#RECOVER} those before the end of the batch read last, and at the end of the
   * file all. A file with more than 10,000 is a ruin: the last region kept then reaches to the end
   * of those that follow. May be called from any thread, and after closing.
   */
  public List<SkippedRegion> skippedRegions() {
    return skippedRegions.soFar();
  }

  /**
   * Checks every hash from the current position to the end of the file, which is then the position.
   * Nothing is decoded, so that what only decoding shows goes unnoticed: reading the records shows
   * it. With {@link CorruptionStrategy#RECOVER} damage becomes a {@link SkippedRegion}.
   *
   * @throws IOException if reading fails; with {@link CorruptionStrategy#ERROR} too if the file is
   *     damaged
   * @throws IllegalStateException if the reader is closed, or if iteration has handed out some
   *     records of a chunk but not all
   */
  public void verify() throws IOException {
    checkBetweenChunks();
    cursor.release();
    forgetDecoded();
    try {
      boolean more = true;
      while (more) {
        more = engine.verify();
        // Of the last call, too: the end of the file may be damaged.
        takeSkippedRegions();
        logNotices();
        checkUsable();
      }
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  /** Logs what the engine has noticed, and so may call a logger of the user's. */
  private void logNotices() throws NativeException {
    String outer = callbacks.begin("logger");
    try {
      Notices.log(origin, engine);
    } finally {
      callbacks.end(outer);
    }
  }

  private void takeSkippedRegions() throws NativeException {
    for (NativeReader.SkippedRegion region = engine.nextSkippedRegion();
        region != null;
        region = engine.nextSkippedRegion()) {
      skippedRegions.add(Failures.skippedRegion(region));
    }
  }

  /**
   * Counts the records of the whole file, or of {@linkplain ReaderOptions#withRange the range},
   * whatever the current position, which does not change. Only chunk headers are read, so damaged
   * chunk data go unnoticed. The index of an ArrayRecord is no records.
   *
   * @throws IOException if reading fails
   * @throws IllegalStateException if the reader is closed
   */
  public long count() throws IOException {
    checkGoesBack("counting");
    try {
      long records = engine.count();
      logNotices();
      return records;
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  /**
   * The file metadata, which a Riegeli file may have: what its records are, by what they were
   * written. Of concatenated files these are the metadata of the first one. The current position
   * does not change.
   *
   * @return the metadata; empty if the file has none, as all of {@link Dialect#DISKY}
   * @throws IOException if reading fails; a {@link CorruptFileException} too if the metadata are no
   *     {@code RecordsMetadata} message, and a {@link ChunkTooLargeException} if they have more
   *     than 64 MiB
   * @throws IllegalStateException if the reader is closed
   */
  public Optional<RecordsMetadata> metadata() throws IOException {
    checkIdle();
    byte[] message = metadataMessage();
    try {
      return message == null ? Optional.empty() : Optional.of(RecordsMetadata.parse(message));
    } catch (IllegalArgumentException e) {
      throw Failures.damagedMetadata(e, origin, recordsRead);
    }
  }

  private byte @Nullable [] metadataMessage() throws IOException {
    try {
      return engine.metadata();
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  /**
   * Describes the whole file, whatever the current position, which does not change. Chunk headers,
   * record sizes and file metadata are read, transposed chunks decoded; damage elsewhere goes
   * unnoticed. {@link FileDescription#recordSizes()} leaves out chunks whose headers exceed a limit
   * of {@link ReaderOptions}, and those of a compression that this version does not know.
   *
   * @throws IOException if reading fails; {@link #forEachChunk} needs less of the file to be intact
   * @throws IllegalStateException if the reader is closed
   */
  public FileDescription describe() throws IOException {
    FileDescription.Summary summary = new FileDescription.Summary();
    forEachChunk(summary::add);
    return summary.of(fileSize, recordSizes(), metadata());
  }

  private SizeDistribution recordSizes() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sizes = engine.recordSizes(arena);
      logNotices();
      long[] buckets = disky_sizes.buckets(sizes).toArray(ValueLayout.JAVA_LONG);
      return new SizeDistribution(
          disky_sizes.count(sizes),
          disky_sizes.smallest(sizes),
          disky_sizes.largest(sizes),
          disky_sizes.total(sizes),
          SizeDistribution.histogram(buckets));
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  /**
   * Describes each chunk of the whole file, of every type, from its header and its first bytes. The
   * current position does not change. {@code action} may read with this reader.
   *
   * @throws IOException if reading fails
   * @throws IllegalStateException if the reader is closed
   */
  public void forEachChunk(Consumer<? super ChunkDescription> action) throws IOException {
    Objects.requireNonNull(action, "action");
    checkGoesBack("describing");
    try {
      MemorySegment chunk = engine.chunkAt(0);
      while (chunk.address() != 0) {
        ChunkDescription description = description(chunk);
        action.accept(description);
        checkUsable();
        chunk = engine.chunkAt(description.end());
      }
      logNotices();
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  private static ChunkDescription description(MemorySegment chunk) {
    int dialect = disky_chunk.dialect(chunk);
    ChunkType type = type(chunk);
    return new ChunkDescription(
        disky_chunk.begin(chunk),
        disky_chunk.end(chunk),
        type,
        codec(disky_chunk.compression_type(chunk)),
        dialect < 0
            ? Optional.empty()
            : Optional.of(
                dialect == disky_h.DISKY_DIALECT_DISKY() ? Dialect.DISKY : Dialect.RIEGELI),
        disky_chunk.records(chunk),
        disky_chunk.data_size(chunk),
        type.holdsRecords() ? saturated(disky_chunk.decoded_data_size(chunk)) : 0);
  }

  private static ChunkType type(MemorySegment chunk) {
    int part = disky_chunk.part(chunk);
    if (part == disky_h.DISKY_PART_FOOTER()) {
      return ChunkType.FOOTER;
    }
    return part == disky_h.DISKY_PART_POSTSCRIPT()
        ? ChunkType.POSTSCRIPT
        : ChunkType.of(disky_chunk.chunk_type(chunk));
  }

  /** A chunk header can state more than a long holds. */
  private static long saturated(long unsigned) {
    return unsigned < 0 ? Long.MAX_VALUE : unsigned;
  }

  private static String codec(int compressionType) {
    return switch (compressionType) {
      case -1 -> "";
      case 0 -> "none";
      case 'z' -> "zstd";
      case 'b' -> "brotli";
      case 's' -> "snappy";
      default -> "unknown";
    };
  }

  /**
   * Closes the file, and ends every batch of {@link #nextBatch()} that belongs to this thread or to
   * none; those of other threads live until they are closed there. Does nothing if the reader is
   * closed.
   *
   * @throws WrongThreadException if the reader belongs to another thread; it is then not closed
   * @throws IllegalStateException if a native call of the user is using a record; the file is
   *     closed all the same, and that record's batch lives until it is closed
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    if (!streamed) {
      owner.check();
    }
    StackRoom.require();
    synchronized (this) {
      if (open) {
        open = false;
        notifyAll(); // whoever waits for more records
        closeAll();
      }
    }
  }

  private void closeAll() {
    try {
      endBatches();
    } finally {
      if (decoder != null) {
        decoder.close();
      }
      dropUndelivered();
      batches.clear();
      buffers.clear();
      engine.close();
    }
  }

  private void endBatches() {
    IllegalStateException inUse = end(cursor::release, null);
    for (WeakReference<RecordBatch> reference : batches) {
      RecordBatch batch = reference.get();
      if (batch != null) {
        inUse = end(batch::closeIfOwned, inUse);
      }
    }
    if (inUse != null) {
      throw inUse;
    }
  }

  /** Runs {@code close} and returns its failure, or {@code earlier} with that added. */
  private static @Nullable IllegalStateException end(
      Runnable close, @Nullable IllegalStateException earlier) {
    try {
      close.run();
      return earlier;
    } catch (IllegalStateException e) {
      if (earlier == null) {
        return e;
      }
      earlier.addSuppressed(e);
      return earlier;
    }
  }

  /** How many chunks other threads have decoded that this reader has handed out. */
  long decodedAhead() {
    return decoder == null ? 0 : decoder.taken();
  }

  /** How many calls of the native library this reader has made. */
  long downcalls() {
    return engine.downcalls();
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the reader of " + origin + " is closed");
    }
  }

  private void checkUsable() {
    owner.check();
    checkOpen();
    if (streamed) {
      throw new IllegalStateException(
          origin + " is being read by the stream that batches() returned, or as a shard");
    }
  }

  /** As {@link #checkUsable()}, and that none of the reader's callbacks asks. */
  private void checkIdle() {
    checkUsable();
    callbacks.enter();
  }

  private void checkGoesBack(String what) {
    checkIdle();
    if (fileSize < 0) {
      throw new UnsupportedOperationException(
          origin
              + ": "
              + what
              + " goes back and forth, which a stream cannot; copy it to a file or to memory first");
    }
  }

  private void checkBetweenChunks() {
    checkIdle();
    if (cursor.isInsideChunk()) {
      throw new IllegalStateException(
          "iteration is in the middle of a chunk of "
              + origin
              + ": finish the chunk's records first");
    }
  }

  /**
   * Leaves the reader to threads that take turns with {@link #decodeLent} and {@link #close()}.
   *
   * @throws IllegalStateException if it is closed, or was asked for single records
   */
  void lend() {
    checkBetweenChunks();
    if (cursor.upcoming() != null) {
      throw new IllegalStateException("iteration has already read ahead in " + origin);
    }
    cursor.release();
    streamed = true;
  }

  /**
   * As {@link #decodeNext(BufferPool)}, for the threads that the reader is lent to: who has opened
   * it may close it meanwhile.
   */
  synchronized @Nullable RecordBatch decodeLent(BufferPool pool) throws IOException {
    checkOpen();
    callbacks.enter();
    return decodeNext(pool);
  }

  /** Decodes the next chunk that has records into a buffer; {@code null} at the end. */
  private @Nullable RecordBatch decodeNext() throws IOException {
    RecordBatch batch = decodeNext(buffers);
    if (batch != null) {
      track(batch);
    }
    return batch;
  }

  /**
   * Decodes the next chunk that has records into a buffer of {@code pool}; {@code null} at the end.
   * The batch outlives the reader.
   */
  private @Nullable RecordBatch decodeNext(BufferPool pool) throws IOException {
    if (undelivered != null) {
      RecordBatch batch = undelivered;
      undelivered = null;
      return deliver(batch, true);
    }
    RecordBatch decoded = takeDecoded();
    if (decoded != null) {
      met(decoded);
      return deliver(decoded, false);
    }
    BatchBuffer buffer = pool.take();
    RecordBatch batch = null;
    try {
      batch = decodeInto(buffer, pool);
    } finally {
      if (batch == null) {
        pool.give(buffer);
      }
    }
    if (batch == null) {
      return null;
    }
    met(batch);
    return deliver(batch, true);
  }

  /**
   * Tells the user's code what was met on the way to {@code batch}, and returns that. If this
   * fails, the batch is not lost: the next call delivers it.
   *
   * @param readsOn whether threads that decode ahead are to get to know where this reader is
   */
  private RecordBatch deliver(RecordBatch batch, boolean readsOn) throws IOException {
    RecordBatch kept = hasNews() ? batch.kept(buffers) : batch;
    boolean delivered = false;
    try {
      takeNews();
      checkOpen();
      if (readsOn) {
        decodeAhead();
      }
      delivered = true;
    } finally {
      if (!delivered) {
        undelivered = kept;
        if (!open) {
          dropUndelivered();
        }
      }
    }
    if (kept != batch) {
      kept.close();
    }
    return batch;
  }

  private void dropUndelivered() {
    RecordBatch dropped = undelivered;
    undelivered = null;
    if (dropped != null) {
      dropped.close();
    }
  }

  private void met(RecordBatch batch) {
    if (decoder != null) {
      decoder.met(batch.byteSize());
    }
  }

  /**
   * Takes the next chunk from the threads that decode ahead, if they have it. What they have is no
   * more than a guess: the engine goes past the chunk, and so finds whatever it would find if it
   * read on.
   */
  private @Nullable RecordBatch takeDecoded() throws IOException {
    ParallelDecoder.DecodedChunk chunk = decoder == null ? null : take(decoder);
    if (chunk == null) {
      return null;
    }
    RecordBatch batch = null;
    try {
      if (skip(chunk.place())) {
        RecordBatch.Place place = chunk.place().withScanned(engine.batchScanned());
        batch = RecordBatch.pooled(place, chunk.buffer(), buffers);
      }
    } finally {
      if (batch == null) {
        buffers.give(chunk.buffer());
      }
    }
    return batch;
  }

  private ParallelDecoder.@Nullable DecodedChunk take(ParallelDecoder from) {
    try {
      return from.take();
    } finally {
      Reference.reachabilityFence(this); // forgotten readers close what it decodes with
    }
  }

  private boolean skip(RecordBatch.Place place) {
    try {
      if (!engine.skip(place.chunkBegin())) {
        return false;
      }
    } catch (NativeException e) {
      // Reading on meets the same, and says what it is.
      return false;
    }
    recordsRead += place.count();
    nextChunk = engine.batchChunkEnd();
    return true;
  }

  /** Has threads decode from here on what they do not yet decode. */
  private void decodeAhead() throws IOException {
    if (decoder == null || nextChunk >= end()) {
      return;
    }
    if (moved) {
      moved = false;
      return;
    }
    if (!decoder.isStarted()) {
      decoder.start(sharedReaders());
    }
    decoder.passed(nextChunk);
  }

  private List<NativeReader> sharedReaders() throws IOException {
    List<NativeReader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < options.parallelism(); i++) {
        readers.add(engine.share());
      }
      return readers;
    } catch (NativeException e) {
      readers.forEach(NativeReader::close);
      throw failure(e);
    }
  }

  private void forgetDecoded() {
    if (decoder != null) {
      decoder.forget();
    }
  }

  private @Nullable RecordBatch decodeInto(BatchBuffer buffer, BufferPool pool) throws IOException {
    while (true) {
      Step step = decode(buffer.ends(), buffer.data());
      if (step.status() == disky_h.DISKY_END()) {
        return null;
      }
      if (step.status() == disky_h.DISKY_OK()) {
        return RecordBatch.pooled(step.place(), buffer, pool);
      }
      buffer.reserve(step.records(), step.dataSize());
    }
  }

  /**
   * What asking the engine for the next chunk came to: a copy of its numbers, which another call
   * would overwrite.
   */
  private record Step(int status, long records, long dataSize, RecordBatch.@Nullable Place known) {
    static Step of(int status, NativeReader engine) {
      return new Step(
          status,
          engine.batchRecords(),
          engine.batchDataSize(),
          status == disky_h.DISKY_OK() ? RecordBatch.Place.of(engine) : null);
    }

    /** Where the chunk was decoded to, if it was. */
    RecordBatch.Place place() {
      return Objects.requireNonNull(known);
    }
  }

  /** Decodes the next chunk, which it waits for where the file is followed. */
  private Step decode(MemorySegment ends, MemorySegment data) throws IOException {
    TailPolls polls = null;
    while (true) {
      Step step = decodeNow(ends, data);
      if (step.status() == disky_h.DISKY_NOT_YET()) {
        takeNews();
        if (polls == null) {
          polls =
              new TailPolls(
                  origin.path().orElseThrow(),
                  options.pollInterval(),
                  options.tailTimeout().orElse(null));
        }
        long pause = polls.next();
        if (pause == 0) {
          return new Step(disky_h.DISKY_END(), 0, 0, null);
        }
        pause(polls, pause);
      } else {
        if (step.status() == disky_h.DISKY_END()) {
          takeNews();
          checkOpen();
        }
        return step;
      }
    }
  }

  // Leaves the monitor meanwhile, which threads that share a stream of batches need.
  private synchronized void pause(TailPolls polls, long nanos) throws IOException {
    if (open) {
      polls.await(this, nanos);
    }
    checkOpen();
  }

  private Step decodeNow(MemorySegment ends, MemorySegment data) throws IOException {
    try {
      Step step = Step.of(engine.next(ends, data), engine);
      if (step.status() == disky_h.DISKY_OK()) {
        recordsRead += step.records();
        sought = false;
      }
      // Regions that the repeated call makes longer are one, however much memory there was at
      // first.
      if (step.status() != disky_h.DISKY_NEED_MEMORY()) {
        nextChunk = engine.batchChunkEnd();
      }
      return step;
    } catch (NativeException e) {
      checkPlaced(e);
      throw failure(e);
    }
  }

  /** That no chunk begins where the reader was moved to is no damage. */
  private void checkPlaced(NativeException failure) {
    if (!sought || failure.position() != nextChunk || !Failures.isDamage(failure)) {
      return;
    }
    NativeReader.Extent chunk = null;
    try {
      chunk = engine.findChunk(nextChunk, disky_h.DISKY_NEAREST_AT_OR_BEFORE());
    } catch (NativeException e) {
      failure.addSuppressed(e);
    }
    if (chunk != null && chunk.begin() < nextChunk && nextChunk < chunk.end()) {
      throw new IllegalArgumentException(
          origin
              + ": no chunk begins at byte "
              + nextChunk
              + ", where the reader was moved to, but one from byte "
              + chunk.begin()
              + " to byte "
              + chunk.end()
              + " lies there: is it a position of another file?");
    }
  }

  private boolean hasNews() {
    return engine.batchSkippedRegions() > 0 || engine.batchNotices() > 0;
  }

  /** Takes what the last batch brought with it. */
  private void takeNews() throws IOException {
    if (!hasNews()) {
      return;
    }
    try {
      if (engine.batchSkippedRegions() > 0) {
        takeSkippedRegions();
      }
      if (engine.batchNotices() > 0) {
        logNotices();
      }
    } catch (NativeException e) {
      throw failure(e);
    }
  }

  /** What {@code e} means to the user, who is told first what was noticed before. */
  private IOException failure(NativeException e) {
    try {
      logNotices();
    } catch (NativeException other) {
      e.addSuppressed(other);
    }
    return Failures.exception(e, origin, recordsRead);
  }

  private void track(RecordBatch batch) {
    if (batches.size() >= trackedMost) {
      batches.removeIf(reference -> reference.refersTo(null) || isClosed(reference.get()));
      trackedMost = Math.max(MIN_TRACKED, 2 * batches.size());
    }
    batches.add(new WeakReference<>(batch));
  }

  private static boolean isClosed(@Nullable RecordBatch batch) {
    return batch == null || batch.isClosed();
  }

  private final class Feed implements BatchFeed {
    @Override
    public void checkUsable() {
      RecordReader.this.checkIdle();
    }

    @Override
    public @Nullable RecordBatch next() throws IOException {
      return decodeNext();
    }
  }

  /** Records one by one. Does not split: a record ends when the next one begins. */
  private final class RecordSpliterator implements Spliterator<MemorySegment> {
    @Override
    public boolean tryAdvance(Consumer<? super MemorySegment> action) {
      if (!cursor.hasNext()) {
        return false;
      }
      action.accept(cursor.next());
      return true;
    }

    @Override
    public @Nullable Spliterator<MemorySegment> trySplit() {
      return null;
    }

    @Override
    public long estimateSize() {
      return Long.MAX_VALUE;
    }

    @Override
    public int characteristics() {
      return ORDERED | NONNULL;
    }
  }
}
