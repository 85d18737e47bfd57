package io.disky.memory;

import io.disky.threads.ForgottenObjects;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside the Java heap. The owner of this object {@linkplain #free() frees} the memory, or
 * {@linkplain KeptMemory#give leaves} it to others. If the owner forgets it, it is freed after the
 * garbage collector has found this object unreachable. So everyone who has a segment of the memory
 * must also hold this object. After the memory was freed, every access to its segments throws an
 * {@link IllegalStateException}.
 */
public final class NativeMemory {
  /** Memory of 0 bytes, which never has to be freed. */
  public static final NativeMemory NONE = new NativeMemory();

  /** Alignment in bytes: cache lines, so that each wide store of the decoder stays within one. */
  static final long ALIGNMENT = 64;

  // Allocating this share of the size on the Java heap takes a fraction of the time of zeroing the
  // memory.
  private static final long WEIGHT_SHARE = 4;

  private final MemorySegment segment;
  private final Cleaner.@Nullable Cleanable end;

  private NativeMemory() {
    this.segment = MemorySegment.NULL;
    this.end = null;
  }

  private NativeMemory(Arena arena, long size) {
    this.segment = arena.allocate(size, ALIGNMENT);
    this.end = ForgottenObjects.registerNative(this, () -> close(arena), size / WEIGHT_SHARE);
  }

  /**
   * New memory of {@code size} bytes, all zero.
   *
   * @throws OutOfMemoryError if memory is exhausted, even after all kept memory was freed
   */
  public static NativeMemory allocate(long size) {
    try {
      return allocateOnce(size);
    } catch (OutOfMemoryError e) {
      KeptMemory.freeAll();
      return allocateOnce(size);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // Closed when the memory is freed.
  private static NativeMemory allocateOnce(long size) {
    Arena arena = Arena.ofShared();
    boolean allocated = false;
    try {
      NativeMemory memory = new NativeMemory(arena, size);
      allocated = true;
      return memory;
    } finally {
      if (!allocated) {
        arena.close();
      }
    }
  }

  private static void close(Arena arena) {
    try {
      arena.close();
    } catch (IllegalStateException e) {
      // A channel of the user has passed a buffer to a call that has not returned. That call may
      // still use the memory, so the memory is never freed.
    }
  }

  /** The complete memory. */
  public MemorySegment segment() {
    return segment;
  }

  /** Its size in bytes. */
  public long size() {
    return segment.byteSize();
  }

  /** Frees the memory, unless that was done before. */
  public void free() {
    if (end != null) {
      end.clean();
    }
  }
}
