package io.disky.reading;

import io.disky.engine.ChunkHeader;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.NativeReader.Nearest;
import io.disky.engine.Step;
import io.disky.engine.Step.Outcome;
import io.disky.fetching.FetchedFile;
import io.disky.memory.BatchBuffer;
import io.disky.memory.BufferPool;
import io.disky.memory.ChunkMemory;
import io.disky.memory.ChunkPlace;
import io.disky.memory.DecodedChunk;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the chunks of one file in order, from a position that can be moved. Other threads may
 * decode ahead. Before a chunk is delivered, the user's listeners get the news (skipped regions and
 * notices) from the part of the file before it.
 */
public final class ChunkFeed implements ChunkSupply {
  private final OpenSource source;
  private final NativeReader engine;
  private final FeedSettings settings;
  private final ReaderState state;
  private final News news;
  private final OperationProgress progress;
  private final WholeFile wholeFile;
  private final BufferPool buffers;
  private final OpenChunks handedOut = new OpenChunks();
  private final @Nullable ParallelDecoder decoder;
  private final ChunksAhead ahead = new ChunksAhead();

  // A call decoded this chunk, and then the user's code failed: the next call delivers the chunk.
  private @Nullable DecodedChunk undelivered;

  // The offset at which the chunk after the last decoded chunk begins, or to which the feed was
  // moved.
  private long position;
  private long recordsRead;

  // Whether these are all records of the file up to the position.
  private boolean fromBeginning;
  private Step last = Step.NONE;

  // Nothing was read since the feed was moved: it may be moved again after one chunk, so the
  // threads do not yet decode ahead.
  private boolean justMoved;

  // Nothing was decoded since the user stated where a chunk begins.
  private boolean unconfirmed;

  public ChunkFeed(
      OpenSource source,
      FeedSettings settings,
      ReaderState state,
      SkippedRegions skippedRegions,
      ReadingFailures failures) {
    this.source = source;
    this.engine = source.engine();
    this.settings = settings;
    this.state = state;
    this.buffers = new BufferPool(settings.dataAlignment());
    this.news = new News(engine, state, skippedRegions, failures);
    this.position = settings.engine().rangeBegin();
    this.fromBeginning = position == 0;
    this.progress = new OperationProgress(settings.progress(), state.callbacks());
    this.wholeFile = new WholeFile(engine, settings.engine(), progress);
    this.decoder = decodesAhead() ? decoder() : null;
  }

  private boolean decodesAhead() {
    return settings.parallelism() > 0 && source.canBeShared() && !settings.engine().follow();
  }

  private ParallelDecoder decoder() {
    ParallelDecoder ahead =
        new ParallelDecoder(
            buffers,
            settings.readAhead(),
            end(),
            settings.engine().maxChunkSize(),
            source.remote());
    ahead.endWith(this);
    return ahead;
  }

  /** The end of the range in bytes, or of the file if that ends before. */
  long end() {
    return Math.min(settings.engine().rangeEnd(), source.fileSize());
  }

  /** Memory for chunks that live until they are closed, at most until this feed is closed. */
  public BufferPool buffers() {
    return buffers;
  }

  /** How many records were delivered. */
  public long recordsRead() {
    return recordsRead;
  }

  /** How many chunks that other threads decoded were delivered. */
  public long decodedAhead() {
    return decoder == null ? 0 : decoder.taken();
  }

  /** How many calls of the native library this feed has made. */
  public long downcalls() {
    return engine.downcalls();
  }

  /** The chunk that the next call delivers, if it is decoded already. */
  @Nullable DecodedChunk undelivered() {
    return undelivered;
  }

  /** Where the next chunk may begin, in bytes. */
  long position() {
    return position;
  }

  /** Returns whether the next chunk may be decoded already, or be decoded by another thread. */
  boolean decodesElsewhere() {
    return decoder != null || undelivered != null || !ahead.isEmpty();
  }

  @Override
  public void checkUsable() {
    state.checkIdle();
  }

  /**
   * Decodes the next chunk that has records. The chunk is closed with this feed at the latest.
   *
   * @return {@code null} at the end
   */
  @Override
  public @Nullable DecodedChunk next() throws IOException {
    DecodedChunk chunk = next(buffers);
    if (chunk != null) {
      handedOut.track(chunk);
    }
    return chunk;
  }

  /**
   * Decodes the next chunk that has records into a buffer of {@code pool}. The chunk outlives this
   * feed.
   *
   * @return {@code null} at the end
   */
  public @Nullable DecodedChunk next(BufferPool pool) throws IOException {
    if (undelivered != null) {
      DecodedChunk chunk = undelivered;
      undelivered = null;
      return deliver(chunk, true);
    }
    DecodedChunk decoded = takeDecoded();
    if (decoded != null) {
      measure(decoded);
      return deliver(decoded, false);
    }
    ChunksAhead.Entry next = ahead.poll();
    if (next != null) {
      arrive(next.step());
      return deliver(next.chunk(), false);
    }
    DecodedChunk chunk = decodeFrom(pool);
    if (chunk == null) {
      return null;
    }
    measure(chunk);
    ahead.met(last);
    return deliver(chunk, true);
  }

  /**
   * Decodes the next chunk as {@link #next(BufferPool)} does, but calls no code of the user.
   *
   * @return {@code null} if that is not possible: if the user supplies the bytes, if the user must
   *     get news or a failure first, or at the end. {@link #next(BufferPool)} then goes on, and
   *     finds the same
   */
  public @Nullable DecodedChunk nextAlone(BufferPool pool) {
    if (undelivered != null || decoder != null || source.callsTheUser()) {
      return null;
    }
    DecodedChunk chunk = null;
    try {
      chunk = decodeAlone(pool);
    } catch (EngineException e) {
      // The engine has the same failure when it is called again.
    }
    if (chunk != null && last.hasNews()) {
      undelivered = chunk;
      return null;
    }
    return chunk;
  }

  private @Nullable DecodedChunk decodeAlone(BufferPool pool) throws EngineException {
    ChunksAhead.Entry next = ahead.poll();
    if (next != null) {
      arrive(next.step());
      return next.chunk();
    }
    boolean inRun = readsRuns();
    List<BatchBuffer> run = inRun ? ahead.buffers(pool) : List.of(pool.take());
    int used = 0;
    try {
      List<Step> steps = inRun ? engine.nextRun(run) : List.of(engine.next(run.getFirst()));
      arrive(steps.getFirst());
      if (last.outcome() != Outcome.CHUNK) {
        return null;
      }
      ahead.met(last);
      used = steps.size();
      return firstOf(steps, run, pool);
    } finally {
      run.subList(used, run.size()).forEach(pool::give);
    }
  }

  /**
   * Decodes the next chunk that has records into {@code memory}, which is the user's.
   *
   * @return {@code null} at the end
   */
  @Nullable DecodedChunk next(ChunkMemory memory) throws IOException {
    ChunkPlace place = decode(memory);
    return place == null
        ? null
        : deliver(DecodedChunk.in(memory.ends(), memory.data(), place), false);
  }

  private @Nullable DecodedChunk decodeFrom(BufferPool pool) throws IOException {
    if (readsRuns()) {
      return decodeRun(pool);
    }
    BatchBuffer buffer = pool.take();
    ChunkPlace place = null;
    try {
      place = decode(buffer);
    } finally {
      if (place == null) {
        pool.give(buffer);
      }
    }
    return place == null ? null : DecodedChunk.pooled(place, buffer, pool);
  }

  /**
   * Whether to decode several chunks in one call: not directly after a move, because the feed may
   * be moved again after one chunk, and not if other threads decode ahead.
   */
  private boolean readsRuns() {
    return decoder == null
        && source.canBeShared()
        && !settings.engine().follow()
        && ahead.pays(settings.readAhead());
  }

  /** Decodes the next chunk, and keeps the further chunks of the run. {@code null} at the end. */
  private @Nullable DecodedChunk decodeRun(BufferPool pool) throws IOException {
    List<BatchBuffer> run = ahead.buffers(pool);
    int used = 0;
    try {
      List<Step> steps = decodeNow(engine -> engine.nextRun(run));
      Step first = steps.getFirst();
      if (first.outcome() != Outcome.CHUNK) {
        takeNews();
        state.checkOpen();
        return null;
      }
      used = steps.size();
      return firstOf(steps, run, pool);
    } finally {
      run.subList(used, run.size()).forEach(pool::give);
    }
  }

  /** The chunk that the first of {@code steps} decoded. Keeps those of the others. */
  private DecodedChunk firstOf(List<Step> steps, List<BatchBuffer> run, BufferPool pool) {
    for (int i = 1; i < steps.size(); i++) {
      ahead.add(decoded(steps.get(i), run.get(i), pool), steps.get(i));
    }
    return decoded(steps.getFirst(), run.getFirst(), pool);
  }

  private static DecodedChunk decoded(Step step, BatchBuffer buffer, BufferPool pool) {
    return DecodedChunk.pooled(buffer.align(step.chunk()), buffer, pool);
  }

  /** Decodes the next chunk; waits for it if the file is followed. {@code null} at the end. */
  private @Nullable ChunkPlace decode(ChunkMemory memory) throws IOException {
    FollowPolls polls = null;
    while (true) {
      Step step = decodeNow(memory);
      if (step.outcome() == Outcome.CHUNK) {
        return memory.align(step.chunk());
      }
      takeNews();
      if (step.outcome() == Outcome.END) {
        state.checkOpen();
        return null;
      }
      if (polls == null) {
        polls = polls();
      }
      long pause = polls.next();
      if (pause == 0) {
        return null;
      }
      pause(polls, pause);
    }
  }

  private FollowPolls polls() {
    return new FollowPolls(
        source.origin().path().orElseThrow(), settings.followInterval(), settings.followTimeout());
  }

  // Waiting releases the monitor, which other threads that share the reader need.
  private void pause(FollowPolls polls, long nanos) throws IOException {
    synchronized (state) {
      if (state.isOpen()) {
        polls.await(state, nanos);
      }
      state.checkOpen();
    }
  }

  private Step decodeNow(ChunkMemory memory) throws IOException {
    return decodeNow(reader -> List.of(reader.next(memory))).getFirst();
  }

  private List<Step> decodeNow(Question<List<Step>> question) throws IOException {
    try {
      List<Step> steps = question.ask(engine);
      arrive(steps.getFirst());
      return steps;
    } catch (EngineException e) {
      checkPlaced(e);
      throw news.failure(e, recordsRead, fromBeginning);
    }
  }

  /** The feed is now where {@code step} has ended. */
  private void arrive(Step step) {
    if (step.outcome() == Outcome.CHUNK) {
      recordsRead += step.records();
      unconfirmed = false;
    }
    position = step.position();
    last = step;
  }

  /**
   * Checks that the user moved to the beginning of a chunk. If another chunk lies across the
   * position, the position is wrong, and the file is not damaged.
   */
  private void checkPlaced(EngineException failure) {
    if (!unconfirmed || failure.position() != position || !failure.kind().isDamage()) {
      return;
    }
    NativeReader.Extent chunk = null;
    try {
      chunk = engine.findChunk(position, Nearest.AT_OR_BEFORE);
    } catch (EngineException e) {
      failure.addSuppressed(e);
    }
    if (chunk != null && chunk.begin() < position && position < chunk.end()) {
      throw new IllegalArgumentException(
          state.name()
              + ": no chunk begins at byte "
              + position
              + ", to which the reader was moved; the chunk from byte "
              + chunk.begin()
              + " to byte "
              + chunk.end()
              + " lies there: is the position from another file?");
    }
  }

  /**
   * Passes on the news from before {@code chunk}, and returns the chunk. If this fails, the chunk
   * is not lost: the next call delivers it.
   *
   * @param readsOn whether the threads that decode ahead must learn where this feed is
   */
  private DecodedChunk deliver(DecodedChunk chunk, boolean readsOn) throws IOException {
    DecodedChunk kept = last.hasNews() ? chunk.kept(buffers) : chunk;
    boolean delivered = false;
    try {
      takeNews();
      state.checkOpen();
      if (readsOn) {
        decodeAhead();
      }
      delivered = true;
    } finally {
      if (!delivered) {
        undelivered = kept;
        if (!state.isOpen()) {
          dropUndelivered();
        }
      }
    }
    if (kept != chunk) {
      kept.close();
    }
    return chunk;
  }

  private void dropUndelivered() {
    DecodedChunk dropped = undelivered;
    undelivered = null;
    if (dropped != null) {
      dropped.close();
    }
  }

  private void measure(DecodedChunk chunk) {
    if (decoder != null) {
      decoder.met(Math.max(chunk.byteSize(), leftOut(chunk.place())));
    }
  }

  /**
   * The size of a chunk in the file if only some of its fields were decoded: decoding it takes
   * longer than the size of these suggests.
   */
  private long leftOut(ChunkPlace place) {
    return settings.engine().projection() == null ? 0 : place.chunkEnd() - place.chunkBegin();
  }

  /**
   * Takes the next chunk from the threads that decode ahead, if they have it. Their chunk is only a
   * guess. The engine goes past it, and so finds everything that it would find if it read on.
   */
  private @Nullable DecodedChunk takeDecoded() throws IOException {
    ParallelDecoder.Decoded ahead = decoder == null ? null : take(decoder);
    if (ahead == null) {
      return null;
    }
    DecodedChunk chunk = null;
    try {
      if (skip(ahead)) {
        ChunkPlace place = ahead.place().withScanned(last.chunk().scanned());
        chunk = DecodedChunk.pooled(place, ahead.buffer(), buffers);
      }
    } finally {
      if (chunk == null) {
        buffers.give(ahead.buffer());
      }
    }
    return chunk;
  }

  private ParallelDecoder.@Nullable Decoded take(ParallelDecoder from) {
    try {
      return from.take();
    } finally {
      Reference.reachabilityFence(this); // The decoder ends when this feed is unreachable.
    }
  }

  private boolean skip(ParallelDecoder.Decoded ahead) {
    ChunkPlace place = ahead.place();
    try {
      Step step = engine.skip(place.chunkBegin(), ahead.head());
      last = step;
      if (step.outcome() != Outcome.CHUNK) {
        return false;
      }
    } catch (EngineException e) {
      // The engine will have the same failure when it reads on, and reports it then.
      return false;
    }
    recordsRead += place.count();
    position = last.position();
    return true;
  }

  /** Lets the threads decode from the position on, unless they do so already. */
  private void decodeAhead() throws IOException {
    if (decoder == null || position >= end()) {
      return;
    }
    if (justMoved) {
      justMoved = false;
      return;
    }
    if (!decoder.isOfUse()) {
      return;
    }
    if (decoder.isStarted()) {
      decoder.passed(position);
    } else {
      decoder.start(sharedReaders(), position);
    }
  }

  private List<NativeReader> sharedReaders() throws IOException {
    List<NativeReader> readers = new ArrayList<>();
    try {
      // One reader more than there are threads: this thread decodes, too, instead of waiting.
      for (int i = 0; i <= settings.parallelism(); i++) {
        readers.add(engine.share());
      }
      return readers;
    } catch (EngineException e) {
      readers.forEach(NativeReader::close);
      throw failure(e);
    }
  }

  /**
   * Moves to the chunk at {@code chunkBegin}, and forgets the chunks that were decoded.
   *
   * @param chunkEnd where the chunk ends, if the engine has reported that; else 0
   */
  void moveTo(long chunkBegin, long chunkEnd) throws IOException {
    try {
      engine.seek(chunkBegin, chunkEnd);
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  /** Forgets the chunks that were decoded, after a move to {@code chunkBegin}. */
  void moved(long chunkBegin) {
    dropUndelivered();
    position = chunkBegin;
    fromBeginning = false;
    justMoved = true;
    unconfirmed = true;
    forgetAhead();
  }

  private void forgetAhead() {
    ahead.clear();
    if (decoder != null) {
      decoder.forget();
    }
  }

  /** Checks every hash from the position to the end of the file. */
  public void verify() throws IOException {
    forgetAhead();
    try {
      wholeFile.verify(
          position,
          () -> {
            long end = news.takeSkippedRegions();
            news.logNotices();
            state.checkUsable();
            return end;
          });
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  /** Counts the records. */
  public long count() throws IOException {
    return this.<Long>askNoting(engine -> wholeFile.count());
  }

  /** Calls {@code action} with the header of each chunk; then returns the sizes of all records. */
  public NativeReader.RecordSizes describe(Consumer<ChunkHeader> action) throws IOException {
    progress.begin();
    forEachChunk(
        0,
        chunk -> {
          action.accept(chunk);
          progress.at(chunk.end() / 2);
        });
    return askNoting(engine -> wholeFile.recordSizes());
  }

  private void takeNews() throws IOException {
    if (last.hasNews()) {
      try {
        news.take(last);
      } catch (EngineException e) {
        throw failure(e);
      }
    }
  }

  /** A question that the engine answers. */
  @FunctionalInterface
  public interface Question<T extends @Nullable Object> {
    T ask(NativeReader engine) throws EngineException;
  }

  /** Asks the engine, and turns a failure into the exception for the user. */
  public <T extends @Nullable Object> T ask(Question<T> question) throws IOException {
    try {
      return question.ask(engine);
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  /** Asks the engine as {@link #ask} does; then logs the notices so far. */
  public <T> T askNoting(Question<T> question) throws IOException {
    T answer = ask(question);
    logNotices();
    return answer;
  }

  /**
   * Calls {@code action} with the header of each chunk from the one that begins at {@code from}.
   */
  public void forEachChunk(long from, Consumer<ChunkHeader> action) throws IOException {
    if (from < 0) {
      throw new IllegalArgumentException("the offset of a chunk is negative: " + from);
    }
    ChunkHeader chunk = chunkAt(from);
    while (chunk != null) {
      action.accept(chunk);
      state.checkUsable();
      chunk = chunkAt(chunk.end());
    }
    logNotices();
  }

  private @Nullable ChunkHeader chunkAt(long begin) throws IOException {
    return this.<@Nullable ChunkHeader>ask(reader -> reader.chunkAt(begin));
  }

  /** Takes the skipped regions so far; calls the user's listener. */
  void takeSkippedRegions() throws IOException {
    try {
      var _ = news.takeSkippedRegions();
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  /** Logs the notices so far. */
  private void logNotices() throws IOException {
    try {
      news.logNotices();
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  /** The exception for a failure of an operation that does not read the next records. */
  private IOException failure(EngineException e) {
    return news.failure(e, recordsRead, false);
  }

  /** Ends a call of another thread that waits for bytes of a remote file. */
  public void stop() {
    FetchedFile remote = source.remote();
    if (remote != null) {
      remote.stop();
    }
  }

  /**
   * Closes the file, and the chunks that were handed out, as {@link OpenChunks#closeAll} does.
   *
   * @param first runs before the chunks are closed
   */
  public void close(Runnable first) {
    try {
      handedOut.closeAll(first);
    } finally {
      if (decoder != null) {
        decoder.close(state.callbacks().isCalling());
      }
      dropUndelivered();
      ahead.clear();
      buffers.clear();
      engine.close();
    }
  }
}
