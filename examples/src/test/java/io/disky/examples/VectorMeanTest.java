package io.disky.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorMeanTest {
  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          MemoryLayout.paddingLayout(4),
          ValueLayout.JAVA_FLOAT_UNALIGNED.withName("price"),
          MemoryLayout.paddingLayout(4));

  /** Also numbers of records that no number of lanes divides. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 333})
  void theMeanOfAField(int size) {
    List<float[]> rows = Rows.of(1_000, 3);
    double expected = rows.stream().mapToDouble(row -> row[1]).average().orElseThrow();
    assertThat(VectorMean.mean(Rows.batches(rows, size), LAYOUT, "price"))
        .isCloseTo(expected, within(1e-5));
  }

  @Test
  void noRecordsHaveNoMean() {
    assertThat(VectorMean.mean(List.of(), LAYOUT, "price")).isNaN();
  }
}
