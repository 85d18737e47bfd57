package io.disky;

import io.disky.engine.ReaderSettings;
import io.disky.reading.FeedSettings;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RecordReader} reads. Immutable: each {@code with} method returns changed options and
 * leaves these as they are.
 */
public final class ReaderOptions {
  /** The limit on the size of a chunk if none is given, in bytes: 1 GiB. */
  public static final long DEFAULT_MAX_CHUNK_SIZE = 1L << 30;

  /** How often a reader that follows a file looks at it if nothing else is said: every 100 ms. */
  public static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMillis(100);

  /** The bound on what is decoded ahead if none is given, in bytes: 32 MiB. */
  public static final long DEFAULT_READ_AHEAD = 32L << 20;

  private static final ReaderOptions DEFAULTS = new ReaderOptions(new Values());

  /** The values of options that are being changed. */
  private static final class Values {
    private CorruptionStrategy corruptionStrategy = CorruptionStrategy.ERROR;
    private boolean scan = true;
    private @Nullable Consumer<? super SkippedRegion> skippedRegionListener;
    private long maxChunkSize = DEFAULT_MAX_CHUNK_SIZE;
    private long maxRecordSize = Long.MAX_VALUE;
    private long maxRecordsPerChunk = Long.MAX_VALUE;
    private boolean tail;
    private Duration pollInterval = DEFAULT_POLL_INTERVAL;
    private @Nullable Duration tailTimeout;
    private long rangeBegin;
    private long rangeEnd = Long.MAX_VALUE;
    private int parallelism;
    private long readAhead = DEFAULT_READ_AHEAD;
  }

  private final CorruptionStrategy corruptionStrategy;
  private final boolean scan;
  private final @Nullable Consumer<? super SkippedRegion> skippedRegionListener;
  private final long maxChunkSize;
  private final long maxRecordSize;
  private final long maxRecordsPerChunk;
  private final boolean tail;
  private final Duration pollInterval;
  private final @Nullable Duration tailTimeout;
  private final long rangeBegin;
  private final long rangeEnd;
  private final int parallelism;
  private final long readAhead;

  private ReaderOptions(Values values) {
    corruptionStrategy = values.corruptionStrategy;
    scan = values.scan;
    skippedRegionListener = values.skippedRegionListener;
    maxChunkSize = values.maxChunkSize;
    maxRecordSize = values.maxRecordSize;
    maxRecordsPerChunk = values.maxRecordsPerChunk;
    tail = values.tail;
    pollInterval = values.pollInterval;
    tailTimeout = values.tailTimeout;
    rangeBegin = values.rangeBegin;
    rangeEnd = values.rangeEnd;
    parallelism = values.parallelism;
    readAhead = values.readAhead;
  }

  private ReaderOptions with(Consumer<Values> change) {
    Values values = new Values();
    values.corruptionStrategy = corruptionStrategy;
    values.scan = scan;
    values.skippedRegionListener = skippedRegionListener;
    values.maxChunkSize = maxChunkSize;
    values.maxRecordSize = maxRecordSize;
    values.maxRecordsPerChunk = maxRecordsPerChunk;
    values.tail = tail;
    values.pollInterval = pollInterval;
    values.tailTimeout = tailTimeout;
    values.rangeBegin = rangeBegin;
    values.rangeEnd = rangeEnd;
    values.parallelism = parallelism;
    values.readAhead = readAhead;
    change.accept(values);
    return new ReaderOptions(values);
  }

  /** {@link CorruptionStrategy#ERROR}, chunks of up to 1 GiB, the file as it is when opened. */
  public static ReaderOptions defaults() {
    return DEFAULTS;
  }

  /** These options with another answer to damage. */
  public ReaderOptions withCorruptionStrategy(CorruptionStrategy strategy) {
    Objects.requireNonNull(strategy, "strategy");
    return with(values -> values.corruptionStrategy = strategy);
  }

  /**
   * These options with or without the search for chunks that neither the chunks before them nor a
   * block header places, for {@link CorruptionStrategy#RECOVER}. What it finds is likely but not
   * proven to be part of the file, and not of a record file in one of its records: {@link
   * RecordBatch#isScanned()} marks it. By default there is one.
   */
  public ReaderOptions withScan(boolean scan) {
    return with(values -> values.scan = scan);
  }

  /**
   * These options with a listener that is told of each {@link SkippedRegion} as it is met, for
   * {@link CorruptionStrategy#RECOVER}. It is called on the thread that reads, by the call that
   * reads on behind the region. It must not read with the reader, which is an {@link
   * IllegalStateException}; if it closes the reader, that call throws one. What it throws comes out
   * of that call, and the next one delivers the chunk. With a listener the regions are not logged.
   */
  public ReaderOptions withSkippedRegionListener(Consumer<? super SkippedRegion> listener) {
    Objects.requireNonNull(listener, "listener");
    return with(values -> values.skippedRegionListener = listener);
  }

  /**
   * These options with another limit on the size of a chunk, which bounds the memory that a hostile
   * file can cost: the bytes of its records and 8 for each, and likewise its encoded data. A
   * transposed chunk may take twice as much, and 1 MiB more, while it is decoded. A chunk beyond it
   * is a {@link ChunkTooLargeException}.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withMaxChunkSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("the limit on the size of a chunk is " + bytes + " bytes");
    }
    return with(values -> values.maxChunkSize = bytes);
  }

  /**
   * These options with another limit on the size of a record. A chunk with a larger one is a {@link
   * ChunkTooLargeException}, none of whose records are returned; where the chunk's header or the
   * record sizes show it, it is not decoded either. By default there is no limit but {@link
   * #maxChunkSize()}.
   *
   * @param bytes at least 1; {@link Long#MAX_VALUE} is no limit
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withMaxRecordSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "the limit on the size of a record is " + bytes + " bytes");
    }
    return with(values -> values.maxRecordSize = bytes);
  }

  /**
   * These options with another limit on the number of records in a chunk. A chunk with more is a
   * {@link ChunkTooLargeException}, before memory for it is allocated. By default there is no limit
   * but {@link #maxChunkSize()}, to which a record counts 8 bytes and its own.
   *
   * @param records at least 1; {@link Long#MAX_VALUE} is no limit
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public ReaderOptions withMaxRecordsPerChunk(long records) {
    if (records < 1) {
      throw new IllegalArgumentException(
          "the limit on the records of a chunk is " + records + " records");
    }
    return with(values -> values.maxRecordsPerChunk = records);
  }

  /**
   * These options for a file that is still being written, or not: by default the file is read as
   * large as it was when it was opened.
   *
   * <p>With it, whatever reads records (iteration, visits, streams, batches) waits at the end of
   * the file until another whole chunk is there, for as long as {@linkplain #withTailTimeout it may
   * take}. A chunk becomes whole when its writer flushes, or starts the next one. Records come in
   * order, each once; of an unfinished chunk nothing is seen, and it is no error.
   *
   * <p>Reading ends behind the index of an ArrayRecord, to which nothing can be appended. It throws
   * a {@link CorruptFileException} if the file was cut to less than was read, or overwritten; to
   * cut off what a dead writer left unfinished, and to go on writing there, does no harm. Another
   * file put in the place of this one is not noticed. Damage throws as ever, but if no chunk is
   * seen behind it, only after 10 polls more: some file systems, networked ones above all, show the
   * size of a file before its contents.
   *
   * <p>An interrupt of the waiting thread throws a {@link java.io.InterruptedIOException} and
   * leaves the thread interrupted; once the interrupt is cleared, the reader can be read on. To
   * close the reader is still for its own thread, unless {@link RecordReader#batches()} has given
   * it to a stream: then closing it ends the waiting with an {@link IllegalStateException}.
   *
   * <p>Not together with {@link CorruptionStrategy#RECOVER}, which has to know where the file ends:
   * {@link RecordReader#open(java.nio.file.Path, ReaderOptions)} refuses it.
   */
  public ReaderOptions withTail(boolean tail) {
    return with(values -> values.tail = tail);
  }

  /**
   * These options with another time between two looks at a file that is followed. The default is
   * 100 milliseconds.
   *
   * @param interval at least 1 millisecond
   * @throws IllegalArgumentException if {@code interval} is shorter
   */
  public ReaderOptions withPollInterval(Duration interval) {
    if (interval.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("the poll interval is " + interval + ", less than 1 ms");
    }
    return with(values -> values.pollInterval = interval);
  }

  /**
   * These options with a limit on the time that a file that is followed is waited for. When no
   * other whole chunk has come for so long, that is the end: {@link RecordReader#nextBatch()}
   * returns {@code null}, iteration, visits and streams end. Reading again goes on from there, and
   * waits again. By default there is no limit.
   *
   * @param timeout 0 to look once and not to wait at all
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public ReaderOptions withTailTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("the time to wait is negative: " + timeout);
    }
    return with(values -> values.tailTimeout = timeout);
  }

  /**
   * These options for a part of a file: the chunks that begin at an offset from {@code begin} up
   * to, but not including, {@code end}. Readers of adjoining ranges together read each record
   * exactly once, wherever the ranges begin: so a file can be divided among machines that know no
   * more of it than its size. The chunk where a range begins is found by the file's block headers,
   * with a few small reads. By default the whole file is read.
   *
   * <p>What concerns the whole file, {@link RecordReader#metadata()} and {@link
   * RecordReader#describe()} for example, is not limited; {@link RecordReader#count()} is. With
   * {@link CorruptionStrategy#RECOVER} a region that is skipped belongs to the range in which it
   * begins.
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
    return with(values -> {
      values.rangeBegin = begin;
      values.rangeEnd = end;
    });
  }

  /** Where the chunks begin that are read, in bytes; 0 for the beginning of the file. */
  public long rangeBegin() {
    return rangeBegin;
  }

  /** Before which offset they begin, in bytes; {@link Long#MAX_VALUE} for the end of the file. */
  public long rangeEnd() {
    return rangeEnd;
  }

  /**
   * These options with another number of threads that read and decode chunks ahead of whoever takes
   * records. Records, their order, failures and skipped regions are the same whatever their number.
   * 0, the default, means none: each chunk is decoded by the thread that asks for it. 1 is a thread
   * beside that one. Of 2 and more one is the thread that asks, which decodes where it would have
   * to wait: as many as there are processors keep all of these busy. The others are started by the
   * first chunk of at least 16 KiB of records that has another one behind it, and end when the
   * reader is closed. A file that is {@linkplain #withTail followed}, and whatever is no file, is
   * read without them. So are smaller chunks where one follows the other: to hand them from thread
   * to thread would take longer than to decode them.
   *
   * @param threads at least 0
   * @throws IllegalArgumentException if {@code threads} is negative
   */
  public ReaderOptions withParallelism(int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("the number of threads is " + threads);
    }
    return with(values -> values.parallelism = threads);
  }

  /**
   * These options with another bound on what {@linkplain #withParallelism the threads} decode
   * ahead: on the bytes of the records, and 8 for each record. A thread begins a chunk while less
   * is decoded and not yet taken, so there may be a chunk more for each thread. By default 32 MiB.
   * With less than 256 KiB the threads take smaller chunks, too: from a sixteenth of the bound on.
   *
   * @param bytes at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public ReaderOptions withReadAhead(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "the bound on what is decoded ahead is " + bytes + " bytes");
    }
    return with(values -> values.readAhead = bytes);
  }

  /** How many threads decode ahead. */
  public int parallelism() {
    return parallelism;
  }

  /** The bound on what is decoded ahead, in bytes. */
  public long readAhead() {
    return readAhead;
  }

  /** What is done about damage. */
  public CorruptionStrategy corruptionStrategy() {
    return corruptionStrategy;
  }

  /** Whether a search is made for chunks that nothing else places. */
  public boolean scan() {
    return scan;
  }

  /** What is told of each skipped region, if something is. */
  public Optional<Consumer<? super SkippedRegion>> skippedRegionListener() {
    return Optional.ofNullable(skippedRegionListener);
  }

  /** The limit on the size of a chunk in bytes. */
  public long maxChunkSize() {
    return maxChunkSize;
  }

  /** The limit on the size of a record in bytes; {@link Long#MAX_VALUE} if there is none. */
  public long maxRecordSize() {
    return maxRecordSize;
  }

  /** The limit on the records of a chunk; {@link Long#MAX_VALUE} if there is none. */
  public long maxRecordsPerChunk() {
    return maxRecordsPerChunk;
  }

  /** Whether a file that grows is followed. */
  public boolean tail() {
    return tail;
  }

  /** The time between two looks at a file that is followed. */
  public Duration pollInterval() {
    return pollInterval;
  }

  /** For how long a file that is followed is waited for, if not for ever. */
  public Optional<Duration> tailTimeout() {
    return Optional.ofNullable(tailTimeout);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReaderOptions that
        && corruptionStrategy == that.corruptionStrategy
        && scan == that.scan
        && Objects.equals(skippedRegionListener, that.skippedRegionListener)
        && maxChunkSize == that.maxChunkSize
        && maxRecordSize == that.maxRecordSize
        && maxRecordsPerChunk == that.maxRecordsPerChunk
        && tail == that.tail
        && pollInterval.equals(that.pollInterval)
        && Objects.equals(tailTimeout, that.tailTimeout)
        && rangeBegin == that.rangeBegin
        && rangeEnd == that.rangeEnd
        && parallelism == that.parallelism
        && readAhead == that.readAhead;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        corruptionStrategy,
        scan,
        skippedRegionListener,
        maxChunkSize,
        maxRecordSize,
        maxRecordsPerChunk,
        tail,
        pollInterval,
        tailTimeout,
        rangeBegin,
        rangeEnd,
        parallelism,
        readAhead);
  }

  @Override
  public String toString() {
    return "ReaderOptions[corruptionStrategy="
        + corruptionStrategy
        + ", scan="
        + scan
        + ", skippedRegionListener="
        + skippedRegionListener
        + ", maxChunkSize="
        + maxChunkSize
        + ", maxRecordSize="
        + maxRecordSize
        + ", maxRecordsPerChunk="
        + maxRecordsPerChunk
        + ", tail="
        + tail
        + ", pollInterval="
        + pollInterval
        + ", tailTimeout="
        + tailTimeout
        + ", rangeBegin="
        + rangeBegin
        + ", rangeEnd="
        + rangeEnd
        + ", parallelism="
        + parallelism
        + ", readAhead="
        + readAhead
        + "]";
  }

  /** The options that the engine applies. */
  ReaderSettings settings() {
    return new ReaderSettings(
        maxChunkSize(),
        maxRecordSize(),
        maxRecordsPerChunk(),
        corruptionStrategy() == CorruptionStrategy.RECOVER,
        scan(),
        tail(),
        false,
        rangeBegin(),
        rangeEnd());
  }

  /** How the chunks of a file are fed to a reader. */
  FeedSettings feedSettings() {
    return new FeedSettings(settings(), parallelism, readAhead, pollInterval, tailTimeout);
  }

  /** The limits of these options, for a reader that reads chunks in no particular order. */
  ReaderSettings randomAccessSettings() {
    return new ReaderSettings(
        maxChunkSize(),
        maxRecordSize(),
        maxRecordsPerChunk(),
        false,
        false,
        false,
        true,
        0,
        Long.MAX_VALUE);
  }
}
