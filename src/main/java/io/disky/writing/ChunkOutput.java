package io.disky.writing;

import io.disky.engine.EngineException;
import io.disky.engine.FailureTranslation;
import io.disky.engine.NativeEncoder;
import io.disky.engine.NativeWriter;
import io.disky.engine.WriterSettings;
import io.disky.files.Origin;
import io.disky.threads.ForgottenObjects;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The chunk that a writer is gathering, and the file or sink that takes full chunks. A full chunk
 * is encoded and written by the caller, or by threads of its own. One thread at a time may use it.
 */
final class ChunkOutput {
  private final NativeWriter engine;
  private final WriterFailure failure;
  private final @Nullable ChunkEncoding encoding;
  private final Cleaner.@Nullable Cleanable forgotten;
  private ChunkBuffer chunk;

  /**
   * An output to {@code engine}, which it closes.
   *
   * @param threads how many threads encode; 0: the caller does
   */
  ChunkOutput(
      Origin origin,
      NativeWriter engine,
      WriterSettings settings,
      int threads,
      FailureTranslation translation) {
    this.engine = engine;
    this.failure = new WriterFailure(origin, translation);
    this.encoding =
        threads == 0 ? null : new ChunkEncoding(origin.toString(), engine, settings, threads);
    this.forgotten = encoding == null ? null : ForgottenObjects.register(this, encoding::abandon);
    this.chunk = encoding == null ? ChunkBuffer.of(settings) : encoding.chunk();
  }

  /** The chunk to fill. After each call that writes, this returns another chunk. */
  ChunkBuffer chunk() {
    return chunk;
  }

  /** Returns whether a thread that encodes has failed. */
  boolean hasEncodingFailed() {
    return encoding != null && encoding.failure() != null;
  }

  void checkNotFailed() throws IOException {
    failure.check(encoding == null ? null : encoding.failure());
  }

  /** Writes the chunk; {@code pending} bytes after its records stay, for the next chunk. */
  void writeChunk(long pending) throws IOException {
    if (chunk.isEmpty()) {
      return;
    }
    if (encoding == null) {
      apply(() -> engine.write(chunk.records(), chunk.ends()));
      chunk.clear(pending);
      return;
    }
    try {
      chunk = encoding.submit(pending);
    } finally {
      Reference.reachabilityFence(this); // a forgotten writer would drop its chunks
    }
  }

  /** Writes the chunk, and returns when all chunks are written. */
  void writeAll() throws IOException {
    writeChunk(0);
    if (encoding != null) {
      await();
      checkNotFailed();
    }
  }

  /** Returns when the threads that encode have written all chunks, or one of them has failed. */
  void await() {
    if (encoding != null) {
      try {
        encoding.await();
      } finally {
        Reference.reachabilityFence(this);
      }
    }
  }

  /** Writes a chunk that {@code encoder} holds. */
  void writeEncoded(NativeEncoder encoder, ChunkBuffer encoded) throws IOException {
    checkNotFailed();
    apply(() -> engine.writeEncoded(encoder, encoded.records()));
  }

  /** Lets the native library write the chunks that it has gathered, and the padding of a flush. */
  void flush() throws IOException {
    apply(engine::flush);
  }

  /** Flushes, and puts the file on the disk. */
  void sync() throws IOException {
    apply(engine::sync);
  }

  /**
   * Writes the end of the file.
   *
   * @return the size of the complete file in bytes
   */
  long finish() throws IOException {
    return ask(() -> {
      engine.finish();
      return engine.fileSize();
    });
  }

  /** Size of the file so far in bytes. */
  long fileSize() throws IOException {
    await();
    try {
      return engine.fileSize();
    } catch (EngineException e) {
      throw failure.translate(e);
    }
  }

  /** The position of the last record that was added; there must be one. */
  WrittenPosition lastPosition() throws IOException {
    if (encoding != null) {
      await();
      checkNotFailed();
    }
    try {
      // The gathered records become the next chunk, or its beginning.
      long next = chunk.isEmpty() ? -1 : engine.promiseNextChunk(chunk.count(), chunk.size());
      return next >= 0 ? new WrittenPosition(next, chunk.count() - 1) : lastWrittenPosition();
    } catch (EngineException e) {
      throw failure.translate(e);
    }
  }

  private WrittenPosition lastWrittenPosition() throws IOException, EngineException {
    writeAll();
    NativeWriter.LastChunk last = engine.lastChunk();
    if (last == null) {
      throw new AssertionError("a record was written");
    }
    return new WrittenPosition(last.begin(), last.count() - 1);
  }

  /** How many calls of the native library this has made. */
  long downcalls() {
    return engine.downcalls();
  }

  /** Lets the threads that encode drop the chunks that they have not begun. */
  void abandon() {
    if (encoding != null) {
      encoding.abandon();
    }
  }

  /** Ends the threads, closes the file or sink, and releases all memory. */
  void release() {
    if (encoding != null) {
      encoding.close();
    }
    if (forgotten != null) {
      forgotten.clean();
    }
    chunk.release();
    engine.close();
  }

  private interface Operation {
    void run() throws EngineException;
  }

  private interface Question {
    long answer() throws EngineException;
  }

  private void apply(Operation operation) throws IOException {
    ask(() -> {
      operation.run();
      return 0;
    });
  }

  private long ask(Question question) throws IOException {
    try {
      return question.answer();
    } catch (EngineException e) {
      throw failure.keep(e);
    }
  }
}
