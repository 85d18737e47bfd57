package io.disky.loader;

import io.disky.CorruptionStrategy;
import io.disky.ReaderOptions;
import io.disky.WriterOptions;
import io.disky.options.OptionState;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RecordShuffle} orders, reads and writes records. Immutable: each {@code with} method
 * returns changed options and leaves these as they are.
 */
public final class RecordShuffleOptions {
  /** The default memory: 256 MiB. */
  public static final long DEFAULT_MEMORY = 256L << 20;

  /** The least memory: 1 MiB. */
  public static final long MIN_MEMORY = 1L << 20;

  /** The values of the options, which begin with the defaults. */
  private static final class State extends OptionState<State> {
    private long seed;
    private long memory = DEFAULT_MEMORY;
    private @Nullable Path temporaryDirectory;
    private ReaderOptions readerOptions = ReaderOptions.defaults();
    private WriterOptions writerOptions = WriterOptions.defaults();
    private @Nullable ShuffleListener listener;

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("seed", seed);
      all.put("memory", memory);
      all.put("temporaryDirectory", orNone(temporaryDirectory));
      all.put("readerOptions", readerOptions);
      all.put("writerOptions", writerOptions);
      all.put("listener", orNone(listener));
      return all;
    }
  }

  private final State state;

  private RecordShuffleOptions(State state) {
    this.state = state;
  }

  private RecordShuffleOptions with(Consumer<State> change) {
    return new RecordShuffleOptions(state.with(change));
  }

  /**
   * The seed 0, 256 MiB of memory, no chosen temporary directory, {@link ReaderOptions#defaults()},
   * {@link WriterOptions#defaults()}, no listener.
   */
  public static RecordShuffleOptions defaults() {
    return new RecordShuffleOptions(new State());
  }

  /** These options with another seed: any number. Different seeds give different orders. */
  public RecordShuffleOptions withSeed(long seed) {
    return with(state -> state.seed = seed);
  }

  /** The seed. The default is 0. */
  public long seed() {
    return state.seed;
  }

  /**
   * These options with another bound on the memory outside the Java heap in which records are put
   * in order. The following memory is taken in addition: that of a record larger than an eighth of
   * the bound, while it is written; that of the reader and the writer for their chunks. The order
   * of the result does not depend on the bound.
   *
   * @param bytes at least {@link #MIN_MEMORY}
   * @throws IllegalArgumentException if {@code bytes} is less
   */
  public RecordShuffleOptions withMemory(long bytes) {
    if (bytes < MIN_MEMORY) {
      throw new IllegalArgumentException(
          "the memory of a shuffle is " + bytes + " bytes; the least is " + MIN_MEMORY);
    }
    return with(state -> state.memory = bytes);
  }

  /** The bound on the memory, in bytes. The default is {@link #DEFAULT_MEMORY}. */
  public long memory() {
    return state.memory;
  }

  /**
   * These options with a directory for the temporary file. By default, {@link RecordShuffle#write}
   * uses the directory of its output, and {@link RecordShuffle#visit} that of the system property
   * {@code java.io.tmpdir}.
   */
  public RecordShuffleOptions withTemporaryDirectory(Path directory) {
    Objects.requireNonNull(directory, "directory");
    return with(state -> state.temporaryDirectory = directory);
  }

  /** The chosen directory for the temporary file; empty by default. */
  public Optional<Path> temporaryDirectory() {
    return Optional.ofNullable(state.temporaryDirectory);
  }

  /**
   * These options with other options for reading the files.
   *
   * @throws IllegalArgumentException if the options recover from damage, follow a file or read a
   *     range
   */
  public RecordShuffleOptions withReaderOptions(ReaderOptions options) {
    if (options.corruptionStrategy() == CorruptionStrategy.RECOVER) {
      throw new IllegalArgumentException(
          "a shuffle cannot skip damage, because the order depends on the number of records; write"
              + " the intact records to another file first ('disky recover')");
    }
    if (options.follow()) {
      throw new IllegalArgumentException("a shuffle needs complete files and does not follow one");
    }
    if (options.rangeBegin() != 0 || options.rangeEnd() != Long.MAX_VALUE) {
      throw new IllegalArgumentException("a shuffle needs complete files, not a range of each");
    }
    return with(state -> state.readerOptions = options);
  }

  /** The options for reading the files. */
  public ReaderOptions readerOptions() {
    return state.readerOptions;
  }

  /** These options with other options for writing the output of {@link RecordShuffle#write}. */
  public RecordShuffleOptions withWriterOptions(WriterOptions options) {
    Objects.requireNonNull(options, "options");
    return with(state -> state.writerOptions = options);
  }

  /** The options for writing the output. */
  public WriterOptions writerOptions() {
    return state.writerOptions;
  }

  /** These options with a listener, which gets reports during a shuffle. */
  public RecordShuffleOptions withListener(ShuffleListener listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.listener = listener);
  }

  /** The listener; empty by default. */
  public Optional<ShuffleListener> listener() {
    return Optional.ofNullable(state.listener);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordShuffleOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options with their names, for messages. */
  @Override
  public String toString() {
    return "RecordShuffleOptions" + state;
  }
}
