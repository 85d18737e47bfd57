package io.disky.cli;

import io.disky.CorruptionStrategy;
import io.disky.files.QuotedText;
import io.disky.formats.CorruptFramingException;
import io.disky.formats.FramedReaderOptions;
import io.disky.formats.FramedRecordReader;
import io.disky.formats.SkippedBytes;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A file whose records follow their lengths.
 *
 * @param recovers whether damaged parts are skipped
 */
record FramedInput(Path path, FramedReaderOptions options, boolean recovers)
    implements ConvertedInput {

  @Override
  public void forEach(Taker taker) throws IOException {
    try (CountedInput in = new CountedInput(Files.newInputStream(path));
        FramedRecordReader reader = FramedRecordReader.open(in, complete(taker))) {
      for (MemorySegment record = reader.next(); record != null; record = reader.next()) {
        taker.take(record);
        taker.read(in.count);
      }
    } catch (CorruptFramingException e) {
      throw new IOException(message(e), e);
    }
  }

  private FramedReaderOptions complete(Taker taker) {
    return recovers
        ? options
            .withCorruptionStrategy(CorruptionStrategy.RECOVER)
            .withSkippedBytesListener(bytes -> taker.skipped(text(path, bytes)))
        : options;
  }

  /** Replaces the name of the stream by that of the file. */
  private String message(CorruptFramingException failure) {
    String message = String.valueOf(failure.getMessage()).substring(failure.name().length());
    return QuotedText.name(path) + message.replace("(maxRecordSize)", "(--max-record-size)");
  }

  /** The message about bytes of {@code file} that were skipped. */
  static String text(Path file, SkippedBytes bytes) {
    return String.format(
        Locale.ROOT,
        "%s: skipped %,d bytes from %d to %d: %s",
        QuotedText.name(file),
        bytes.size(),
        bytes.begin(),
        bytes.end(),
        bytes.reason());
  }

  /** Counts the bytes that were read. */
  private static final class CountedInput extends FilterInputStream {
    private long count;

    CountedInput(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
