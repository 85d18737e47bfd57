package io.disky;

import io.disky.files.QuotedText;
import io.disky.threads.Callbacks;
import io.disky.threads.StackRoom;
import io.disky.writing.RotationSchedule;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to one file after the other, from any thread: the next record begins a new file
 * when the current one is full or old.
 *
 * {@snippet :
 * RotatingRecordWriter log = RotatingRecordWriter.open(
 *     FileNaming.pattern(directory, "log-{time}-{number}.disky"),
 *     RotationOptions.defaults()
 *         .withMaxFileSize(256 << 20)
 *         .withMaxDuration(Duration.ofHours(1))
 *         .withListener(file -> upload(file.path())));
 * }
 *
 * <p>Each file is complete and closed before the next one is opened, and all records that were
 * written are in the files, each once and in order. The first file is opened at once, each further
 * one with its first record. The writer never writes to a path that exists: it tries the next
 * number.
 *
 * <p><b>Failures.</b> If the next file cannot be opened, the call that needs it throws and its
 * record is not written; the next call tries again. If a file cannot be written or completed, every
 * later call throws as well. Files that were complete before stay as they are.
 *
 * <p><b>Threads.</b> Each method takes a lock, as the methods of {@link SharedRecordWriter} do.
 */
public final class RotatingRecordWriter implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Callbacks callbacks = new Callbacks("the rotating writer");
  private final FileNaming naming;
  private final RotationOptions options;
  private final RotationSchedule schedule;
  private volatile boolean open = true;
  private @Nullable IOException failure;

  // The open file, if any.
  private @Nullable RecordWriter file;
  private volatile @Nullable Path path;

  private long number = -1;

  // The number of records in the files before the open one.
  private long recordCount;
  private long recordBytes;

  private RotatingRecordWriter(FileNaming naming, RotationOptions options) {
    this.naming = naming;
    this.options = options;
    this.schedule =
        new RotationSchedule(
            options.maxFileSize().orElse(Long.MAX_VALUE),
            options.writerOptions().chunkSize(),
            options.maxDuration().orElse(null));
  }

  /**
   * Opens the first file.
   *
   * @param naming names the files, for example {@link FileNaming#pattern}
   * @throws FileAlreadyExistsException if {@code naming} returns the same path, which exists, for
   *     two numbers
   * @throws IOException if the file cannot be opened, as {@link RecordWriter#open(Path,
   *     WriterOptions)}
   * @throws IllegalArgumentException if the writer options exclude each other
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RotatingRecordWriter open(FileNaming naming, RotationOptions options)
      throws IOException {
    Objects.requireNonNull(naming, "naming");
    Objects.requireNonNull(options, "options");
    RotatingRecordWriter opened = new RotatingRecordWriter(naming, options);
    opened.locked(() -> {
      var _ = opened.openNext();
    });
    return opened;
  }

  /**
   * Writes a record.
   *
   * @throws IOException if writing fails, now or earlier, or the next file cannot be opened
   * @throws IllegalStateException if the writer is closed, or calls the user's code in this thread
   */
  public void write(byte[] record) throws IOException {
    write(record, 0, record.length);
  }

  /** Writes a range of an array: {@link RecordWriter#write(byte[], int, int)}. */
  public void write(byte[] array, int offset, int length) throws IOException {
    locked(() -> current().write(array, offset, length));
  }

  /** Writes the rest of a buffer: {@link RecordWriter#write(ByteBuffer)}. */
  public void write(ByteBuffer record) throws IOException {
    locked(() -> current().write(record));
  }

  /** Writes the bytes of a segment: {@link RecordWriter#write(MemorySegment)}. */
  public void write(MemorySegment record) throws IOException {
    locked(() -> current().write(record));
  }

  /** Writes a text in UTF-8: {@link RecordWriter#write(CharSequence)}. */
  public void write(CharSequence text) throws IOException {
    String characters = text.toString();
    locked(() -> current().write(characters));
  }

  /** Writes a batch, all of it to one file: {@link RecordWriter#write(RecordBatch)}. */
  public void write(RecordBatch batch) throws IOException {
    locked(() -> current().write(batch));
  }

  /** Builds a record in place: {@link RecordWriter#write(long, SlotWriter)}. */
  public void write(long maxSize, SlotWriter slotWriter) throws IOException {
    locked(() -> {
      RecordWriter writer = current();
      String outer = callbacks.begin("slot writer");
      try {
        writer.write(maxSize, slotWriter);
      } finally {
        callbacks.end(outer);
      }
    });
  }

  /** Makes the records so far visible to readers: {@link FlushMode#VISIBLE}. */
  public void flush() throws IOException {
    flush(FlushMode.VISIBLE);
  }

  /**
   * Flushes the current file: {@link RecordWriter#flush(FlushMode)}. Files before it are complete;
   * {@link FlushMode#SYNC} does not put them on the disk.
   */
  public void flush(FlushMode mode) throws IOException {
    Objects.requireNonNull(mode, "mode");
    locked(() -> {
      if (file != null) {
        file.flush(mode);
        schedule.setSizeDue();
      }
    });
  }

  /**
   * Completes the current file, unless it has no records; the next record begins the next file.
   *
   * @throws IOException if the file cannot be completed
   * @throws IllegalStateException if the writer is closed, or calls the user's code in this thread
   */
  public void rotate() throws IOException {
    locked(() -> {
      if (file != null && file.recordCount() > 0) {
        complete(file);
      }
    });
  }

  /** Number of records that this writer has taken, in all files. */
  public long recordCount() {
    lock.lock();
    try {
      return recordCount + (file == null ? 0 : file.recordCount());
    } finally {
      lock.unlock();
    }
  }

  /** Sum of the sizes of the records that this writer has taken, in all files, in bytes. */
  public long recordBytes() {
    lock.lock();
    try {
      return recordBytes + (file == null ? 0 : file.recordBytes());
    } finally {
      lock.unlock();
    }
  }

  /** The file that is written to now; empty between two files and after the last one. */
  public Optional<Path> path() {
    return Optional.ofNullable(path);
  }

  /** Returns whether the writer is open. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Completes and closes the current file. Does nothing if the writer is closed. The writer is
   * closed even if this throws.
   *
   * @throws IOException if writing fails, now or earlier
   * @throws IllegalStateException if the writer calls the user's code in this thread; it is then
   *     not closed
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (!open) {
        return;
      }
      callbacks.check();
      closeOpen();
    } finally {
      lock.unlock();
    }
  }

  private void closeOpen() throws IOException {
    try {
      if (file != null) {
        complete(file);
      }
      checkNotFailed();
    } finally {
      open = file != null; // The file is still open if it refused: nothing has changed then.
    }
  }

  private interface Use {
    void make() throws IOException;
  }

  private void locked(Use use) throws IOException {
    lock.lock();
    try {
      callbacks.check();
      if (!open) {
        throw new IllegalStateException("the rotating writer is closed");
      }
      checkNotFailed();
      use.make();
    } finally {
      lock.unlock();
    }
  }

  private void checkNotFailed() throws IOException {
    if (failure != null) {
      throw new IOException("an earlier write failed: " + failure.getMessage(), failure);
    }
  }

  /** The file for the next record. */
  private RecordWriter current() throws IOException {
    if (file != null && isDue(file)) {
      complete(file);
    }
    return file == null ? openNext() : file;
  }

  private boolean isDue(RecordWriter writer) throws IOException {
    if (writer.recordCount() == 0) {
      return false;
    }
    if (schedule.hasMaxAge() && schedule.isOld(now())) {
      return true;
    }
    long written = writer.recordBytes() + Long.BYTES * writer.recordCount();
    return schedule.isSizeDue(written) && schedule.isFull(writer.fileSize(), written);
  }

  private Instant now() {
    String outer = callbacks.begin("clock");
    try {
      return Objects.requireNonNull(options.clock().instant(), "the time of the clock");
    } finally {
      callbacks.end(outer);
    }
  }

  private RecordWriter openNext() throws IOException {
    StackRoom.require();
    Instant now = now();
    Path before = null;
    while (true) {
      Path next = nextPath(number + 1, now);
      try {
        RecordWriter opened = RecordWriter.open(next, options.writerOptions());
        opened.share(lock);
        number++;
        file = opened;
        path = next;
        schedule.opened(now, opened.fileSize());
        return opened;
      } catch (FileAlreadyExistsException e) {
        if (next.equals(before)) {
          throw e;
        }
        before = next;
        number++;
      }
    }
  }

  private Path nextPath(long number, Instant now) {
    String outer = callbacks.begin("file naming");
    try {
      return Objects.requireNonNull(naming.path(number, now), "path");
    } finally {
      callbacks.end(outer);
    }
  }

  private void complete(RecordWriter writer) throws IOException {
    StackRoom.require();
    Path completed = Objects.requireNonNull(path, "path");
    try {
      writer.close();
    } catch (Throwable e) {
      if (!writer.isOpen()) {
        failure = new IOException(QuotedText.name(completed) + ": the file is not complete", e);
        left(writer);
      }
      throw e;
    }
    left(writer);
    announce(
        new RotatedFile(
            completed, number, writer.recordCount(), writer.recordBytes(), writer.fileSize()));
  }

  private void left(RecordWriter closed) {
    file = null;
    path = null;
    recordCount += closed.recordCount();
    recordBytes += closed.recordBytes();
  }

  private void announce(RotatedFile completed) {
    options
        .listener()
        .ifPresent(listener -> {
          String outer = callbacks.begin("listener");
          try {
            listener.accept(completed);
          } catch (Throwable e) {
            System.getLogger("io.disky")
                .log(Level.WARNING, "the listener of a rotating writer has failed", e);
          } finally {
            callbacks.end(outer);
          }
        });
  }

  @Override
  public String toString() {
    return "RotatingRecordWriter["
        + (open ? "open" : "closed")
        + ", path="
        + path().map(Path::toString).orElse("none")
        + "]";
  }
}
