package io.disky.internal;

import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import io.disky.ffi.disky_writer_options;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Path;

/** A {@code disky_writer}. For one thread at a time. */
public final class NativeWriter {
  private final NativeHandle handle;
  private final MemorySegment error;
  private long downcalls;

  private NativeWriter(MemorySegment pointer, Path path) {
    this.handle =
        new NativeHandle(this, pointer, disky_h::disky_writer_free, "The writer of " + path);
    this.error = disky_error.allocate(Arena.ofAuto());
  }

  /**
   * Opens the file at {@code path}.
   *
   * @param openMode a {@code DISKY_OPEN_} constant
   * @param compression a {@code DISKY_COMPRESSION_} constant
   * @param compressionLevel the level, for compressions that have one
   * @param dialect a {@code DISKY_DIALECT_} constant
   * @throws UnsatisfiedLinkError if the native library cannot be loaded
   */
  public static NativeWriter open(
      Path path, int openMode, int compression, int compressionLevel, int dialect)
      throws NativeException {
    NativeLibrary.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = NativePath.allocate(arena, path);
      MemorySegment options = disky_writer_options.allocate(arena);
      disky_writer_options.open_mode(options, openMode);
      disky_writer_options.compression(options, compression);
      disky_writer_options.compression_level(options, compressionLevel);
      disky_writer_options.dialect(options, dialect);
      MemorySegment writer = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      NativeException.check(
          disky_h.disky_writer_open(bytes, bytes.byteSize(), options, writer, error), error);
      return new NativeWriter(writer.get(ValueLayout.ADDRESS, 0), path);
    }
  }

  /**
   * Writes a chunk.
   *
   * @param data the records, one after the other
   * @param ends where each record ends in {@code data}, as longs
   */
  public void write(MemorySegment data, MemorySegment ends) throws NativeException {
    downcalls++;
    try {
      NativeException.check(
          disky_h.disky_writer_write(
              handle.pointer(), data, data.byteSize(), ends, ends.byteSize() / Long.BYTES, error),
          error);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Returns when every chunk written would outlive a power cut. */
  public void sync() throws NativeException {
    downcalls++;
    try {
      NativeException.check(disky_h.disky_writer_sync(handle.pointer(), error), error);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Size of the file so far in bytes. */
  public long fileSize() throws NativeException {
    downcalls++;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      NativeException.check(disky_h.disky_writer_file_size(handle.pointer(), size, error), error);
      return size.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** How many calls of the native library this writer has made. */
  public long downcalls() {
    return downcalls;
  }

  /** Closes and unlocks the file. Further calls of this method do nothing, of others throw. */
  public void close() {
    handle.free();
  }
}
