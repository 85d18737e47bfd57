package io.disky.examples;

import io.disky.loader.LoadedBatch;
import io.disky.loader.LoadedBatches;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Batches of rows of floats. */
final class Rows {
  private static final long SEED = 11;

  private Rows() {}

  /** Rows of {@code width} floats; the same for each call. */
  static List<float[]> of(int count, int width) {
    Random random = new Random(SEED);
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] row = new float[width];
      for (int j = 0; j < width; j++) {
        row[j] = random.nextFloat();
      }
      rows.add(row);
    }
    return rows;
  }

  /** Batches of at most {@code size} of the rows. */
  static List<LoadedBatch> batches(List<float[]> rows, int size) {
    List<LoadedBatch> batches = new ArrayList<>();
    for (int begin = 0; begin < rows.size(); begin += size) {
      List<float[]> part = rows.subList(begin, Math.min(begin + size, rows.size()));
      batches.add(LoadedBatches.of(part.stream().map(Rows::record).toList()));
    }
    return batches;
  }

  private static byte[] record(float[] row) {
    ByteBuffer record = ByteBuffer.allocate(4 * row.length).order(ByteOrder.nativeOrder());
    record.asFloatBuffer().put(row);
    return record.array();
  }
}
