package io.disky;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes records to a file from any thread: a {@link RecordWriter} that is guarded by a lock.
 *
 * {@snippet :
 * SharedRecordWriter log = SharedRecordWriter.open(path);
 * Runtime.getRuntime().addShutdownHook(new Thread(() -> {
 *   try {
 *     log.close();
 *   } catch (IOException e) {
 *     e.printStackTrace();
 *   }
 * }));
 * log.write("started"); // in any thread
 * }
 *
 * <p>Each method takes the lock, so threads write one after the other; the records of one thread
 * stay in its order. All methods do and throw the same as those of {@link RecordWriter}, apart from
 * its {@link WrongThreadException}s. {@link MultiThreadedWriter} writes many files at once, and is
 * faster if threads wait for each other here.
 *
 * <p><b>Closing.</b> {@link #close()} waits for the call that is under way. Calls that come later
 * get an {@link IllegalStateException}, and their records are not written. In a shutdown hook
 * {@code close()} completes the file; a {@link SlotWriter} must not call {@link System#exit},
 * because the hook would wait for it forever.
 *
 * <p><b>Streams.</b> A stream or channel that is written to must not use its writer: that is an
 * {@link IllegalStateException}.
 */
public final class SharedRecordWriter implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final RecordWriter writer;

  SharedRecordWriter(RecordWriter writer) {
    this.writer = writer;
    writer.share(lock);
  }

  /** Creates the file at {@code path}, as {@link RecordWriter#open(Path)} does. */
  public static SharedRecordWriter open(Path path) throws IOException {
    return RecordWriter.open(path).shared();
  }

  /**
   * Opens the file at {@code path}, as {@link RecordWriter#open(Path, WriterOptions)} does. For
   * streams, channels and memory open a {@link RecordWriter} and {@linkplain RecordWriter#shared()
   * share} it.
   */
  public static SharedRecordWriter open(Path path, WriterOptions options) throws IOException {
    return RecordWriter.open(path, options).shared();
  }

  private void lock() {
    // Another thread may hold the lock and wait for a thread of the writer. If that thread of the
    // writer calls the user's stream, and the stream calls this method, both would wait forever.
    if (!lock.isHeldByCurrentThread()) {
      writer.checkNotCalling();
    }
    lock.lock();
  }

  /** Writes a record, as {@link RecordWriter#write(byte[])} does. */
  public void write(byte[] record) throws IOException {
    write(record, 0, record.length);
  }

  /** Writes a range of an array, as {@link RecordWriter#write(byte[], int, int)} does. */
  public void write(byte[] array, int offset, int length) throws IOException {
    lock();
    try {
      writer.write(array, offset, length);
    } finally {
      lock.unlock();
    }
  }

  /** Writes the rest of a buffer, as {@link RecordWriter#write(ByteBuffer)} does. */
  public void write(ByteBuffer record) throws IOException {
    lock();
    try {
      writer.write(record);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the bytes of a segment, as {@link RecordWriter#write(MemorySegment)} does. The segment
   * must be accessible by the current thread.
   */
  public void write(MemorySegment record) throws IOException {
    lock();
    try {
      writer.write(record);
    } finally {
      lock.unlock();
    }
  }

  /** Writes a text in UTF-8, as {@link RecordWriter#write(CharSequence)} does. */
  public void write(CharSequence text) throws IOException {
    String characters = text.toString();
    lock();
    try {
      writer.write(characters);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes all records of a batch, as {@link RecordWriter#write(RecordBatch)} does. Other threads'
   * records come before or after them. The batch must be accessible by the current thread.
   */
  public void write(RecordBatch batch) throws IOException {
    lock();
    try {
      writer.write(batch);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Builds a record in place, as {@link RecordWriter#write(long, SlotWriter)} does. The slot writer
   * runs while this writer holds its lock, so other threads wait for it.
   */
  public void write(long maxSize, SlotWriter slotWriter) throws IOException {
    lock();
    try {
      writer.write(maxSize, slotWriter);
    } finally {
      lock.unlock();
    }
  }

  /** Flushes, as {@link RecordWriter#flush()} does. */
  public void flush() throws IOException {
    flush(FlushMode.VISIBLE);
  }

  /** Flushes, as {@link RecordWriter#flush(FlushMode)} does. */
  public void flush(FlushMode mode) throws IOException {
    lock();
    try {
      writer.flush(mode);
    } finally {
      lock.unlock();
    }
  }

  /** Size of the file in bytes, as {@link RecordWriter#fileSize()}. */
  public long fileSize() throws IOException {
    lock();
    try {
      return writer.fileSize();
    } finally {
      lock.unlock();
    }
  }

  /** Number of records that this writer has taken, from all threads. */
  public long recordCount() {
    lock();
    try {
      return writer.recordCount();
    } finally {
      lock.unlock();
    }
  }

  /** Sum of the sizes of the records that this writer has taken, in bytes. */
  public long recordBytes() {
    lock();
    try {
      return writer.recordBytes();
    } finally {
      lock.unlock();
    }
  }

  /** The path that was opened; empty if the writer was opened without a path. */
  public Optional<Path> path() {
    return writer.path();
  }

  /**
   * The hidden file that is written until the writer is closed: {@link RecordWriter#temporaryPath}.
   */
  public Optional<Path> temporaryPath() {
    return writer.temporaryPath();
  }

  /** The name of the file in messages: {@link RecordWriter#name}. */
  public String name() {
    return writer.name();
  }

  /** Returns whether the writer is open. Does not wait. */
  public boolean isOpen() {
    return writer.isOpen();
  }

  /**
   * Completes and closes the file, as {@link RecordWriter#close()} does. Does nothing if the writer
   * is closed.
   */
  @Override
  public void close() throws IOException {
    lock();
    try {
      writer.close();
    } finally {
      lock.unlock();
    }
  }

  /** Closes the writer without completing the file, as {@link RecordWriter#discard()} does. */
  public void discard() {
    lock();
    try {
      writer.discard();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "SharedRecordWriter[" + writer.description() + "]";
  }
}
