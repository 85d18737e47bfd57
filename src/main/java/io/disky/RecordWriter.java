package io.disky;

import io.disky.engine.Engine;
import io.disky.engine.EngineException;
import io.disky.engine.NativeEncoder;
import io.disky.engine.NativeWriter;
import io.disky.files.Origin;
import io.disky.memory.MemoryFault;
import io.disky.transfer.ByteSink;
import io.disky.transfer.ChannelSink;
import io.disky.transfer.OutputStreamSink;
import io.disky.transfer.SegmentSink;
import io.disky.writing.ChunkBuffer;
import io.disky.writing.RecordInPlace;
import io.disky.writing.RecordWriting;
import io.disky.writing.WriterOpening;
import io.disky.writing.WrittenPosition;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes records to a file.
 *
 * {@snippet :
 * try (RecordWriter writer = RecordWriter.open(path)) {
 *   writer.write(bytes);
 * }
 * }
 *
 * <p>A record is copied to the chunk that the writer is gathering outside the Java heap. The call
 * that completes a chunk compresses, hashes and writes it.
 *
 * <p><b>Memory.</b> A writer uses the memory of a chunk again for the next one, so it holds as much
 * as its largest chunk needs: at least the {@linkplain WriterOptions#withChunkSize chunk size}, or
 * a larger record, or a larger slot. After a chunk that has needed less than a quarter of this
 * memory, the writer keeps at most 4 times the chunk size. With {@linkplain
 * WriterOptions#withParallelism parallelism} n it holds up to n + 2 chunks. In addition, it holds
 * the encoded form of a chunk, or of n chunks.
 *
 * <p><b>All or nothing.</b> {@link #writeAtomically} creates a file that appears under its name
 * when it is complete, and does not appear if the code that writes it throws.
 *
 * <p><b>Durability.</b> Records become visible to readers chunk by chunk; small groups of an
 * {@linkplain Container#ARRAY_RECORD ArrayRecord} about 256 KiB at a time. {@link #flush()} makes
 * the records so far visible; {@link #flush(FlushMode) flush(SYNC)} makes them outlive a power cut.
 * Each flush ends a chunk: frequent flushes make a file larger and slower. If a writer is neither
 * flushed nor closed, its records may be lost. A crash can tear the end of a file; {@link
 * WriterOptions#withRepair} continues such a file after its last intact chunk. While a writer is
 * open, another writer for the same file is refused.
 *
 * <p><b>Parallelism.</b> With {@link WriterOptions#withParallelism} the writer has threads of its
 * own that encode and write full chunks while the caller goes on. The file is the same.
 *
 * <p><b>Failures.</b> If the operating system fails a write or a sync, the method throws an
 * exception of {@link java.nio.file}. From then on every call that writes, flushes or closes
 * throws. Records that were written before stay readable: the file is cut to the end of its last
 * complete chunk.
 *
 * <p><b>Callbacks.</b> While the user's code builds a record in place, and while a stream or
 * channel takes bytes, that code cannot write, flush, close or discard: it gets an {@link
 * IllegalStateException}, and nothing changes.
 *
 * <p><b>Threads.</b> A writer belongs to the thread that first writes with it. Every other thread
 * gets a {@link WrongThreadException}, from {@link #close()} as well. {@link #shared()} makes a
 * writer that any thread can use: for logging, and for a shutdown hook that closes the writer.
 *
 * <p><b>ArrayRecord.</b> In a {@link Container#ARRAY_RECORD} a chunk is a group of records,
 * whatever their sizes: the complete group is in memory until it is written, and 24 bytes for each
 * group until the file is closed. Only {@link #close()} writes the index by which Google's readers
 * find records. Without the index, this library can still read the groups that were written.
 *
 * <p>A writer that is forgotten is closed after the garbage collector has found it; the records of
 * its last chunk are lost. The logger {@code io.disky} reports that.
 */
public final class RecordWriter implements AutoCloseable {
  private final RecordWriting writing;

  private RecordWriter(RecordWriting writing) {
    this.writing = writing;
  }

  /**
   * Creates the file at {@code path} with {@link WriterOptions#defaults()}.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it exists
   * @throws java.nio.file.AccessDeniedException if this process must not create it
   * @throws java.nio.file.FileSystemException if it cannot be created for another reason
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(Path path) throws IOException {
    return open(path, WriterOptions.defaults());
  }

  /**
   * Opens the file at {@code path} for writing in the {@linkplain WriterOptions#openMode() open
   * mode} of the options, and locks it against other writers. The signature of a new file is
   * written at once.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it exists, for {@link OpenMode#CREATE_NEW}
   * @throws java.nio.file.AccessDeniedException if this process must not write it
   * @throws java.nio.file.FileSystemException if another writer has it open, it is a directory, or
   *     it cannot be opened for another reason
   * @throws CorruptFileException if it is torn or damaged where it would be continued, or is not a
   *     record file, for {@link OpenMode#APPEND}; the file is not changed. The position is where
   *     the tear begins; {@link WriterOptions#withRepair} cuts it there
   * @throws IllegalArgumentException if {@code options} cannot be combined, or the file to be
   *     continued is an ArrayRecord; the message says which options to choose, and the file is not
   *     changed. Atomic creation is for new files; {@link Dialect#DISKY} has neither brotli and
   *     snappy nor transposed chunks, metadata and padding; {@link Container#ARRAY_RECORD} is not
   *     continued, and its final padding is 65,536 bytes or none
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(Path path, WriterOptions options) throws IOException {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(options, "options");
    Engine.ensureLoaded();
    Origin origin = Origin.of(path);
    try {
      return new RecordWriter(opening(origin, options).file(path));
    } catch (EngineException e) {
      IOException failure = RecordFileException.of(e, origin);
      boolean torn = failure instanceof CorruptFileException && !options.repair() && isTorn(path);
      throw torn ? CorruptFileException.torn((CorruptFileException) failure, origin) : failure;
    }
  }

  static WriterOpening opening(Origin origin, WriterOptions options) {
    return new WriterOpening(
        origin,
        options.settings(),
        options.parallelism(),
        (failure, recordsRead, fromBeginning) -> RecordFileException.of(failure, origin));
  }

  /** Whether a repair would mend the file. */
  private static boolean isTorn(Path path) {
    try {
      return findTornTail(path).isPresent();
    } catch (IOException e) {
      return false; // the first failure is enough for the message
    }
  }

  /** Writes a file to {@code segment} with {@link WriterOptions#defaults()}. */
  public static RecordWriter open(MemorySegment segment) throws IOException {
    return open(segment, WriterOptions.defaults());
  }

  /**
   * Writes a file to {@code segment}, in the Java heap or outside, from its beginning. {@link
   * #fileSize()} returns how much of the segment is used, after closing as well. Writing throws
   *
   * <ul>
   *   <li>an {@link IOException} if the segment has no more room,
   *   <li>a {@link MemoryFaultException} if it belongs to a mapped file that was truncated,
   *   <li>a {@link WrongThreadException} if the current thread must not use it,
   *   <li>an {@link IllegalStateException} if its arena is closed.
   * </ul>
   *
   * @throws IllegalArgumentException if the segment is read-only; if it belongs to one thread, with
   *     {@linkplain WriterOptions#withParallelism parallelism}; if {@code options} exclude each
   *     other, or are for paths: {@link OpenMode#APPEND}, {@link WriterOptions#withRepair} and
   *     {@link WriterOptions#withAtomicCreation}. Nothing is written then
   * @throws IOException if the segment has no room for the file signature
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RecordWriter open(MemorySegment segment, WriterOptions options) throws IOException {
    return open(Origin.MEMORY, SegmentSink.of(segment, options.parallelism() > 0), options);
  }

  /** Writes a file to {@code channel} with {@link WriterOptions#defaults()}. */
  public static RecordWriter open(WritableByteChannel channel) throws IOException {
    return open(channel, WriterOptions.defaults());
  }

  /**
   * Writes a file to {@code channel} from its current position, and closes it when the writer is
   * closed or discarded; nothing else may use it until then. {@link OpenMode} has no effect, and
   * {@link FlushMode#SYNC} only for a {@link java.nio.channels.FileChannel}, which it puts on the
   * disk. Bytes that a failed write has left in the channel stay there.
   *
   * @throws IllegalArgumentException if {@code options} cannot be combined, or are for paths:
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

  /**
   * Writes a file in a store. {@link RemoteTarget} states when it appears, and how writing fails.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it exists, for {@link OpenMode#CREATE_NEW}
   * @throws IllegalArgumentException if {@code options} cannot be combined, or are {@link
   *     OpenMode#APPEND} or {@link WriterOptions#withRepair}
   * @throws IOException if the upload cannot begin; nothing remains of it
   */
  public static RecordWriter open(RemoteTarget target, WriterOptions options) throws IOException {
    Objects.requireNonNull(options, "options");
    Engine.ensureLoaded();
    return new RecordWriter(target.open(options));
  }

  /** Writes a file to {@code stream} with {@link WriterOptions#defaults()}. */
  public static RecordWriter open(OutputStream stream) throws IOException {
    return open(stream, WriterOptions.defaults());
  }

  /**
   * Writes a file to {@code stream}, and closes it when the writer is closed or discarded. The
   * writer writes large pieces, so a {@link java.io.BufferedOutputStream} is not needed. A flush of
   * any {@link FlushMode} flushes the stream, and promises no more than the stream does.
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
    Engine.ensureLoaded();
    try {
      return new RecordWriter(opening(origin, options).sink(sink));
    } catch (EngineException e) {
      throw RecordFileException.of(e, origin);
    }
  }

  /**
   * Creates the file at {@code path} with {@link WriterOptions#defaults()}, all or nothing, as
   * {@link #writeAtomically(Path, WriterOptions, WriterTask)} does.
   */
  public static void writeAtomically(Path path, WriterTask task) throws IOException {
    writeAtomically(path, WriterOptions.defaults(), task);
  }

  /**
   * Creates a file, all or nothing: it appears under its name when {@code task} has returned and
   * all records are on the disk. If the task throws, or writing fails, nothing appears, and a file
   * that existed before stays as it was.
   *
   * {@snippet :
   * RecordWriter.writeAtomically(path, options, writer -> {
   *   for (byte[] record : records) {
   *     writer.write(record);
   *   }
   * });
   * }
   *
   * <p>The options apply as if they had {@linkplain WriterOptions#withAtomicCreation atomic
   * creation}. The writer belongs to the current thread, and is closed when this method returns. If
   * the task calls {@link #discard()}, nothing appears, without an exception.
   *
   * @param task writes all records; must not close the writer
   * @throws IOException if the task throws it, or writing fails; otherwise as {@link #open(Path,
   *     WriterOptions)}
   * @throws java.nio.file.FileAlreadyExistsException if the file exists, now or when the task has
   *     returned, for {@link OpenMode#CREATE_NEW}
   * @throws IllegalArgumentException if {@code options} cannot be combined, or are for {@link
   *     OpenMode#APPEND}, or {@code path} is not in the default file system
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static void writeAtomically(Path path, WriterOptions options, WriterTask task)
      throws IOException {
    Objects.requireNonNull(task, "task");
    RecordWriter writer = open(path, options.withAtomicCreation(true));
    writer.writing.complete(() -> task.write(writer));
  }

  /**
   * Writes a file in a store, all or nothing, as {@link #writeAtomically(Path, WriterOptions,
   * WriterTask)} does. Throws as that method and {@link #open(RemoteTarget, WriterOptions)} do.
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static void writeAtomically(RemoteTarget target, WriterOptions options, WriterTask task)
      throws IOException {
    Objects.requireNonNull(task, "task");
    RecordWriter writer = open(target, options);
    writer.writing.complete(() -> task.write(writer));
  }

  /**
   * Cuts the file at {@code path} at the end of its last complete chunk if its tail is torn, and
   * puts the cut on the disk. A record that a recovering reader returns is never cut off. Missing
   * padding after the last chunk is not damage. Only the tail is checked; {@link
   * RecordReader#verify()} checks all of the file.
   *
   * @return the tail that was cut off; empty if the end is not torn, or the file has 0 bytes
   * @throws CorruptFileException if it is not a record file, or a cut does not mend its damage; the
   *     message says where the damage is, and where intact data follow. The file is not changed
   * @throws java.nio.file.NoSuchFileException if it does not exist
   * @throws java.nio.file.AccessDeniedException if it must not be written
   * @throws java.nio.file.FileSystemException if a writer has it open, it is not a regular file, or
   *     it cannot be read or cut for another reason
   * @throws IllegalArgumentException if it is an ArrayRecord, which ends with an index and is never
   *     cut
   * @throws UnsupportedOperationException if {@code path} is not in the default file system
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static Optional<Repair> repair(Path path) throws IOException {
    return repair(path, false);
  }

  /**
   * Finds the tail that {@link #repair(Path)} would cut off the file at {@code path}. The file is
   * only read and not locked: if a writer has it open, its end can look torn for a moment.
   *
   * @return the torn tail; empty if the end is not torn, or the file has 0 bytes
   * @throws java.nio.file.AccessDeniedException if it must not be read
   * @throws IOException as {@link #repair(Path)}
   * @throws IllegalArgumentException if it is an ArrayRecord
   * @throws UnsupportedOperationException if {@code path} is not in the default file system
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static Optional<Repair> findTornTail(Path path) throws IOException {
    return repair(path, true);
  }

  private static Optional<Repair> repair(Path path, boolean dryRun) throws IOException {
    Objects.requireNonNull(path, "path");
    Engine.ensureLoaded();
    try {
      return Repair.of(NativeWriter.repair(path, dryRun));
    } catch (EngineException e) {
      throw RecordFileException.of(e, Origin.of(path));
    }
  }

  /**
   * Returns a writer of the same file that several threads can use, one at a time. From now on only
   * the returned writer may be used: this one throws a {@link WrongThreadException}.
   *
   * @throws IllegalStateException if the writer is closed, is shared already, or is building a
   *     record in place
   * @throws WrongThreadException if the writer belongs to another thread
   */
  public SharedRecordWriter shared() {
    return new SharedRecordWriter(this);
  }

  /** The path that was opened; empty if the writer was opened without a path. */
  public Optional<Path> path() {
    return writing.origin().path();
  }

  /**
   * With {@linkplain WriterOptions#withAtomicCreation atomic creation}, the absolute path of the
   * hidden file that is written until the writer is closed. A program that ends without closing or
   * discarding the writer, for example on a signal, should remove it. Empty without atomic
   * creation, and after the writer is closed. Any thread can call this.
   */
  public Optional<Path> temporaryPath() {
    return Optional.ofNullable(writing.temporaryPath());
  }

  /**
   * The name of the file in messages: path, address, {@code memory}, {@code channel} or {@code
   * stream}.
   */
  public String name() {
    return writing.origin().name();
  }

  /** Returns whether the writer is open. */
  public boolean isOpen() {
    return writing.isOpen();
  }

  /**
   * The torn tail that was cut off the file when it was opened with {@link
   * WriterOptions#withRepair}; empty if nothing was cut off.
   */
  public Optional<Repair> repair() {
    return Repair.of(writing.repair());
  }

  /** Number of records that this writer has taken. */
  public long recordCount() {
    return writing.recordCount();
  }

  /** Sum of the sizes of the records that this writer has taken, in bytes. */
  public long recordBytes() {
    return writing.recordBytes();
  }

  /**
   * Size of the file so far in bytes, without the chunk that is being gathered, and with full
   * groups of an ArrayRecord that are not yet written; after {@link #close()} the size of the
   * complete file. With {@linkplain WriterOptions#withParallelism parallelism} this method waits
   * until full chunks are written.
   *
   * @throws IllegalStateException if the writer was closed by {@link #discard()}, or by a call that
   *     failed
   */
  public long fileSize() throws IOException {
    return writing.fileSize();
  }

  /**
   * The position of the last record that this writer has taken. {@link RecordReader#seek} finds the
   * record by it after the record is in the file. With {@linkplain WriterOptions#withParallelism
   * parallelism} this method waits until full chunks are written. With {@linkplain
   * WriterOptions#withUpstreamCompatibility upstream compatibility} it may end the chunk, once
   * after a flush or a small chunk.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, or has taken no record
   */
  public RecordPosition lastPosition() throws IOException {
    WrittenPosition last = writing.lastPosition();
    return new RecordPosition(last.chunkBegin(), last.index());
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
    writing.write(array, offset, length);
  }

  /**
   * Writes the bytes between a buffer's position and its limit as a record, and moves the position
   * to the limit.
   *
   * @throws MemoryFaultException if the buffer is memory of a mapped file that was truncated
   *     meanwhile; the record is not written, and the writer can go on
   * @throws IOException if writing fails, now or earlier; the position of the buffer is then
   *     unchanged
   * @throws IllegalStateException if the writer is closed, or is building a record in place
   */
  public void write(ByteBuffer record) throws IOException {
    write(MemorySegment.ofBuffer(record));
    record.position(record.limit());
  }

  /**
   * Writes the bytes of a segment, of the heap or not, as a record.
   *
   * @throws MemoryFaultException if the segment is memory of a mapped file that was truncated
   *     meanwhile; the record is not written, and the writer can go on
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, is building a record in place, or the
   *     segment's arena is closed
   * @throws WrongThreadException if the writer or the segment belongs to another thread
   */
  public void write(MemorySegment record) throws IOException {
    try {
      writing.write(record);
    } catch (MemoryFault e) {
      throw MemoryFaultException.of(e, writing.origin());
    }
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
   * closes throws. If it throws, the record is discarded and the writer goes on as if this method
   * had not been called.
   *
   * @param maxSize the most bytes that the record can have; that much memory is held, so a close
   *     bound is better
   * @throws IllegalArgumentException if {@code maxSize} is negative, or {@code slotWriter} returns
   *     a size that is negative or more than {@code maxSize}; the record is discarded
   * @throws MemoryFaultException if memory that {@code slotWriter} has used is of a mapped file
   *     that was truncated meanwhile; the record is discarded, and the writer can go on
   * @throws IOException if writing fails, now or earlier, or {@code slotWriter} throws it
   * @throws IllegalStateException if the writer is closed, or is already building a record in place
   */
  public void write(long maxSize, SlotWriter slotWriter) throws IOException {
    Objects.requireNonNull(slotWriter, "slotWriter");
    RecordInPlace record = writing.beginRecord(maxSize);
    long size;
    // The user's code is called from here, because the JVM inlines only a limited number of calls.
    try {
      size = record.check(slotWriter.write(record.slot()));
    } catch (InternalError e) {
      throw MemoryFaultException.of(RecordInPlace.fault(e), writing.origin());
    } finally {
      writing.endRecord(record);
    }
    writing.addBuilt(size);
  }

  /**
   * Writes all records of a batch, without an object for each. The file is the same as if they were
   * written one by one.
   *
   * @throws MemoryFaultException if the batch is in memory of a mapped file that was truncated
   *     meanwhile; the records before that part are written, and the writer can go on
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the batch or the writer is closed; nothing is written. Also if
   *     the writer is building a record in place
   * @throws WrongThreadException if the batch or the writer belongs to another thread; nothing is
   *     written
   */
  public void write(RecordBatch batch) throws IOException {
    try {
      writing.write(batch.data(), batch.ends());
    } catch (MemoryFault e) {
      throw MemoryFaultException.of(e, writing.origin());
    }
  }

  /**
   * Writes a text in UTF-8 as a record.
   *
   * @param text a text other than a {@link String} is first turned into one
   * @throws IllegalArgumentException if the text contains an unpaired surrogate, for which UTF-8
   *     has no bytes; nothing is written, and the message says where. {@code write(text.toString()
   *     .getBytes(UTF_8))} writes a question mark instead
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, or is building a record in place
   */
  public void write(CharSequence text) throws IOException {
    writing.write(text.toString());
  }

  /**
   * Makes the records so far visible to readers that open the file from now on: {@link
   * FlushMode#VISIBLE}.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException as for {@link #flush(FlushMode)}
   */
  public void flush() throws IOException {
    flush(FlushMode.VISIBLE);
  }

  /**
   * Writes the records so far, and the {@linkplain WriterOptions#finalPadding() padding}; returns
   * when the promise of {@code mode} holds for them.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is closed, is building a record in place, or is
   *     inside a group of a {@link Container#ARRAY_RECORD}: its groups are of one size; for {@link
   *     FlushMode#SYNC} also with {@linkplain WriterOptions#withAtomicCreation atomic creation}, or
   *     {@linkplain RemoteTarget in a store}
   */
  public void flush(FlushMode mode) throws IOException {
    Objects.requireNonNull(mode, "mode");
    writing.flush(mode == FlushMode.SYNC);
  }

  /**
   * Writes the chunk that is being gathered and the end of the file (padding, the index of an
   * ArrayRecord), and closes the file. With {@linkplain WriterOptions#withAtomicCreation atomic
   * creation} this puts the file on the disk and gives it its name. Does nothing if the writer is
   * closed. If this throws an {@link IOException}, the writer is closed all the same, and a file
   * with atomic creation is removed.
   *
   * <p>A {@code try} block also closes its writer if the block throws: even with atomic creation an
   * incomplete file then gets its name, unless the writer is {@linkplain #discard() discarded}
   * before. {@link #writeAtomically} discards by itself.
   *
   * @throws java.nio.file.FileAlreadyExistsException if, with atomic creation and {@link
   *     OpenMode#CREATE_NEW}, the file has come into existence meanwhile
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer is building a record in place, or belongs to {@link
   *     #writeAtomically}; it is then not closed
   * @throws WrongThreadException if the writer belongs to another thread; it is then not closed
   */
  @Override
  public void close() throws IOException {
    writing.close();
  }

  /**
   * Closes the writer without writing the chunk that is being gathered, or the end of the file.
   * With {@linkplain WriterOptions#withAtomicCreation atomic creation} the file is removed, and the
   * file that existed before stays; otherwise the file keeps the chunks that were written. Does
   * nothing if the writer is closed.
   *
   * @throws IllegalStateException if the writer is building a record in place; it is then not
   *     closed
   * @throws WrongThreadException if the writer belongs to another thread; it is then not closed
   */
  public void discard() {
    writing.discard();
  }

  /**
   * Writes a chunk that {@code encoder} holds. This method, {@link #flushEncoded} and {@link
   * #discardEncoded} are for callers that gather records themselves. One thread at a time may call
   * them.
   */
  void writeEncoded(NativeEncoder encoder, ChunkBuffer encoded) throws IOException {
    writing.writeEncoded(encoder, encoded);
  }

  /** Flushes the chunks that were written. */
  void flushEncoded(FlushMode mode) throws IOException {
    writing.flushEncoded(mode == FlushMode.SYNC);
  }

  /** Closes the writer. */
  void closeEncoded() throws IOException {
    writing.closeEncoded();
  }

  /** Closes the writer, and removes a file that was to be created atomically. */
  void discardEncoded() {
    writing.discardEncoded();
  }

  /** Whether the file appears, complete, when the writer is closed. */
  boolean appearsWhenClosed() {
    return writing.appearsWhenClosed();
  }

  /** Makes the writer belong to the thread that holds {@code lock}. */
  void share(ReentrantLock lock) {
    writing.share(lock);
  }

  /**
   * Checks that the writer is not calling the user's code in the current thread. Any thread may
   * call this.
   */
  void checkNotCalling() {
    writing.checkNotCalling();
  }

  /** Number of calls of the native library that this writer has made. */
  long downcalls() {
    return writing.downcalls();
  }

  /** The name, whether the writer is open, and how many records of how many bytes it has taken. */
  @Override
  public String toString() {
    return "RecordWriter[" + description() + "]";
  }

  String description() {
    return writing.toString();
  }
}
