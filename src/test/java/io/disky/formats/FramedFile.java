package io.disky.formats;

import io.disky.CorruptionStrategy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Writes and reads complete files of other formats in memory. */
final class FramedFile {
  private FramedFile() {}

  static byte[] write(Framing framing, StreamCompression compression, List<byte[]> records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FramedRecordWriter writer = FramedRecordWriter.open(out, framing, compression)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] tfRecord(List<byte[]> records) {
    return write(Framing.TFRECORD, StreamCompression.NONE, records);
  }

  static List<byte[]> read(byte[] file, FramedReaderOptions options) throws IOException {
    try (FramedRecordReader reader =
        FramedRecordReader.open(new ByteArrayInputStream(file), options)) {
      return rest(reader);
    }
  }

  static List<byte[]> read(Path file, FramedReaderOptions options) throws IOException {
    try (FramedRecordReader reader = FramedRecordReader.open(file, options)) {
      return rest(reader);
    }
  }

  static List<byte[]> rest(FramedRecordReader reader) throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (MemorySegment record = reader.next(); record != null; record = reader.next()) {
      records.add(record.toArray(ValueLayout.JAVA_BYTE));
    }
    return records;
  }

  /** Records and skipped bytes. */
  record Recovered(List<byte[]> records, List<SkippedBytes> skipped) {}

  static Recovered recover(byte[] file, FramedReaderOptions options) throws IOException {
    try (FramedRecordReader reader =
        FramedRecordReader.open(
            new ByteArrayInputStream(file),
            options.withCorruptionStrategy(CorruptionStrategy.RECOVER))) {
      return new Recovered(rest(reader), reader.skippedBytes());
    }
  }

  static List<byte[]> records(long seed, int... sizes) {
    Random random = new Random(seed);
    List<byte[]> records = new ArrayList<>();
    for (int size : sizes) {
      byte[] record = new byte[size];
      random.nextBytes(record);
      records.add(record);
    }
    return records;
  }

  static String digest(List<byte[]> records) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (byte[] record : records) {
        sha256.update(
            ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(record.length).flip());
        sha256.update(record);
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
