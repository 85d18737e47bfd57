package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteOptionsTest {
  private static final RemoteOptions DEFAULTS = RemoteOptions.defaults();

  @Test
  void theDefaultsAreDocumented() {
    assertThat(DEFAULTS)
        .hasToString(
            "RemoteOptions[requestSize=8388608, maxRequests=16, maxMemory=268435456,"
                + " maxReadAhead=9223372036854775807, maxGap=524288, maxAttempts=6, timeout=PT2M,"
                + " deadline=PT10M, hedgeAfter=none, hedging=none, cache=none, metrics=none]");
    assertThat(DEFAULTS.hedgeAfter()).isEmpty();
    assertThat(DEFAULTS.cache()).isEmpty();
    assertThat(DEFAULTS.metrics()).isEmpty();
  }

  @Test
  void eachOptionIsSet(@TempDir Path directory) throws Exception {
    RemoteCache cache = RemoteCache.open(directory.resolve("cache"), 16 << 20);
    RemoteMetrics metrics = new RemoteMetrics();
    RemoteOptions options =
        DEFAULTS
            .withRequestSize(64 << 10)
            .withMaxRequests(3)
            .withMaxMemory(1 << 20)
            .withMaxReadAhead(0)
            .withMaxGap(5)
            .withMaxAttempts(1)
            .withTimeout(Duration.ofSeconds(1))
            .withDeadline(Duration.ofSeconds(2))
            .withHedgeAfter(Duration.ofMillis(3))
            .withCache(cache)
            .withMetrics(metrics);
    assertThat(options.requestSize()).isEqualTo(64 << 10);
    assertThat(options.maxRequests()).isEqualTo(3);
    assertThat(options.maxMemory()).isEqualTo(1 << 20);
    assertThat(options.maxReadAhead()).isZero();
    assertThat(options.maxGap()).isEqualTo(5);
    assertThat(options.maxAttempts()).isEqualTo(1);
    assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(options.deadline()).isEqualTo(Duration.ofSeconds(2));
    assertThat(options.hedgeAfter()).contains(Duration.ofMillis(3));
    assertThat(options.cache()).containsSame(cache);
    assertThat(options.metrics()).containsSame(metrics);
    assertThat(cache.maxBytes()).isEqualTo(16 << 20);
    assertThat(cache.directory()).isEqualTo(directory.resolve("cache"));
    assertThat(options).isEqualTo(options.withMaxGap(6).withMaxGap(5)).isNotEqualTo(DEFAULTS);
  }

  @Test
  void hedgingHasOneDelay() {
    RemoteHedging hedging =
        RemoteHedging.afterPercentile(0.95).withMinSamples(50).withMaxShare(0.25);
    assertThat(hedging).hasToString("RemoteHedging[percentile=0.95, minSamples=50, maxShare=0.25]");
    assertThat(RemoteHedging.afterPercentile(0.9))
        .hasToString("RemoteHedging[percentile=0.9, minSamples=100, maxShare=0.1]");
    assertThat(hedging.percentile()).isEqualTo(0.95);
    assertThat(hedging.minSamples()).isEqualTo(50);
    assertThat(hedging.maxShare()).isEqualTo(0.25);
    RemoteOptions fixed = DEFAULTS.withHedgeAfter(Duration.ofMillis(3));
    RemoteOptions measured = fixed.withHedging(hedging);
    assertThat(measured.hedging()).containsSame(hedging);
    assertThat(measured.hedgeAfter()).isEmpty();
    assertThat(measured.withHedgeAfter(Duration.ofMillis(3))).isEqualTo(fixed);
    List<UnaryOperator<RemoteHedging>> wrong =
        List.of(
            _ -> RemoteHedging.afterPercentile(0.49),
            _ -> RemoteHedging.afterPercentile(0.9991),
            _ -> RemoteHedging.afterPercentile(Double.NaN),
            options -> options.withMinSamples(9),
            options -> options.withMinSamples(513),
            options -> options.withMaxShare(0),
            options -> options.withMaxShare(1.01));
    assertThat(wrong)
        .allSatisfy(change ->
            assertThatThrownBy(() -> change.apply(hedging))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("; it must be "));
  }

  @Test
  void valuesOutsideTheRangesAreRefused(@TempDir Path directory) {
    List<UnaryOperator<RemoteOptions>> wrong =
        List.of(
            options -> options.withRequestSize((64 << 10) - 1),
            options -> options.withRequestSize((64 << 20) + 1),
            options -> options.withMaxRequests(0),
            options -> options.withMaxRequests(1025),
            options -> options.withMaxMemory((1 << 20) - 1),
            options -> options.withMaxReadAhead(-1),
            options -> options.withMaxGap(-1),
            options -> options.withMaxGap((64 << 20) + 1),
            options -> options.withMaxAttempts(0),
            options -> options.withMaxAttempts(101),
            options -> options.withTimeout(Duration.ofNanos(999_999)),
            options -> options.withDeadline(Duration.ofDays(1).plusNanos(1)),
            options -> options.withHedgeAfter(Duration.ZERO));
    assertThat(wrong)
        .allSatisfy(change ->
            assertThatThrownBy(() -> change.apply(DEFAULTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("; it must be "));
    assertThatThrownBy(() -> RemoteCache.open(directory, (16 << 20) - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it must be at least 16 MiB");
  }
}
