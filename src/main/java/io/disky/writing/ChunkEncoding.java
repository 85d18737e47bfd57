package io.disky.writing;

import io.disky.engine.EngineException;
import io.disky.engine.NativeEncoder;
import io.disky.engine.NativeWriter;
import io.disky.engine.WriterSettings;
import io.disky.threads.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and writes the chunks of one file in threads of its own while the caller fills the next
 * chunk. One thread at a time may use it, except {@link #abandon}. It does not refer to the writer
 * of the file, so that the garbage collector can find a writer that was forgotten.
 */
final class ChunkEncoding {
  // One chunk is being filled, and one waits while all workers are busy.
  private static final int SPARE_CHUNKS = 2;

  private final NativeWriter engine;
  private final WriterSettings settings;
  private final ChunkOrder<Slot> order;
  private final WorkerPool workers;
  private Slot filled;

  /** A chunk and the encoder that holds its encoded form. */
  private static final class Slot {
    private final ChunkBuffer chunk;
    private @Nullable NativeEncoder encoder;

    Slot(ChunkBuffer chunk) {
      this.chunk = chunk;
    }
  }

  /**
   * @param name what the names of the threads end with
   * @param engine where the chunks are written; only these threads use it while chunks are under
   *     way
   * @param threads how many threads encode, at least 1
   */
  ChunkEncoding(String name, NativeWriter engine, WriterSettings settings, int threads) {
    this.engine = engine;
    this.settings = settings;
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < threads + SPARE_CHUNKS; i++) {
      slots.add(new Slot(ChunkBuffer.of(settings)));
    }
    this.order = new ChunkOrder<>(slots);
    this.filled = order.take();
    this.workers = new WorkerPool("disky-writer " + name, threads, this::work);
  }

  /** The chunk to fill. */
  ChunkBuffer chunk() {
    return filled.chunk;
  }

  /**
   * Hands the chunk to the workers; waits while they have all other chunks. The {@code pending}
   * bytes after its records begin the next chunk.
   *
   * @return the next chunk to fill
   */
  ChunkBuffer submit(long pending) {
    workers.startOne();
    Slot next = order.take();
    try {
      filled.chunk.movePending(pending, next.chunk);
      order.submit(filled);
    } catch (Throwable e) {
      // If memory was exhausted, the caller may try again.
      order.giveBack(next);
      throw e;
    }
    filled = next;
    return next.chunk;
  }

  /** Waits until all submitted chunks are written, or one of them has failed. */
  void await() {
    order.awaitIdle();
  }

  /** The first failure in the order of the chunks; later chunks are not written. */
  @Nullable Throwable failure() {
    return order.failure();
  }

  /** Ends the threads after all chunks are written, and releases all memory. */
  void close() {
    order.end();
    workers.join();
    filled.chunk.release();
    Slot slot = order.tryTake();
    while (slot != null) {
      slot.chunk.release();
      if (slot.encoder != null) {
        slot.encoder.close();
      }
      slot = order.tryTake();
    }
    if (filled.encoder != null) {
      filled.encoder.close();
    }
  }

  /**
   * Drops the chunks that no worker has begun, and ends the threads. Thread-safe; does not wait.
   */
  void abandon() {
    order.abandon();
  }

  private void work() {
    ChunkOrder.Turn<Slot> turn = order.next();
    while (turn != null) {
      order.done(turn, problem(turn));
      turn = order.next();
    }
  }

  private @Nullable Throwable problem(ChunkOrder.Turn<Slot> turn) {
    try {
      if (turn.isToBeWritten()) {
        write(turn.slot());
      } else {
        encode(turn.slot());
      }
      return null;
    } catch (Throwable e) {
      // The thread that writes records throws it.
      return e;
    }
  }

  private void encode(Slot slot) throws EngineException {
    if (slot.encoder == null) {
      slot.encoder = NativeEncoder.open(settings);
    }
    slot.encoder.encode(slot.chunk.records(), slot.chunk.ends());
  }

  private void write(Slot slot) throws EngineException {
    NativeEncoder encoder = slot.encoder;
    if (encoder != null) {
      engine.writeEncoded(encoder, slot.chunk.records());
      slot.chunk.clear(0);
    }
  }
}
