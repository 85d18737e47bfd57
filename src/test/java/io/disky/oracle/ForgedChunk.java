package io.disky.oracle;

import java.util.List;

/**
 * A chunk for {@link RecordFileForge}. By default it is a chunk that a correct writer would write
 * for these fields, even if the fields contradict each other.
 *
 * @param type type byte, 0 to 255, see {@link ChunkTypes}
 * @param data the bytes after the chunk header
 * @param records record count in the header, 56 bits
 * @param decodedSize decoded size in the header; any 64-bit value
 * @param declaredDataSize data size in the header; any 64-bit value. All of {@code data} is written
 *     in any case
 * @param headerHashMask bits that are flipped in the header's hash
 * @param dataHashMask bits that are flipped in the data's hash
 * @param padded whether the chunk ends with the zeros that its record count requires
 */
public record ForgedChunk(
    int type,
    byte[] data,
    long records,
    long decodedSize,
    long declaredDataSize,
    long headerHashMask,
    long dataHashMask,
    boolean padded) {

  /** A chunk with these fields; all other fields are correct. */
  public static ForgedChunk of(int type, byte[] data, long records, long decodedSize) {
    return new ForgedChunk(type, data, records, decodedSize, data.length, 0, 0, true);
  }

  /** The signature that begins each file. */
  public static ForgedChunk signature() {
    return of(ChunkTypes.SIGNATURE, new byte[0], 0, 0);
  }

  /** A simple chunk of any content, see {@link SimpleChunkData}. */
  public static ForgedChunk simple(byte[] data, long records, long decodedSize) {
    return of(ChunkTypes.SIMPLE, data, records, decodedSize);
  }

  /** A simple chunk of these records, without compression. */
  public static ForgedChunk simple(List<byte[]> records) {
    return simple(
        SimpleChunkData.uncompressed(records), records.size(), SimpleChunkData.totalSize(records));
  }

  /**
   * A simple chunk of these records, compressed by zstd.
   *
   * @param level zstd's compression level, 1 to 22
   */
  public static ForgedChunk zstd(ZstdDialect dialect, int level, List<byte[]> records) {
    return simple(
        SimpleChunkData.zstd(dialect, level, records),
        records.size(),
        SimpleChunkData.totalSize(records));
  }

  /** The same chunk with another record count in its header. */
  public ForgedChunk withRecords(long count) {
    return new ForgedChunk(
        type, data, count, decodedSize, declaredDataSize, headerHashMask, dataHashMask, padded);
  }

  /** The same chunk with another decoded size in its header. */
  public ForgedChunk withDecodedSize(long size) {
    return new ForgedChunk(
        type, data, records, size, declaredDataSize, headerHashMask, dataHashMask, padded);
  }

  /** The same chunk with another data size in its header. The data do not change. */
  public ForgedChunk withDeclaredDataSize(long size) {
    return new ForgedChunk(
        type, data, records, decodedSize, size, headerHashMask, dataHashMask, padded);
  }

  /** The same chunk with a wrong hash of its header. */
  public ForgedChunk withWrongHeaderHash() {
    return new ForgedChunk(
        type, data, records, decodedSize, declaredDataSize, 1, dataHashMask, padded);
  }

  /** The same chunk with a wrong hash of its data, in a header with a correct hash. */
  public ForgedChunk withWrongDataHash() {
    return new ForgedChunk(
        type, data, records, decodedSize, declaredDataSize, headerHashMask, 1, padded);
  }

  /** The same chunk without the zeros that its record count requires. */
  public ForgedChunk withoutPadding() {
    return new ForgedChunk(
        type, data, records, decodedSize, declaredDataSize, headerHashMask, dataHashMask, false);
  }
}
