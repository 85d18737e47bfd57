package io.disky.formats;

import io.disky.CorruptionStrategy;
import io.disky.options.OptionState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link FramedRecordReader} reads. Immutable: each {@code with} method returns changed
 * options and leaves these as they are.
 */
public final class FramedReaderOptions {
  /** The default of {@link #maxRecordSize()}: 1 GiB. */
  public static final int DEFAULT_MAX_RECORD_SIZE = 1 << 30;

  /** The largest value of {@link #maxRecordSize()}: 2 GiB minus 64 bytes. */
  public static final int MAX_RECORD_SIZE = Integer.MAX_VALUE - 63;

  /** The options with their defaults. */
  private static final class State extends OptionState<State> {
    private final Framing framing;
    private StreamCompression compression;
    private int maxRecordSize = DEFAULT_MAX_RECORD_SIZE;
    private CorruptionStrategy strategy = CorruptionStrategy.ERROR;
    private @Nullable Consumer<? super SkippedBytes> listener;

    State(Framing framing) {
      this.framing = framing;
      this.compression =
          framing == Framing.TFRECORD ? StreamCompression.DETECT : StreamCompression.NONE;
    }

    @Override
    protected Map<String, Object> all() {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("framing", framing);
      all.put("compression", compression);
      all.put("maxRecordSize", maxRecordSize);
      all.put("corruptionStrategy", strategy);
      all.put("skippedBytesListener", orNone(listener));
      return all;
    }
  }

  private final State state;

  private FramedReaderOptions(State state) {
    this.state = state;
  }

  private FramedReaderOptions with(Consumer<State> change) {
    return new FramedReaderOptions(state.with(change));
  }

  /**
   * Options for {@code framing}, with {@link StreamCompression#DETECT} for {@link Framing#TFRECORD}
   * and {@link StreamCompression#NONE} for others, records of at most {@link
   * #DEFAULT_MAX_RECORD_SIZE} bytes, and {@link CorruptionStrategy#ERROR}.
   */
  public static FramedReaderOptions of(Framing framing) {
    return new FramedReaderOptions(new State(Objects.requireNonNull(framing, "framing")));
  }

  /**
   * These options with another compression.
   *
   * @throws IllegalArgumentException if {@code compression} is {@link StreamCompression#DETECT} and
   *     the framing is not {@link Framing#TFRECORD}
   */
  public FramedReaderOptions withCompression(StreamCompression compression) {
    Objects.requireNonNull(compression, "compression");
    if (compression == StreamCompression.DETECT && state.framing != Framing.TFRECORD) {
      throw new IllegalArgumentException(
          "the compression of " + state.framing + " cannot be detected: choose another one");
    }
    return with(state -> state.compression = compression);
  }

  /**
   * These options with another limit on the size of a record. The reader allocates memory only for
   * bytes that have arrived, so a wrong length in a file does not cost memory.
   *
   * @param bytes 0 to {@link #MAX_RECORD_SIZE}
   * @throws IllegalArgumentException if {@code bytes} is out of range
   */
  public FramedReaderOptions withMaxRecordSize(int bytes) {
    if (bytes < 0 || bytes > MAX_RECORD_SIZE) {
      throw new IllegalArgumentException(
          "record size " + bytes + " is outside 0 to " + MAX_RECORD_SIZE + " bytes");
    }
    return with(state -> state.maxRecordSize = bytes);
  }

  /**
   * These options with another strategy for damage. {@link CorruptionStrategy#RECOVER} skips
   * damaged bytes and reports them to the {@linkplain #withSkippedBytesListener listener}:
   *
   * <ul>
   *   <li>In {@link Framing#TFRECORD}, a damaged record whose length is intact costs that record.
   *       If a length is damaged, or the next record does not begin where a length states it, the
   *       reader searches for the next length and record whose checksums match. If a record
   *       contains a TFRecord file, the search can find the records of that file. The search hashes
   *       at most 64 MiB and four times the bytes that it passes in vain; it then goes past records
   *       that it would find only with more.
   *   <li>In other framings nothing shows where the next record begins, so the rest of the stream
   *       is skipped. A length beyond {@link #maxRecordSize()} is damage in these framings.
   *   <li>Damage of compressed data costs all bytes after it.
   * </ul>
   */
  public FramedReaderOptions withCorruptionStrategy(CorruptionStrategy strategy) {
    Objects.requireNonNull(strategy, "strategy");
    return with(state -> state.strategy = strategy);
  }

  /**
   * These options with a listener for the bytes that a reader skips. The reading thread calls it.
   * It must not use the reader. An exception of the listener is thrown by the reading method; the
   * next call continues after the skipped bytes.
   */
  public FramedReaderOptions withSkippedBytesListener(Consumer<? super SkippedBytes> listener) {
    Objects.requireNonNull(listener, "listener");
    return with(state -> state.listener = listener);
  }

  /** The framing. */
  public Framing framing() {
    return state.framing;
  }

  /** The compression. */
  public StreamCompression compression() {
    return state.compression;
  }

  /** The largest size of a record in bytes. */
  public int maxRecordSize() {
    return state.maxRecordSize;
  }

  /** What a reader does about damage. */
  public CorruptionStrategy corruptionStrategy() {
    return state.strategy;
  }

  /** The listener for skipped bytes, if any. */
  public Optional<Consumer<? super SkippedBytes>> skippedBytesListener() {
    return Optional.ofNullable(state.listener);
  }

  /** Returns whether {@code other} has the same options. */
  @Override
  public boolean equals(Object other) {
    return other instanceof FramedReaderOptions that && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return state.hashCode();
  }

  /** All options with their names. */
  @Override
  public String toString() {
    return "FramedReaderOptions" + state;
  }
}
