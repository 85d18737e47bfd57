package io.disky.engine;

import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import io.disky.ffi.disky_repair;
import io.disky.files.NativePath;
import io.disky.files.QuotedText;
import io.disky.memory.MemoryFault;
import io.disky.memory.PendingFault;
import io.disky.threads.StackRoom;
import io.disky.transfer.ByteSink;
import io.disky.transfer.TransferBuffer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A {@code disky_writer}. One thread at a time may use this object. */
public final class NativeWriter {
  private static final StackRoom OPENING = new StackRoom();
  private static final StackRoom OPENING_PULLED = new StackRoom();
  private static final StackRoom REPAIRING = new StackRoom();

  private final NativeHandle handle;
  private final MemorySegment error;
  private final @Nullable Outlet outlet;
  private long downcalls;

  private NativeWriter(MemorySegment pointer, String name, @Nullable ByteSink sink) {
    this.handle =
        new NativeHandle(this, pointer, disky_h::disky_writer_free, "writer of " + name, true);
    this.error = disky_error.allocate(Arena.ofAuto());
    this.outlet = sink == null ? null : new Outlet(name, sink);
  }

  /**
   * The result of {@code disky_repair}.
   *
   * @param sizeBefore size of the file before the cut, in bytes
   * @param sizeAfter size of the file after the cut, in bytes
   * @param reason why the tail is not intact
   */
  public record Repair(long sizeBefore, long sizeAfter, String reason) {
    private static Repair of(MemorySegment repair) {
      String reason =
          EngineException.text(
              disky_repair.message(repair),
              disky_repair.message_size(repair),
              disky_repair.truncated(repair));
      return new Repair(disky_repair.size_before(repair), disky_repair.size_after(repair), reason);
    }
  }

  /**
   * Cuts the torn tail of the file at {@code path}, or only finds it.
   *
   * @return {@code null} if the file has no torn tail
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static @Nullable Repair repair(Path path, boolean dryRun) throws EngineException {
    Engine.ensureLoaded();
    REPAIRING.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = NativePath.allocate(arena, path);
      MemorySegment repair = disky_repair.allocate(arena);
      MemorySegment error = disky_error.allocate(arena);
      int status =
          disky_h.disky_repair_file(bytes, bytes.byteSize(), dryRun ? 1 : 0, repair, error);
      REPAIRING.used();
      return EngineException.check(status, error) == disky_h.DISKY_END() ? null : Repair.of(repair);
    }
  }

  /**
   * Opens the file at {@code path}.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeWriter open(Path path, WriterSettings settings) throws EngineException {
    Engine.ensureLoaded();
    OPENING.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = NativePath.allocate(arena, path);
      MemorySegment metadata = settings.allocateMetadata(arena);
      MemorySegment writer = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      EngineException.check(
          disky_h.disky_writer_open(
              bytes,
              bytes.byteSize(),
              settings.allocate(arena),
              metadata,
              metadata.byteSize(),
              writer,
              error),
          error);
      OPENING.used();
      return new NativeWriter(writer.get(ValueLayout.ADDRESS, 0), QuotedText.name(path), null);
    }
  }

  /**
   * Opens a writer of a new file to {@code sink}. The writer closes {@code sink} when it is closed;
   * if this method throws, the sink stays open.
   *
   * @param name the name of the sink in messages
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeWriter open(String name, ByteSink sink, WriterSettings settings)
      throws EngineException {
    Engine.ensureLoaded();
    OPENING_PULLED.check();
    NativeWriter opened;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment metadata = settings.allocateMetadata(arena);
      MemorySegment writer = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      EngineException.check(
          disky_h.disky_writer_open_pulled(
              settings.allocate(arena), metadata, metadata.byteSize(), writer, error),
          error);
      OPENING_PULLED.used();
      opened = new NativeWriter(writer.get(ValueLayout.ADDRESS, 0), name, sink);
    }
    opened.begin();
    return opened;
  }

  /** Writes the beginning of the file. */
  private void begin() throws EngineException {
    boolean begun = false;
    try {
      handOver();
      begun = true;
    } finally {
      if (!begun) {
        handle.free();
        if (outlet != null) {
          outlet.buffer.free();
        }
      }
    }
  }

  /** The sink of a writer that does not write to a file, and the buffer for it. */
  private static final class Outlet {
    private final String name;
    private final ByteSink sink;
    private final TransferBuffer buffer = new TransferBuffer();
    private final MemorySegment size = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    private boolean open = true;

    // A failure of the sink other than an IOException, which the writer itself does not keep. Bytes
    // may be missing in the sink after it, so the sink gets no further bytes.
    private @Nullable Throwable failure;

    Outlet(String name, ByteSink sink) {
      this.name = name;
      this.sink = sink;
    }

    void write(MemorySegment bytes) throws IOException {
      attempt(() -> sink.write(bytes));
    }

    void flush(boolean lasting) throws IOException {
      attempt(() -> sink.flush(lasting));
    }

    void close() throws IOException {
      end(sink::close);
    }

    void abandon() throws IOException {
      end(sink::abandon);
    }

    private void end(Attempt end) throws IOException {
      open = false;
      try {
        attempt(end);
      } finally {
        buffer.free();
      }
    }

    private interface Attempt {
      void make() throws IOException;
    }

    private void attempt(Attempt attempt) throws IOException {
      try {
        attempt.make();
        PendingFault.raise();
      } catch (InternalError e) {
        throw MemoryFault.of("memory to write to", e);
      } catch (IOException e) {
        throw e;
      } catch (Throwable e) {
        // This includes checked exceptions that are not declared: languages other than Java throw
        // them.
        failure = e;
        throw e;
      }
    }

    void checkNotFailed() throws IOException {
      if (failure != null) {
        throw new IOException(name + ": an earlier write failed: " + failure, failure);
      }
    }
  }

  /** Writes the output of the engine to the sink, if the writer has one. */
  private void handOver() throws EngineException {
    if (outlet == null) {
      return;
    }
    try {
      outlet.checkNotFailed();
      MemorySegment out = outlet.buffer.memory();
      for (long size = take(outlet); size > 0; size = take(outlet)) {
        outlet.write(out.asSlice(0, size));
      }
    } catch (IOException e) {
      throw EngineException.of(e);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Makes a call of the native library on this writer; returns its status. */
  private int call(NativeHandle.Call call) throws EngineException {
    downcalls++;
    try {
      return EngineException.check(handle.call(call), error);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private long take(Outlet from) throws EngineException {
    MemorySegment out = from.buffer.memory();
    call(pointer -> disky_h.disky_writer_take(pointer, out, out.byteSize(), from.size, error));
    return from.size.get(ValueLayout.JAVA_LONG, 0);
  }

  private void flushSink(boolean lasting) throws EngineException {
    handOver();
    if (outlet != null) {
      try {
        outlet.flush(lasting);
      } catch (IOException e) {
        throw EngineException.of(e);
      }
    }
  }

  private void closeSink() throws EngineException {
    handOver();
    if (outlet != null && outlet.open) {
      try {
        outlet.close();
      } catch (IOException e) {
        throw EngineException.of(e);
      }
    }
  }

  /**
   * Closes the sink of a writer that does not write the end of its file, perhaps after a failure.
   */
  private void abandonSink(Outlet abandoned) {
    try {
      abandoned.abandon();
    } catch (Exception e) {
      System.getLogger("io.disky").log(Level.WARNING, abandoned.name + ": could not be closed", e);
    }
  }

  /**
   * Writes a chunk.
   *
   * @param data the records, one after the other
   * @param ends where each record ends in {@code data}, as longs
   */
  public void write(MemorySegment data, MemorySegment ends) throws EngineException {
    call(pointer ->
        disky_h.disky_writer_write(
            pointer, data, data.byteSize(), ends, ends.byteSize() / Long.BYTES, error));
    handOver();
  }

  /**
   * Writes the chunk that {@code encoder} holds, as {@link #write} would write its records.
   *
   * @param data the same records as when it was encoded
   */
  public void writeEncoded(NativeEncoder encoder, MemorySegment data) throws EngineException {
    call(pointer ->
        encoder.call(encoded ->
            disky_h.disky_writer_write_encoded(pointer, encoded, data, data.byteSize(), error)));
    handOver();
  }

  /** Writes the chunks that are gathered, and the padding of a flush. */
  public void flush() throws EngineException {
    call(pointer -> disky_h.disky_writer_flush(pointer, error));
    flushSink(false);
  }

  /** Writes the end of the file. After this the writer can only be closed. */
  public void finish() throws EngineException {
    call(pointer -> disky_h.disky_writer_finish(pointer, error));
    closeSink();
  }

  /** Flushes, and returns when every chunk written would outlive a power cut. */
  public void sync() throws EngineException {
    call(pointer -> disky_h.disky_writer_sync(pointer, error));
    flushSink(true);
  }

  /** The tail that was cut off when the file was opened; {@code null} if none was. */
  public @Nullable Repair repair() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment repair = disky_repair.allocate(arena);
      int status = call(pointer -> disky_h.disky_writer_repair(pointer, repair, error));
      return status == disky_h.DISKY_END() ? null : Repair.of(repair);
    }
  }

  /** Size of the file so far in bytes. */
  public long fileSize() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      call(pointer -> disky_h.disky_writer_file_size(pointer, size, error));
      return size.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /**
   * The chunk of records that was written last.
   *
   * @param begin its offset in bytes
   * @param count how many records it has
   */
  public record LastChunk(long begin, long count) {}

  /** The chunk of records that was written last; {@code null} if none was. */
  public @Nullable LastChunk lastChunk() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment begin = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
      int status = call(pointer -> disky_h.disky_writer_last_chunk(pointer, begin, count, error));
      return status == disky_h.DISKY_OK()
          ? new LastChunk(begin.get(ValueLayout.JAVA_LONG, 0), count.get(ValueLayout.JAVA_LONG, 0))
          : null;
    }
  }

  /**
   * Offset in bytes of the chunk that will contain the first {@code count} records of the next
   * chunk, which have {@code size} bytes in total; -1 if the engine cannot promise an offset before
   * these records are written.
   */
  public long promiseNextChunk(long count, long size) throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment begin = arena.allocate(ValueLayout.JAVA_LONG);
      int status =
          call(pointer ->
              disky_h.disky_writer_promise_next_chunk(pointer, count, size, begin, error));
      return status == disky_h.DISKY_OK() ? begin.get(ValueLayout.JAVA_LONG, 0) : -1;
    }
  }

  /**
   * The name that the file has until it is finished, as an absolute path; {@code null} if the file
   * already has its final name.
   */
  public @Nullable Path temporaryPath() throws EngineException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment bytes = MemorySegment.NULL;
      int status = temporaryPath(bytes, size);
      while (status == disky_h.DISKY_NEED_MEMORY()) {
        bytes = arena.allocate(size.get(ValueLayout.JAVA_LONG, 0));
        status = temporaryPath(bytes, size);
      }
      return status == disky_h.DISKY_END()
          ? null
          : NativePath.of(bytes.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private int temporaryPath(MemorySegment bytes, MemorySegment size) throws EngineException {
    return call(pointer ->
        disky_h.disky_writer_temporary_path(pointer, bytes, bytes.byteSize(), size, error));
  }

  /** How many calls of the native library this writer has made. */
  public long downcalls() {
    return downcalls;
  }

  /**
   * Closes and unlocks the file, or closes the sink that was given. A second call does nothing;
   * later calls of other methods throw.
   */
  public void close() {
    handle.free();
    if (outlet != null && outlet.open) {
      abandonSink(outlet);
    }
  }
}
