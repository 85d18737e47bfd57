package io.disky.uploading;

import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A part that is being gathered, is on its way, or waits to be sent again. */
final class SentPart {
  // Small files need no more memory; it doubles as bytes come.
  private static final long FIRST_MEMORY = 256 << 10;
  private static final long FIRST_MEMORY_LATER = 16 << 20;

  final int number;

  /** Offset of the part in the file, in bytes. */
  final long begin;

  /** The size of the part in bytes if it is not the last one. */
  final long fullSize;

  private NativeMemory memory;
  private long size;

  /** Number of attempts to send it that have begun. */
  int attempts;

  /** Time of the first attempt, by {@link System#nanoTime()}. */
  long firstAttempt;

  /** Time at which it is sent again, or counts as lost. */
  long due;

  /** Whether an attempt is on its way. */
  boolean underWay;

  /** The last failure. */
  @Nullable Throwable failure;

  SentPart(int number, long begin, long fullSize, @Nullable NativeMemory unused) {
    this.number = number;
    this.begin = begin;
    this.fullSize = fullSize;
    this.memory =
        unused != null
            ? unused
            : NativeMemory.allocate(
                Math.min(fullSize, number == 0 ? FIRST_MEMORY : FIRST_MEMORY_LATER));
  }

  long size() {
    return size;
  }

  boolean isFull() {
    return size == fullSize;
  }

  NativeMemory memory() {
    return memory;
  }

  /** The bytes of the part, which the user's code cannot change. */
  MemorySegment bytes() {
    return memory.segment().asSlice(0, size).asReadOnly();
  }

  /** Adds bytes from {@code from} on, until the part is full; returns how many. */
  long add(MemorySegment bytes, long from) {
    long length = Math.min(bytes.byteSize() - from, fullSize - size);
    makeRoom(size + length);
    MemorySegment.copy(bytes, from, memory.segment(), size, length);
    size += length;
    return length;
  }

  private void makeRoom(long needed) {
    if (needed > memory.size()) {
      NativeMemory larger =
          NativeMemory.allocate(Math.min(fullSize, Math.max(needed, 2 * memory.size())));
      MemorySegment.copy(memory.segment(), 0, larger.segment(), 0, size);
      memory.free();
      memory = larger;
    }
  }
}
