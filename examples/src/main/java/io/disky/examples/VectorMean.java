package io.disky.examples;

import io.disky.loader.Columns;
import io.disky.loader.LoadedBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The mean of one field of all records, computed with the Vector API over a column. */
public final class VectorMean {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private VectorMean() {}

  /**
   * The mean of the field {@code name}, which is a float; padding does not count.
   *
   * @param layout of each record
   */
  public static double mean(Iterable<LoadedBatch> batches, StructLayout layout, String name) {
    double sum = 0;
    long count = 0;
    for (LoadedBatch batch : batches) {
      try (batch) {
        Columns columns = batch.columns(layout);
        int records = batch.recordCount() - batch.paddingCount(); // which comes last
        sum += sum(columns.column(name), records);
        count += records;
      }
    }
    return sum / count;
  }

  static double sum(MemorySegment column, int count) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int vectorized = SPECIES.loopBound(count);
    for (int i = 0; i < vectorized; i += SPECIES.length()) {
      sums = sums.add(FloatVector.fromMemorySegment(SPECIES, column, 4L * i, ORDER));
    }
    double sum = sums.reduceLanes(VectorOperators.ADD);
    for (int i = vectorized; i < count; i++) {
      sum += column.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return sum;
  }
}
