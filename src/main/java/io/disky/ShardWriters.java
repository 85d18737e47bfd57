package io.disky;

import io.disky.engine.NativeEncoder;
import io.disky.files.QuotedText;
import io.disky.shards.ShardTurns;
import io.disky.threads.Callbacks;
import io.disky.writing.ChunkBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a multi-threaded writer: opened, written to in turns, replaced when they are full.
 * Thread-safe.
 *
 * <p>A shard that fails is out; what could not be written to it goes to another one. The first
 * failure is kept.
 */
final class ShardWriters {
  private static final Logger LOGGER = System.getLogger("io.disky");

  // What a stream or channel that a shard is written to is in messages.
  private static final String SHARD = "shard";

  private final ShardTarget target;
  private final String name;
  private final MultiThreadedWriterOptions options;
  private final WriterOptions writerOptions;
  private final @Nullable ShardListener listener;
  private final Callbacks callbacks;
  private final ReentrantLock opening = new ReentrantLock();
  private long nextNumber;
  private final List<OpenShard> shards = new CopyOnWriteArrayList<>();
  private final ShardTurns<OpenShard> turns;
  private volatile boolean full;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

  ShardWriters(ShardTarget target, MultiThreadedWriterOptions options) throws IOException {
    this.target = target;
    this.name = QuotedText.message(target.name());
    this.callbacks = new Callbacks("the writer of " + name);
    this.options = options;
    this.writerOptions =
        options.writerOptions().withOpenMode(OpenMode.CREATE_NEW).withParallelism(0);
    this.listener = options.shardListener().orElse(null);
    this.nextNumber = options.startIndex();
    // Before anything is removed: options may not go together.
    RecordWriter.open(OutputStream.nullOutputStream(), writerOptions).discard();
    if (!options.append()) {
      target.clear();
    }
    this.turns = new ShardTurns<>(openFirst());
  }

  private List<OpenShard> openFirst() throws IOException {
    List<OpenShard> first = new ArrayList<>();
    try {
      while (first.size() < options.numShards()) {
        first.add(openNext());
      }
      return first;
    } catch (Throwable e) {
      first.forEach(shard -> shard.writer().discardEncoded());
      throw e;
    }
  }

  private OpenShard openNext() throws IOException {
    opening.lock();
    try {
      OpenShard shard = null;
      while (shard == null) {
        shard = tryOpen(nextNumber++);
      }
      shards.add(shard);
      String name = shard.name();
      log(Level.DEBUG, "{0}: opened", QuotedText.name(name));
      tell(to -> to.opened(name));
      return shard;
    } finally {
      opening.unlock();
    }
  }

  private @Nullable OpenShard tryOpen(long number) throws IOException {
    if (number < 0) {
      throw new IOException(name + ": there is no number left for a shard");
    }
    String outer = callbacks.begin("shard target");
    String name = this.name;
    try {
      name = target.name(number);
      RecordWriter opened = target.open(number, writerOptions);
      if (opened == null) {
        throw new IOException("the target has opened no writer for the shard");
      }
      return new OpenShard(number, name, opened);
    } catch (FileAlreadyExistsException e) {
      return null;
    } catch (IOException e) {
      ShardException failed = new ShardException(name, e);
      tellFailed(failed);
      throw failed;
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * Writes the chunk that {@code encoder} holds to a shard.
   *
   * @throws IOException if no shard is left to write to, or the one that it has filled cannot be
   *     finished
   */
  void write(NativeEncoder encoder, ChunkBuffer chunk) throws IOException {
    OpenShard shard = turns.take();
    while (shard != null) {
      if (tryWrite(shard, encoder, chunk)) {
        if (giveBack(shard)) {
          return;
        }
        throw failure();
      }
      shard = turns.take();
    }
    throw failure();
  }

  private boolean tryWrite(OpenShard shard, NativeEncoder encoder, ChunkBuffer chunk) {
    String outer = callbacks.begin(SHARD);
    try {
      shard.writer().writeEncoded(encoder, chunk);
      shard.count();
      return true;
    } catch (Throwable e) {
      failed(shard, e);
      return false;
    } finally {
      callbacks.end(outer);
    }
  }

  /** False if the shard was full, and could not be finished. */
  private boolean giveBack(OpenShard shard) {
    if (shard.recordBytes() < options.maxBytesPerWriter()) {
      turns.give(shard);
    } else if (options.autoSharding()) {
      return replace(shard);
    } else if (turns.removeUnlessLast(shard)) {
      return finish(shard, true);
    } else {
      full = true;
      turns.give(shard);
    }
    return true;
  }

  private boolean replace(OpenShard shard) {
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
   * Closes a shard that nobody else uses.
   *
   * @param sync whether what is in it is put on the disk first, because a later flush does not
   *     reach it
   * @return whether it could be
   */
  private boolean finish(OpenShard shard, boolean sync) {
    String outer = callbacks.begin(SHARD);
    try {
      if (sync) {
        shard.writer().flushEncoded(FlushMode.SYNC);
      }
      shard.writer().closeEncoded();
      shard.finish();
      log(
          Level.DEBUG,
          "{0}: finished, {1} records",
          QuotedText.name(shard.name()),
          Long.toString(shard.records()));
      tell(to -> to.finished(shard.name(), shard.records()));
      return true;
    } catch (Throwable e) {
      failed(shard, e);
      return false;
    } finally {
      callbacks.end(outer);
    }
  }

  private void failed(OpenShard shard, Throwable cause) {
    ShardException failed = new ShardException(shard.name(), cause);
    try {
      keep(failed);
    } finally {
      // Else others would wait for their turn with it.
      turns.remove(shard);
    }
    shard.writer().discardEncoded();
    tellFailed(failed);
  }

  private void tellFailed(ShardException failed) {
    log(Level.ERROR, "{0}", failed.getMessage());
    tell(to -> to.failed(failed.shard(), failed));
  }

  private void tell(Consumer<ShardListener> event) {
    if (listener != null) {
      String outer = callbacks.begin("shard listener");
      try {
        event.accept(listener);
      } catch (Throwable e) {
        LOGGER.log(Level.WARNING, name + ": the listener has failed", e);
      } finally {
        callbacks.end(outer);
      }
    }
  }

  /** The logger may be the user's code, too. */
  private void log(Level level, String format, Object... what) {
    String outer = callbacks.begin("logger");
    try {
      LOGGER.log(level, format, what);
    } finally {
      callbacks.end(outer);
    }
  }

  /**
   * Checks that the current thread is in no code of the user's that this has called.
   *
   * @throws IllegalStateException if it is: waiting for a turn, or for the queue, would never end
   */
  void checkNoCallback() {
    callbacks.check();
  }

  /**
   * Lets a failure last, unless there was one before.
   *
   * @return this one, as futures get it
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
  void flush(FlushMode mode) throws IOException {
    for (OpenShard shard : turns.open()) {
      if (turns.take(shard)) {
        flush(shard, mode);
      }
    }
    checkNotFailed();
  }

  private void flush(OpenShard shard, FlushMode mode) {
    String outer = callbacks.begin(SHARD);
    try {
      shard.writer().flushEncoded(mode);
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
    for (OpenShard shard : turns.open()) {
      if (turns.take(shard)) {
        finish(shard, false);
        turns.remove(shard);
      }
    }
    checkNotFailed();
  }

  /** Closes all shards as they are, without what they are to end with. */
  void discard() {
    for (OpenShard shard : turns.open()) {
      if (turns.take(shard)) {
        turns.remove(shard);
        shard.writer().discardEncoded();
      }
    }
  }

  void checkNotFailed() throws IOException {
    if (failure.get() != null) {
      throw failure();
    }
  }

  /**
   * Fails if nothing more is to be accepted.
   *
   * @throws IOException if there was a failure, or all shards are full
   */
  void checkAccepting() throws IOException {
    checkNotFailed();
    if (full) {
      throw new IOException(
          name
              + ": all "
              + options.numShards()
              + " shards are full, with "
              + options.maxBytesPerWriter()
              + " bytes of records each, and there is no automatic sharding");
    }
  }

  /** The failure that was kept, thrown from where the caller is now. */
  IOException failure() {
    IOException kept = failure.get();
    if (kept instanceof ShardException of && of.getCause() != null) {
      return new ShardException(of.shard(), of.getCause());
    }
    return kept == null
        ? new IOException(name + ": no shard is open")
        : new IOException(kept.getMessage(), kept);
  }

  String name() {
    return name;
  }

  /** Number of shards that nobody is writing to. */
  int idle() {
    return turns.idle();
  }

  List<WrittenShard> list() {
    return shards.stream().map(OpenShard::describe).toList();
  }
}
