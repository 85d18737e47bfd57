package io.disky.damage;

import io.disky.oracle.RecordFileForge;
import io.disky.oracle.SimpleChunkData;
import java.util.Arrays;
import java.util.List;

/**
 * Makes damaged copies of files. Offsets and lengths are in bytes. The arguments are not changed.
 */
public final class FileDamage {
  private FileDamage() {}

  /** A copy with all bits of one byte flipped. */
  public static byte[] flip(byte[] file, long offset) {
    return flip(file, offset, 0xff);
  }

  /** A copy with some bits of one byte flipped. */
  public static byte[] flip(byte[] file, long offset, int mask) {
    byte[] damaged = file.clone();
    damaged[Math.toIntExact(offset)] ^= (byte) mask;
    return damaged;
  }

  /** A copy of the first bytes. */
  public static byte[] truncate(byte[] file, long length) {
    if (length > file.length) {
      throw new IllegalArgumentException(length + " is more than the file's " + file.length);
    }
    return Arrays.copyOf(file, Math.toIntExact(length));
  }

  /** A copy of the same length in which {@code bytes} replace the bytes at {@code offset}. */
  public static byte[] overwrite(byte[] file, long offset, byte[] bytes) {
    byte[] damaged = file.clone();
    System.arraycopy(bytes, 0, damaged, Math.toIntExact(offset), bytes.length);
    return damaged;
  }

  /** A copy without a range of bytes. */
  public static byte[] cutOut(byte[] file, long offset, long length) {
    int begin = Math.toIntExact(offset);
    int end = Math.toIntExact(offset + length);
    return concatenate(Arrays.copyOf(file, begin), Arrays.copyOfRange(file, end, file.length));
  }

  /** The files one after the other, as {@code cat} joins them. */
  public static byte[] concatenate(byte[]... files) {
    return SimpleChunkData.concatenate(List.of(files));
  }

  /**
   * A copy with another block header whose hash is valid.
   *
   * @param block position of the block, a multiple of the block size
   * @param previousChunk distance back to the beginning of the chunk; any 64-bit value
   * @param nextChunk distance forward to the end of the chunk; any 64-bit value
   */
  public static byte[] replaceBlockHeader(
      byte[] file, long block, long previousChunk, long nextChunk) {
    return overwrite(file, block, RecordFileForge.blockHeader(previousChunk, nextChunk));
  }
}
