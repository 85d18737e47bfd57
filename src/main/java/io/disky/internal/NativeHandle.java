package io.disky.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A native object and its end: freed once, by {@link #free()} or, if its Java owner was forgotten,
 * after the garbage collector found that owner unreachable.
 */
final class NativeHandle {
  private static final Logger LOGGER = System.getLogger("io.disky");

  // A file descriptor and buffers of the engine hang on it. This takes a fraction of the time of
  // opening.
  private static final long WEIGHT = 64 << 10;

  private final Release release;
  private final Cleaner.Cleanable cleanable;

  /**
   * @param owner whose reachability keeps the object alive
   * @param pointer the native object
   * @param free frees it and returns a status
   * @param description what the log calls it when it was forgotten; {@code null} if nobody has to
   *     know
   */
  NativeHandle(
      Object owner,
      MemorySegment pointer,
      ToIntFunction<MemorySegment> free,
      @Nullable String description) {
    this.release = new Release(pointer, free, description);
    this.cleanable = ForgottenObjects.registerNative(owner, release, WEIGHT);
  }

  /**
   * The native object.
   *
   * @throws IllegalStateException if it was freed
   */
  MemorySegment pointer() {
    MemorySegment pointer = release.pointer;
    if (pointer.address() == 0) {
      throw new IllegalStateException("closed");
    }
    return pointer;
  }

  /** Frees the native object, unless that was done before. */
  void free() {
    release.forgotten = false;
    cleanable.clean();
  }

  /** Must not reach the owner. */
  private static final class Release implements Runnable {
    private final ToIntFunction<MemorySegment> free;
    private final @Nullable String description;
    private volatile MemorySegment pointer;
    private volatile boolean forgotten = true;

    Release(
        MemorySegment pointer, ToIntFunction<MemorySegment> free, @Nullable String description) {
      this.pointer = pointer;
      this.free = free;
      this.description = description;
    }

    @Override
    public void run() {
      MemorySegment freed = pointer;
      pointer = MemorySegment.NULL;
      int status = free.applyAsInt(freed);
      if (status < 0) {
        LOGGER.log(
            Level.ERROR,
            "{0} could not be freed: status {1}",
            description == null ? "A native object" : description,
            Integer.toString(status));
      }
      if (forgotten && description != null) {
        LOGGER.log(
            Level.WARNING,
            "{0} was never closed; it was freed because nothing refers to it any more. Use"
                + " try-with-resources.",
            description);
      }
    }
  }
}
