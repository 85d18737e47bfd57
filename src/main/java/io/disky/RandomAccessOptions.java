package io.disky;

import io.disky.files.QuotedText;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RandomAccessReader} reads. Immutable: each {@code with} method returns changed
 * options and leaves these as they are.
 */
public final class RandomAccessOptions {
  /** The size of the cache if none is given, in bytes: 64 MiB. */
  public static final long DEFAULT_CACHE_SIZE = 64L << 20;

  /** The most threads that decode beside the caller's. */
  public static final int MAX_PARALLELISM = 1024;

  private static final int MOST_BY_DEFAULT = 8;
  private static final RandomAccessOptions DEFAULTS = new RandomAccessOptions(new Values());

  /** Never changed once it is here. */
  private final Values values;

  /** The options as variables, with their defaults. */
  private static final class Values {
    private long cacheSize = DEFAULT_CACHE_SIZE;
    private int parallelism = Math.min(MOST_BY_DEFAULT, Runtime.getRuntime().availableProcessors());
    private boolean footer = true;
    private SavedIndex savedIndex = SavedIndex.LOAD;
    private @Nullable Path indexDirectory;
    private ReaderOptions readerOptions = ReaderOptions.defaults();

    Values() {}

    Values(Values other) {
      cacheSize = other.cacheSize;
      parallelism = other.parallelism;
      footer = other.footer;
      savedIndex = other.savedIndex;
      indexDirectory = other.indexDirectory;
      readerOptions = other.readerOptions;
    }
  }

  private RandomAccessOptions(Values values) {
    this.values = values;
  }

  private RandomAccessOptions with(Consumer<Values> change) {
    Values changed = new Values(values);
    change.accept(changed);
    return new RandomAccessOptions(changed);
  }

  /**
   * A cache of 64 MiB, as many threads for scattered reads as there are processors but at most 8,
   * the footer of an ArrayRecord and a saved index used where there is one, {@link
   * ReaderOptions#defaults()}.
   */
  public static RandomAccessOptions defaults() {
    return DEFAULTS;
  }

  /**
   * These options with another size of the cache: the memory outside the Java heap in which decoded
   * chunks are kept, for all files of a reader together. It is taken as it is needed, and let go
   * when the reader is closed. A chunk takes the bytes of its records and 8 for each; one that is
   * larger than the cache, or a share of it, is decoded anew whenever it is asked for.
   *
   * @param bytes at least 0
   * @throws IllegalArgumentException if {@code bytes} is negative
   */
  public RandomAccessOptions withCacheSize(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("the size of the cache is " + bytes + " bytes");
    }
    return with(changed -> changed.cacheSize = bytes);
  }

  /**
   * These options with another number of threads that decode for scattered reads, beside the
   * caller's. They begin when a read is worth it, and end a second after the last one. 0: all work
   * is done on the caller's thread.
   *
   * @param threads 0 to {@link #MAX_PARALLELISM}
   * @throws IllegalArgumentException if {@code threads} is outside that range
   */
  public RandomAccessOptions withParallelism(int threads) {
    if (threads < 0 || threads > MAX_PARALLELISM) {
      throw new IllegalArgumentException(
          "the parallelism is " + threads + ", not 0 to " + MAX_PARALLELISM);
    }
    return with(changed -> changed.parallelism = threads);
  }

  /**
   * These options with or without use of the footer that an ArrayRecord has. What a footer says is
   * checked when a chunk is read, and a lie is a {@link CorruptFileException}; without the footer
   * the chunk headers, which are always right, are walked instead.
   */
  public RandomAccessOptions withFooter(boolean footer) {
    return with(changed -> changed.footer = footer);
  }

  /** These options with another use of saved indexes. The default is {@link SavedIndex#LOAD}. */
  public RandomAccessOptions withSavedIndex(SavedIndex savedIndex) {
    Objects.requireNonNull(savedIndex, "savedIndex");
    return with(changed -> changed.savedIndex = savedIndex);
  }

  /**
   * These options with a directory for saved indexes. By default the index of a file is beside it.
   * Its name is that of the file, with {@code .index} behind it; where that would be longer than
   * 255 bytes, the begin of the file's name, and a hash of it. In one directory, the index of one
   * of several files with the same name has a place; to save that of another one is an error.
   */
  public RandomAccessOptions withIndexDirectory(Path directory) {
    Objects.requireNonNull(directory, "directory");
    return with(changed -> changed.indexDirectory = directory);
  }

  /**
   * These options with another way to read: its limits are used. {@link CorruptionStrategy#RECOVER}
   * and {@link ReaderOptions#withFollow} are refused when a reader is opened.
   */
  public RandomAccessOptions withReaderOptions(ReaderOptions options) {
    Objects.requireNonNull(options, "options");
    return with(changed -> changed.readerOptions = options);
  }

  /** The size of the cache in bytes. */
  public long cacheSize() {
    return values.cacheSize;
  }

  /** How many threads decode for scattered reads, beside the caller's. */
  public int parallelism() {
    return values.parallelism;
  }

  /** Whether the footer of an ArrayRecord is used. */
  public boolean footer() {
    return values.footer;
  }

  /** What is done with saved indexes. */
  public SavedIndex savedIndex() {
    return values.savedIndex;
  }

  /** Where saved indexes are, if not beside the files. */
  public Optional<Path> indexDirectory() {
    return Optional.ofNullable(values.indexDirectory);
  }

  /** How files are read. */
  public ReaderOptions readerOptions() {
    return values.readerOptions;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RandomAccessOptions that
        && cacheSize() == that.cacheSize()
        && parallelism() == that.parallelism()
        && footer() == that.footer()
        && savedIndex() == that.savedIndex()
        && indexDirectory().equals(that.indexDirectory())
        && readerOptions().equals(that.readerOptions());
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        cacheSize(), parallelism(), footer(), savedIndex(), indexDirectory(), readerOptions());
  }

  @Override
  public String toString() {
    return "RandomAccessOptions[cacheSize="
        + cacheSize()
        + ", parallelism="
        + parallelism()
        + ", footer="
        + footer()
        + ", savedIndex="
        + savedIndex()
        + ", indexDirectory="
        + (values.indexDirectory == null ? null : QuotedText.name(values.indexDirectory))
        + ", readerOptions="
        + readerOptions()
        + "]";
  }
}
