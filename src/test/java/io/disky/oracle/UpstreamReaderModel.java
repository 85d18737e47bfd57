package io.disky.oracle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A model of upstream disky's reader, which rejects some valid files (docs/format.md, "Chunks for
 * upstream disky"). Goes through a file by its block headers, as that reader does.
 */
public final class UpstreamReaderModel {
  /** The decision about a file. */
  public enum Verdict {
    /** The reader accepts the file. */
    ACCEPTED,
    /**
     * A chunk that crosses two or more block boundaries begins at a position where the reader does
     * not accept it.
     */
    CONTINUED_CHUNK,
    /** The file ends at a block boundary. */
    END_AT_BOUNDARY
  }

  private UpstreamReaderModel() {}

  /** The verdict on {@code file}, which must be intact. */
  public static Verdict verdict(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int begin = 0;
    while (true) {
      int block = Math.ceilDiv(begin, BlockLayout.BLOCK_SIZE) * BlockLayout.BLOCK_SIZE;
      if (block > file.length) {
        return Verdict.ACCEPTED;
      }
      if (block == file.length) {
        return Verdict.END_AT_BOUNDARY;
      }
      if (distanceBack(bytes, block) == 0 && block > begin) {
        begin = block;
        continue;
      }
      int end = block + Math.toIntExact(bytes.getLong(block + 16));
      for (int next = block + BlockLayout.BLOCK_SIZE; next < end; next += BlockLayout.BLOCK_SIZE) {
        if (distanceBack(bytes, next) != next - begin) {
          return Verdict.CONTINUED_CHUNK;
        }
      }
      begin = end;
    }
  }

  /**
   * Checks the file as it is after each of its chunks. Returns the first verdict that is not {@link
   * Verdict#ACCEPTED}.
   */
  public static Verdict verdictOnEachChunk(byte[] file) {
    return OracleReader.parse(file).chunks().stream()
        .map(chunk -> verdict(Arrays.copyOf(file, Math.toIntExact(chunk.end()))))
        .filter(verdict -> verdict != Verdict.ACCEPTED)
        .findFirst()
        .orElse(Verdict.ACCEPTED);
  }

  private static long distanceBack(ByteBuffer bytes, int block) {
    return bytes.getLong(block + 8);
  }
}
