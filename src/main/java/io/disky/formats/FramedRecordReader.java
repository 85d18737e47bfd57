package io.disky.formats;

import io.disky.CorruptionStrategy;
import io.disky.files.FileFailures;
import io.disky.files.Origin;
import io.disky.framing.DetectedInput;
import io.disky.framing.FrameDamage;
import io.disky.framing.FrameTooLarge;
import io.disky.framing.FramedStream;
import io.disky.framing.InflatedInput;
import io.disky.framing.Skipped;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a file in a format of other programs, from its beginning to its end.
 *
 * {@snippet :
 * try (FramedRecordReader reader = FramedRecordReader.open(file, FramedReaderOptions.of(Framing.TFRECORD));
 *     RecordWriter writer = RecordWriter.open(target)) {
 *   for (MemorySegment record = reader.next(); record != null; record = reader.next()) {
 *     writer.write(record);
 *   }
 * }
 * }
 *
 * <p>A record is a view of a buffer in the Java heap that the reader uses again. It is valid until
 * the next call of {@link #next()} or {@link #close()}: later it may show bytes of other records.
 * The buffer has the size of the largest record so far, at most twice that, and at least 64 KiB.
 *
 * <p>No size in a file is trusted: memory is allocated only for bytes that have arrived. With
 * {@link Framing#TFRECORD} both checksums of every record are checked before the record is
 * returned. Checksums of gzip and zlib are checked at the end of the compressed data, after the
 * records in them were returned; a mismatch is an exception, or reported as skipped.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FramedRecordReader implements Closeable {
  private final Origin origin;
  private final FramedStream stream;
  private final List<SkippedBytes> skipped = new ArrayList<>();
  private long recordCount;
  private boolean busy;
  private boolean closed;

  private FramedRecordReader(Origin origin, InputStream in, FramedReaderOptions options) {
    this.origin = origin;
    Skipped taker =
        options.corruptionStrategy() == CorruptionStrategy.RECOVER
            ? (begin, end, reason) -> report(new SkippedBytes(begin, end, reason), options)
            : null;
    this.stream = new FramedStream(in, options.framing().parser(), options.maxRecordSize(), taker);
  }

  /**
   * Opens the file at {@code path}. A file of 0 bytes contains no records.
   *
   * @throws IOException if the file cannot be opened
   */
  public static FramedRecordReader open(Path path, FramedReaderOptions options) throws IOException {
    Objects.requireNonNull(options, "options");
    InputStream in = FileFailures.quoting(() -> Files.newInputStream(path));
    return open(Origin.of(path), in, options);
  }

  /**
   * Reads {@code stream} from its position to its end, and closes it when the reader is closed. The
   * reader takes large pieces, so no {@link java.io.BufferedInputStream} is needed, and may take
   * bytes after the records that were read. The reader throws the stream's exceptions; the call can
   * then be made again, unless the stream is compressed.
   *
   * @throws IOException if the stream fails; it is then closed
   */
  public static FramedRecordReader open(InputStream stream, FramedReaderOptions options)
      throws IOException {
    Objects.requireNonNull(stream, "stream");
    Objects.requireNonNull(options, "options");
    return open(Origin.STREAM, stream, options);
  }

  private static FramedRecordReader open(Origin origin, InputStream in, FramedReaderOptions options)
      throws IOException {
    try {
      InputStream decompressed =
          switch (options.compression()) {
            case NONE -> in;
            case GZIP -> InflatedInput.gzip(in);
            case ZLIB -> InflatedInput.zlib(in);
            case DETECT -> DetectedInput.of(in);
          };
      return new FramedRecordReader(origin, decompressed, options);
    } catch (Throwable e) {
      try (in) {
        throw e;
      }
    }
  }

  private void report(SkippedBytes bytes, FramedReaderOptions options) {
    skipped.add(bytes);
    options.skippedBytesListener().ifPresent(listener -> listener.accept(bytes));
  }

  /**
   * Returns the next record, or null at the end of the stream. The record is read-only.
   *
   * @throws CorruptFramingException if the stream is damaged, and {@link
   *     FramedReaderOptions#corruptionStrategy()} is {@link CorruptionStrategy#ERROR}, or if a
   *     record is too large; all records before were returned, and each further call throws again
   * @throws IOException if the stream fails
   * @throws IllegalStateException if the reader is closed, or if the stream or the listener calls
   *     this method
   */
  public @Nullable MemorySegment next() throws IOException {
    if (closed || busy) {
      throw new IllegalStateException(
          origin + ": the reader is " + (closed ? "closed" : "in use by its own callback"));
    }
    busy = true;
    try {
      if (!stream.next()) {
        return null;
      }
      recordCount++;
      return stream.record();
    } catch (FrameDamage e) {
      throw CorruptFramingException.of(origin.toString(), origin.name(), e);
    } catch (FrameTooLarge e) {
      throw CorruptFramingException.of(origin.toString(), origin.name(), e);
    } finally {
      busy = false;
    }
  }

  /** Number of records that {@link #next()} has returned. */
  public long recordCount() {
    return recordCount;
  }

  /**
   * Offset in the decompressed stream at which the record that {@link #next()} has returned begins,
   * with its length; at the end of the stream the size of the stream.
   */
  public long position() {
    return stream.position();
  }

  /** The skipped bytes so far, in order; an immutable copy. */
  public List<SkippedBytes> skippedBytes() {
    return List.copyOf(skipped);
  }

  /** The name of the file, or {@code stream}. */
  public String name() {
    return origin.name();
  }

  /** Closes the file or the stream. Further calls have no effect. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      stream.close();
    }
  }

  /** The name of the file, quoted if necessary. */
  @Override
  public String toString() {
    return "FramedRecordReader[" + origin + "]";
  }
}
