package io.disky.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Builds the data of transposed chunks, which those of metadata chunks are too, from parts that
 * need not fit together. Nothing is compressed.
 */
public final class TransposedChunkData {
  /** Tag of a state that writes nothing. */
  public static final int PASS = 0;

  /** Tag of a state that writes a record that is no message. */
  public static final int NO_MESSAGE = 1;

  /** Tag of a state that ends a submessage in field 1, and so begins to write it. */
  public static final int END_SUBMESSAGE = 8 + 6;

  private TransposedChunkData() {}

  /** Records as they are, none of them taken apart. */
  public static byte[] ofRecords(List<byte[]> records) {
    List<byte[]> backwards = new ArrayList<>(records);
    Collections.reverse(backwards);
    byte[] values = SimpleChunkData.concatenate(backwards);
    byte[] sizes = SimpleChunkData.sizes(backwards);
    byte[] bucket = SimpleChunkData.concatenate(List.of(values, sizes));
    byte[] header =
        SimpleChunkData.sizes(
            1, 2, bucket.length, values.length, sizes.length, 1, NO_MESSAGE, 0, 0, 0);
    return of(header, bucket, new byte[Math.max(0, records.size() - 1)]);
  }

  /** Header, buckets and transitions as they are, behind a true size of the first. */
  public static byte[] of(byte[] header, byte[] buckets, byte[] transitions) {
    byte[] size = SimpleChunkData.varint(header.length);
    return SimpleChunkData.concatenate(
        List.of(new byte[] {ChunkTypes.NONE}, size, header, buckets, transitions));
  }

  /**
   * A machine without buffers that begins in its first state.
   *
   * @param states tag and successor of each state
   */
  public static byte[] ofMachine(long[][] states, byte[] transitions) {
    long[] header = new long[4 + 2 * states.length];
    header[2] = states.length;
    for (int i = 0; i < states.length; i++) {
      header[3 + i] = states[i][0];
      header[3 + states.length + i] = states[i][1];
    }
    return of(SimpleChunkData.sizes(header), new byte[0], transitions);
  }
}
