package io.disky.oracle;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** Builds the data of simple chunks from records, or from parts that may contradict each other. */
public final class SimpleChunkData {
  private SimpleChunkData() {}

  /** Records without compression, with canonical varints. */
  public static byte[] uncompressed(List<byte[]> records) {
    return of(ChunkTypes.NONE, sizes(records), concatenate(records));
  }

  /**
   * Records compressed by zstd, with canonical varints.
   *
   * @param level zstd's compression level, 1 to 22
   */
  public static byte[] zstd(ZstdDialect dialect, int level, List<byte[]> records) {
    byte[] sizes = sizes(records);
    byte[] values = concatenate(records);
    return switch (dialect) {
      case DISKY -> of(ChunkTypes.ZSTD, sizes, ZstdFrames.compress(values, level));
      case RIEGELI -> of(ChunkTypes.ZSTD, prefixed(sizes, level), prefixed(values, level));
    };
  }

  /**
   * The correct size of the first buffer, then both buffers unchanged.
   *
   * @param compression compression type byte, see {@link ChunkTypes}
   */
  public static byte[] of(int compression, byte[] sizes, byte[] values) {
    return of(compression, varint(sizes.length), sizes, values);
  }

  /**
   * All four parts unchanged.
   *
   * @param compression compression type byte, see {@link ChunkTypes}
   * @param sizesSize stands where the varint of the size of {@code sizes} belongs
   */
  public static byte[] of(int compression, byte[] sizesSize, byte[] sizes, byte[] values) {
    return concatenate(List.of(new byte[] {(byte) compression}, sizesSize, sizes, values));
  }

  /** The sizes of these records as canonical varints. */
  public static byte[] sizes(List<byte[]> records) {
    return sizes(records.stream().mapToLong(record -> record.length).toArray());
  }

  /** These sizes, correct or not, as canonical varints. */
  public static byte[] sizes(long... sizes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (long size : sizes) {
      bytes.writeBytes(varint(size));
    }
    return bytes.toByteArray();
  }

  /** Sum of the records' sizes in bytes. */
  public static long totalSize(List<byte[]> records) {
    return records.stream().mapToLong(record -> record.length).sum();
  }

  /** The bytes of all parts, one after another. */
  public static byte[] concatenate(List<byte[]> parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    parts.forEach(bytes::writeBytes);
    return bytes.toByteArray();
  }

  /**
   * A buffer in the layout of the RIEGELI dialect: its size, then a frame unless the buffer is
   * empty.
   */
  public static byte[] prefixed(byte[] buffer, int level) {
    return buffer.length == 0
        ? varint(0)
        : prefixed(buffer.length, ZstdFrames.compress(buffer, level));
  }

  /** Any size as a varint, then any bytes. */
  public static byte[] prefixed(long size, byte[] compressed) {
    return concatenate(List.of(varint(size), compressed));
  }

  /** The shortest varint of an unsigned 64-bit number: 1 to 10 bytes. */
  public static byte[] varint(long value) {
    int groups = Math.max(1, Math.ceilDiv(Long.SIZE - Long.numberOfLeadingZeros(value), 7));
    return varint(value, groups);
  }

  /**
   * A varint of a given number of bytes.
   *
   * @param value an unsigned 64-bit number; bits that do not fit the bytes are cut off
   * @param length number of bytes, 1 or more; readers must reject more than 10
   */
  public static byte[] varint(long value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0x80);
    for (int i = 0; i < Math.min(length, 10); i++) {
      bytes[i] |= (byte) (value >>> (7 * i) & 0x7f);
    }
    bytes[length - 1] &= 0x7f;
    return bytes;
  }
}
