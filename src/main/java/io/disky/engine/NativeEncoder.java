package io.disky.engine;

import io.disky.ffi.disky_error;
import io.disky.ffi.disky_h;
import io.disky.threads.StackRoom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/** A {@code disky_encoder}. One thread at a time may use this object. */
public final class NativeEncoder {
  private static final StackRoom OPENING = new StackRoom();

  private final NativeHandle handle;
  private final MemorySegment error;

  private NativeEncoder(MemorySegment pointer) {
    this.handle =
        new NativeHandle(this, pointer, disky_h::disky_encoder_free, "encoder of chunks", false);
    this.error = disky_error.allocate(Arena.ofAuto());
  }

  /** An encoder for writers with these options. */
  public static NativeEncoder open(WriterSettings settings) throws EngineException {
    Engine.ensureLoaded();
    OPENING.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment encoder = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment error = disky_error.allocate(arena);
      EngineException.check(
          disky_h.disky_encoder_open(settings.allocate(arena), encoder, error), error);
      OPENING.used();
      return new NativeEncoder(encoder.get(ValueLayout.ADDRESS, 0));
    }
  }

  /**
   * Encodes a chunk, which is kept until it is {@linkplain NativeWriter#writeEncoded written}.
   *
   * @param data the records, one after the other
   * @param ends where each record ends in {@code data}, as longs
   */
  public void encode(MemorySegment data, MemorySegment ends) throws EngineException {
    int status =
        call(pointer ->
            disky_h.disky_encoder_encode(
                pointer, data, data.byteSize(), ends, ends.byteSize() / Long.BYTES, error));
    EngineException.check(status, error);
  }

  /** Calls the native library with the encoder, which is not freed during the call. */
  int call(NativeHandle.Call call) {
    try {
      return handle.call(call);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Frees the encoder. A second call does nothing; later calls of other methods throw. */
  public void close() {
    handle.free();
  }
}
