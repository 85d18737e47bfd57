package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.disky.loader.LoaderMetrics.Bottleneck;
import io.disky.loading.LoadingMetrics;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoaderMetricsTest {
  /** The first rule that applies decides. */
  @ParameterizedTest
  @CsvSource({
    // wait, work, decode, read, copy, transform
    "1287, 9395, 4000, 3000, 10, 0, CONSUMER",
    "333, 667, 1, 0, 0, 0, CONSUMER",
    "334, 666, 1, 0, 0, 0, READING",
    "900, 100, 5, 5, 10, 10, READING",
    "900, 100, 5, 5, 10, 11, TRANSFORM",
    "900, 100, 5, 5, 11, 10, COPYING",
    "900, 100, 5, 5, 11, 11, COPYING",
    "0, 0, 0, 0, 0, 0, READING",
  })
  void theBottleneckFollowsFromTheTimes(
      long wait,
      long work,
      long decode,
      long read,
      long copy,
      long transform,
      Bottleneck expected) {
    LoaderMetrics metrics =
        new LoaderMetrics(
            new LoadingMetrics(1, 1, 1, 0, 0, wait, work, decode, read, copy, transform, 0, 0, 0));
    assertThat(metrics.bottleneck()).isEqualTo(expected);
    double share = wait + work == 0 ? 0 : (double) wait / (wait + work);
    assertThat(metrics.waitShare()).isCloseTo(share, within(1e-9));
    assertThat(metrics.toString())
        .contains("bottleneck=" + expected, "waitShare=%.2f".formatted(share));
  }
}
