package io.disky;

import io.disky.options.OptionState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When a {@link RotatingRecordWriter} goes on with the next file, and how it writes. Immutable:
 * each {@code with} method returns changed options and leaves these as they are.
 */
public final class RotationOptions {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private long maxFileSize = NO_LIMIT;
    private @Nullable Duration maxDuration;
    private WriterOptions writerOptions = WriterOptions.defaults();
    private @Nullable Consumer<? super RotatedFile> listener;
    private InstantSource clock = InstantSource.system();

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("maxFileSize", maxFileSize == NO_LIMIT ? "none" : maxFileSize);
      all.put("maxDuration", orNone(maxDuration));
      all.put("writerOptions", writerOptions);
      all.put("listener", orNone(listener));
      all.put("clock", clock);
      return all;
    }
  }

  private final State state;

  private RotationOptions(State state) {
    this.state = state;
  }

  private RotationOptions with(Consumer<State> change) {
    return new RotationOptions(state.with(change));
  }

  /**
   * The defaults: no limit on the size and age of a file, so that only {@link
   * RotatingRecordWriter#rotate()} and {@link RotatingRecordWriter#close()} end it; {@link
   * WriterOptions#defaults()}; no listener; the system's clock.
   */
  public static RotationOptions defaults() {
    return new RotationOptions(new State());
  }

  /**
   * These options with a size at which a file is full. It is compared with the size of the file on
   * the disk, after compression; the records that wait for the next chunk do not count. The writer
   * compares the size at flushes, and before a record at most once for each chunk. So a file can be
   * larger than this size, by about two {@linkplain WriterOptions#withChunkSize chunk sizes}, or by
   * the size of a record or of a batch that is larger. By default there is no limit.
   *
   * @param bytes size of the file in bytes, after compression; at least 1
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   */
  public RotationOptions withMaxFileSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "file size " + bytes + " is outside 1 to " + Long.MAX_VALUE + " bytes");
    }
    return with(state -> state.maxFileSize = bytes);
  }

  /**
   * These options with an age at which a file is old. The age counts from the opening of the file.
   * That is the time of its first record, except for the first file, which {@link
   * RotatingRecordWriter#open} opens. The first write or flush at that age or later ends the file;
   * no thread waits for that time. A file without records does not end. By default there is no
   * limit.
   *
   * <p>Files do not begin at full hours or days. For such files, call {@link
   * RotatingRecordWriter#rotate()} from a timer instead.
   *
   * @throws IllegalArgumentException if {@code duration} is zero or negative
   */
  public RotationOptions withMaxDuration(Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("the duration " + duration + " of a file is not positive");
    }
    return with(state -> state.maxDuration = duration);
  }

  /**
   * These options with other options for each file. The open mode must be {@link
   * OpenMode#CREATE_NEW}: a rotating writer neither continues nor replaces files.
   *
   * @throws IllegalArgumentException if the open mode is another one
   */
  public RotationOptions withWriterOptions(WriterOptions options) {
    if (options.openMode() != OpenMode.CREATE_NEW) {
      throw new IllegalArgumentException(
          "a rotating writer creates new files: choose OpenMode.CREATE_NEW, not "
              + options.openMode());
    }
    return with(state -> state.writerOptions = options);
  }

  /**
   * These options with a listener. The writer calls it after each file is complete and closed, in
   * the thread whose write, flush, {@code rotate} or {@code close} has ended the file. The listener
   * must not use the writer, and other threads that use the writer wait for the listener. If the
   * listener throws, the logger {@code io.disky} reports the exception as a warning, and the writer
   * goes on: it does not call the listener for this file again.
   */
  public RotationOptions withListener(Consumer<? super RotatedFile> listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.listener = listener);
  }

  /** These options with another clock. */
  public RotationOptions withClock(InstantSource clock) {
    Objects.requireNonNull(clock, "clock");
    return with(state -> state.clock = clock);
  }

  /** The size at which a file is full, in bytes, if it is limited. */
  public OptionalLong maxFileSize() {
    return state.maxFileSize == NO_LIMIT
        ? OptionalLong.empty()
        : OptionalLong.of(state.maxFileSize);
  }

  /** The age at which a file is old, if it is limited. */
  public Optional<Duration> maxDuration() {
    return Optional.ofNullable(state.maxDuration);
  }

  /** The options of each file. */
  public WriterOptions writerOptions() {
    return state.writerOptions;
  }

  /** The listener, if any. */
  public Optional<Consumer<? super RotatedFile>> listener() {
    return Optional.ofNullable(state.listener);
  }

  /** The clock. */
  public InstantSource clock() {
    return state.clock;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RotationOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options, by the names of the methods that return them. */
  @Override
  public String toString() {
    return "RotationOptions" + state;
  }
}
