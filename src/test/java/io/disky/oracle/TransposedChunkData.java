package io.disky.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Builds the data of transposed chunks and of metadata chunks, which have the same layout, without
 * compression. The parts may contradict each other.
 */
public final class TransposedChunkData {
  /** Tag of a state that writes nothing. */
  public static final int PASS = 0;

  /** Tag of a state that writes a record that is not a message. */
  public static final int NO_MESSAGE = 1;

  /**
   * Tag of a state that ends a submessage in field 1. The machine writes backwards, so this state
   * comes first.
   */
  public static final int END_SUBMESSAGE = 8 + 6;

  private TransposedChunkData() {}

  /** Records that are not split into fields. */
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

  /** The correct size of the header, then header, buckets and transitions unchanged. */
  public static byte[] of(byte[] header, byte[] buckets, byte[] transitions) {
    byte[] size = SimpleChunkData.varint(header.length);
    return SimpleChunkData.concatenate(
        List.of(new byte[] {ChunkTypes.NONE}, size, header, buckets, transitions));
  }

  /**
   * A state machine without buffers. Its initial state is the first one.
   *
   * @param states the tag and the successor of each state
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
