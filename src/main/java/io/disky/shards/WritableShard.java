package io.disky.shards;

import io.disky.engine.NativeEncoder;
import io.disky.writing.ChunkBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A shard that is open for writing. One thread at a time uses it, not always the same one. */
public interface WritableShard {
  /**
   * Writes the chunk that {@code encoder} holds.
   *
   * @param chunk the same chunk before it was encoded
   * @throws IOException if writing fails; the chunk is then not in the shard
   */
  void write(NativeEncoder encoder, ChunkBuffer chunk) throws IOException;

  /**
   * Makes all chunks visible to readers.
   *
   * @param sync whether the records must also outlive a power cut
   * @throws IOException if flushing fails
   */
  void flush(boolean sync) throws IOException;

  /**
   * Whether the shard appears, complete, when it is closed: it cannot be flushed with {@code sync}
   * before, and needs no such flush then.
   */
  boolean appearsWhenClosed();

  /**
   * Completes the shard.
   *
   * @throws IOException if the shard cannot be completed or closed
   */
  void close() throws IOException;

  /** Closes the shard without completing it. Does nothing if the shard is closed. */
  void discard();

  /** Number of records that were written. */
  long records();

  /** Size of the records that were written, before compression, in bytes. */
  long recordBytes();

  /** The shard's path, if it is a file. */
  Optional<Path> path();
}
