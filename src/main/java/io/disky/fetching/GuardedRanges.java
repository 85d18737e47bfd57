package io.disky.fetching;

import io.disky.threads.Callbacks;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A file that is the user's code: in whichever thread it is called, that thread counts as being in
 * a callback of the reader.
 *
 * @param ranges the file
 * @param callback what it is, for messages
 * @param callbacks the callbacks of the reader
 */
public record GuardedRanges(RangeSource ranges, String callback, Callbacks callbacks)
    implements RangeSource {
  @Override
  public String name() {
    return ranges.name();
  }

  @Override
  public CompletableFuture<Range> read(
      long position, MemorySegment target, Optional<String> version) {
    String outer = callbacks.begin(callback);
    try {
      return ranges.read(position, target, version);
    } finally {
      callbacks.end(outer);
    }
  }

  @Override
  public CompletableFuture<Range> readEnd(MemorySegment target) {
    String outer = callbacks.begin(callback);
    try {
      return ranges.readEnd(target);
    } finally {
      callbacks.end(outer);
    }
  }
}
