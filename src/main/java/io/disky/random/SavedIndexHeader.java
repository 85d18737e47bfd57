package io.disky.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first record of a saved index: it identifies the file that the index belongs to.
 * docs/saved-index.md describes it.
 */
final class SavedIndexHeader {
  /** The longest first record of any version, in bytes. */
  static final int LARGEST = 136;

  /** "diskyidx", as a little-endian number. */
  private static final long MAGIC = 0x7864_6979_6b73_6964L;

  private static final int VERSION = 2;

  /** The size of the record without the hash, in bytes. */
  private static final int FIXED = 80;

  /** In version 1, the record had 72 bytes, and up to 64 bytes of the file. */
  private static final int SMALLEST = 72;

  /** The size of the first chunk of version 1, in bytes: it contained lists of chunks, too. */
  private static final int FIRST_CHUNK_OF_VERSION_1 = 1 << 20;

  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final long fileSize;
  private final long lastChange;
  private final long chunks;
  private final long records;
  private final long decodedSize;
  private final long largestDecodedSize;
  private final long lastBegin;
  private final long fileHash;
  private final byte[] lastHash;

  /**
   * The header for an index.
   *
   * @param lastChange time of the last change of the file, in nanoseconds
   * @param fileHash {@link SavedIndexLocation#fileHash()}
   * @param lastHash hash of the last chunk
   */
  SavedIndexHeader(ChunkIndex index, long lastChange, long fileHash, byte[] lastHash) {
    this.fileSize = index.end();
    this.lastChange = lastChange;
    this.chunks = index.chunks();
    this.records = index.records();
    this.decodedSize = index.decodedSize();
    this.largestDecodedSize = index.largestDecodedSize();
    this.lastBegin = lastBegin(index);
    this.fileHash = fileHash;
    this.lastHash = lastHash.clone();
  }

  private SavedIndexHeader(ByteBuffer bytes) {
    fileSize = bytes.getLong();
    lastChange = bytes.getLong();
    chunks = bytes.getLong();
    records = bytes.getLong();
    decodedSize = bytes.getLong();
    largestDecodedSize = bytes.getLong();
    lastBegin = bytes.getLong();
    fileHash = bytes.getLong();
    lastHash = new byte[bytes.remaining()];
    bytes.get(lastHash);
  }

  /** Where the last chunk of an index begins, in bytes; -1 if there is no chunk. */
  static long lastBegin(ChunkIndex index) {
    return index.chunks() == 0 ? -1 : index.entry(index.chunks() - 1).begin();
  }

  /**
   * Whether a record file can be an index, of any version.
   *
   * @param records how many records its first chunk has
   * @param bytes the size of these records together, in bytes
   */
  static boolean mayBeFirstChunk(long records, long bytes) {
    if (records == 1) {
      return bytes >= SMALLEST && bytes <= LARGEST;
    }
    // In version 1, the first chunk had lists, too. All but the last list have 4096 chunks.
    long fullLists = Math.max(0, records - 2);
    return records > 1
        && records <= FIRST_CHUNK_OF_VERSION_1 / ChunkList.SMALLEST_FULL + 2
        && bytes >= SMALLEST + fullLists * ChunkList.SMALLEST_FULL
        && bytes <= LARGEST + (records - 1) * ChunkList.LARGEST
        && bytes <= FIRST_CHUNK_OF_VERSION_1;
  }

  /** Whether a record is the first one of an index, of any version. */
  static boolean isHeader(MemorySegment record) {
    return record.byteSize() >= SMALLEST
        && record.byteSize() <= LARGEST
        && record.get(LITTLE_ENDIAN_LONG, 0) == MAGIC;
  }

  static SavedIndexHeader decode(MemorySegment record) throws UnusableIndexException {
    if (!isHeader(record)) {
      throw new UnusableIndexException("it is not an index");
    }
    ByteBuffer bytes = ByteBuffer.wrap(record.toArray(ValueLayout.JAVA_BYTE));
    bytes.order(ByteOrder.LITTLE_ENDIAN).position(Long.BYTES);
    long version = bytes.getLong();
    if (version != VERSION) {
      throw new UnusableIndexException(
          "it has version " + version + "; this library knows version " + VERSION);
    }
    if (bytes.limit() < FIXED) {
      throw new UnusableIndexException("its first record is too short");
    }
    return new SavedIndexHeader(bytes);
  }

  ByteBuffer encode() {
    return ByteBuffer.allocate(FIXED + lastHash.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(MAGIC)
        .putLong(VERSION)
        .putLong(fileSize)
        .putLong(lastChange)
        .putLong(chunks)
        .putLong(records)
        .putLong(decodedSize)
        .putLong(largestDecodedSize)
        .putLong(lastBegin)
        .putLong(fileHash)
        .put(lastHash)
        .flip();
  }

  /** Size of the file in bytes. */
  long fileSize() {
    return fileSize;
  }

  /** Time of the last change of the file, in nanoseconds. */
  long lastChange() {
    return lastChange;
  }

  /** Number of chunks. */
  long chunks() {
    return chunks;
  }

  /** Number of records. */
  long records() {
    return records;
  }

  /** The memory that all chunks together take, in bytes. */
  long decodedSize() {
    return decodedSize;
  }

  /** The memory that the largest chunk takes, in bytes. */
  long largestDecodedSize() {
    return largestDecodedSize;
  }

  /** Where the last chunk begins, in bytes; -1 if there is no chunk. */
  long lastBegin() {
    return lastBegin;
  }

  /** {@link SavedIndexLocation#fileHash()} of the file. */
  long fileHash() {
    return fileHash;
  }

  /** Hash of the last chunk. */
  byte[] lastHash() {
    return lastHash.clone();
  }
}
