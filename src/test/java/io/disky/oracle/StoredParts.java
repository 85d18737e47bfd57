package io.disky.oracle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Makes brotli streams and snappy blocks that contain their content uncompressed, and chunks of
 * them.
 */
public final class StoredParts {
  private static final int LARGEST_META_BLOCK = 1 << 16;
  private static final int LARGEST_LITERAL = 60;

  private StoredParts() {}

  /** The data of a simple chunk of these records in brotli. */
  public static byte[] brotli(List<byte[]> records) {
    byte[] sizes = SimpleChunkData.sizes(records);
    byte[] values = SimpleChunkData.concatenate(records);
    return SimpleChunkData.of(
        ChunkTypes.BROTLI,
        SimpleChunkData.prefixed(sizes.length, brotliStream(sizes)),
        SimpleChunkData.prefixed(values.length, brotliStream(values)));
  }

  /** The data of a simple chunk of these records in snappy. */
  public static byte[] snappy(List<byte[]> records) {
    byte[] sizes = SimpleChunkData.sizes(records);
    byte[] values = SimpleChunkData.concatenate(records);
    return SimpleChunkData.of(
        ChunkTypes.SNAPPY,
        SimpleChunkData.prefixed(sizes.length, snappyBlock(sizes.length, sizes)),
        SimpleChunkData.prefixed(values.length, snappyBlock(values.length, values)));
  }

  /** A stream of one uncompressed meta-block (RFC 7932, 9.1 and 9.2) and an empty last one. */
  public static byte[] brotliStream(byte[] content) {
    if (content.length == 0 || content.length > LARGEST_META_BLOCK) {
      throw new IllegalArgumentException(content.length + " bytes do not fit one meta-block");
    }
    // A window of 64 KiB, not the last, four nibbles of size, uncompressed.
    int bits = ((content.length - 1) << 4) | (1 << 20);
    ByteBuffer stream = ByteBuffer.allocate(content.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    stream.putShort((short) bits).put((byte) (bits >> 16)).put(content);
    return stream.put((byte) 3).array();
  }

  /**
   * A block of literals.
   *
   * @param stated the size of the content that the block states
   */
  public static byte[] snappyBlock(long stated, byte[] content) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(SimpleChunkData.varint(stated));
    for (int at = 0; at < content.length; at += LARGEST_LITERAL) {
      int size = Math.min(LARGEST_LITERAL, content.length - at);
      block.write((size - 1) << 2);
      block.write(content, at, size);
    }
    return block.toByteArray();
  }

  /**
   * A block that contains one zero and repeats it by copies.
   *
   * @param stated the size of the content that the block states
   * @param copies number of copies; each has 3 bytes and produces 64 zeros
   */
  public static byte[] snappyZeros(long stated, int copies) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(SimpleChunkData.varint(stated));
    block.writeBytes(new byte[] {0, 0});
    for (int i = 0; i < copies; i++) {
      block.writeBytes(new byte[] {(byte) 0xfe, 1, 0});
    }
    return block.toByteArray();
  }
}
