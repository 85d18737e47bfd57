package io.disky.formats;

import io.disky.framing.FramedOutput;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Writes records to a stream in a format of other programs.
 *
 * {@snippet :
 * try (FramedRecordWriter writer =
 *     FramedRecordWriter.open(Files.newOutputStream(file), Framing.TFRECORD, StreamCompression.GZIP)) {
 *   writer.write("record".getBytes(UTF_8));
 * }
 * }
 *
 * <p>The writer gathers 64 KiB before it writes to the stream. If a call fails with an {@link
 * IOException}, every later call except {@link #close()} throws it again: the stream may end within
 * a record.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FramedRecordWriter implements Closeable {
  private final FramedOutput output;

  private FramedRecordWriter(FramedOutput output) {
    this.output = output;
  }

  /**
   * Writes to {@code stream}, and closes it when the writer is closed.
   *
   * @throws IllegalArgumentException if {@code compression} is {@link StreamCompression#DETECT}
   * @throws IOException if the header of the compression cannot be written
   */
  public static FramedRecordWriter open(
      OutputStream stream, Framing framing, StreamCompression compression) throws IOException {
    Objects.requireNonNull(stream, "stream");
    Objects.requireNonNull(framing, "framing");
    OutputStream out =
        switch (compression) {
          case NONE -> stream;
          case GZIP -> FramedOutput.gzip(stream);
          case ZLIB -> FramedOutput.zlib(stream);
          case DETECT ->
              throw new IllegalArgumentException("DETECT is for reading: choose a compression");
        };
    return new FramedRecordWriter(new FramedOutput(out, framing.encoder()));
  }

  /**
   * Writes a record: all bytes of {@code record}.
   *
   * @throws IOException if the stream fails
   * @throws IllegalStateException if the writer is closed
   */
  public void write(byte[] record) throws IOException {
    write(MemorySegment.ofArray(record));
  }

  /**
   * Writes a record: all bytes of {@code record}, at most 2 GiB minus 64 bytes.
   *
   * @throws IllegalArgumentException if {@code record} is larger; nothing is written
   * @throws IOException if the stream fails, or {@code record} is part of a mapped file that was
   *     truncated
   * @throws IllegalStateException if the writer is closed
   */
  public void write(MemorySegment record) throws IOException {
    if (record.byteSize() > FramedReaderOptions.MAX_RECORD_SIZE) {
      throw new IllegalArgumentException(
          "a record of "
              + record.byteSize()
              + " bytes is larger than "
              + FramedReaderOptions.MAX_RECORD_SIZE
              + " bytes");
    }
    output.write(record);
  }

  /** Number of records written. */
  public long recordCount() {
    return output.recordCount();
  }

  /**
   * Writes what was gathered, ends the compressed data, and closes the stream. Further calls have
   * no effect.
   *
   * @throws IOException if the stream fails
   */
  @Override
  public void close() throws IOException {
    output.close();
  }
}
