package io.disky.oracle;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes normal and unusual zstd frames. */
public final class ZstdFrames {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE_MAGIC = 0x184d2a50;
  private static final int STORED_BLOCK_LIMIT = 1 << 17;

  /** An 8-byte content size, and a window descriptor. */
  private static final byte DESCRIPTOR = (byte) 0xc0;

  /** A window of 128 KiB. */
  private static final byte WINDOW = 7 << 3;

  private ZstdFrames() {}

  /**
   * One frame, with its content size.
   *
   * @param level zstd's compression level, 1 to 22
   */
  public static byte[] compress(byte[] content, int level) {
    return Zstd.compress(content, level);
  }

  /** One frame that does not state the size of its content. */
  public static byte[] compressWithoutContentSize(byte[] content) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setContentSize(false).compress(content);
    }
  }

  /** One frame that ends with a checksum of its content. */
  public static byte[] compressWithChecksum(byte[] content) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setChecksum(true).compress(content);
    }
  }

  /**
   * One frame of uncompressed blocks that states any content size.
   *
   * @param declaredSize the content size in the header of the frame; any 64-bit value
   * @param content the content of the frame
   */
  public static byte[] stored(long declaredSize, byte[] content) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    ByteBuffer header = ByteBuffer.allocate(14).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(MAGIC).put(DESCRIPTOR).put(WINDOW).putLong(declaredSize);
    frame.writeBytes(header.array());
    int at = 0;
    do {
      int size = Math.min(content.length - at, STORED_BLOCK_LIMIT);
      int last = at + size == content.length ? 1 : 0;
      int block = size << 3 | last;
      frame.writeBytes(new byte[] {(byte) block, (byte) (block >> 8), (byte) (block >> 16)});
      frame.write(content, at, size);
      at += size;
    } while (at < content.length);
    return frame.toByteArray();
  }

  /** A frame that a decompressor skips. */
  public static byte[] skippable(byte[] content) {
    ByteBuffer frame = ByteBuffer.allocate(8 + content.length).order(ByteOrder.LITTLE_ENDIAN);
    return frame.putInt(SKIPPABLE_MAGIC).putInt(content.length).put(content).array();
  }
}
