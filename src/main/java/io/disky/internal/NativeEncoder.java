package io.disky.internal;

import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/** A {@code disky_encoder}. For one thread at a time. */
public final class NativeEncoder {
  private final NativeHandle handle;
  private final MemorySegment error;

  private NativeEncoder(MemorySegment pointer) {
    this.handle = new NativeHandle(this, pointer, disky_h::disky_encoder_free, null);
    this.error = disky_error.allocate(Arena.ofAuto());
  }

  /** An encoder for writers with these options. */
  public static NativeEncoder open(NativeWriter.Options options) throws NativeException {
    NativeLibrary.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment encoder = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      NativeException.check(
          disky_h.disky_encoder_open(options.allocate(arena), encoder, error), error);
      return new NativeEncoder(encoder.get(ValueLayout.ADDRESS, 0));
    }
  }

  /**
   * Encodes a chunk, which is kept until it is {@linkplain NativeWriter#writeEncoded written}.
   *
   * @param data the records, one after the other
   * @param ends where each record ends in {@code data}, as longs
   */
  public void encode(MemorySegment data, MemorySegment ends) throws NativeException {
    try {
      NativeException.check(
          disky_h.disky_encoder_encode(
              handle.pointer(), data, data.byteSize(), ends, ends.byteSize() / Long.BYTES, error),
          error);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  MemorySegment pointer() {
    return handle.pointer();
  }

  /** Frees it. Further calls of this method do nothing, of others throw. */
  public void close() {
    handle.free();
  }
}
