package io.disky.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.loader.LoadedBatches;
import io.disky.testing.SampleRecords;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamedSizesTest {
  @Test
  void sizesOfAllBatches() {
    assertThat(
            StreamedSizes.count(
                List.of(
                    LoadedBatches.of(SampleRecords.ofSizes(3, 0, 3)),
                    LoadedBatches.of(SampleRecords.ofSizes(5, 3)))))
        .isEqualTo(Map.of(0L, 1L, 3L, 3L, 5L, 1L));
  }
}
