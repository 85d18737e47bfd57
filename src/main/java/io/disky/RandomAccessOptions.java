package io.disky;

import io.disky.options.OptionState;
import io.disky.random.RandomAccessSettings;
import io.disky.remote.RemoteFile;
import io.disky.threads.Parallelism;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RandomAccessReader} reads. Immutable: each {@code with} method returns changed
 * options, and leaves these options as they are.
 */
public final class RandomAccessOptions {
  /** The default size of the cache in bytes: 64 MiB. */
  public static final long DEFAULT_CACHE_SIZE = 64L << 20;

  /** The largest {@linkplain #withParallelism parallelism}: 1,024 threads. */
  public static final int MAX_PARALLELISM = Parallelism.MAX;

  private static final int MOST_THREADS_BY_DEFAULT = 8;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private long cacheSize = DEFAULT_CACHE_SIZE;
    private int parallelism =
        Math.min(MOST_THREADS_BY_DEFAULT, Runtime.getRuntime().availableProcessors());
    private boolean footer = true;
    private SavedIndex savedIndex = SavedIndex.LOAD;
    private @Nullable Path indexDirectory;
    private @Nullable Function<? super RemoteFile, ? extends @Nullable RemoteFile> remoteIndex;
    private ReaderOptions readerOptions = ReaderOptions.defaults();

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("cacheSize", cacheSize);
      all.put("parallelism", parallelism);
      all.put("footer", footer);
      all.put("savedIndex", savedIndex);
      all.put("indexDirectory", orNone(indexDirectory));
      all.put("remoteIndex", orNone(remoteIndex));
      all.put("readerOptions", readerOptions);
      return all;
    }
  }

  private final State state;

  private RandomAccessOptions(State state) {
    this.state = state;
  }

  private RandomAccessOptions with(Consumer<State> change) {
    return new RandomAccessOptions(state.with(change));
  }

  /**
   * The default options: a cache of 64 MiB, as many threads as there are processors but at most 8,
   * the footer of an ArrayRecord or a saved index is used if there is one, {@link
   * ReaderOptions#defaults()}.
   */
  public static RandomAccessOptions defaults() {
    return new RandomAccessOptions(new State());
  }

  /**
   * These options with another size of the cache: the memory outside the Java heap in which a
   * reader keeps decoded chunks, of all its files together. The reader allocates it as chunks are
   * decoded, and releases it when the reader is closed. A chunk takes the bytes of its records, and
   * 8 more for each record. A chunk that is larger than the cache, or than a share of it, is
   * decoded again for each call. So are the chunks of a call of {@link RandomAccessReader#getAll}
   * or {@link RandomAccessReader#visitAll} that together are larger than the cache: the call uses
   * the chunks that are in the cache, but puts no others into it, because they would remove all
   * others and then each other. The default is 64 MiB.
   *
   * <p>If the cache is full, {@code get} reads the record of an uncompressed chunk of a local file
   * that has only this record and at most 16 KiB without putting the chunk into the cache, unless
   * the record was read a short time before: reading the chunk again takes hardly longer than
   * removing others from the cache for it.
   *
   * @param bytes at least 0
   * @throws IllegalArgumentException if {@code bytes} is negative
   */
  public RandomAccessOptions withCacheSize(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("the size of the cache is " + bytes + " bytes");
    }
    return with(state -> state.cacheSize = bytes);
  }

  /** The size of the cache in bytes. */
  public long cacheSize() {
    return state.cacheSize;
  }

  /**
   * These options with another parallelism: the number of threads that decode chunks for {@link
   * RandomAccessReader#getAll} and {@link RandomAccessReader#visitAll}, in addition to the thread
   * that calls. With 0, the calling thread does all the work. The reader starts the threads when a
   * call needs several runs of chunks; a thread ends after a second without work. The default is
   * the number of processors, but at most 8.
   *
   * @param threads 0 to {@link #MAX_PARALLELISM}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public RandomAccessOptions withParallelism(int threads) {
    Parallelism.check(threads, 0);
    return with(state -> state.parallelism = threads);
  }

  /** How many threads decode chunks, in addition to the thread that calls. */
  public int parallelism() {
    return state.parallelism;
  }

  /**
   * These options with use of the footer of an ArrayRecord (the default) or without it. The reader
   * checks the statements of a footer when it reads a chunk; a wrong statement is a {@link
   * CorruptFileException}. Without the footer, the reader reads the chunk headers instead when it
   * is opened. Chunk headers are always right, but reading them takes longer.
   */
  public RandomAccessOptions withFooter(boolean footer) {
    return with(state -> state.footer = footer);
  }

  /** Whether the footer of an ArrayRecord is used. */
  public boolean footer() {
    return state.footer;
  }

  /** These options with another use of saved indexes. The default is {@link SavedIndex#LOAD}. */
  public RandomAccessOptions withSavedIndex(SavedIndex savedIndex) {
    Objects.requireNonNull(savedIndex, "savedIndex");
    return with(state -> state.savedIndex = savedIndex);
  }

  /** How saved indexes are used. */
  public SavedIndex savedIndex() {
    return state.savedIndex;
  }

  /**
   * These options with a directory for saved indexes. By default, the index of a file is saved in
   * the directory of the file, and the index of a remote file is not saved.
   *
   * <p>The name of an index is the name of its file and {@code .index}. If that name is longer than
   * 255 bytes, the name of the index is the beginning of the file's name, a hash of the file's
   * name, and {@code .index}. Of several files with the same name, only one can have its index in
   * the directory: saving the index of another one of these files fails.
   */
  public RandomAccessOptions withIndexDirectory(Path directory) {
    Objects.requireNonNull(directory, "directory");
    return with(state -> state.indexDirectory = directory);
  }

  /** The directory for saved indexes; empty if that is the directory of each file. */
  public Optional<Path> indexDirectory() {
    return Optional.ofNullable(state.indexDirectory);
  }

  /**
   * These options with the saved indexes of remote files. The reader looks there for an index
   * before it looks in the {@linkplain #withIndexDirectory directory for indexes}. {@link
   * RandomAccessReader#saveIndex} does not write there: open the remote file with a directory for
   * indexes, save the index, and copy it to the store. An index that was saved for a local file is
   * not used for a remote copy of that file, because an index is compared with the version that the
   * store states. Files with a {@linkplain io.disky.remote.RemoteRange#weak() weak version} are
   * read without saved indexes.
   *
   * @param indexes returns the saved index of a remote file, which need not exist; {@code null} if
   *     the file has none. Called when a reader is opened
   */
  public RandomAccessOptions withRemoteIndex(
      Function<? super RemoteFile, ? extends @Nullable RemoteFile> indexes) {
    Objects.requireNonNull(indexes, "indexes");
    return with(state -> state.remoteIndex = indexes);
  }

  /** Returns the saved index of a remote file; empty if remote files have none. */
  public Optional<Function<? super RemoteFile, ? extends @Nullable RemoteFile>> remoteIndex() {
    return Optional.ofNullable(state.remoteIndex);
  }

  /**
   * These options with other options for reading the files. The reader uses their limits, their
   * {@linkplain ReaderOptions#withFieldProjection field projection}, their {@linkplain
   * ReaderOptions#withRemote options for remote files} and, for copies in arenas, their {@linkplain
   * ReaderOptions#withDataAlignment alignment} only. Opening a reader fails if the options recover
   * from damage, follow a file or read a range.
   */
  public RandomAccessOptions withReaderOptions(ReaderOptions options) {
    Objects.requireNonNull(options, "options");
    return with(state -> state.readerOptions = options);
  }

  /** The options for reading the files. */
  public ReaderOptions readerOptions() {
    return state.readerOptions;
  }

  /** Checks that files can be read at random with the options for reading. */
  void checkReaderOptions() {
    ReaderOptions options = state.readerOptions;
    if (options.corruptionStrategy() == CorruptionStrategy.RECOVER) {
      throw new IllegalArgumentException(
          "random access cannot skip damage, because that would change the numbers of the records"
              + " after it; write the intact records to another file first ('disky recover')");
    }
    if (options.follow()) {
      throw new IllegalArgumentException(
          "random access does not follow a file: open it again to see the records that were"
              + " appended");
    }
    if (options.rangeBegin() != 0 || options.rangeEnd() != Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "random access is to a complete file, whose records have numbers, not to a range of it");
    }
  }

  RandomAccessSettings settings(long minPart) {
    return new RandomAccessSettings(
        state.cacheSize,
        state.parallelism,
        state.footer,
        state.savedIndex != SavedIndex.IGNORE,
        state.savedIndex == SavedIndex.LOAD_OR_SAVE,
        state.indexDirectory,
        minPart,
        state.readerOptions.dataAlignment(),
        state.readerOptions.progressListener().orElse(null),
        state.readerOptions.randomAccessSettings());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RandomAccessOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options with their names, for messages. */
  @Override
  public String toString() {
    return "RandomAccessOptions" + state;
  }
}
