package io.disky.retrying;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final double MOST = Math.nextDown(1.0);

  private static Duration delay(int attempts, Duration requested, double random) {
    return Duration.ofNanos(
        RetryPolicy.of(100, MINUTE, MINUTE).delay(attempts, 0, requested, random));
  }

  @Test
  void theLimitDoublesAndTheDelayIsARandomPartOfIt() {
    int[] limits = {100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000};
    for (int i = 0; i < limits.length; i++) {
      assertThat(delay(i + 1, null, 0)).isZero();
      assertThat(delay(i + 1, null, 0.25)).isEqualTo(Duration.ofMillis(limits[i] / 4));
      assertThat(delay(i + 1, null, MOST))
          .isBetween(Duration.ofMillis(limits[i]).minusNanos(2), Duration.ofMillis(limits[i]));
    }
    assertThat(delay(Integer.MAX_VALUE, null, 0.5)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void theDelayOfTheStoreIsTheShortestOne() {
    assertThat(delay(1, Duration.ofSeconds(7), 0)).isEqualTo(Duration.ofSeconds(7));
    assertThat(delay(1, Duration.ofSeconds(7), 0.5)).isEqualTo(Duration.ofMillis(7_050));
    assertThat(delay(1, Duration.ofSeconds(-7), 0.5)).isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void attemptsEnd() {
    RetryPolicy policy = RetryPolicy.of(3, MINUTE, MINUTE);
    assertThat(policy.allowsAttemptAfter(2)).isTrue();
    assertThat(policy.allowsAttemptAfter(3)).isFalse();
    long minute = MINUTE.toNanos();
    assertThat(policy.delay(1, minute - 50_000_000, null, 0.5)).isEqualTo(50_000_000);
    assertThat(policy.delay(1, minute - 49_999_999, null, 0.5)).isEqualTo(-1);
    assertThat(policy.delay(1, minute + 1, null, 0)).isEqualTo(-1);
    assertThat(policy.delay(1, 0, MINUTE, 0)).isEqualTo(minute);
    assertThat(policy.delay(1, 0, MINUTE, 0.5)).isEqualTo(-1);
    assertThat(policy.delay(1, 0, Duration.ofSeconds(Long.MAX_VALUE), 0)).isEqualTo(-1);
  }
}
