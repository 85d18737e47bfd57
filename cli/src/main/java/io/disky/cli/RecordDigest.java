package io.disky.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Computes the SHA-256 of a sequence of records. The input of the hash is, for each record, its
 * length as a 4-byte little-endian number and then its bytes. Not thread-safe.
 */
final class RecordDigest {
  private static final ValueLayout.OfInt LENGTH =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MessageDigest sha256;
  // Gathers small records, because one update for many records is several times faster.
  private final byte[] staged = new byte[1 << 16];
  private final MemorySegment stage = MemorySegment.ofArray(staged);
  private int stagedSize;
  private long records;
  private long bytes;

  RecordDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Adds a record: {@code length} bytes of {@code data}, beginning at {@code offset}. */
  void add(MemorySegment data, long offset, long length) {
    addLength(length);
    for (long done = 0; done < length; ) {
      int step = (int) Math.min(length - done, staged.length - stagedSize);
      MemorySegment.copy(data, offset + done, stage, stagedSize, step);
      stagedSize += step;
      done += step;
      makeRoom(1);
    }
    records++;
    bytes += length;
  }

  void add(MemorySegment record) {
    add(record, 0, record.byteSize());
  }

  private void addLength(long length) {
    makeRoom(Integer.BYTES);
    stage.set(LENGTH, stagedSize, (int) length);
    stagedSize += Integer.BYTES;
  }

  private void makeRoom(int size) {
    if (staged.length - stagedSize < size) {
      sha256.update(staged, 0, stagedSize);
      stagedSize = 0;
    }
  }

  /** Number of records added. */
  long records() {
    return records;
  }

  /** Sum of the sizes of the records added, in bytes. */
  long bytes() {
    return bytes;
  }

  /** Returns the digest as 64 hexadecimal digits. The caller must not add records afterwards. */
  String finish() {
    sha256.update(staged, 0, stagedSize);
    return HexFormat.of().formatHex(sha256.digest());
  }
}
