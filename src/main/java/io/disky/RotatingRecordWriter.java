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
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to one file after the other, from any thread. When the current file is full or
 * old, the writer completes it, and the next record begins the next file.
 *
 * {@snippet :
 * RotatingRecordWriter log = RotatingRecordWriter.open(
 *     FileNaming.pattern(directory, "log-{number}-{time}.disky"),
 *     RotationOptions.defaults()
 *         .withMaxFileSize(256 << 20)
 *         .withMaxDuration(Duration.ofHours(1))
 *         .withListener(file -> upload(file.path())));
 * }
 *
 * <p>The files together contain all records that were written, each once and in order. The writer
 * never writes to a path that exists: it tries the next number.
 *
 * <p><b>When files begin and end.</b> {@link #open} opens the first file, so that a missing
 * directory is reported early. Each later file is opened when its first record is written. Each
 * file is complete and closed before the next one is opened. The writer has no thread of its own,
 * so time alone does not end a file. A file that has records ends
 *
 * <ul>
 *   <li>at a write, before the record is written, if the file is {@linkplain
 *       RotationOptions#withMaxFileSize full} or {@linkplain RotationOptions#withMaxDuration old};
 *   <li>at a {@link #flush() flush}, after the records are written, if the file is full or old. So
 *       if nothing is written for a long time, the flush of a timer ends the file;
 *   <li>at {@link #rotate()} and {@link #close()}.
 * </ul>
 *
 * <p><b>Stores.</b> The files are local. A file in a store appears only when it is complete, so a
 * writer there could not make records visible or durable before the next file begins, and a crash
 * would lose all of them. For logs in a store, rotate in a local directory, and upload complete
 * files in the {@linkplain RotationOptions#withListener listener}: the guide to log services has a
 * program. A path that is an address with the scheme {@code s3}, {@code gs}, {@code http} or {@code
 * https}, or a path of another file system, is refused with an {@link
 * UnsupportedOperationException}.
 *
 * <p><b>Failures.</b> If the next file cannot be opened, the call that needs it throws and its
 * record is not written; the next call tries again. If a file cannot be written or completed, every
 * later call throws as well. Files that were complete before stay as they are.
 *
 * <p><b>Threads.</b> Each method takes a lock, as the methods of {@link SharedRecordWriter} do. The
 * writer calls a {@link SlotWriter}, the {@linkplain RotationOptions#withListener listener}, the
 * clock and the {@link FileNaming} while it holds the lock, so other threads wait for them.
 */
public final class RotatingRecordWriter implements AutoCloseable {
  /** The schemes of addresses that are recognised. */
  private static final Set<String> STORES = Set.of("s3", "gs", "http", "https");

  private final ReentrantLock lock = new ReentrantLock();
  private final Callbacks callbacks = new Callbacks("the rotating writer");
  private final FileNaming naming;
  private final RotationOptions options;
  private final RotationSchedule schedule;
  private final Target target;
  private volatile boolean open = true;
  private @Nullable IOException failure;

  // The open file, if any.
  private @Nullable RecordWriter file;
  private volatile @Nullable Path path;

  private long number = -1;

  // The number of records in the files before the open one.
  private long recordCount;
  private long recordBytes;

  /** Opens the file at a path. */
  @FunctionalInterface
  interface Target {
    RecordWriter open(Path path, WriterOptions options) throws IOException;
  }

  private RotatingRecordWriter(FileNaming naming, RotationOptions options, Target target) {
    this.naming = naming;
    this.target = target;
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
   *     WriterOptions)}, or {@link FileNaming#firstNumber()} throws it
   * @throws IllegalArgumentException if the writer options cannot be combined
   * @throws UnsupportedOperationException if a path is an address that begins with {@code s3:},
   *     {@code gs:}, {@code http:} or {@code https:} and a slash, or is not in the default file
   *     system: the files are local
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message says why and
   *     what to do
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag
   */
  public static RotatingRecordWriter open(FileNaming naming, RotationOptions options)
      throws IOException {
    return open(naming, options, RecordWriter::open);
  }

  static RotatingRecordWriter open(FileNaming naming, RotationOptions options, Target target)
      throws IOException {
    Objects.requireNonNull(naming, "naming");
    Objects.requireNonNull(options, "options");
    RotatingRecordWriter opened = new RotatingRecordWriter(naming, options, target);
    opened.locked(() -> {
      opened.number = opened.firstNumber() - 1;
      var _ = opened.openNext();
    });
    return opened;
  }

  /**
   * Writes a record.
   *
   * @throws IOException if writing fails, now or earlier, or the current file cannot be completed,
   *     or the next file cannot be opened
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

  /**
   * Builds a record in place: {@link RecordWriter#write(long, SlotWriter)}. The slot writer runs
   * while this writer holds its lock, so other threads wait for it.
   */
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

  /** Flushes with {@link FlushMode#VISIBLE}: makes the records so far visible to readers. */
  public void flush() throws IOException {
    flush(FlushMode.VISIBLE);
  }

  /**
   * Flushes the current file, as {@link RecordWriter#flush(FlushMode)} does. Then completes the
   * file if it is full or old and has records; the next record begins the next file.
   *
   * <p>After a flush with {@link FlushMode#SYNC} all records so far survive a power cut, those in
   * earlier files of this writer too: the writer puts a file on the disk before it goes on with the
   * next one. Only if {@linkplain WriterOptions#withGroupSize groups} of an ArrayRecord have more
   * than one record, the writer does not do this.
   *
   * @throws IOException if writing fails, now or earlier, or the file cannot be completed
   * @throws IllegalStateException as {@link RecordWriter#flush(FlushMode)}, or if the writer calls
   *     the user's code in this thread
   */
  public void flush(FlushMode mode) throws IOException {
    Objects.requireNonNull(mode, "mode");
    locked(() -> {
      if (file != null) {
        file.flush(mode);
        schedule.setSizeDue();
        if (isDue(file)) {
          complete(file, canSync());
        }
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
        complete(file, canSync());
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
        complete(file, false);
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
      complete(file, canSync());
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
      checkIsLocal(next);
      try {
        RecordWriter opened = target.open(next, options.writerOptions());
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

  /** Whether a path was made of an address: it begins with a scheme and one slash. */
  private static boolean isAddress(String path) {
    int colon = path.indexOf(':');
    return colon > 0
        && colon + 1 < path.length()
        && (path.charAt(colon + 1) == '/' || path.charAt(colon + 1) == '\\')
        && STORES.contains(path.substring(0, colon).toLowerCase(Locale.ROOT));
  }

  private static void checkIsLocal(Path file) {
    boolean local = file.getFileSystem().equals(FileSystems.getDefault());
    if (!local || isAddress(file.toString())) {
      throw new UnsupportedOperationException(
          QuotedText.name(file)
              + (local ? " is an address" : " is not in the default file system")
              + ", but a rotating writer writes local files only: rotate in a local directory, and"
              + " upload complete files in RotationOptions.withListener");
    }
  }

  private long firstNumber() throws IOException {
    String outer = callbacks.begin("file naming");
    try {
      long first = naming.firstNumber();
      if (first < 0) {
        throw new IllegalArgumentException(
            "the first number of the file naming is " + first + ", less than 0");
      }
      return first;
    } finally {
      callbacks.end(outer);
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

  /** Whether a file can be put on the disk before it is closed. Atomic creation does it itself. */
  private boolean canSync() {
    WriterOptions each = options.writerOptions();
    return !each.atomicCreation() && each.groupSize() == 1;
  }

  /**
   * Completes the file.
   *
   * @param sync whether to put it on the disk first, because a later flush does not reach it
   */
  private void complete(RecordWriter writer, boolean sync) throws IOException {
    StackRoom.require();
    Path completed = Objects.requireNonNull(path, "path");
    try {
      syncAndClose(writer, sync);
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

  private static void syncAndClose(RecordWriter writer, boolean sync) throws IOException {
    try {
      if (sync) {
        writer.flush(FlushMode.SYNC);
      }
    } finally {
      writer.close(); // after a failed flush this throws the same failure
    }
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
