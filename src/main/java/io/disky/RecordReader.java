package io.disky;

import io.disky.engine.Engine;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.files.Origin;
import io.disky.memory.BufferPool;
import io.disky.memory.DecodedChunk;
import io.disky.memory.MemoryFault;
import io.disky.reading.ArenaChunks;
import io.disky.reading.BatchSpliterator;
import io.disky.reading.ChunkFeed;
import io.disky.reading.Navigation;
import io.disky.reading.OpenSource;
import io.disky.reading.ReaderState;
import io.disky.reading.ReadingFailures;
import io.disky.reading.RecordCursor;
import io.disky.reading.RecordPlace;
import io.disky.reading.RecordSpliterator;
import io.disky.reading.SkippedRegions;
import io.disky.threads.Callbacks;
import io.disky.transfer.ByteSource;
import io.disky.transfer.ChannelSource;
import io.disky.transfer.InputStreamSource;
import io.disky.transfer.SeekableChannelSource;
import io.disky.transfer.SegmentSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
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
  private final Origin origin;
  private final ReaderOptions options;
  private final long fileSize;
  private final Callbacks callbacks;
  private final ReaderState state;
  private final SkippedRegions skippedRegions;
  private final NativeReader engine;
  private final ChunkFeed feed;
  private final RecordCursor cursor;
  private final ArenaChunks arenaChunks;
  private final Navigation navigation;

  private RecordReader(OpenSource source, ReaderOptions options) {
    this.origin = source.origin();
    this.options = options;
    this.fileSize = source.fileSize();
    this.callbacks = source.callbacks();
    this.engine = source.engine();
    this.state = new ReaderState(origin.toString(), callbacks);
    this.skippedRegions =
        new SkippedRegions(state.name(), listener(options), callbacks);
    Failures failures = new Failures(origin);
    this.feed = new ChunkFeed(source, options.feedSettings(), state, skippedRegions, failures);
    this.cursor = new RecordCursor(feed, state.owner());
    this.arenaChunks = new ArenaChunks(state, feed, cursor);
    this.navigation =
        new Navigation(state, feed, cursor, options.settings(), fileSize, failures);
  }

  private static @Nullable Consumer<NativeReader.SkippedRegion> listener(ReaderOptions options) {
    Consumer<? super SkippedRegion> listener = options.skippedRegionListener().orElse(null);
    return listener == null ? null : region -> listener.accept(SkippedRegion.of(region));
  }

  /** The exceptions of this package for failures of reading {@code origin}. */
  private record Failures(Origin origin) implements ReadingFailures {
    @Override
    public IOException exception(EngineException failure, long recordsRead) {
      return RecordFileException.of(failure, origin, recordsRead);
    }

    @Override
    public IOException shortened(IllegalArgumentException failure, long position, long records) {
      return CorruptFileException.shortened(failure, origin, position, records);
    }
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
    Engine.ensureLoaded();
    Failures failures = new Failures(Origin.of(path));
    return new RecordReader(OpenSource.open(path, options.settings(), failures), options);
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
    Engine.ensureLoaded();
    Failures failures = new Failures(origin);
    return new RecordReader(
        OpenSource.open(origin, source, options.settings(), failures), options);
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
    return state.isOpen();
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
    state.checkIdle();
    return cursor;
  }

  /** As {@link #stream()} has it. */
  @Override
  public Spliterator<MemorySegment> spliterator() {
    state.checkIdle();
    return new RecordSpliterator(cursor);
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
    state.checkIdle();
    while (cursor.hasRecord() || cursor.nextChunk()) {
      visitChunk(visitor);
    }
  }

  /** Visits the records of the chunk that the cursor is in, until it no longer is. */
  private <X extends Throwable> void visitChunk(RecordVisitor<X> visitor) throws X {
    String outer = callbacks.begin("record visitor");
    try {
      while (cursor.hasRecord()) {
        visitNext(visitor);
      }
    } finally {
      callbacks.end(outer);
    }
  }

  private <X extends Throwable> void visitNext(RecordVisitor<X> visitor) throws X {
    MemorySegment record = cursor.step();
    cursor.withhold();
    try {
      visitor.visit(record);
    } finally {
      cursor.resume();
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
    return takeNext();
  }

  private @Nullable RecordBatch takeNext() throws IOException {
    DecodedChunk ahead = cursor.takeUpcoming();
    return batch(ahead != null ? ahead : feed.next());
  }

  private static @Nullable RecordBatch batch(@Nullable DecodedChunk chunk) {
    return chunk == null ? null : new RecordBatch(chunk);
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
    try {
      return batch(arenaChunks.next(arena));
    } catch (MemoryFault e) {
      throw MemoryFaultException.of(e, origin);
    }
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
    state.lend();
    return StreamSupport.stream(new BatchSpliterator<>(this::takeShared), false);
  }

  /** For the threads of a stream of batches, one at a time. */
  private @Nullable RecordBatch takeShared() throws IOException {
    synchronized (state) {
      state.checkLent();
      return takeNext();
    }
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
    return position(navigation.position());
  }

  private static RecordPosition position(RecordPlace place) {
    return new RecordPosition(place.chunkBegin(), place.index());
  }

  /**
   * The position of the record that iteration, a visit or a stream handed out last.
   *
   * @throws IllegalStateException if there is none since the reader was opened or moved, or batches
   *     were read since; or if the reader is closed
   */
  public RecordPosition lastPosition() {
    return position(navigation.lastPosition());
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
    navigation.seek(new RecordPlace(position.chunkBegin(), position.recordIndex()));
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
    navigation.seekNumeric(position);
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
    navigation.seekToOffset(offset);
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
    return navigation.seekBack();
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
    return navigation.search(search::compare);
  }

  /**
   * The parts of the file that were skipped so far, in file order: with {@link
   * CorruptionStrategy#RECOVER} those before the end of the batch read last, and at the end of the
   * file all. A file with more than 10,000 is a ruin: the last region kept then reaches to the end
   * of those that follow. May be called from any thread, and after closing.
   */
  public List<SkippedRegion> skippedRegions() {
    return skippedRegions.soFar().stream().map(SkippedRegion::of).toList();
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
    feed.verify();
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
    navigation.checkGoesBack("counting");
    long records = feed.ask(NativeReader::count);
    feed.logNotices();
    return records;
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
    state.checkIdle();
    byte[] message = feed.<byte @Nullable []>ask(NativeReader::metadata);
    try {
      return message == null ? Optional.empty() : Optional.of(RecordsMetadata.parse(message));
    } catch (IllegalArgumentException e) {
      throw CorruptFileException.damagedMetadata(e, origin, feed.recordsRead());
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
    NativeReader.RecordSizes sizes = feed.ask(NativeReader::recordSizes);
    feed.logNotices();
    return SizeDistribution.of(sizes);
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
    navigation.checkGoesBack("describing");
    NativeReader.ChunkHeader chunk = chunkAt(0);
    while (chunk != null) {
      ChunkDescription description = ChunkDescription.of(chunk);
      action.accept(description);
      state.checkUsable();
      chunk = chunkAt(description.end());
    }
    feed.logNotices();
  }

  private NativeReader.@Nullable ChunkHeader chunkAt(long position) throws IOException {
    return feed.<NativeReader.@Nullable ChunkHeader>ask(engine -> engine.chunkAt(position));
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
    state.close(() -> feed.close(cursor::release));
  }

  /** How many chunks other threads have decoded that this reader has handed out. */
  long decodedAhead() {
    return feed.decodedAhead();
  }

  /** How many calls of the native library this reader has made. */
  long downcalls() {
    return engine.downcalls();
  }

  private void checkBetweenChunks() {
    state.checkIdle();
    if (cursor.isInsideChunk()) {
      throw new IllegalStateException(
          "iteration is in the middle of a chunk of "
              + origin
              + ": finish the chunk's records first");
    }
  }

  /**
   * Lends the reader to threads that take turns with {@link #decodeLent} and {@link #close()}.
   *
   * @throws IllegalStateException if it is closed, or single records were requested before
   */
  void lend() {
    checkBetweenChunks();
    if (cursor.upcoming() != null) {
      throw new IllegalStateException("iteration has already read ahead in " + origin);
    }
    cursor.release();
    state.lend();
  }

  /**
   * Decodes the next chunk into a buffer of {@code pool}, for the threads that the reader is lent
   * to. The thread that opened the reader may close it meanwhile.
   *
   * @return {@code null} at the end
   */
  @Nullable DecodedChunk decodeLent(BufferPool pool) throws IOException {
    synchronized (state) {
      state.checkLent();
      return feed.next(pool);
    }
  }
}
