package io.disky;

import io.disky.engine.WriterSettings;
import io.disky.options.OptionState;
import io.disky.threads.Parallelism;
import io.disky.writing.ChunkBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RecordWriter} writes. Immutable: each {@code with} method returns changed options
 * and leaves these as they are.
 *
 * <p>Compression, chunk size, transposition, bucket fraction and padding have the names of
 * Riegeli's {@code record_writer_options.md}; the group size is ArrayRecord's. {@link
 * RecordWriter#open(java.nio.file.Path, WriterOptions)} checks whether the options exclude each
 * other; this class does not.
 */
public final class WriterOptions {
  /** The largest chunk size, in bytes: 1 GiB. */
  public static final long MAX_CHUNK_SIZE = 1L << 30;

  /** The chunk size if none is given, in bytes: 1 MiB. */
  public static final long DEFAULT_CHUNK_SIZE = 1L << 20;

  /** The largest padding, in bytes: 1 GiB. */
  public static final long MAX_PADDING = 1L << 30;

  /** The most threads that encode for a writer, in addition to the caller: 1,024. */
  public static final int MAX_PARALLELISM = Parallelism.MAX;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private OpenMode openMode = OpenMode.CREATE_NEW;
    private Compression compression = Compression.zstd();
    private Dialect dialect = Dialect.DISKY;
    private long chunkSize = DEFAULT_CHUNK_SIZE;
    private Container container = Container.RECORDS;
    private int groupSize = 1;
    private boolean transpose;
    private double bucketFraction = 1.0;
    private long initialPadding = 1;
    private long finalPadding = 1;
    private @Nullable RecordsMetadata metadata;
    private boolean repair;
    private boolean atomicCreation;
    private boolean upstreamCompatibility = true;
    private int parallelism;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("openMode", openMode);
      all.put("compression", compression);
      all.put("dialect", dialect);
      all.put("chunkSize", chunkSize);
      all.put("container", container);
      all.put("groupSize", groupSize);
      all.put("transpose", transpose);
      all.put("bucketFraction", bucketFraction);
      all.put("initialPadding", initialPadding);
      all.put("finalPadding", finalPadding);
      all.put("metadata", orNone(metadata));
      all.put("repair", repair);
      all.put("atomicCreation", atomicCreation);
      all.put("upstreamCompatibility", upstreamCompatibility);
      all.put("parallelism", parallelism);
      return all;
    }
  }

  private final State state;

  private WriterOptions(State state) {
    this.state = state;
  }

  private WriterOptions with(Consumer<State> change) {
    return new WriterOptions(state.with(change));
  }

  /**
   * {@link OpenMode#CREATE_NEW}, zstd at level 3, {@link Dialect#DISKY}, chunks of 1 MiB in {@link
   * Container#RECORDS}, not transposed, without padding and metadata, without repair and atomic
   * creation, with upstream compatibility, without parallelism.
   */
  public static WriterOptions defaults() {
    return new WriterOptions(new State());
  }

  /** These options with another open mode: what to do if the file exists. */
  public WriterOptions withOpenMode(OpenMode openMode) {
    Objects.requireNonNull(openMode, "openMode");
    return with(state -> state.openMode = openMode);
  }

  /** These options with another compression. Brotli and snappy are for {@link Dialect#RIEGELI}. */
  public WriterOptions withCompression(Compression compression) {
    Objects.requireNonNull(compression, "compression");
    return with(state -> state.compression = compression);
  }

  /** These options with another dialect. */
  public WriterOptions withDialect(Dialect dialect) {
    Objects.requireNonNull(dialect, "dialect");
    return with(state -> state.dialect = dialect);
  }

  /**
   * These options with another chunk size. A chunk ends before a record with which it would exceed
   * this size; each record counts its bytes and 8 more. A record that is larger than this size is a
   * chunk by itself. Large chunks compress better; a reader decodes a complete chunk at a time, and
   * holds it in memory.
   *
   * @param bytes 1 to {@link #MAX_CHUNK_SIZE}
   * @throws IllegalArgumentException if {@code bytes} is outside that range
   */
  public WriterOptions withChunkSize(long bytes) {
    checkBytes("chunk size", bytes, MAX_CHUNK_SIZE);
    return with(state -> state.chunkSize = bytes);
  }

  /**
   * These options with another container; {@link Container#ARRAY_RECORD} also sets the dialect to
   * {@link Dialect#RIEGELI}, the only one that it has; {@link Container#RECORDS} does not change
   * the dialect. An ArrayRecord file cannot be {@linkplain OpenMode#APPEND continued}.
   */
  public WriterOptions withContainer(Container container) {
    Objects.requireNonNull(container, "container");
    return with(state -> {
      state.container = container;
      if (container == Container.ARRAY_RECORD) {
        state.dialect = Dialect.RIEGELI;
      }
    });
  }

  /**
   * These options with another group size: the number of records in each chunk of a {@link
   * Container#ARRAY_RECORD}; only the last chunk can have fewer. The chunk size does not matter
   * then. The default is 1, as in Google's writer: a reader that looks up single records decodes no
   * other records, but each record is compressed by itself. Other containers ignore this option.
   *
   * @param records at least 1
   * @throws IllegalArgumentException if {@code records} is less than 1
   */
  public WriterOptions withGroupSize(int records) {
    if (records < 1) {
      throw new IllegalArgumentException(
          "group size " + records + " is outside 1 to " + Integer.MAX_VALUE + " records");
    }
    return with(state -> state.groupSize = records);
  }

  /**
   * These options with transposition or without it (the default), for {@link Dialect#RIEGELI} only.
   * The writer parses the records of a transposed chunk as serialized protocol buffer messages and
   * stores the values of each field together, which compresses better. It stores records that are
   * not messages as they are.
   */
  public WriterOptions withTranspose(boolean transpose) {
    return with(state -> state.transpose = transpose);
  }

  /**
   * These options with another size of the buckets of a transposed chunk, relative to the chunk
   * size. The fields of a bucket are compressed together: 1.0, the default, compresses best; 0.0
   * gives each field a bucket of its own, so that readers of a few fields skip the others. Without
   * transposition or compression this option has no effect.
   *
   * @param fraction 0.0 to 1.0
   * @throws IllegalArgumentException if {@code fraction} is outside that range, or not a number
   */
  public WriterOptions withBucketFraction(double fraction) {
    if (!(fraction >= 0.0 && fraction <= 1.0)) {
      throw new IllegalArgumentException("bucket fraction " + fraction + " is outside 0.0 to 1.0");
    }
    double positive = fraction + 0.0; // one zero, so that equal options are equal
    return with(state -> state.bucketFraction = positive);
  }

  /**
   * These options with another {@linkplain #withInitialPadding initial} and {@linkplain
   * #withFinalPadding final} padding, for {@link Dialect#RIEGELI} only. Files padded to a multiple
   * of 65,536 bytes can be concatenated.
   *
   * @param bytes 1 (no padding) to {@link #MAX_PADDING}
   * @throws IllegalArgumentException if {@code bytes} is outside that range
   */
  public WriterOptions withPadding(long bytes) {
    checkBytes("padding", bytes, MAX_PADDING);
    return with(state -> {
      state.initialPadding = bytes;
      state.finalPadding = bytes;
    });
  }

  /**
   * These options with another initial padding, for {@link Dialect#RIEGELI} only: if a file that
   * exists is {@linkplain OpenMode#APPEND continued}, the writer first fills it up to a multiple of
   * {@code bytes}. With a multiple of 65,536 the appended records can be recovered even if the part
   * before them is damaged.
   *
   * @param bytes 1 (no padding, the default) to {@link #MAX_PADDING}
   * @throws IllegalArgumentException if {@code bytes} is outside that range
   */
  public WriterOptions withInitialPadding(long bytes) {
    checkBytes("initial padding", bytes, MAX_PADDING);
    return with(state -> state.initialPadding = bytes);
  }

  /**
   * These options with another final padding, for {@link Dialect#RIEGELI} only: at each flush, and
   * when the writer is closed, the writer fills the file up to a multiple of {@code bytes}. For
   * {@link Container#ARRAY_RECORD} the only padding is 65,536, and it fills up every group, even a
   * group with a single small record; without padding such a file ends at a multiple of 65,536 as
   * well.
   *
   * @param bytes 1 (no padding, the default) to {@link #MAX_PADDING}
   * @throws IllegalArgumentException if {@code bytes} is outside that range
   */
  public WriterOptions withFinalPadding(long bytes) {
    checkBytes("final padding", bytes, MAX_PADDING);
    return with(state -> state.finalPadding = bytes);
  }

  /**
   * These options with a description of the records, which is written at the beginning of a new
   * file, for {@link Dialect#RIEGELI} only. A file that is continued keeps its own description.
   */
  public WriterOptions withMetadata(RecordsMetadata metadata) {
    Objects.requireNonNull(metadata, "metadata");
    return with(state -> state.metadata = metadata);
  }

  /** These options without a description of the records, which is the default. */
  public WriterOptions withoutMetadata() {
    return with(state -> state.metadata = null);
  }

  /**
   * These options with repair or without it (the default). With repair, if the tail of a file that
   * is {@linkplain OpenMode#APPEND continued} was torn, by a crash or a full disk, the writer first
   * cuts the file at the end of its last intact chunk. {@link RecordWriter#repair()} and the log
   * state the cut. Without repair the writer refuses such a file. Other open modes ignore this
   * option.
   *
   * <p>A record that a recovering reader returns is never cut off. A file that is damaged elsewhere
   * than at its end, or is not a record file, is refused in any case.
   */
  public WriterOptions withRepair(boolean repair) {
    return with(state -> state.repair = repair);
  }

  /**
   * These options with atomic creation or without it (the default). With it, the file appears under
   * its name when the writer is closed, complete and on the disk, or not at all. After a crash, a
   * power cut or a failure the file that existed before is still there. Not for {@link
   * OpenMode#APPEND}.
   *
   * <p>{@link RecordWriter#close()} gives the file its name even if the code before it has thrown;
   * {@link RecordWriter#writeAtomically} does not.
   *
   * <p>Until then the file has a hidden name in the same directory: a dot, the name, a dot, 16
   * hexadecimal digits and {@code .tmp}, as in {@code .train.disky.5d0a3c8be12f4a67.tmp}; a name
   * that would be too long is shortened. The writer removes this file if writing fails, and if the
   * writer is {@linkplain RecordWriter#discard() discarded} or forgotten. Only a process that is
   * killed does not remove it.
   *
   * <p>With {@link OpenMode#CREATE_NEW} a file that has appeared meanwhile is not replaced: {@link
   * RecordWriter#close()} throws a {@link java.nio.file.FileAlreadyExistsException}. With {@link
   * OpenMode#OVERWRITE} no other writer can open the old file until then, and the new file gets its
   * permissions; if the path is a symbolic link, the link stays and its target is replaced.
   */
  public WriterOptions withAtomicCreation(boolean atomicCreation) {
    return with(state -> state.atomicCreation = atomicCreation);
  }

  /**
   * These options with upstream compatibility (the default) or without it. With it, in {@link
   * Dialect#DISKY} the writer places chunks only where the reader of upstream disky, and of pisky,
   * accepts them. That reader rejects some valid files, which all other readers read, and
   * upstream's multi-threaded reader ends early in them without an error. Other dialects ignore
   * this option.
   *
   * <p>This concerns chunks of more than 65,536 bytes that do not follow another such chunk, for
   * example after a flush of fewer bytes. The first records of such a chunk then become a chunk of
   * their own; before a single record, or a few large ones, there is an empty stretch of up to
   * 65,536 bytes. All other chunks are the same with this option and without it.
   */
  public WriterOptions withUpstreamCompatibility(boolean upstreamCompatibility) {
    return with(state -> state.upstreamCompatibility = upstreamCompatibility);
  }

  /**
   * These options with another parallelism: the number of threads that a writer has in addition to
   * the thread that calls it. They encode chunks (compress and hash them) while the caller writes
   * further records. The contents of the file do not depend on this option.
   *
   * <p>With 0, the default, the call that completes a chunk encodes and writes it. With 1 or more,
   * any of these threads encodes a full chunk, and one at a time writes them in order. A writer
   * holds up to {@code threads + 2} chunks, and as many encoded ones; a call that completes a chunk
   * waits while the threads have all of them. {@link RecordWriter#flush()}, {@link
   * RecordWriter#close()} and {@link RecordWriter#fileSize()} wait until all full chunks are
   * written. If writing fails, a later call throws.
   *
   * <p>The threads start when there are chunks for them, are daemon threads, have names that begin
   * with {@code disky-writer}, and end when the writer is closed. {@link MultiThreadedWriter}
   * ignores this option: it has threads for all its shards.
   *
   * @param threads 0 to {@link #MAX_PARALLELISM}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public WriterOptions withParallelism(int threads) {
    Parallelism.check(threads, 0);
    return with(state -> state.parallelism = threads);
  }

  /** Memory for the records of a chunk. */
  ChunkBuffer newChunk() {
    return ChunkBuffer.of(settings());
  }

  private static void checkBytes(String what, long bytes, long most) {
    if (bytes < 1 || bytes > most) {
      throw new IllegalArgumentException(
          what + " " + bytes + " is outside 1 to " + most + " bytes");
    }
  }

  /** How the writer opens a file that exists or does not exist. */
  public OpenMode openMode() {
    return state.openMode;
  }

  /** The compression. */
  public Compression compression() {
    return state.compression;
  }

  /** The dialect. */
  public Dialect dialect() {
    return state.dialect;
  }

  /** The chunk size in bytes. */
  public long chunkSize() {
    return state.chunkSize;
  }

  /** The container. */
  public Container container() {
    return state.container;
  }

  /** The number of records in a chunk of {@link Container#ARRAY_RECORD}. */
  public int groupSize() {
    return state.groupSize;
  }

  /** Returns whether chunks are transposed. */
  public boolean transpose() {
    return state.transpose;
  }

  /** The size of a transposed chunk's buckets relative to the chunk size, 0.0 to 1.0. */
  public double bucketFraction() {
    return state.bucketFraction;
  }

  /** Before it is continued, a file is filled up to a multiple of this, in bytes; 1: no padding. */
  public long initialPadding() {
    return state.initialPadding;
  }

  /** At its end, a file is filled up to a multiple of this, in bytes; 1: no padding. */
  public long finalPadding() {
    return state.finalPadding;
  }

  /** The description of the records, if any. */
  public Optional<RecordsMetadata> metadata() {
    return Optional.ofNullable(state.metadata);
  }

  /** Returns whether the torn tail of a file that is continued is cut off. */
  public boolean repair() {
    return state.repair;
  }

  /** Returns whether the file appears under its name only when it is complete. */
  public boolean atomicCreation() {
    return state.atomicCreation;
  }

  /** Returns whether chunks are placed only where upstream's reader accepts them. */
  public boolean upstreamCompatibility() {
    return state.upstreamCompatibility;
  }

  /** The number of threads that encode chunks, in addition to the caller; 0: the caller does. */
  public int parallelism() {
    return state.parallelism;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WriterOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options, by the names of the methods that return them. */
  @Override
  public String toString() {
    return "WriterOptions" + state;
  }

  /** The options that the engine applies. */
  WriterSettings settings() {
    Compression compression = compression();
    return new WriterSettings(
        switch (openMode()) {
          case CREATE_NEW -> WriterSettings.OpenMode.CREATE_NEW;
          case OVERWRITE -> WriterSettings.OpenMode.OVERWRITE;
          case APPEND -> WriterSettings.OpenMode.APPEND;
        },
        switch (compression.codec()) {
          case NONE -> WriterSettings.Codec.NONE;
          case ZSTD -> WriterSettings.Codec.ZSTD;
          case BROTLI -> WriterSettings.Codec.BROTLI;
          case SNAPPY -> WriterSettings.Codec.SNAPPY;
          case UNKNOWN -> throw new AssertionError("writers choose a known codec");
        },
        compression.level(),
        compression.windowLog().orElse(0),
        dialect() == Dialect.DISKY,
        container() == Container.ARRAY_RECORD,
        groupSize(),
        chunkSize(),
        transpose(),
        bucketFraction(),
        initialPadding(),
        finalPadding(),
        metadata().map(RecordsMetadata::toByteArray).orElse(null),
        repair(),
        atomicCreation(),
        upstreamCompatibility());
  }
}
