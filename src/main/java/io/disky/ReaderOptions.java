package io.disky;

import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;
import io.disky.options.OptionState;
import io.disky.reading.FeedSettings;
import io.disky.remote.RemoteOptions;
import io.disky.threads.Parallelism;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RecordReader} reads. Immutable: each {@code with} method returns changed options and
 * leaves these as they are.
 */
public final class ReaderOptions {
  /** The default limit on the size of a chunk, in bytes: 1 GiB. */
  public static final long DEFAULT_MAX_CHUNK_SIZE = 1L << 30;

  /** The default bound on records that are decoded ahead, in bytes: 32 MiB. */
  public static final long DEFAULT_READ_AHEAD = 32L << 20;

  /** The largest {@linkplain #withParallelism parallelism}: 1,024 threads. */
  public static final int MAX_PARALLELISM = Parallelism.MAX;

  /** The largest {@linkplain #withDataAlignment alignment}, in bytes: 4 KiB. */
  public static final int MAX_DATA_ALIGNMENT = 4 << 10;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private CorruptionStrategy corruptionStrategy = CorruptionStrategy.ERROR;
    private boolean scan = true;
    private @Nullable Consumer<? super SkippedRegion> skippedRegionListener;
    private @Nullable LongConsumer progressListener;
    private long maxChunkSize = DEFAULT_MAX_CHUNK_SIZE;
    private long maxRecordSize = Long.MAX_VALUE;
    private long maxRecordsPerChunk = Long.MAX_VALUE;
    private boolean follow;
    private Duration followInterval = Duration.ofMillis(100);
    private @Nullable Duration followTimeout;
    private long rangeBegin;
    private long rangeEnd = Long.MAX_VALUE;
    private int parallelism;
    private long readAhead = DEFAULT_READ_AHEAD;
    private int dataAlignment = 1;
    private boolean strictLifetimes;
    private FieldProjection fieldProjection = FieldProjection.all();
    private RemoteOptions remote = RemoteOptions.defaults();

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("corruptionStrategy", corruptionStrategy);
      all.put("scan", scan);
      all.put("skippedRegionListener", orNone(skippedRegionListener));
      all.put("progressListener", orNone(progressListener));
      all.put("maxChunkSize", maxChunkSize);
      all.put("maxRecordSize", maxRecordSize);
      all.put("maxRecordsPerChunk", maxRecordsPerChunk);
      all.put("follow", follow);
      all.put("followInterval", followInterval);
      all.put("followTimeout", orNone(followTimeout));
      all.put("rangeBegin", rangeBegin);
      all.put("rangeEnd", rangeEnd);
      all.put("parallelism", parallelism);
      all.put("readAhead", readAhead);
      all.put("dataAlignment", dataAlignment);
      all.put("strictLifetimes", strictLifetimes);
      all.put("fieldProjection", fieldProjection);
      all.put("remote", remote);
      return all;
    }
  }

  private final State state;

  private ReaderOptions(State state) {
    this.state = state;
  }

  private ReaderOptions with(Consumer<State> change) {
    return new ReaderOptions(state.with(change));
  }

  /**
   * The default options: {@link CorruptionStrategy#ERROR}, chunks of up to 1 GiB, the file with the
   * size that it has when it is opened.
   */
  public static ReaderOptions defaults() {
    return new ReaderOptions(new State());
  }

  /** These options with another strategy for damaged files. */
  public ReaderOptions withCorruptionStrategy(CorruptionStrategy strategy) {
    Objects.requireNonNull(strategy, "strategy");
    return with(state -> state.corruptionStrategy = strategy);
  }

  /**
   * These options with or without the search for chunks whose place neither the chunks before them
   * nor a block header states, for {@link CorruptionStrategy#RECOVER}. A chunk that the search
   * finds is likely part of this file, but might belong to a record file inside one of its records:
   * {@link RecordBatch#isScanned()} marks it. The default is true.
   */
  public ReaderOptions withScan(boolean scan) {
    return with(state -> state.scan = scan);
  }

  /**
   * These options with a listener for skipped regions, for {@link CorruptionStrategy#RECOVER}. The
   * call that reads on after a region calls the listener, on the thread that reads. With a listener
   * the regions are not logged.
   *
   * <p>A listener that reads with the reader gets an {@link IllegalStateException}. If it closes
   * the reader, the call that reads throws an {@link IllegalStateException}. An exception of the
   * listener comes out of the call that reads; the next call delivers the chunk.
   */
  public ReaderOptions withSkippedRegionListener(Consumer<? super SkippedRegion> listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.skippedRegionListener = listener);
  }

  /**
   * These options with a listener for operations that can take long on a large file: {@link
   * RecordReader#verify()}, {@link RecordReader#recordCount()} without a {@linkplain #withRange
   * range}, {@link RecordReader#describe()}, and the index that a {@link RandomAccessReader} makes
   * from chunk headers. By default there is none.
   *
   * <p>The listener gets the number of bytes of the file that are done; {@code describe} goes
   * through the file twice, so each byte counts half. The numbers ascend; an operation makes at
   * most one call for each MiB, and none for the last one. While an index is made, several threads
   * call the listener, one at a time, and if the file has to be read again, the numbers begin anew.
   * The listener must not use the reader. If it throws, the operation ends with that exception.
   */
  public ReaderOptions withProgressListener(LongConsumer listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.progressListener = listener);
  }

  /** The listener for operations that can take long, if any. */
  public Optional<LongConsumer> progressListener() {
    return Optional.ofNullable(state.progressListener);
  }

  /**
   * These options with another limit on the size of a chunk, which bounds the memory that a hostile
   * file can cost. The limit applies to the bytes of the chunk's records plus 8 for each record,
   * and to its encoded data. Decoding a transposed chunk may take twice as much memory, plus 1 MiB.
   * A chunk that exceeds the limit is a {@link ChunkTooLargeException}.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withMaxChunkSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("the limit on the size of a chunk is " + bytes + " bytes");
    }
    return with(state -> state.maxChunkSize = bytes);
  }

  /**
   * These options with another limit on the size of a record. A chunk with a larger record is a
   * {@link ChunkTooLargeException}; none of its records are returned. If the chunk's header or its
   * record sizes show the larger record, the chunk is not decoded. By default only {@link
   * #maxChunkSize()} limits records.
   *
   * @param bytes at least 1; {@link Long#MAX_VALUE} for no limit
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withMaxRecordSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "the limit on the size of a record is " + bytes + " bytes");
    }
    return with(state -> state.maxRecordSize = bytes);
  }

  /**
   * These options with another limit on the number of records in a chunk. A chunk with more records
   * is a {@link ChunkTooLargeException}, before memory for it is allocated. By default only {@link
   * #maxChunkSize()} limits their number: each record counts 8 bytes plus its own.
   *
   * @param records at least 1; {@link Long#MAX_VALUE} for no limit
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public ReaderOptions withMaxRecordsPerChunk(long records) {
    if (records < 1) {
      throw new IllegalArgumentException(
          "the limit on the records of a chunk is " + records + " records");
    }
    return with(state -> state.maxRecordsPerChunk = records);
  }

  /**
   * These options with or without following: reading a file while it is being written. By default
   * the file is read up to the size that it had when it was opened.
   *
   * <p>With following, every way to read records (iteration, visits, streams, batches) waits at the
   * end of the file for the next complete chunk, at most for the {@linkplain #withFollowTimeout
   * timeout}. A chunk becomes complete when its writer flushes, or starts the next chunk. Records
   * come in order, each once. An unfinished chunk at the end is not an error.
   *
   * <ul>
   *   <li>Reading ends after the index of an ArrayRecord: nothing can be appended to it.
   *   <li>If the file is cut to less than was read, or is overwritten, reading throws a {@link
   *       CorruptFileException}. It does no harm to cut off an unfinished chunk and to write on
   *       from there.
   *   <li>If another file replaces this one, the reader does not notice.
   *   <li>Damage throws as usual; if no chunk is seen after the damage, only after 10 more looks,
   *       because some file systems, mostly networked ones, show a file's size before its contents.
   *   <li>If the waiting thread is interrupted, reading throws a {@link
   *       java.io.InterruptedIOException}, and the thread stays interrupted. After the interrupt is
   *       cleared, reading can go on.
   *   <li>A remote file cannot be followed: opening it throws an {@link IllegalArgumentException}.
   *   <li>Only the reader's own thread can close it. But if {@link RecordReader#batches()} has
   *       given it to a stream, any thread can: the waiting call then throws an {@link
   *       IllegalStateException}.
   * </ul>
   *
   * <p>{@link RecordReader#open(java.nio.file.Path, ReaderOptions)} refuses following together with
   * {@link CorruptionStrategy#RECOVER}, which must know where the file ends.
   */
  public ReaderOptions withFollow(boolean follow) {
    return with(state -> state.follow = follow);
  }

  /**
   * These options with another time between two looks at a file that is followed. The default is
   * 100 milliseconds.
   *
   * @param interval at least 1 millisecond
   * @throws IllegalArgumentException if {@code interval} is shorter
   */
  public ReaderOptions withFollowInterval(Duration interval) {
    if (interval.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          "the interval of following is " + interval + ", less than 1 ms");
    }
    return with(state -> state.followInterval = interval);
  }

  /**
   * These options with a limit on the time that a reader waits for more of a file that is followed.
   * If no complete chunk has arrived within that time, {@link RecordReader#nextBatch()} and {@link
   * RecordReader#next()} return {@code null}; iteration, visits and streams end. Reading again goes
   * on from there, and waits again. By default there is no limit.
   *
   * @param timeout 0 to look once and not to wait at all
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public ReaderOptions withFollowTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("the time to wait is negative: " + timeout);
    }
    return with(state -> state.followTimeout = timeout);
  }

  /**
   * These options for a part of a file: the chunks that begin at an offset from {@code begin} up
   * to, but not including, {@code end}. Readers of adjoining ranges together read each record
   * exactly once, wherever the ranges begin. So a file can be divided among machines that know only
   * its size. The reader finds the first chunk of the range by the file's block headers, with a few
   * small reads. By default the complete file is read.
   *
   * <p>The range limits {@link RecordReader#recordCount()}, but not {@link RecordReader#metadata()}
   * and {@link RecordReader#describe()}. With {@link CorruptionStrategy#RECOVER} a skipped region
   * belongs to the range in which it begins.
   *
   * @param begin in bytes, at least 0
   * @param end in bytes, at least {@code begin}; {@link Long#MAX_VALUE} for the end of the file
   * @throws IllegalArgumentException if {@code begin} is negative or more than {@code end}
   */
  public ReaderOptions withRange(long begin, long end) {
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(
          "a range from byte " + begin + " to byte " + end + " of a file");
    }
    return with(state -> {
      state.rangeBegin = begin;
      state.rangeEnd = end;
    });
  }

  /** The beginning of the range in bytes; 0 for the beginning of the file. */
  public long rangeBegin() {
    return state.rangeBegin;
  }

  /** The end of the range in bytes; {@link Long#MAX_VALUE} for the end of the file. */
  public long rangeEnd() {
    return state.rangeEnd;
  }

  /**
   * These options with another parallelism: the number of threads that read and decode chunks
   * ahead, in addition to the thread that takes records. Records, their order, failures and skipped
   * regions do not depend on it. The default is 0: the thread that takes records decodes each chunk
   * when it needs it. With 1 or more it also decodes, instead of waiting for the others. So the
   * number of processors less 1 keeps all processors busy.
   *
   * <p>The threads start when the first chunk of 16 KiB or more was read and another one follows,
   * and end when the reader is closed. Smaller chunks are decoded by the thread that takes records,
   * because passing them on would take longer. A file that is {@linkplain #withFollow followed},
   * memory, channels and streams are read without them; remote files are read with them.
   *
   * @param threads 0 to {@link #MAX_PARALLELISM}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public ReaderOptions withParallelism(int threads) {
    Parallelism.check(threads, 0);
    return with(state -> state.parallelism = threads);
  }

  /** How many threads decode ahead, in addition to the thread that takes records. */
  public int parallelism() {
    return state.parallelism;
  }

  /**
   * These options with another bound on the records that are decoded ahead: a record counts its
   * bytes plus 8. The default is 32 MiB.
   *
   * <ul>
   *   <li>With {@linkplain #withParallelism other threads}, a thread begins to decode a chunk if
   *       fewer bytes are decoded and not yet taken, so each thread may exceed the bound by a
   *       chunk. With less than 256 KiB, the threads also take smaller chunks, from a sixteenth of
   *       the bound.
   *   <li>Without other threads, a reader of a file decodes up to three chunks together with the
   *       next one on processors with AVX-512, and up to two on those with AVX2, because it takes
   *       less time to compute the hashes of several chunks at once. It does so if these chunks,
   *       when each is like the one before, fit within the bound. With a bound of 1 byte, and on
   *       other processors, a reader holds the memory of one chunk instead of four or three.
   * </ul>
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withReadAhead(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "the bound on the bytes decoded ahead is " + bytes + " bytes");
    }
    return with(state -> state.readAhead = bytes);
  }

  /** The bound on records that are decoded ahead, in bytes. */
  public long readAhead() {
    return state.readAhead;
  }

  /**
   * These options with an alignment of the records' memory: the address of the first byte of {@link
   * RecordBatch#data()} is a multiple of {@code bytes}. Together with records of one size, {@link
   * RecordBatch#fixedSize()}, that is a multiple of the alignment too, aligned layouts and vectors
   * can be read from the batch. A chunk is decoded to aligned memory, or is moved there. The
   * default is 1.
   *
   * <p>A {@link RandomAccessReader} aligns each copy in an arena ({@link
   * RandomAccessReader#get(long, java.lang.foreign.Arena)}, {@link RandomAccessReader#getAll}). Its
   * records without a copy ({@link RandomAccessReader#batch}, {@link RandomAccessReader#visitAll})
   * begin at any address.
   *
   * @param bytes a power of two, 1 to {@link #MAX_DATA_ALIGNMENT}
   * @throws IllegalArgumentException if {@code bytes} is not a power of two, or outside that range
   */
  public ReaderOptions withDataAlignment(int bytes) {
    if (bytes < 1 || bytes > MAX_DATA_ALIGNMENT || Integer.bitCount(bytes) != 1) {
      throw new IllegalArgumentException(
          "the alignment of data is "
              + bytes
              + " bytes, not a power of two from 1 to "
              + MAX_DATA_ALIGNMENT);
    }
    return with(state -> state.dataAlignment = bytes);
  }

  /** The alignment of the records' memory in bytes. */
  public int dataAlignment() {
    return state.dataAlignment;
  }

  /**
   * These options with strict or with usual lifetimes of the records that iteration, {@link
   * RecordReader#next()}, visits and streams of a {@link RecordReader} or {@link
   * MultiThreadedReader} hand out. A record is valid until the next one is requested. Usually the
   * reader notices the use of an older record only after it has left the record's chunk, so a
   * mistake may pass unnoticed in a small test, and fail with a large file. With strict lifetimes
   * each use of an older record throws an {@link IllegalStateException}. This copies each record:
   * choose it for tests. The default is false.
   */
  public ReaderOptions withStrictLifetimes(boolean strict) {
    return with(state -> state.strictLifetimes = strict);
  }

  /** Whether each record ends when the next one is requested. */
  public boolean strictLifetimes() {
    return state.strictLifetimes;
  }

  /**
   * These options with another choice of fields to read of records that are protocol buffer
   * messages. It has an effect on transposed chunks only, and applies to everything that decodes
   * records; {@link FieldProjection} describes the records. The default is {@link
   * FieldProjection#all()}.
   *
   * <p>The limits of these options count the fields that are read, and their uncompressed values.
   * The other fields count with one byte for each value, because skipping them takes time. {@link
   * RecordReader#verify()} checks the same hashes whatever the projection is, and {@link
   * RecordReader#describe()} describes complete records.
   */
  public ReaderOptions withFieldProjection(FieldProjection projection) {
    Objects.requireNonNull(projection, "projection");
    return with(state -> state.fieldProjection = projection);
  }

  /** The fields to read. */
  public FieldProjection fieldProjection() {
    return state.fieldProjection;
  }

  /**
   * These options with another way to make requests to {@linkplain io.disky.remote.RemoteFile
   * remote files}. It has no effect on other files. The default is {@link
   * RemoteOptions#defaults()}.
   */
  public ReaderOptions withRemote(RemoteOptions options) {
    Objects.requireNonNull(options, "options");
    return with(state -> state.remote = options);
  }

  /** How requests to remote files are made. */
  public RemoteOptions remote() {
    return state.remote;
  }

  /** The strategy for damaged files. */
  public CorruptionStrategy corruptionStrategy() {
    return state.corruptionStrategy;
  }

  /** Whether recovery searches for chunks whose place nothing else states. */
  public boolean scan() {
    return state.scan;
  }

  /** The listener for skipped regions, if any. */
  public Optional<Consumer<? super SkippedRegion>> skippedRegionListener() {
    return Optional.ofNullable(state.skippedRegionListener);
  }

  /** The limit on the size of a chunk in bytes. */
  public long maxChunkSize() {
    return state.maxChunkSize;
  }

  /** The limit on the size of a record in bytes; {@link Long#MAX_VALUE} if there is none. */
  public long maxRecordSize() {
    return state.maxRecordSize;
  }

  /** The limit on the records of a chunk; {@link Long#MAX_VALUE} if there is none. */
  public long maxRecordsPerChunk() {
    return state.maxRecordsPerChunk;
  }

  /** Whether the file is followed. */
  public boolean follow() {
    return state.follow;
  }

  /** The time between two looks at a file that is followed. */
  public Duration followInterval() {
    return state.followInterval;
  }

  /**
   * The longest time that a reader waits for more of a file that is followed; empty if it waits
   * without a limit.
   */
  public Optional<Duration> followTimeout() {
    return Optional.ofNullable(state.followTimeout);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReaderOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options, by the names of the methods that return them. */
  @Override
  public String toString() {
    return "ReaderOptions" + state;
  }

  /** The listener for skipped regions, which accepts regions of the engine. */
  @Nullable Consumer<NativeReader.SkippedRegion> regionListener() {
    Consumer<? super SkippedRegion> listener = state.skippedRegionListener;
    return listener == null ? null : region -> listener.accept(SkippedRegion.of(region));
  }

  /** The options that the engine applies. */
  ReaderSettings settings() {
    return new ReaderSettings(
        state.maxChunkSize,
        state.maxRecordSize,
        state.maxRecordsPerChunk,
        state.corruptionStrategy == CorruptionStrategy.RECOVER,
        state.scan,
        state.follow,
        false,
        state.rangeBegin,
        state.rangeEnd,
        projectedPaths());
  }

  /** The paths of the fields to read; {@code null} for complete records. */
  private @Nullable List<List<Integer>> projectedPaths() {
    FieldProjection projection = state.fieldProjection;
    return projection.includesAll() ? null : projection.paths();
  }

  /** How the chunks of a file are fed to a reader. */
  FeedSettings feedSettings() {
    return new FeedSettings(
        settings(),
        state.parallelism,
        state.readAhead,
        state.followInterval,
        state.followTimeout,
        state.dataAlignment,
        state.progressListener);
  }

  /**
   * The limits and the projection of these options, for a reader that reads chunks in no particular
   * order.
   */
  ReaderSettings randomAccessSettings() {
    return new ReaderSettings(
        state.maxChunkSize,
        state.maxRecordSize,
        state.maxRecordsPerChunk,
        false,
        false,
        false,
        true,
        0,
        Long.MAX_VALUE,
        projectedPaths());
  }
}
