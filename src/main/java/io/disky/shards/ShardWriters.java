package io.disky.shards;

import io.disky.engine.EngineException;
import io.disky.engine.NativeEncoder;
import io.disky.files.QuotedText;
import io.disky.threads.Callbacks;
import io.disky.writing.ChunkBuffer;
import io.disky.writing.RecordBuilder;
import io.disky.writing.RecordInPlace;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a multi-threaded writer. Opens them, writes to them in turn, and replaces full
 * ones. Thread-safe.
 *
 * <p>A shard that fails is not used again; a chunk that could not be written to it is written to
 * another one. The first failure is kept.
 */
final class ShardWriters {
  // The name in messages of a stream or channel to which a shard is written.
  private static final String SHARD = "shard";

  private final WritableShards target;
  private final String name;
  private final ShardWritingSettings settings;
  private final ShardEvents events;
  private final ShardFailures failures;
  private final Callbacks callbacks;
  private final ReentrantLock opening = new ReentrantLock();
  private long nextNumber;
  private final List<NumberedShard> shards = new CopyOnWriteArrayList<>();
  private final WriterTurns<NumberedShard> turns;
  private volatile boolean full;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

  ShardWriters(
      WritableShards target,
      ShardWritingSettings settings,
      ShardEvents events,
      ShardFailures failures)
      throws IOException {
    this.target = target;
    this.name = QuotedText.message(target.name());
    this.callbacks = new Callbacks("the writer of " + name);
    this.settings = settings;
    this.events = events;
    this.failures = failures;
    this.nextNumber = settings.firstNumber();
    if (!settings.keepExisting()) {
      target.clear();
    }
    this.turns = new WriterTurns<>(openFirst());
  }

  private List<NumberedShard> openFirst() throws IOException {
    List<NumberedShard> first = new ArrayList<>();
    try {
      while (first.size() < settings.shardsOpen()) {
        first.add(openNext());
      }
      return first;
    } catch (Throwable e) {
      first.forEach(shard -> shard.shard().discard());
      throw e;
    }
  }

  private NumberedShard openNext() throws IOException {
    opening.lock();
    try {
      NumberedShard shard = null;
      while (shard == null) {
        shard = tryOpen(nextNumber++);
      }
      shards.add(shard);
      String name = shard.name();
      log(Level.DEBUG, "{0}: opened", QuotedText.name(name));
      tell(() -> events.opened(name));
      return shard;
    } finally {
      opening.unlock();
    }
  }

  private @Nullable NumberedShard tryOpen(long number) throws IOException {
    if (number < 0) {
      throw new IOException(name + ": no number is left for another shard");
    }
    String outer = callbacks.begin("shard target");
    String name = this.name;
    try {
      name = target.name(number);
      WritableShard opened = target.open(number);
      if (opened == null) {
        throw new IOException("the target has returned null, not a writer for the shard");
      }
      return new NumberedShard(number, name, opened);
    } catch (FileAlreadyExistsException e) {
      return null;
    } catch (IOException e) {
      IOException failed = failures.exception(name, e);
      tellFailed(name, failed);
      throw failed;
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * Writes the chunk that {@code encoder} holds to a shard.
   *
   * @throws IOException if no shard is open, or the chunk fills a shard that cannot be finished
   * @throws EngineException if the chunk cannot be encoded again for another shard
   */
  void write(NativeEncoder encoder, ChunkBuffer chunk) throws IOException, EngineException {
    NumberedShard shard = turns.take();
    while (shard != null) {
      if (tryWrite(shard, encoder, chunk)) {
        if (giveBack(shard)) {
          return;
        }
        throw failure();
      }
      shard = turns.take();
      if (shard != null) {
        // A writer that has passed the chunk to a sink, which has failed, has emptied the encoder.
        encodeAgain(shard, encoder, chunk);
      }
    }
    throw failure();
  }

  private void encodeAgain(NumberedShard shard, NativeEncoder encoder, ChunkBuffer chunk)
      throws EngineException {
    boolean encoded = false;
    try {
      encoder.encode(chunk.records(), chunk.ends());
      encoded = true;
    } finally {
      if (!encoded) {
        turns.give(shard);
      }
    }
  }

  private boolean tryWrite(NumberedShard shard, NativeEncoder encoder, ChunkBuffer chunk) {
    String outer = callbacks.begin(SHARD);
    try {
      shard.shard().write(encoder, chunk);
      shard.count();
      return true;
    } catch (Throwable e) {
      failed(shard, e);
      return false;
    } finally {
      callbacks.end(outer);
    }
  }

  /** Returns false if the shard is full and cannot be finished. */
  private boolean giveBack(NumberedShard shard) {
    if (shard.recordBytes() < settings.shardBytes()) {
      turns.give(shard);
    } else if (settings.replaceFull()) {
      return replace(shard);
    } else if (turns.removeUnlessLast(shard)) {
      return finish(shard, true);
    } else {
      full = true;
      turns.give(shard);
    }
    return true;
  }

  private boolean replace(NumberedShard shard) {
    boolean finished = finish(shard, true);
    try {
      turns.replace(shard, openNext());
    } catch (Throwable e) {
      keep(e);
      turns.remove(shard);
    }
    return finished;
  }

  /**
   * Closes a shard that no other thread uses.
   *
   * @param sync whether to force its records to the disk first, because a later flush does not
   *     reach a closed shard
   * @return whether that worked
   */
  private boolean finish(NumberedShard shard, boolean sync) {
    String outer = callbacks.begin(SHARD);
    try {
      if (sync && !shard.shard().appearsWhenClosed()) {
        shard.shard().flush(true);
      }
      shard.shard().close();
      shard.finish();
      log(
          Level.DEBUG,
          "{0}: finished, {1} records",
          QuotedText.name(shard.name()),
          Long.toString(shard.records()));
      tell(() -> events.finished(shard.name(), shard.records()));
      return true;
    } catch (Throwable e) {
      failed(shard, e);
      return false;
    } finally {
      callbacks.end(outer);
    }
  }

  private void failed(NumberedShard shard, Throwable cause) {
    IOException failed = failures.exception(shard.name(), cause);
    try {
      keep(failed);
    } finally {
      // Otherwise other threads would wait for this shard.
      turns.remove(shard);
    }
    shard.shard().discard();
    tellFailed(shard.name(), failed);
  }

  private void tellFailed(String shard, IOException failed) {
    log(Level.ERROR, "{0}", String.valueOf(failed.getMessage()));
    tell(() -> events.failed(shard, failed));
  }

  private void tell(Runnable event) {
    String outer = callbacks.begin("shard listener");
    try {
      event.run();
    } catch (Throwable e) {
      System.getLogger("io.disky").log(Level.WARNING, name + ": the listener has failed", e);
    } finally {
      callbacks.end(outer);
    }
  }

  /** The logger may be the user's code, too. */
  private void log(Level level, String format, Object... values) {
    callbacks.run("logger", () -> System.getLogger("io.disky").log(level, format, values));
  }

  /** Calls the user's code, which builds a record in {@code chunk}: {@link RecordInPlace#build}. */
  long build(ChunkBuffer chunk, long maxSize, RecordBuilder builder) throws IOException {
    String outer = callbacks.begin("slot writer");
    try {
      return RecordInPlace.build(chunk, maxSize, builder);
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * Checks that the current thread is not running the user's code that this object has called.
   *
   * @throws IllegalStateException if the thread is running such code: it would wait for a turn, or
   *     for the queue, for ever
   */
  void checkNoCallback() {
    callbacks.check();
  }

  /**
   * Keeps a failure, unless one was kept before.
   *
   * @return this failure, as futures get it
   */
  IOException keep(Throwable cause) {
    IOException known =
        cause instanceof IOException e ? e : new IOException(name + ": " + cause, cause);
    failure.compareAndSet(null, known);
    return known;
  }

  /**
   * Flushes all shards that are open.
   *
   * @throws IOException if there was a failure, now or earlier
   */
  void flush(boolean sync) throws IOException {
    for (NumberedShard shard : turns.open()) {
      if (turns.take(shard)) {
        flush(shard, sync);
      }
    }
    checkNotFailed();
  }

  private void flush(NumberedShard shard, boolean sync) {
    String outer = callbacks.begin(SHARD);
    try {
      shard.shard().flush(sync);
      turns.give(shard);
    } catch (Throwable e) {
      failed(shard, e);
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * Closes all shards.
   *
   * @throws IOException if there was a failure, now or earlier
   */
  void close() throws IOException {
    for (NumberedShard shard : turns.open()) {
      if (turns.take(shard)) {
        finish(shard, false);
        turns.remove(shard);
      }
    }
    checkNotFailed();
  }

  /** Closes all shards without completing them. */
  void discard() {
    for (NumberedShard shard : turns.open()) {
      if (turns.take(shard)) {
        turns.remove(shard);
        shard.shard().discard();
      }
    }
  }

  /**
   * Checks that the open shards can make records outlive a power cut.
   *
   * @throws IllegalStateException if one cannot
   */
  void checkCanSync() {
    for (NumberedShard shard : turns.open()) {
      if (shard.shard().appearsWhenClosed()) {
        throw new IllegalStateException(
            name
                + ": the shards appear in their store when they are closed, so records cannot"
                + " outlive a power cut before; close the writer instead");
      }
    }
  }

  void checkNotFailed() throws IOException {
    if (failure.get() != null) {
      throw failure();
    }
  }

  /**
   * Checks that the writer can accept records.
   *
   * @throws IOException if there was a failure, or all shards are full
   */
  void checkAccepting() throws IOException {
    checkNotFailed();
    if (full) {
      throw new IOException(
          name
              + ": all "
              + settings.shardsOpen()
              + " shards are full, with "
              + settings.shardBytes()
              + " bytes of records each, and automatic sharding is off");
    }
  }

  /** The failure that was kept, with the current thread's stack trace. */
  IOException failure() {
    IOException kept = failure.get();
    return kept == null ? new IOException(name + ": no shard is open") : failures.again(kept);
  }

  String name() {
    return name;
  }

  /** Number of open shards that no thread is writing to. */
  int idle() {
    return turns.idle();
  }

  /** The shards so far, in the order in which they were opened. */
  List<NumberedShard> list() {
    return List.copyOf(shards);
  }
}
