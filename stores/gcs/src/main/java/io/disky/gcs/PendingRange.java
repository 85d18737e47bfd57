package io.disky.gcs;

import io.disky.remote.RemoteRange;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;

/**
 * The future of a request that reads. After it is complete, nothing is copied to its target any
 * more.
 */
final class PendingRange extends CompletableFuture<RemoteRange> {
  private static final int BUFFER = 64 << 10;

  private final MemorySegment target;
  private boolean ended;

  PendingRange(MemorySegment target) {
    this.target = target;
  }

  long size() {
    return target.byteSize();
  }

  /** Copies bytes until the target is full, the stream ends, or the library has ended this. */
  long copy(InputStream from) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long length = 0;
    while (length < target.byteSize()) {
      int most = (int) Math.min(buffer.length, target.byteSize() - length);
      int read = from.read(buffer, 0, most);
      if (read < 0 || !copy(buffer, length, read)) {
        return length;
      }
      length += read;
    }
    return length;
  }

  private synchronized boolean copy(byte[] bytes, long at, int length) {
    if (!ended) {
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, at, length);
    }
    return !ended;
  }

  private synchronized void end() {
    ended = true;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    end();
    return super.cancel(mayInterruptIfRunning);
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    end();
    return super.completeExceptionally(failure);
  }
}
