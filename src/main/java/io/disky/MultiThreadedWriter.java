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
 * <p>A call copies the record into one of several chunks in memory; it waits only for threads that
 * write to the same chunk. A full chunk enters a queue. The writer's threads take it from there,
 * encode it, and write it to the shard that was used longest ago. Each record is in exactly one
 * shard; which shard, and where in it, is not specified.
 *
 * <p><b>Durability.</b> A {@code write} returns after the record was copied to a chunk in memory.
 * {@link #flush()} and {@link #close()} return after it was written to a file; the future of {@link
 * #writeAsync} completes then, too. Shards that exist are kept and never continued; new shards are
 * numbered from {@linkplain MultiThreadedWriterOptions#withStartIndex the start index} on.
 *
 * <p><b>Memory.</b> The writer holds:
 *
 * <ul>
 *   <li>at most 4 chunks for each available processor that are being filled; for a moment twice as
 *       many when the writer is flushed or closed
 *   <li>in the queue, at most {@linkplain MultiThreadedWriterOptions#withTaskQueueBytes 64 MiB} of
 *       chunks, or one larger chunk. A call that completes a chunk waits while the queue is full
 *   <li>at most 4 empty chunks for each available processor, and one for each thread of the writer
 *   <li>an encoder for each thread of the writer, which holds the encoded form of a chunk
 * </ul>
 *
 * <p><b>Failures.</b> After a shard has failed, every {@code write} and flush throws a {@link
 * ShardException} that names the shard, and so does {@link #close()}. If several shards fail, they
 * throw the first failure. Records that were accepted before are written to the other shards. The
 * futures of a chunk complete exceptionally if the chunk
 *
 * <ul>
 *   <li>could not be written to any shard
 *   <li>fills a shard that cannot be finished
 *   <li>is lost because there is no memory for it
 * </ul>
 *
 * <p>If a shard fails during the write of the last bytes of a chunk, and cannot be truncated
 * either, its end is torn.
 *
 * <p><b>Threads.</b> Any thread, virtual threads too, may call all methods at any time. Interrupts
 * have no effect. If a writer was never closed, its threads end and its shards are closed after the
 * garbage collector finds the writer; its last records are lost. The logger {@code io.disky}
 * reports that.
 *
 * <p><b>ArrayRecord.</b> Each shard is a complete ArrayRecord with its own index. In at most one
 * shard the last group is incomplete.
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
    public boolean appearsWhenClosed() {
      return writer.appearsWhenClosed();
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
   * @throws IOException if the directory cannot be created, or a shard cannot be opened
   */
  public static MultiThreadedWriter open(Path directory) throws IOException {
    return open(directory, MultiThreadedWriterOptions.defaults());
  }

  /**
   * Opens shards in {@code directory}, which is created if it is missing.
   *
   * @throws ShardException if a shard cannot be opened
   * @throws IOException if the directory cannot be created, or a shard that exists cannot be
   *     removed
   * @throws IllegalArgumentException if the writer options cannot be combined, or the prefix is not
   *     a valid part of a file name
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static MultiThreadedWriter open(Path directory, MultiThreadedWriterOptions options)
      throws IOException {
    return open(ShardTarget.inDirectory(directory, options.prefix()), options);
  }

  /**
   * Opens shards in {@code target}.
   *
   * @throws IOException if a shard that exists cannot be removed, or a shard cannot be opened
   * @throws IllegalArgumentException if the writer options cannot be combined
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
    // Before anything is removed: this throws if the options cannot be combined.
    RecordWriter.open(OutputStream.nullOutputStream(), shardOptions).discard();
    return new ShardedWriting(
        new UserShards(target, shardOptions),
        options.settings(newChunk),
        Shards.events(options.shardListener().orElse(null)),
        ShardException.FAILURES);
  }

  /**
   * Writes a record: returns after it was copied to a chunk in memory. Waits while the queue of
   * chunks is full.
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
   * @throws MemoryFaultException if the buffer is memory of a mapped file that was truncated; the
   *     record is not written, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full; the position is then
   *     unchanged
   * @throws IllegalStateException if the writer is closed
   */
  public void write(ByteBuffer record) throws IOException {
    write(MemorySegment.ofBuffer(record));
    record.position(record.limit());
  }

  /**
   * Writes the bytes of a segment, on the heap or not, as a record, as {@link #write(byte[])} does.
   *
   * @throws MemoryFaultException if the segment is memory of a mapped file that was truncated; the
   *     record is not written, and the writer can go on
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
   * Builds a record in place, in a chunk in memory, without a copy unless the record does not fit
   * into the chunk any more.
   *
   * {@snippet :
   * writer.write(16, slot -> {
   *   slot.set(JAVA_LONG_UNALIGNED, 0, timestamp);
   *   return 8;
   * });
   * }
   *
   * <p>Other threads can write meanwhile; if they flush or close the writer, they wait until {@code
   * slotWriter} has returned. So {@code slotWriter} must not wait for them. All methods of this
   * writer that write, flush or close throw if {@code slotWriter} calls them. If {@code slotWriter}
   * throws, the record is discarded and the writer goes on as if this method had not been called.
   *
   * @param maxSize the most bytes that the record can have, at least 0; that much memory is held,
   *     so a close bound is better
   * @throws IllegalArgumentException if {@code maxSize} is negative, or {@code slotWriter} returns
   *     a size that is negative or more than {@code maxSize}; the record is discarded
   * @throws MemoryFaultException if memory that {@code slotWriter} has used is of a mapped file
   *     that was truncated meanwhile; the record is discarded, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full, or {@code slotWriter}
   *     throws it; the record is not written
   * @throws IllegalStateException if the writer is closed, or if the current thread is building a
   *     record of this writer
   */
  public void write(long maxSize, SlotWriter slotWriter) throws IOException {
    Objects.requireNonNull(slotWriter, "slotWriter");
    try {
      writing.write(maxSize, slotWriter::write);
    } catch (MemoryFault e) {
      throw failure(e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Writes a record, as {@link #write(byte[])} does, and returns a future that completes after the
   * record was written to a shard: after its chunk is full, or the writer is flushed or closed. A
   * caller that waits for the future must flush first.
   *
   * @return completes after the record was written to a shard, on a thread that is not one of the
   *     writer's; exceptionally with an {@link IOException} if no shard could take it. Cancelling
   *     the future has no effect on the record
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
   * #writeAsync(byte[])} does, and moves the position to the limit: the bytes are copied when this
   * returns.
   *
   * @throws MemoryFaultException if the buffer is memory of a mapped file that was truncated; the
   *     record is not written, and the writer can go on
   * @throws IOException if a shard has failed earlier, or all are full; the position is then
   *     unchanged
   * @throws IllegalStateException if the writer is closed
   */
  public CompletableFuture<Void> writeAsync(ByteBuffer record) throws IOException {
    CompletableFuture<Void> written = writeAsync(MemorySegment.ofBuffer(record));
    record.position(record.limit());
    return written;
  }

  /**
   * Writes the bytes of a segment, on the heap or not, as a record, as {@link #writeAsync(byte[])}
   * does.
   *
   * @throws MemoryFaultException if the segment is memory of a mapped file that was truncated; the
   *     record is not written, and the writer can go on
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
    return MemoryFaultException.of(fault, Origin.named(writing.name()));
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
   * WriterOptions#finalPadding() padding}. Returns when these records, those in closed shards too,
   * are as durable as {@code mode} states.
   *
   * @throws IOException if writing fails, now or earlier, or all shards are full
   * @throws IllegalStateException if the writer is closed; for {@link FlushMode#SYNC} if the shards
   *     are {@linkplain RemoteTarget in a store}; if the number of records in a {@link
   *     Container#ARRAY_RECORD} is not a multiple of the group size; or if the {@linkplain
   *     MultiThreadedWriterOptions#withShardListener listener} calls this
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
   * Begins to {@linkplain #flush() flush}. Waits while the queue of chunks is full.
   *
   * @return completes after the flush, like the future of {@link #writeAsync(byte[])}
   * @throws IOException if writing has failed earlier, or all shards are full
   * @throws IllegalStateException as for {@link #flush()}
   */
  public CompletableFuture<Void> flushAsync() throws IOException {
    return flushAsync(FlushMode.VISIBLE);
  }

  /**
   * Begins to {@linkplain #flush(FlushMode) flush}. Waits while the queue of chunks is full.
   *
   * @return completes after the flush, like the future of {@link #writeAsync(byte[])}
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
   * Writes all records, closes all shards, and returns after the writer's threads have ended. If
   * another thread is writing a record meanwhile, the record is written to a shard, or that
   * thread's call throws. If another thread is closing the writer, this waits for it. Does nothing
   * if the writer is closed. The writer is closed even if this throws an {@link IOException}.
   *
   * @throws ShardException if a shard fails, now or earlier; the other shards are closed and
   *     complete
   * @throws IOException if writing failed for another reason
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

  /** Returns whether the writer is open. */
  public boolean isOpen() {
    return writing.isOpen();
  }

  /** Number of chunks and flushes that wait in the queue, or are being encoded or written. */
  public int pendingTasks() {
    return writing.pendingTasks();
  }

  /** Number of open shards that no thread is writing to. */
  public int availableWriters() {
    return writing.idleShards();
  }

  /** The shards so far, in the order in which they were opened. */
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
