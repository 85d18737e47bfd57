package io.disky.oracle;

import io.disky.damage.FileDamage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Builds the bytes of a record file chunk by chunk, and inserts the block headers.
 *
 * <p>All hashes are valid, so a wrong size or count passes the hash checks of a reader. To damage
 * finished bytes, use {@link FileDamage}. Not thread-safe.
 */
public final class RecordFileForge {
  private static final int DEFAULT_LEVEL = 3;

  private byte[] file = new byte[1024];
  private int position;

  private long chunkBegin;
  private long chunkEnd;

  /** Begins a file of 0 bytes. */
  public RecordFileForge() {}

  /** Begins a file with its signature. */
  public static RecordFileForge withSignature() {
    return new RecordFileForge().chunk(ForgedChunk.signature());
  }

  /**
   * Adds a chunk. Its block headers state the extent that its header declares, or its real extent
   * if that is larger.
   *
   * @throws IllegalStateException if a chunk must not begin at this position; this can happen after
   *     {@link #raw}
   */
  public RecordFileForge chunk(ForgedChunk chunk) {
    if (!BlockLayout.isChunkBoundary(position)) {
      throw new IllegalStateException("a chunk must not begin at " + position);
    }
    chunkBegin = position;
    long writtenEnd =
        BlockLayout.chunkEnd(position, chunk.data().length, chunk.padded() ? chunk.records() : 0);
    chunkEnd = Math.max(writtenEnd, declaredEnd(chunk));
    put(header(chunk));
    put(chunk.data());
    put(new byte[Math.toIntExact(BlockLayout.usableBytes(position, writtenEnd))]);
    return this;
  }

  /** Adds a simple chunk of these records, without compression. */
  public RecordFileForge simpleChunk(List<byte[]> records) {
    return chunk(ForgedChunk.simple(records));
  }

  /** Adds a simple chunk of these records, without compression. */
  public RecordFileForge simpleChunk(byte[]... records) {
    return simpleChunk(List.of(records));
  }

  /** Adds a simple chunk of these records, compressed by zstd at level 3. */
  public RecordFileForge zstdChunk(ZstdDialect dialect, List<byte[]> records) {
    return chunk(ForgedChunk.zstd(dialect, DEFAULT_LEVEL, records));
  }

  /** Adds a simple chunk of these records, compressed by zstd at level 3. */
  public RecordFileForge zstdChunk(ZstdDialect dialect, byte[]... records) {
    return zstdChunk(dialect, List.of(records));
  }

  /** Adds a metadata chunk with any data. */
  public RecordFileForge metadataChunk(byte[] data) {
    return chunk(ForgedChunk.of(ChunkTypes.METADATA, data, 0, data.length));
  }

  /** Adds a padding chunk with this many zeros as data. */
  public RecordFileForge paddingChunk(int dataSize) {
    return chunk(ForgedChunk.of(ChunkTypes.PADDING, new byte[dataSize], 0, 0));
  }

  /**
   * Adds a padding chunk that ends at {@code end}, where the next chunk then begins.
   *
   * @param end the position in bytes
   * @throws IllegalArgumentException if no chunk that begins here can end there
   */
  public RecordFileForge padTo(long end) {
    long dataSize = BlockLayout.usableBytes(position, end) - BlockLayout.CHUNK_HEADER_SIZE;
    if (dataSize < 0 || !BlockLayout.isChunkBoundary(end)) {
      throw new IllegalArgumentException(
          "no padding chunk from " + position + " can end at " + end);
    }
    return paddingChunk(Math.toIntExact(dataSize));
  }

  /** Adds a padding chunk that ends at the end of a block, unless the file already ends there. */
  public RecordFileForge padToBlockEnd() {
    if (position % BlockLayout.BLOCK_SIZE == 0) {
      return this;
    }
    long end = Math.ceilDiv(position, BlockLayout.BLOCK_SIZE) * (long) BlockLayout.BLOCK_SIZE;
    boolean fits = BlockLayout.usableBytes(position, end) >= BlockLayout.CHUNK_HEADER_SIZE;
    return padTo(fits ? end : end + BlockLayout.BLOCK_SIZE);
  }

  /** Adds bytes unchanged, without block headers. */
  public RecordFileForge raw(byte[] bytes) {
    append(bytes, 0, bytes.length);
    return this;
  }

  /** Size of the file so far in bytes, which is the position of the next chunk. */
  public long position() {
    return position;
  }

  /** A copy of the file so far. */
  public byte[] bytes() {
    return Arrays.copyOf(file, position);
  }

  /** A block header with a valid hash. */
  public static byte[] blockHeader(long previousChunk, long nextChunk) {
    byte[] bytes = new byte[BlockLayout.BLOCK_HEADER_SIZE];
    ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fields.putLong(8, previousChunk).putLong(16, nextChunk);
    fields.putLong(0, HighwayHash.hash(bytes, 8, bytes.length - 8));
    return bytes;
  }

  private static byte[] header(ForgedChunk chunk) {
    byte[] bytes = new byte[BlockLayout.CHUNK_HEADER_SIZE];
    ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fields.putLong(8, chunk.declaredDataSize());
    fields.putLong(16, HighwayHash.hash(chunk.data()) ^ chunk.dataHashMask());
    fields.putLong(24, chunk.records() << 8 | chunk.type());
    fields.putLong(32, chunk.decodedSize());
    long hash = HighwayHash.hash(bytes, 8, bytes.length - 8);
    fields.putLong(0, hash ^ chunk.headerHashMask());
    return bytes;
  }

  /**
   * The end of the chunk that its header states; the beginning of the chunk if that end does not
   * fit a {@code long}.
   */
  private long declaredEnd(ForgedChunk chunk) {
    try {
      return BlockLayout.chunkEnd(position, chunk.declaredDataSize(), chunk.records());
    } catch (ArithmeticException e) {
      return position;
    }
  }

  private void put(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      if (position % BlockLayout.BLOCK_SIZE == 0) {
        raw(blockHeader(position - chunkBegin, chunkEnd - position));
      }
      int inBlock = BlockLayout.BLOCK_SIZE - position % BlockLayout.BLOCK_SIZE;
      int run = Math.min(bytes.length - at, inBlock);
      append(bytes, at, run);
      at += run;
    }
  }

  private void append(byte[] bytes, int offset, int length) {
    int needed = Math.addExact(position, length);
    if (needed > file.length) {
      int doubled = (int) Math.min(2L * file.length, Integer.MAX_VALUE - 8);
      file = Arrays.copyOf(file, Math.max(needed, doubled));
    }
    System.arraycopy(bytes, offset, file, position, length);
    position = needed;
  }
}
