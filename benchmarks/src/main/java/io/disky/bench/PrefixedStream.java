package io.disky.bench;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A format as one writes it by hand: a stream in which each record follows its size in 4 bytes;
 * with compression through {@code zstd-jni}.
 */
final class PrefixedStream {
  private static final int BUFFER_SIZE = 1 << 20;
  private static final int ZSTD_MAGIC = 0xfd2fb528;

  private PrefixedStream() {}

  static Work reading(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> read(input);
  }

  static long read(Path input) throws IOException {
    long sum = 0;
    try (DataInputStream in = open(input)) {
      while (true) {
        byte[] record = new byte[in.readInt()];
        in.readFully(record);
        sum += Checksum.of(record);
      }
    } catch (EOFException e) {
      return sum;
    }
  }

  static Work readingFirst(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> {
      try (DataInputStream in = open(input)) {
        byte[] record = new byte[in.readInt()];
        in.readFully(record);
        return Checksum.of(record);
      }
    };
  }

  private static DataInputStream open(Path input) throws IOException {
    BufferedInputStream file = new BufferedInputStream(Files.newInputStream(input), BUFFER_SIZE);
    return new DataInputStream(
        isCompressed(file)
            ? new BufferedInputStream(new ZstdInputStreamNoFinalizer(file), BUFFER_SIZE)
            : file);
  }

  private static boolean isCompressed(InputStream file) throws IOException {
    file.mark(Integer.BYTES);
    DataInputStream in = new DataInputStream(file);
    boolean compressed = Integer.reverseBytes(in.readInt()) == ZSTD_MAGIC;
    file.reset();
    return compressed;
  }

  static Work writing(Arguments arguments) throws IOException {
    Path output = arguments.path("output");
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(Long.MAX_VALUE);
    return Work.writing(output, () -> write(output, arguments, records));
  }

  static long write(Path output, Arguments arguments, byte[][] records) throws IOException {
    long bytes = 0;
    try (DataOutputStream out = create(output, arguments)) {
      for (byte[] record : records) {
        out.writeInt(record.length);
        out.write(record);
        bytes += record.length;
      }
    }
    return bytes;
  }

  private static DataOutputStream create(Path output, Arguments arguments) throws IOException {
    OutputStream file = Files.newOutputStream(output);
    OutputStream sink =
        arguments.isCompressed() ? new ZstdOutputStreamNoFinalizer(file, arguments.level()) : file;
    return new DataOutputStream(new BufferedOutputStream(sink, BUFFER_SIZE));
  }
}
