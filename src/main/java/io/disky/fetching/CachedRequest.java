package io.disky.fetching;

import io.disky.fetching.RangeSource.Range;
import io.disky.memory.KeptMemory;
import io.disky.memory.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Reads a range from the cache as far as the cache has it, and then the rest from the source. The
 * disk is read by a virtual thread, because the thread that begins requests must not wait.
 */
final class CachedRequest implements BlockRequest {
  private final FileBlocks blocks;
  private final long begin;
  private final int length;
  private final RangeRequest rest;
  private final RangeRequest.Owner owner;
  private boolean cancelled;

  CachedRequest(
      FileBlocks blocks, long begin, int length, RangeRequest rest, RangeRequest.Owner owner) {
    this.blocks = blocks;
    this.begin = begin;
    this.length = length;
    this.rest = rest;
    this.owner = owner;
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("disky-cache-read").start(this::load);
  }

  private void load() {
    NativeMemory memory;
    try {
      memory = KeptMemory.takeTightOrAllocate(length);
    } catch (OutOfMemoryError _) {
      rest.start(); // which reports it
      return;
    }
    MemorySegment target = memory.segment().asSlice(0, length);
    int filled = isCancelled() ? 0 : blocks.read(begin, target);
    if (filled == length) { // which the owner gives back if it no longer needs it
      owner.done(memory, new Range(begin, length, blocks.fileSize(), ""));
    } else if (filled > 0) {
      rest.start(memory, filled);
    } else {
      KeptMemory.give(memory);
      rest.start();
    }
  }

  private synchronized boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void cancel() {
    synchronized (this) {
      cancelled = true;
    }
    rest.cancel();
  }
}
