package io.disky.oracle;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Computes the SHA-256 of a sequence of records. The input of the hash is, for each record, its
 * length as a 4-byte little-endian number and then its bytes. Not thread-safe.
 */
public final class RecordDigest {
  private final MessageDigest sha256;
  private final byte[] prefix = new byte[Integer.BYTES];
  private long records;
  private long bytes;

  /** Begins a digest without records. */
  public RecordDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** The digest of these records in this order, as 64 hexadecimal digits. */
  public static String of(Iterable<byte[]> records) {
    RecordDigest digest = new RecordDigest();
    records.forEach(digest::add);
    return digest.finish();
  }

  /** The digest of these records sorted as sequences of unsigned bytes. */
  public static String ofSorted(List<byte[]> records) {
    return of(records.stream().sorted(Arrays::compareUnsigned).toList());
  }

  /** Adds a record. */
  public void add(byte[] record) {
    add(ByteBuffer.wrap(record));
  }

  /** Adds a record of less than 2 GiB. */
  public void add(MemorySegment record) {
    add(record.asByteBuffer());
  }

  /** Number of records added. */
  public long records() {
    return records;
  }

  /** Sum of the sizes of the records added, in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Returns the digest as 64 hexadecimal digits. The caller must not add records afterwards. */
  public String finish() {
    return HexFormat.of().formatHex(sha256.digest());
  }

  private void add(ByteBuffer record) {
    int size = record.remaining();
    ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).putInt(0, size);
    sha256.update(prefix);
    sha256.update(record);
    records++;
    bytes += size;
  }
}
