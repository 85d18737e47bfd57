package io.disky.loading;

import io.disky.loading.LoadedSource.ChunkHold;
import io.disky.threads.Closing;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A chunk that several batches need. It is decoded once and stays in memory until its last user has
 * {@linkplain #release() released} it. Thread-safe.
 */
final class SharedHold {
  /** Counts the memory of chunks. */
  interface Memory {
    /** A chunk takes {@code bytes} bytes; {@code expected} bytes were counted for it before. */
    void decoded(long expected, long bytes);

    /** The memory of a chunk, {@code bytes} bytes, is free again. */
    void freed(long bytes);
  }

  private final LoadedSource source;
  private final long chunk;
  private final Memory memory;
  private final AtomicInteger users = new AtomicInteger(1);

  // Written before decoded, which other threads read first.
  private @Nullable ChunkHold hold;
  private @Nullable Throwable failure;
  private volatile boolean decoded;

  // The bytes that are counted for the chunk.
  private volatile long counted;

  /** The creator is the first user. */
  SharedHold(LoadedSource source, long chunk, long expected, Memory memory) {
    this.source = source;
    this.chunk = chunk;
    this.counted = expected;
    this.memory = memory;
  }

  /** Adds a user; the caller must be one. */
  void retain() {
    users.incrementAndGet();
  }

  /** Decodes the chunk. {@link #check} throws a failure. */
  void decode() {
    try {
      ChunkHold held = source.hold(chunk);
      hold = held;
      long expected = counted;
      counted = held.bytes();
      memory.decoded(expected, held.bytes());
    } catch (Throwable e) {
      failure = e;
    } finally {
      decoded = true;
    }
  }

  /** The memory that is counted for the chunk, in bytes. */
  long counted() {
    return counted;
  }

  /** Whether the chunk is decoded, or cannot be decoded. */
  boolean isDecoded() {
    return decoded;
  }

  /** Throws the failure if the chunk, for which decoding has ended, could not be decoded. */
  void check() throws Throwable {
    Throwable failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  /** Removes a user; the last one frees the memory. */
  void release() {
    if (users.decrementAndGet() == 0) {
      ChunkHold held = hold;
      Closing closing = new Closing();
      if (held != null) {
        closing.step(held::close);
      }
      closing.step(() -> memory.freed(counted));
      closing.end();
    }
  }
}
