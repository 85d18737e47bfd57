package io.disky.writing;

import io.disky.engine.EngineException;
import io.disky.engine.FailureTranslation;
import io.disky.engine.NativeEncoder;
import io.disky.engine.NativeWriter;
import io.disky.engine.StackProof;
import io.disky.engine.WriterSettings;
import io.disky.files.Origin;
import io.disky.memory.MemoryFault;
import io.disky.threads.Callbacks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The work of a writer of one file: takes records, flushes, closes. */
public final class RecordWriting {
  /** Writes all records of a file. */
  @FunctionalInterface
  public interface Task {
    /** Writes all records. */
    void run() throws IOException;
  }

  private final Origin origin;
  private final WriterAccess access;
  private final ChunkOutput output;
  private final boolean grouped;
  private final boolean appearsWhenClosed;
  private final NativeWriter.@Nullable Repair repair;
  private final @Nullable Path temporaryPath;

  // Negative until the file is complete.
  private volatile long finalSize = -1;

  // The staged records are moved to the chunk before anything else uses the chunk. They are counted
  // here, all others below.
  private final StagedRecords staged = new StagedRecords();
  private long recordCount;
  private long recordBytes;

  /**
   * Writes to {@code engine}, which it closes, from code that {@code callbacks} guards.
   *
   * @param appearsWhenClosed whether the file appears, complete, when it is closed
   */
  RecordWriting(
      Origin origin,
      Callbacks callbacks,
      NativeWriter engine,
      WriterSettings settings,
      int threads,
      FailureTranslation translation,
      boolean appearsWhenClosed)
      throws EngineException {
    this.origin = origin;
    this.access = new WriterAccess(origin, callbacks);
    this.grouped = settings.arrayRecord();
    this.appearsWhenClosed = appearsWhenClosed;
    this.repair = settings.repair() ? engine.repair() : null;
    this.temporaryPath = settings.atomicCreation() ? engine.temporaryPath() : null;
    this.output = new ChunkOutput(origin, engine, settings, threads, translation);
  }

  /** The name and the path of the file. */
  public Origin origin() {
    return origin;
  }

  /** The tail that was cut off the file when it was opened; {@code null} if none was. */
  public NativeWriter.@Nullable Repair repair() {
    return repair;
  }

  /** The hidden file that is written until the writer is closed, if there is one. Thread-safe. */
  public @Nullable Path temporaryPath() {
    return access.isOpen() ? temporaryPath : null;
  }

  /** Thread-safe. */
  public boolean isOpen() {
    return access.isOpen();
  }

  /** Whether the file appears, complete, when it is closed, so that it cannot be synced before. */
  public boolean appearsWhenClosed() {
    return appearsWhenClosed;
  }

  /** Number of records that were taken. */
  public long recordCount() {
    return recordCount + staged.totalCount();
  }

  /** Sum of the sizes of the records that were taken, in bytes. */
  public long recordBytes() {
    return recordBytes + staged.totalBytes();
  }

  /** Size of the file so far in bytes, without the chunk that is being gathered. */
  public long fileSize() throws IOException {
    if (finalSize >= 0) {
      return finalSize;
    }
    access.checkQuery();
    return output.fileSize();
  }

  /** The position of the record that was taken last. */
  public WrittenPosition lastPosition() throws IOException {
    checkWritable();
    StackProof.require();
    if (recordCount() == 0) {
      throw new IllegalStateException("the writer of " + origin + " has taken no record so far");
    }
    access.clearReady();
    return output.lastPosition();
  }

  /** Adds a range of an array, which the caller has checked, as a record. */
  public void write(byte[] array, int offset, int length) throws IOException {
    if (!isReady() || !tryAdd(array, offset, length)) {
      writeUnstaged(array, offset, length);
    }
  }

  private boolean tryAdd(byte[] array, int offset, int length) {
    if (length <= StagedRecords.LARGEST) {
      return staged.tryAdd(array, offset, length);
    }
    return !staged.isOpen() && tryAddToChunk(array, offset, length);
  }

  private boolean tryAddToChunk(byte[] array, int offset, int length) {
    boolean added = output.chunk().tryAdd(array, offset, length);
    if (added) {
      count(length);
    }
    return added;
  }

  private void writeUnstaged(byte[] array, int offset, int length) throws IOException {
    if (!isReady() || !tryAddSettled(array, offset, length)) {
      makeRoom(length);
      output.chunk().add(array, offset, length);
      count(length);
    }
  }

  private boolean tryAddSettled(byte[] array, int offset, int length) {
    if (canStage(settledChunk(), length)) {
      staged.open();
      return staged.tryAdd(array, offset, length);
    }
    return tryAddToChunk(array, offset, length);
  }

  private static boolean canStage(ChunkBuffer chunk, long length) {
    // The arrays of the stage do not pay in a small file.
    boolean large = chunk.size() >= StagedRecords.MOST_BYTES;
    return large && length <= StagedRecords.LARGEST && chunk.hasRoomForStaged();
  }

  /** The chunk, after the staged records were moved to it. */
  private ChunkBuffer settledChunk() {
    ChunkBuffer chunk = output.chunk();
    if (staged.isOpen()) {
      chunk.addFrom(staged);
    }
    return chunk;
  }

  /**
   * Adds a record.
   *
   * @throws MemoryFault if the memory of the record cannot be accessed any more; the record is not
   *     added
   */
  public void write(MemorySegment record) throws IOException {
    long length = record.byteSize();
    if (!isReady() || !tryAdd(record, length)) {
      writeUnstaged(record, length);
    }
  }

  private boolean tryAdd(MemorySegment record, long length) throws MemoryFault {
    if (length <= StagedRecords.LARGEST) {
      return staged.tryAdd(record, (int) length);
    }
    return !staged.isOpen() && tryAddToChunk(record, length);
  }

  private boolean tryAddToChunk(MemorySegment record, long length) throws MemoryFault {
    boolean added = output.chunk().tryAdd(record);
    if (added) {
      count(length);
    }
    return added;
  }

  private void writeUnstaged(MemorySegment record, long length) throws IOException {
    if (!isReady() || !tryAddSettled(record, length)) {
      makeRoom(length);
      output.chunk().add(record);
      count(length);
    }
  }

  private boolean tryAddSettled(MemorySegment record, long length) throws MemoryFault {
    if (canStage(settledChunk(), length)) {
      staged.open();
      return staged.tryAdd(record, (int) length);
    }
    return tryAddToChunk(record, length);
  }

  /**
   * Begins a record that is built in place. The caller calls {@link #endRecord} in any case, and
   * {@link #addBuilt} after that if the record was built.
   *
   * @param maxSize the most bytes that the record can have
   */
  public RecordInPlace beginRecord(long maxSize) throws IOException {
    RecordInPlace.checkMaxSize(maxSize);
    if (!isReady()) {
      checkWritable();
    }
    RecordInPlace record = RecordInPlace.begin(chunkForNext(), maxSize);
    access.beginRecord();
    return record;
  }

  /**
   * The chunk in whose memory the next record is built. If the chunk is full, this writes it first.
   * Otherwise the writer would build the record after the full chunk, and then move it.
   */
  private ChunkBuffer chunkForNext() throws IOException {
    if (settledChunk().overflows(0)) {
      makeRoom(0);
    }
    return output.chunk();
  }

  /** Ends the building of a record, without adding it. */
  public void endRecord(RecordInPlace record) {
    access.endRecord();
    record.end();
  }

  /** Adds the record of {@code size} bytes that was built last. */
  public void addBuilt(long size) throws IOException {
    ChunkBuffer chunk = output.chunk();
    if (chunk.overflows(size) && !chunk.isEmpty()) {
      writeChunk(size);
    } else {
      access.setReady(); // the checks before the record still hold: the user's code has returned
    }
    output.chunk().add(size);
    count(size);
  }

  /**
   * Adds records.
   *
   * @param data the records, one after the other
   * @param ends where each record ends in {@code data}, as longs
   * @throws MemoryFault if the memory of the records cannot be accessed any more; the records
   *     before that part are added
   */
  public void write(MemorySegment data, MemorySegment ends) throws IOException {
    RecordRun run = new RecordRun(data, ends);
    checkWritable();
    while (run.left() > 0) {
      ChunkBuffer chunk = output.chunk();
      long before = chunk.size();
      recordCount += chunk.addFrom(run);
      recordBytes += chunk.size() - before;
      if (run.left() > 0) {
        writeChunk(0);
        checkWritable();
      }
    }
  }

  /**
   * Adds a text in UTF-8 as a record.
   *
   * @throws IllegalArgumentException if it contains an unpaired surrogate; it is not added
   */
  public void write(String text) throws IOException {
    long length = Utf8Text.size(text);
    makeRoom(length);
    output.chunk().add(text, length);
    count(length);
  }

  /**
   * Writes the records so far.
   *
   * @param sync whether they must outlive a power cut
   */
  public void flush(boolean sync) throws IOException {
    checkWritable();
    StackProof.require();
    if (appearsWhenClosed && sync) {
      throw new IllegalStateException(
          "the writer of "
              + origin
              + " creates the file atomically: the file cannot outlive a power cut before it is"
              + " closed; close the writer, and write further records to another file");
    }
    checkGroupComplete();
    access.clearReady();
    output.writeAll();
    if (sync) {
      output.sync();
    } else {
      output.flush();
    }
  }

  private void checkGroupComplete() {
    ChunkBuffer chunk = output.chunk();
    if (grouped && !chunk.isEmpty() && !chunk.isFullGroup()) {
      throw new IllegalStateException(
          "the writer of "
              + origin
              + " is inside a group, after "
              + chunk.count()
              + " of its records: all groups of an ArrayRecord have the same size, so it cannot be"
              + " flushed now");
    }
  }

  /**
   * Makes the writer belong to the thread that holds {@code lock}, instead of to one thread.
   *
   * @throws IllegalStateException if the writer is closed, calls the user's code, or is shared
   * @throws WrongThreadException if the writer belongs to another thread
   */
  public void share(ReentrantLock lock) {
    access.share(lock);
  }

  /**
   * Checks that the writer is not calling a sink of the user in the current thread. Thread-safe.
   *
   * @throws IllegalStateException if it is
   */
  public void checkNotCalling() {
    access.checkNoCallback();
  }

  /**
   * Completes and closes the file if {@code task} returns; closes it without completing it if the
   * task throws.
   */
  public void complete(Task task) throws IOException {
    access.beginTask();
    boolean returned = false;
    try {
      task.run();
      returned = true;
    } finally {
      endTask(returned);
    }
  }

  private void endTask(boolean returned) throws IOException {
    ReentrantLock lock = access.lock();
    if (lock != null) {
      lock.lock();
    }
    try {
      access.endTask();
      if (returned) {
        close();
      } else {
        discard();
      }
    } finally {
      if (lock != null) {
        lock.unlock();
      }
    }
  }

  /** Completes and closes the file. Does nothing if the writer is closed. */
  public void close() throws IOException {
    if (access.isOpen()) {
      access.checkCompleting();
      closeEncoded();
    }
  }

  /** Closes the file without completing it. Does nothing if the writer is closed. */
  public void discard() {
    if (access.isOpen()) {
      access.checkClosing();
      access.close();
      output.abandon();
      output.release();
    }
  }

  /**
   * Writes a chunk that {@code encoder} holds. For callers that gather and encode records
   * themselves. Any thread can call this method and the other methods for encoded chunks, one
   * thread at a time.
   */
  public void writeEncoded(NativeEncoder encoder, ChunkBuffer encoded) throws IOException {
    output.writeEncoded(encoder, encoded);
    recordCount += encoded.count();
    recordBytes += encoded.size();
  }

  /** Flushes the chunks that were written. */
  public void flushEncoded(boolean sync) throws IOException {
    output.checkNotFailed();
    if (sync) {
      output.sync();
    } else {
      output.flush();
    }
  }

  /** Completes and closes the file. */
  public void closeEncoded() throws IOException {
    access.close();
    try {
      output.checkNotFailed();
      ChunkBuffer _ = settledChunk();
      output.writeAll();
      finalSize = output.finish();
    } finally {
      output.release();
    }
  }

  /** Closes the file without completing it; removes it if it has atomic creation. */
  public void discardEncoded() {
    access.close();
    output.release();
  }

  /** Makes the next record, of {@code length} bytes, fit into the chunk. */
  private void makeRoom(long length) throws IOException {
    checkWritable();
    ChunkBuffer chunk = output.chunk();
    if (chunk.overflows(length) && !chunk.isEmpty()) {
      writeChunk(0);
    }
  }

  private void writeChunk(long pending) throws IOException {
    StackProof.require();
    access.clearReady(); // writing may call the user's code
    output.writeChunk(pending);
  }

  private void count(long length) {
    recordCount++;
    recordBytes += length;
  }

  private boolean isReady() {
    return access.isReady() && !output.hasEncodingFailed();
  }

  private void checkWritable() throws IOException {
    access.clearReady();
    access.check();
    ChunkBuffer _ = settledChunk();
    output.checkNotFailed();
    access.setReady();
  }

  /** How many calls of the native library this has made. */
  public long downcalls() {
    return output.downcalls();
  }

  /** The name of the file, and the progress of the writer. */
  @Override
  public String toString() {
    return origin
        + (access.isOpen() ? ", open, records=" : ", closed, records=")
        + recordCount()
        + ", bytes="
        + recordBytes();
  }
}
