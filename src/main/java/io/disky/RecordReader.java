package io.disky;

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
import io.disky.reading.RecordAction;
import io.disky.reading.RecordCursor;
import io.disky.reading.RecordPlace;
import io.disky.reading.RecordSpliterator;
import io.disky.reading.SkippedRegions;
import io.disky.reading.StreamedBatches;
import io.disky.reading.StrictCursor;
import io.disky.remote.RemoteFile;
import io.disky.threads.Callbacks;
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
 * <p>A reader has one position in the file, which iteration, {@link #next()}, visits, streams and
 * batches share. It reads a chunk at a time; every byte of a record has passed the chunk's hash.
 *
 * <p><b>Which way to read.</b> Iteration is the simplest way, and in compiled loops as fast as any.
 * {@link #next()} and {@link #visit} are for code that throws checked exceptions. {@link
 * #visitBatches} and {@link #nextBatch()} return a chunk at a time: for loops without an object per
 * record, for other threads, and for records that must live longer. {@link #nextBatch(Arena)}
 * decodes into memory whose lifetime the caller chooses.
 *
 * <p><b>Lifetime.</b> A record of iteration, {@code next()}, a visit or a stream is valid until the
 * next record is requested, or the reader is closed. After the reader has left the record's chunk,
 * each use of the record is an {@link IllegalStateException} with the JDK's message {@code Already
 * closed}: copy a record that must live longer ({@link Records#toBytes}), or use batches, which
 * live until they are closed. As long as the reader is in the chunk, the mistake goes unnoticed, so
 * that a test with few records passes: {@link ReaderOptions#withStrictLifetimes} finds it. No use
 * of a record crashes the JVM.
 *
 * <p><b>Threads.</b> A reader belongs to the thread that first reads with it; other threads get a
 * {@link WrongThreadException}, from {@link #close()} too. Batches can go to other threads.
 *
 * <p><b>Callbacks.</b> A reader calls code of the user in the middle of an operation: a visitor, a
 * {@link RecordSearch}, an arena, a {@linkplain ReaderOptions#withSkippedRegionListener listener},
 * a logger, the stream, channel or remote file that it reads. That code can call {@link
 * #position()}. It can close the reader; the operation then throws an {@link
 * IllegalStateException}. If it calls another method that reads or moves, that method throws an
 * {@link IllegalStateException} that names the callback. Neither this nor any other exception of a
 * callback loses records.
 *
 * <p><b>Failures.</b> A method that declares {@link IOException} throws a {@link
 * CorruptFileException} if the file is damaged, after all records before the damage; an {@link
 * UnsupportedFormatException} for a chunk type or compression that this version does not know; a
 * {@link ChunkTooLargeException} if a chunk exceeds a limit; an exception of {@link java.nio.file}
 * if the operating system fails. The position of the reader does not change: reading again throws
 * the same exception. With {@link CorruptionStrategy#RECOVER} it skips damage, and reports it in
 * {@link #skippedRegions()}. Iterators and streams wrap {@link IOException}s in {@link
 * UncheckedIOException}s.
 *
 * <p>After closing, methods that read, move or count throw an {@link IllegalStateException}.
 *
 * <p><b>Opening</b> loads the native library: {@code open} throws an {@link UnsatisfiedLinkError}
 * that names reason and remedy if it cannot be loaded, and an {@link IllegalCallerException} that
 * names the flag if the JVM denies native access.
 *
 * <p><b>Files that grow.</b> With {@link ReaderOptions#withFollow} reading waits at the end of the
 * file for more records. Methods that look at the complete file, such as {@link #recordCount()},
 * and {@link #verify()} do not wait: they see the file with the size that reading saw last, and to
 * them an unfinished chunk at its end is damage.
 *
 * <p>A forgotten reader is closed after the garbage collector finds it, and logged ({@code
 * io.disky}).
 */
public final class RecordReader implements Iterable<MemorySegment>, AutoCloseable {
  private final Origin origin;
  private final long fileSize;
  private final Callbacks callbacks;
  private final ReaderState state;
  private final SkippedRegions skippedRegions;
  private final StreamedBatches streamed;
  private final ChunkFeed feed;
  private final RecordCursor cursor;
  private final ArenaChunks arenaChunks;
  private final Navigation navigation;

  private RecordReader(OpenSource source, ReaderOptions options) {
    this.origin = source.origin();
    this.fileSize = source.fileSize();
    this.callbacks = source.callbacks();
    this.state = new ReaderState(origin.toString(), callbacks);
    this.skippedRegions = new SkippedRegions(state.name(), options.regionListener(), callbacks);
    this.streamed = new StreamedBatches(state.name(), callbacks);
    ReadingFailures failures = RecordFileException.translation(origin);
    this.feed = new ChunkFeed(source, options.feedSettings(), state, skippedRegions, failures);
    this.cursor =
        options.strictLifetimes()
            ? new StrictCursor(feed, state.owner(), options.dataAlignment())
            : new RecordCursor(feed, state.owner(), options.dataAlignment());
    this.arenaChunks = new ArenaChunks(state, feed, cursor, options.dataAlignment());
    this.navigation = new Navigation(state, feed, cursor, options.settings(), fileSize, failures);
  }

  /** As {@link #open(Path, ReaderOptions)}, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(Path path) throws IOException {
    return open(path, ReaderOptions.defaults());
  }

  /**
   * Opens the file at {@code path}, through a channel if the path is not of the default file
   * system. The reader takes the file's size now: it sees records that are appended later only with
   * {@link ReaderOptions#withFollow}, for which the path must be of the default file system. It
   * looks at the contents when they are read.
   *
   * @throws IllegalArgumentException if the options cannot be combined; the file is not opened then
   * @throws java.nio.file.NoSuchFileException if the file does not exist
   * @throws java.nio.file.AccessDeniedException if it must not be read
   * @throws java.nio.file.FileSystemException if it is a directory, or cannot be opened for another
   *     reason
   */
  public static RecordReader open(Path path, ReaderOptions options) throws IOException {
    return new RecordReader(ReaderOpening.open(path, options), options);
  }

  /** As {@link #open(RemoteFile, ReaderOptions)}, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(RemoteFile file) throws IOException {
    return open(file, ReaderOptions.defaults());
  }

  /**
   * Opens a remote file: a request reads its end, and so its size and version. {@link
   * ReaderOptions#remote()} states how requests are made. If a request fails for good, reading
   * throws its exception after all records before: a {@link
   * io.disky.remote.RemoteFileChangedException}, for example, if the file was replaced.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withFollow}
   * @throws IllegalStateException if the file returns no name
   */
  public static RecordReader open(RemoteFile file, ReaderOptions options) throws IOException {
    return new RecordReader(ReaderOpening.open(file, options), options);
  }

  /** As {@link #open(MemorySegment, ReaderOptions)}, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(MemorySegment segment) throws IOException {
    return open(segment, ReaderOptions.defaults());
  }

  /**
   * Reads a file from {@code segment}: memory of the heap, native memory, or memory of a mapped
   * file. If somebody truncates the mapped file, reading throws a {@link MemoryFaultException}.
   * Records do not refer to the segment, because reading copies its bytes. The reader does not
   * write to the segment, which must not change while the reader is used.
   *
   * <p>Reading throws an {@link IllegalStateException} after the arena is closed, and a {@link
   * WrongThreadException} in a thread that must not use the segment. Closing the reader does not
   * close the arena.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withFollow}: only a file grows
   */
  public static RecordReader open(MemorySegment segment, ReaderOptions options) throws IOException {
    return new RecordReader(ReaderOpening.open(segment, options), options);
  }

  /** As {@link #open(SeekableByteChannel, ReaderOptions)}, with the default options. */
  public static RecordReader open(SeekableByteChannel channel) throws IOException {
    return open(channel, ReaderOptions.defaults());
  }

  /**
   * Reads the complete {@code channel}, whatever its position; the reader takes the size now. It
   * moves the position, and closes the channel when it is closed; until then nobody else may use
   * the channel. A {@link Path} is faster, and can be followed. Reading throws the channel's
   * exceptions, and can then be tried again.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withFollow}; the channel stays open
   * @throws IOException if the channel does not state its size; the channel stays open
   */
  public static RecordReader open(SeekableByteChannel channel, ReaderOptions options)
      throws IOException {
    return new RecordReader(ReaderOpening.open(channel, options), options);
  }

  /** As {@link #open(ReadableByteChannel, ReaderOptions)}, with the default options. */
  public static RecordReader open(ReadableByteChannel channel) throws IOException {
    return open(channel, ReaderOptions.defaults());
  }

  /**
   * Reads {@code channel} from its position to its end, as {@link #open(InputStream,
   * ReaderOptions)} does. The channel must block: if a channel in non-blocking mode has no bytes,
   * reading throws an {@link java.nio.channels.IllegalBlockingModeException}.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withFollow} or {@link
   *     ReaderOptions#withRange}; the channel stays open
   */
  public static RecordReader open(ReadableByteChannel channel, ReaderOptions options)
      throws IOException {
    return new RecordReader(ReaderOpening.open(channel, options), options);
  }

  /** As {@link #open(InputStream, ReaderOptions)}, with {@link ReaderOptions#defaults()}. */
  public static RecordReader open(InputStream stream) throws IOException {
    return open(stream, ReaderOptions.defaults());
  }

  /**
   * Reads {@code stream} from its position to its end, and closes it when the reader is closed. The
   * reader takes large pieces, so no {@link java.io.BufferedInputStream} is needed, and may take
   * bytes after the records that were read.
   *
   * <p>A reader of a stream cannot go back. Records can be read and verified, after a call of
   * {@link #metadata()} if wanted. {@link #recordCount()}, {@link #describe()}, {@link
   * #forEachChunk}, seeking, searching and {@link #rewind()} throw {@link
   * UnsupportedOperationException}. The reader keeps the bytes of a chunk until the chunk is
   * decoded. With {@link CorruptionStrategy#RECOVER} it keeps all bytes after the first damage, at
   * most twice {@link ReaderOptions#maxChunkSize()} plus 16 MiB; more is a {@link
   * ChunkTooLargeException}. A chunk whose records are about as small as the entries of an
   * ArrayRecord's index is delivered after the bytes that follow it have come. Reading throws the
   * stream's exceptions, and can then be tried again.
   *
   * @throws IllegalArgumentException with {@link ReaderOptions#withFollow} or {@link
   *     ReaderOptions#withRange}; the stream stays open
   */
  public static RecordReader open(InputStream stream, ReaderOptions options) throws IOException {
    return new RecordReader(ReaderOpening.open(stream, options), options);
  }

  /** The path that was opened; empty if the reader was opened without a path. */
  public Optional<Path> path() {
    return origin.path();
  }

  /** The path, the name of a remote file, {@code memory}, {@code channel} or {@code stream}. */
  public String name() {
    return origin.name();
  }

  /** Size of the file in bytes when it was opened; -1 for a stream, which does not state it. */
  public long fileSize() {
    return fileSize;
  }

  /** Returns whether the reader is open. */
  public boolean isOpen() {
    return state.isOpen();
  }

  /**
   * Returns the next record. It is valid until the next record is requested.
   *
   * @return the record, or {@code null} at the end of the file; if the file is followed, also when
   *     the {@linkplain ReaderOptions#withFollowTimeout time to wait} is up
   * @throws IOException if reading fails; a {@link java.io.InterruptedIOException} if the thread is
   *     interrupted while it waits for a file that is followed
   */
  public @Nullable MemorySegment next() throws IOException {
    return cursor.hasRecord() || cursor.nextChunk() ? cursor.step() : null;
  }

  /**
   * Returns the records from the current position on. As with {@link
   * java.nio.file.DirectoryStream}, there is one iterator: a second call throws, until the reader
   * was moved by {@link #rewind()}, a {@code seek} method or {@link #search}. The iterator and the
   * other ways to read move the same position.
   *
   * <p>A record is valid until {@link Iterator#next()} is called again; {@link Iterator#hasNext()}
   * does not end it.
   *
   * @throws IllegalStateException if the reader is closed, or there is an iterator already; the
   *     iterator's methods throw it if the reader is closed
   */
  @Override
  public Iterator<MemorySegment> iterator() {
    state.beginIteration();
    return cursor;
  }

  /** As {@link #stream()}. */
  @Override
  public Spliterator<MemorySegment> spliterator() {
    state.checkIdle();
    return new RecordSpliterator(cursor);
  }

  /**
   * Returns the records from the current position on, as a sequential stream that does not split.
   * Each record is valid until the next one is processed: copy a record before you collect it. For
   * parallel work use {@link #batches()}. Closing the stream does not close the reader.
   */
  public Stream<MemorySegment> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  /**
   * Calls {@code visitor} with each record from the current position on. If the visitor throws, the
   * position is after that record.
   *
   * @throws X if the visitor throws it
   * @throws IllegalStateException if the reader is closed, even if the visitor closes it
   */
  public <X extends Throwable> void visit(RecordVisitor<X> visitor) throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    state.checkIdle();
    RecordAction<X> action = visitor::visit;
    while (cursor.hasRecord() || cursor.nextChunk()) {
      cursor.visitChunk(action, callbacks);
    }
  }

  /**
   * Reads the next chunk that has records. The reader uses the batch's memory again after the batch
   * is closed: close each batch when its work is done.
   *
   * @return the batch, or {@code null} under the conditions of {@link #next()}
   * @throws IOException as {@link #next()} throws it
   * @throws IllegalStateException if the reader is closed, or if some, but not all records of a
   *     chunk were read one by one
   */
  public @Nullable RecordBatch nextBatch() throws IOException {
    cursor.checkBetweenChunks(origin);
    return RecordBatch.of(takeNext());
  }

  private @Nullable DecodedChunk takeNext() throws IOException {
    DecodedChunk ahead = cursor.takeUpcoming();
    return ahead != null ? ahead : feed.next();
  }

  /**
   * Reads the next chunk that has records into memory of {@code arena}, where the records live as
   * long as the arena. If the arena is not one of the JDK's, the chunk is copied to its memory.
   *
   * @return the batch, or {@code null} under the conditions of {@link #next()}
   * @throws IOException as {@link #next()} throws it
   * @throws IllegalStateException if the reader or the arena is closed, or if some, but not all
   *     records of a chunk were read one by one
   * @throws IllegalArgumentException if {@code arena} gives other memory than requested; the chunk
   *     is still the next one
   * @throws WrongThreadException if {@code arena} is confined to another thread
   */
  public @Nullable RecordBatch nextBatch(Arena arena) throws IOException {
    Objects.requireNonNull(arena, "arena");
    cursor.checkBetweenChunks(origin);
    try {
      return RecordBatch.of(arenaChunks.next(arena));
    } catch (MemoryFault e) {
      throw MemoryFaultException.of(e, origin);
    }
  }

  /**
   * Calls {@code visitor} with each chunk from the current position on that has records, and closes
   * the batch after the visitor returns. If the visitor throws, the position is after that chunk.
   *
   * @throws X if the visitor throws it
   * @throws IllegalStateException if the reader is closed, even if the visitor closes it, or if
   *     some, but not all records of a chunk were read one by one
   */
  public <X extends Throwable> void visitBatches(BatchVisitor<X> visitor) throws IOException, X {
    Objects.requireNonNull(visitor, "visitor");
    while (true) {
      try (RecordBatch batch = nextBatch()) {
        if (batch == null) {
          return;
        }
        String outer = callbacks.begin("batch visitor");
        try {
          visitor.visit(batch);
        } finally {
          callbacks.end(outer);
        }
      }
    }
  }

  /**
   * Returns the chunks from the current position on that have records, each as by {@link
   * #nextBatch()}. A sequential stream has them in file order; a parallel stream hands them to
   * threads in no particular order. The code that takes a batch must close it:
   *
   * {@snippet :
   * long bytes = reader.batches().parallel().mapToLong(batch -> {
   *   try (batch) {
   *     return batch.data().byteSize();
   *   }
   * }).sum();
   * }
   *
   * <p>When the stream or this reader is closed, the logger {@code io.disky} reports how many
   * batches were not closed. After this call the reader can only be closed, by any thread. Closing
   * the stream does not close the reader.
   *
   * @throws IllegalStateException if the reader is closed, or if some, but not all records of a
   *     chunk were read one by one
   */
  public Stream<RecordBatch> batches() {
    cursor.checkBetweenChunks(origin);
    cursor.release();
    state.lend();
    BatchSpliterator<RecordBatch> batches = new BatchSpliterator<>(this::takeShared);
    return StreamSupport.stream(batches, false).onClose(streamed::report);
  }

  /** For the threads of a stream of batches, one at a time. */
  private @Nullable RecordBatch takeShared() throws IOException {
    synchronized (state) {
      state.checkLent();
      DecodedChunk chunk = streamed.orFail(this::takeNext);
      return chunk == null ? null : new RecordBatch(chunk, streamed);
    }
  }

  /**
   * The position of the record that is read next. Between two chunks it is the offset at which the
   * next chunk may begin. That can be less than the position of the next record; {@link #seek} then
   * moves to that record. At the end of the file it is the file's size; before the first record of
   * a {@linkplain ReaderOptions#withRange range} was read, the beginning of the range.
   */
  public RecordPosition position() {
    return RecordPosition.of(navigation.position());
  }

  /**
   * The position of the last record of iteration, {@code next()}, a visit or a stream.
   *
   * @throws IllegalStateException if no record was read since the reader was opened or moved, or
   *     batches were read since; or if the reader is closed
   */
  public RecordPosition lastPosition() {
    return RecordPosition.of(navigation.lastPosition());
  }

  /**
   * Moves to the record at {@code position}: it is read next. The position must be one of this
   * file, from {@link #position()}, {@link #lastPosition()}, {@link RecordBatch#position} or {@link
   * RecordWriter#lastPosition()}. Any other position in an existing chunk means the next record
   * after it; an index after the last record of a chunk means the next chunk.
   *
   * <p>If {@link RecordPosition#recordIndex()} is not 0, the chunk is decoded now, and iteration
   * goes on inside it. {@link #nextBatch()} returns complete chunks: seek to index 0 before it.
   *
   * @throws IllegalArgumentException if no chunk can begin at the offset, or the offset is outside
   *     the file or the {@linkplain ReaderOptions#withRange range}; the position of the reader does
   *     not change. Also if another chunk lies across the offset; if the index is 0, only the next
   *     read throws this
   * @throws CorruptFileException if the file is damaged there; if the index is 0, only the next
   *     read throws this
   */
  public void seek(RecordPosition position) throws IOException {
    Objects.requireNonNull(position, "position");
    navigation.seek(new RecordPlace(position.chunkBegin(), position.recordIndex()));
  }

  /**
   * Moves back to the first record of the file, or of the {@linkplain ReaderOptions#withRange
   * range}. A new {@link #iterator()} may then be requested.
   *
   * @throws UnsupportedOperationException if the reader reads a stream
   */
  public void rewind() throws IOException {
    navigation.rewind();
  }

  /**
   * Moves to the record whose {@linkplain RecordPosition#numeric() numeric position} is {@code
   * position}, or to the next record. This takes a few small reads more than {@link #seek}, to find
   * the chunk by the file's block headers.
   *
   * @param position at least 0; a position after the end means the end
   * @throws IllegalArgumentException if it is negative, or outside the {@linkplain
   *     ReaderOptions#withRange range}
   */
  public void seekNumeric(long position) throws IOException {
    navigation.seekNumeric(position);
  }

  /**
   * Moves to the first record of the first chunk that begins at the byte {@code offset} of the file
   * or after it; to the end if no chunk begins there. This takes one small read of a block header.
   *
   * @param offset in bytes, at least 0
   * @throws IllegalArgumentException if it is negative, or the chunk is outside the {@linkplain
   *     ReaderOptions#withRange range}
   */
  public void seekToOffset(long offset) throws IOException {
    navigation.seekToOffset(offset);
  }

  /**
   * Moves back by one record.
   *
   * @return {@code false} if the file, or the {@linkplain ReaderOptions#withRange range}, has no
   *     record before; the reader is then at the first record
   */
  public boolean seekBack() throws IOException {
    return navigation.seekBack();
  }

  /**
   * Searches a sorted file for a record: first come all records before the one to search for, then
   * those that equal it, then those after it, by the comparison of {@code search}. This is a binary
   * search, over chunks and then within one chunk. It decodes about as many chunks as the binary
   * logarithm of their number. It searches the complete file, or the {@linkplain
   * ReaderOptions#withRange range}, whatever the position.
   *
   * <p>The reader is then at the first record that equals the one to search for; if there is none,
   * at the first record after it, or at the end.
   *
   * @return whether a record equals the one to search for
   * @throws IOException if reading fails; the position is then not defined
   * @throws X if {@code search} throws it
   * @throws IllegalStateException if the reader is closed, by {@code search} too
   * @throws UnsupportedOperationException if the reader reads a stream
   */
  public <X extends Throwable> boolean search(RecordSearch<X> search) throws IOException, X {
    Objects.requireNonNull(search, "search");
    return navigation.search(search::compare);
  }

  /**
   * The regions of the file that were skipped so far, in file order: with {@link
   * CorruptionStrategy#RECOVER} those before the end of the batch that was read last; all regions
   * at the end of the file. At most 10,000 regions are kept: the last one then reaches to the end
   * of all regions after it. May be called by any thread, and after closing.
   */
  public List<SkippedRegion> skippedRegions() {
    return skippedRegions.soFar().stream().map(SkippedRegion::of).toList();
  }

  /**
   * Checks every hash from the current position to the end of the file, which is then the position.
   * This decodes nothing: damage that only decoding shows goes unnoticed. With {@link
   * CorruptionStrategy#RECOVER} damage becomes a {@link SkippedRegion}.
   *
   * @throws IOException if reading fails; with {@link CorruptionStrategy#ERROR} also if the file is
   *     damaged
   * @throws IllegalStateException if the reader is closed, or if some, but not all records of a
   *     chunk were read one by one
   */
  public void verify() throws IOException {
    cursor.checkBetweenChunks(origin);
    cursor.release();
    feed.verify();
  }

  /**
   * Counts the records of the complete file, or of the {@linkplain ReaderOptions#withRange range},
   * without the index of an ArrayRecord. The position does not change. This reads chunk headers
   * only, so damage in the data of chunks goes unnoticed.
   */
  public long recordCount() throws IOException {
    navigation.checkGoesBack("counting");
    return feed.count();
  }

  /**
   * The file metadata, which a Riegeli file may have: they describe the records and their writer.
   * Concatenated files have those of the first file. The position does not change.
   *
   * @return empty if the file has no metadata; {@link Dialect#DISKY} has none
   * @throws IOException if reading fails; also a {@link CorruptFileException} if the metadata are
   *     not a {@code RecordsMetadata} message, and a {@link ChunkTooLargeException} if they exceed
   *     64 MiB
   */
  public Optional<RecordsMetadata> metadata() throws IOException {
    state.checkIdle();
    byte[] message = feed.<byte @Nullable []>ask(NativeReader::metadata);
    try {
      return message == null ? Optional.empty() : Optional.of(RecordsMetadata.parse(message));
    } catch (IllegalArgumentException e) {
      throw CorruptFileException.damagedMetadata(e, origin);
    }
  }

  /**
   * Describes the complete file. The position does not change. This reads chunk headers, record
   * sizes and metadata, and decodes transposed chunks; damage elsewhere goes unnoticed. {@link
   * FileDescription#recordSizes()} leaves out chunks that exceed a limit of {@link ReaderOptions},
   * and chunks with a compression that this version does not know.
   *
   * @throws IOException if reading fails; {@link #forEachChunk} needs less of the file to be intact
   */
  public FileDescription describe() throws IOException {
    navigation.checkGoesBack("describing");
    return FileDescription.Summary.of(feed).describe(fileSize, metadata());
  }

  /**
   * Describes each chunk of the complete file, of every type, from its header and its first bytes.
   * The position does not change. {@code action} may read with this reader.
   */
  public void forEachChunk(Consumer<? super ChunkDescription> action) throws IOException {
    forEachChunk(0, action);
  }

  /**
   * As {@link #forEachChunk(Consumer)}, from the chunk on that begins at byte {@code from}.
   *
   * @throws IllegalArgumentException if {@code from} is negative
   * @throws CorruptFileException also if no chunk begins at {@code from}
   */
  public void forEachChunk(long from, Consumer<? super ChunkDescription> action)
      throws IOException {
    Objects.requireNonNull(action, "action");
    navigation.checkGoesBack("describing");
    feed.forEachChunk(from, chunk -> action.accept(ChunkDescription.of(chunk)));
  }

  /**
   * Closes the file, and all batches of {@link #nextBatch()} that belong to this thread or to no
   * thread; batches of other threads stay valid until these threads close them. Does nothing if the
   * reader is closed.
   *
   * @throws WrongThreadException if the reader belongs to another thread; it is then not closed
   * @throws IllegalStateException if a native call of the user uses a record; the file is closed
   *     all the same, and that record's batch lives until it is closed
   */
  @Override
  public void close() {
    state.close(feed::stop, this::closeFeed);
  }

  private void closeFeed() {
    try {
      streamed.report();
    } finally {
      feed.close(cursor::close);
    }
  }

  /** The name, the size, and whether the reader is open. May be called by any thread. */
  @Override
  public String toString() {
    return "RecordReader[" + origin + ", fileSize=" + fileSize + ", open=" + isOpen() + "]";
  }

  /** How many chunks that other threads decoded this reader has delivered. */
  long decodedAhead() {
    return feed.decodedAhead();
  }

  /** How many calls of the native library this reader has made. */
  long downcalls() {
    return feed.downcalls();
  }

  /**
   * Lends the reader to several threads, of which one at a time decodes with it or closes it.
   *
   * @throws IllegalStateException if it is closed, or records were read one by one before
   */
  void lend() {
    cursor.checkNotAhead(origin);
    cursor.release();
    state.lend();
  }

  /**
   * Decodes the next chunk into a buffer of {@code pool}, for the threads that the reader is lent
   * to. The thread that opened the reader may close it meanwhile.
   *
   * @param alone whether this thread must not call code of the user
   * @return {@code null} at the end; or if {@code alone}, and code of the user must be called
   */
  @Nullable DecodedChunk decodeLent(BufferPool pool, boolean alone) throws IOException {
    synchronized (state) {
      state.checkLent();
      return alone ? feed.nextAlone(pool) : feed.next(pool);
    }
  }
}
