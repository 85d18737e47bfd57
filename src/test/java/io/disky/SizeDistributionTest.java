package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizeDistributionTest {
  private static SizeDistribution of(long... sizes) {
    SizeDistribution.Summary summary = new SizeDistribution.Summary();
    Arrays.stream(sizes).forEach(summary::add);
    return summary.distribution();
  }

  @Test
  void ofNothing() {
    SizeDistribution nothing = of();
    assertThat(nothing).isEqualTo(new SizeDistribution(0, 0, 0, 0, new TreeMap<>()));
    assertThat(nothing.mean()).isZero();
  }

  @Test
  void countsSimilarSizesTogether() {
    SizeDistribution sizes = of(0, 1, 2, 3, 4, 7, 8, 0, 1023, 1024);
    assertThat(sizes.count()).isEqualTo(10);
    assertThat(sizes.smallest()).isZero();
    assertThat(sizes.largest()).isEqualTo(1024);
    assertThat(sizes.total()).isEqualTo(2072);
    assertThat(sizes.mean()).isEqualTo(207.2);
    assertThat(sizes.histogram())
        .containsExactly(
            Map.entry(0L, 2L),
            Map.entry(1L, 1L),
            Map.entry(2L, 2L),
            Map.entry(4L, 2L),
            Map.entry(8L, 1L),
            Map.entry(512L, 1L),
            Map.entry(1024L, 1L));
  }

  @Test
  void totalsDoNotOverflow() {
    SizeDistribution sizes = of(Long.MAX_VALUE, 1, Long.MAX_VALUE);
    assertThat(sizes.total()).isEqualTo(Long.MAX_VALUE);
    assertThat(sizes.largest()).isEqualTo(Long.MAX_VALUE);
    assertThat(sizes.smallest()).isEqualTo(1);
    assertThat(sizes.mean()).isPositive();
    assertThat(sizes.histogram()).containsExactly(Map.entry(1L, 1L), Map.entry(1L << 62, 2L));
  }

  @Test
  void histogramsCannotBeChanged() {
    SortedMap<Long, Long> histogram = new TreeMap<>(Map.of(1L, 1L));
    SizeDistribution sizes = new SizeDistribution(1, 1, 1, 1, histogram);
    histogram.clear();
    assertThat(sizes.histogram()).containsExactly(Map.entry(1L, 1L));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> sizes.histogram().clear());
  }

  /** What the engine counts is what is counted here. */
  @Test
  void sizesOfAFilesRecords(@TempDir Path directory) throws IOException {
    List<Long> sizes = new ArrayList<>(List.of(0L));
    for (int bits = 0; bits < 20; bits++) {
      sizes.addAll(List.of(1L << bits, (2L << bits) - 1));
    }
    Path file = directory.resolve("records");
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (long size : sizes) {
        writer.write(new byte[(int) size]);
      }
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.describe().recordSizes())
          .isEqualTo(of(sizes.stream().mapToLong(size -> size).toArray()));
    }
  }
}
