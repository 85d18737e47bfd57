package io.disky;

import io.disky.engine.Engine;
import io.disky.engine.NativeEncoder;
import io.disky.files.Origin;
import io.disky.memory.MemoryFault;
import io.disky.shards.NumberedShard;
import io.disky.shards.ShardedWriting;
import io.disky.shards.WritableShard;
import io.disky.shards.WritableShards;
import io.disky.threads.ForgottenObjects;
import io.disky.writing.ChunkBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes records from many threads to many files, called shards.
 *
 * {@snippet :
 * try (MultiThreadedWriter writer =
 *     MultiThreadedWriter.open(directory, MultiThreadedWriterOptions.defaults())) {
 *   records.parallel().forEach(record -> {
 *     try {
 *       writer.write(record);
 *     } catch (IOException e) {
 *       throw new UncheckedIOException(e);
 *     }
 *   });
 * }
 * }
 *
 * <p>A record is copied into a chunk that is gathered, which only the threads that meet there wait
 * for. A full chunk goes into a queue, from which worker threads take it, encode it and write it to
 * one of the shards, whichever has its turn. In which shard a record is, and where, is not
 * promised; that it is in exactly one is.
 *
 * <p><b>Durability.</b> A {@code write} returns when the record is in a chunk in memory; {@link
 * #flush()} and {@link #close()} return when it is in a file, and the future of {@link #writeAsync}
 * completes then. Shards are kept, numbered from {@linkplain
 * MultiThreadedWriterOptions#withStartIndex the start index} on, never continued.
 *
 * <p><b>Memory.</b> Gathered are at most 4 chunks for each available processor, and for a moment
 * twice as many when the writer is flushed or closed; on their way at most {@linkplain
 * MultiThreadedWriterOptions#withTaskQueueBytes 64 MiB} of chunks, or one that is larger. A call
 * that completes a chunk waits while there is no room. Kept for later are at most 4 empty chunks
 * for each available processor and one for each worker thread, which has an encoder, too, that
 * holds the encoded form of a chunk.
 *
 * <p><b>Failures.</b> When a shard fails, every later {@code write} and flush throws a {@link
 * ShardException} that names it, and so does {@link #close()}. What was accepted before is written
 * to the shards that are left; the first failure is the one that is thrown. A chunk that could not
 * be written anywhere, or fills a shard that cannot be finished, completes its futures
 * exceptionally. So does what is lost because there is no memory to hand it over. If a shard fails
 * while the last bytes of a chunk are written, and cannot be cut either, its end is torn.
 *
 * <p><b>Threads.</b> All methods can be called by any thread at any time, virtual ones too; an
 * interrupt changes nothing. A writer that is forgotten ends its threads and closes its shards once
 * the garbage collector finds it, which the logger {@code io.disky} reports; its last records are
 * lost.
 *
 * <p><b>ArrayRecord.</b> Each shard is a whole ArrayRecord with its own index. In at most one of
 * them the last group is incomplete.
 */
public final class MultiThreadedWriter implements AutoCloseable {
  private final ShardedWriting writing;
  private final Cleaner.Cleanable forgotten;

  private MultiThreadedWriter(ShardedWriting writing) {
    this.writing = writing;
    this.forgotten = ForgottenObjects.register(this, writing::abandon);
  }

  /** The shards of a target, whose code is the user's. */
  private record UserShards(ShardTarget target, WriterOptions options) implements WritableShards {
    @Override
    public String name() {
      return target.name();
    }

    @Override
    public String name(long number) {
      return target.name(number);
    }

    @Override
    public @Nullable WritableShard open(long number) throws IOException {
      RecordWriter writer = target.open(number, options);
      return writer == null ? null : new ShardWriter(writer);
    }

    @Override
    public void clear() throws IOException {
      target.clear();
    }
  }

  /** The writer of a shard. */
  private record ShardWriter(RecordWriter writer) implements WritableShard {
    @Override
    public void write(NativeEncoder encoder, ChunkBuffer chunk) throws IOException {
      writer.writeEncoded(encoder, chunk);
    }

    @Override
    public void flush(boolean sync) throws IOException {
      writer.flushEncoded(sync ? FlushMode.SYNC : FlushMode.VISIBLE);
    }

    @Override
    public void close() throws IOException {
      writer.closeEncoded();
    }

    @Override
    public void discard() {
      writer.discardEncoded();
    }

    @Override
    public long records() {
      return writer.recordCount();
    }

    @Override
    public long recordBytes() {
      return writer.recordBytes();
    }

    @Override
    public Optional<Path> path() {
      return writer.path();
    }
  }

  /**
   * Opens shards in {@code directory}, which is created if it is missing, with {@link
   * MultiThreadedWriterOptions#defaults()}.
   *
   * @throws IOException if the directory cannot be created or a shard not be opened
   */
  public static MultiThreadedWriter open(Path directory) throws IOException {
    return open(directory, MultiThreadedWriterOptions.defaults());
  }

  /**
   * Opens shards in {@code directory}, which is created if it is missing.
   *
   * @throws ShardException if a shard cannot be opened
   * @throws IOException if the directory cannot be created, or a shard that exists not be removed
   * @throws IllegalArgumentException if the writer options do not go together, or the prefix is
   *     more than a part of a file name
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedWriter open(Path directory, MultiThreadedWriterOptions options)
      throws IOException {
    return open(ShardTarget.inDirectory(directory, options.prefix()), options);
  }

  /**
   * Opens shards wherever {@code target} has them.
   *
   * @throws IOException if a shard that exists cannot be removed, or one not be opened
   * @throws IllegalArgumentException if the writer options do not go together
   */
  public static MultiThreadedWriter open(ShardTarget target, MultiThreadedWriterOptions options)
      throws IOException {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(options, "options");
    Engine.ensureLoaded();
    return new MultiThreadedWriter(writing(target, options, options.writerOptions()::newChunk));
  }

  /** Opens the shards of a writer whose chunks are from {@code newChunk}. */
  static ShardedWriting writing(
      ShardTarget target, MultiThreadedWriterOptions options, Supplier<ChunkBuffer> newChunk)
      throws IOException {
    WriterOptions shardOptions = options.shardOptions();
    // Before anything is removed: options may exclude each other.
    RecordWriter.open(OutputStream.nullOutputStream(), shardOptions).discard();
    return new ShardedWriting(
        new UserShards(target, shardOptions),
        options.settings(newChunk),
        Shards.events(options.shardListener().orElse(null)),
        ShardException.FAILURES);
  }

  /**
   * Writes a record: returns when it is in a chunk in memory. Waits while too many chunks are on
   * their way.
   *
   * @throws ShardException if a shard has failed earlier; the record is not written
   * @throws IOException if all shards are full, or writing has failed earlier; the record is not
   *     written
   * @throws IllegalStateException if the writer is closed
   */
  public void write(byte[] record) throws IOException {
    write(record, 0, record.length);
  }

  /**
   * Writes a range of an array as a record, as {@link #write(byte[])} does.
   *
   * @param offset where the record begins
   * @param length its size in bytes
   * @throws IndexOutOfBoundsException if the range is not within the array
   * @throws IOException if a shard has failed earlier, or all are full
   * @throws IllegalStateException if the writer is closed
   */
  public void write(byte[] array, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, array.length);
    try {
      var _ = writing.write(array, offset, length, false);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Writes the bytes between a buffer's position and its limit as a record, as {@link
   * #write(byte[])} does, and moves the position to the limit.
   *
   * @throws MemoryFaultException if the buffer is of a mapped file that was truncated meanwhile;
   *     the record is not written, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full; the position is then where
   *     it was
   * @throws IllegalStateException if the writer is closed
   */
  public void write(ByteBuffer record) throws IOException {
    write(MemorySegment.ofBuffer(record));
    record.position(record.limit());
  }

  /**
   * Writes the bytes of a segment, of the heap or not, as a record, as {@link #write(byte[])} does.
   *
   * @throws MemoryFaultException if the segment is of a mapped file that was truncated meanwhile;
   *     the record is not written, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full
   * @throws IllegalStateException if the writer or the segment's arena is closed
   * @throws WrongThreadException if the segment belongs to another thread
   */
  public void write(MemorySegment record) throws IOException {
    try {
      var _ = writing.write(record, false);
    } catch (MemoryFault e) {
      throw failure(e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Writes a record, as {@link #write(byte[])} does, and says when it is in a shard: when its chunk
   * is full, or the writer is flushed or closed. Who waits for it flushes first.
   *
   * @return is completed when the record is in a shard, on another thread than the writer's own;
   *     exceptionally with an {@link IOException} if it could not be written to any. Cancelling it
   *     has no effect on the record
   * @throws IOException if a shard has failed earlier, or all are full; the record is not written
   * @throws IllegalStateException if the writer is closed
   */
  public CompletableFuture<Void> writeAsync(byte[] record) throws IOException {
    return writeAsync(record, 0, record.length);
  }

  /**
   * Writes a range of an array as a record, as {@link #writeAsync(byte[])} does.
   *
   * @param offset where the record begins
   * @param length its size in bytes
   * @throws IndexOutOfBoundsException if the range is not within the array
   * @throws IOException if a shard has failed earlier, or all are full
   * @throws IllegalStateException if the writer is closed
   */
  public CompletableFuture<Void> writeAsync(byte[] array, int offset, int length)
      throws IOException {
    Objects.checkFromIndexSize(offset, length, array.length);
    try {
      return asked(writing.write(array, offset, length, true));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Writes the bytes between a buffer's position and its limit as a record, as {@link
   * #writeAsync(byte[])} does, and moves the position to the limit: the bytes are copied already.
   *
   * @throws MemoryFaultException if the buffer is of a mapped file that was truncated meanwhile;
   *     the record is not written, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full; the position is then where
   *     it was
   * @throws IllegalStateException if the writer is closed
   */
  public CompletableFuture<Void> writeAsync(ByteBuffer record) throws IOException {
    CompletableFuture<Void> written = writeAsync(MemorySegment.ofBuffer(record));
    record.position(record.limit());
    return written;
  }

  /**
   * Writes the bytes of a segment, of the heap or not, as a record, as {@link #writeAsync(byte[])}
   * does.
   *
   * @throws MemoryFaultException if the segment is of a mapped file that was truncated meanwhile;
   *     the record is not written, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full
   * @throws IllegalStateException if the writer or the segment's arena is closed
   * @throws WrongThreadException if the segment belongs to another thread
   */
  public CompletableFuture<Void> writeAsync(MemorySegment record) throws IOException {
    try {
      return asked(writing.write(record, true));
    } catch (MemoryFault e) {
      throw failure(e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private IOException failure(MemoryFault fault) {
    return MemoryFaultException.of(fault, new Origin(writing.name(), null));
  }

  private static CompletableFuture<Void> asked(@Nullable CompletableFuture<Void> written) {
    return Objects.requireNonNull(written);
  }

  /**
   * Writes all records so far, of all threads, to the shards: {@link FlushMode#VISIBLE}.
   *
   * @throws IOException if writing fails, now or earlier, or all shards are full
   * @throws IllegalStateException as for {@link #flush(FlushMode)}
   */
  public void flush() throws IOException {
    flush(FlushMode.VISIBLE);
  }

  /**
   * Writes all records so far, of all threads, to the shards, and their {@linkplain
   * WriterOptions#finalPadding() padding}; returns when what {@code mode} promises holds for them,
   * in shards that are closed already too.
   *
   * @throws IOException if writing fails, now or earlier, or all shards are full
   * @throws IllegalStateException if the writer is closed, or the records of a {@link
   *     Container#ARRAY_RECORD} do not make whole groups: its groups are of one size; or the
   *     {@linkplain MultiThreadedWriterOptions#withShardListener listener} calls this
   */
  public void flush(FlushMode mode) throws IOException {
    Objects.requireNonNull(mode, "mode");
    try {
      writing.flush(mode == FlushMode.SYNC);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Begins to {@linkplain #flush() flush}. Waits while too many chunks and flushes are on their
   * way.
   *
   * @return is completed when that is done, as the one of {@link #writeAsync(byte[])} is
   * @throws IOException if writing has failed earlier, or all shards are full
   * @throws IllegalStateException as for {@link #flush()}
   */
  public CompletableFuture<Void> flushAsync() throws IOException {
    return flushAsync(FlushMode.VISIBLE);
  }

  /**
   * Begins to {@linkplain #flush(FlushMode) flush}. Waits while too many chunks and flushes are on
   * their way.
   *
   * @return is completed when that is done, as the one of {@link #writeAsync(byte[])} is
   * @throws IOException if writing has failed earlier, or all shards are full
   * @throws IllegalStateException as for {@link #flush(FlushMode)}
   */
  public CompletableFuture<Void> flushAsync(FlushMode mode) throws IOException {
    Objects.requireNonNull(mode, "mode");
    try {
      return writing.flushAsync(mode == FlushMode.SYNC);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Writes all records and closes all shards; returns when the worker threads have ended. Writes of
   * other threads that have not returned yet are in a shard, or throw. Does nothing if the writer
   * is closed; if another thread is closing it, waits until it is. When this throws, the writer is
   * closed all the same.
   *
   * @throws ShardException if a shard fails, now or earlier; the others are closed, and complete
   * @throws IOException if writing has failed otherwise
   * @throws IllegalStateException if the {@linkplain MultiThreadedWriterOptions#withShardListener
   *     listener} calls this; the writer is then not closed
   */
  @Override
  public void close() throws IOException {
    try {
      writing.close();
      forgotten.clean();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Says whether the writer is open. */
  public boolean isOpen() {
    return writing.isOpen();
  }

  /** Number of chunks, and flushes, that are on their way: waiting, or being encoded or written. */
  public int pendingTasks() {
    return writing.pendingTasks();
  }

  /** Number of open shards that nothing is being written to. */
  public int availableWriters() {
    return writing.idleShards();
  }

  /** The shards so far, in the order in which they were opened, and what is in them. */
  public List<WrittenShard> shards() {
    return writing.shards().stream().map(MultiThreadedWriter::describe).toList();
  }

  /** Where it writes, whether it is open, and how much it has written to how many shards. */
  @Override
  public String toString() {
    List<NumberedShard> shards = writing.shards();
    return "MultiThreadedWriter["
        + writing.name()
        + ", open="
        + writing.isOpen()
        + ", shards="
        + shards.size()
        + ", writtenRecords="
        + shards.stream().mapToLong(NumberedShard::records).sum()
        + ", pendingTasks="
        + writing.pendingTasks()
        + "]";
  }

  private static WrittenShard describe(NumberedShard shard) {
    return new WrittenShard(
        shard.number(),
        shard.name(),
        shard.shard().path(),
        shard.records(),
        shard.recordBytes(),
        shard.isFinished());
  }
}
