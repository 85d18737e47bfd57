package io.disky.writing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RotationScheduleTest {
  private static final Instant START = Instant.EPOCH;

  @Test
  void looksAtTheSizeOnlyWhenItMayHaveReachedTheLimit() {
    RotationSchedule schedule = new RotationSchedule(1_000, 100, null);
    schedule.opened(START, 64);
    assertThat(schedule.isSizeDue(935)).isFalse();
    assertThat(schedule.isSizeDue(936)).isTrue();
    assertThat(schedule.isFull(500, 936)).isFalse();
    assertThat(schedule.isSizeDue(936 + 499)).isFalse();
    assertThat(schedule.isSizeDue(936 + 500)).isTrue();
    assertThat(schedule.isFull(1_000, 1_436)).isTrue();
  }

  /** Near the limit, at most once for each chunk. */
  @Test
  void looksOncePerChunk() {
    RotationSchedule schedule = new RotationSchedule(1_000, 100, null);
    schedule.opened(START, 64);
    assertThat(schedule.isFull(999, 2_000)).isFalse();
    assertThat(schedule.isSizeDue(2_099)).isFalse();
    assertThat(schedule.isSizeDue(2_100)).isTrue();
    schedule.isFull(999, 2_100);
    schedule.setSizeDue();
    assertThat(schedule.isSizeDue(0)).isTrue();
  }

  @Test
  void withoutALimit() {
    RotationSchedule schedule = new RotationSchedule(Long.MAX_VALUE, 1 << 20, null);
    schedule.opened(START, 64);
    assertThat(schedule.isSizeDue(Long.MAX_VALUE - 65)).isFalse();
    assertThat(schedule.isFull(1L << 60, 1L << 62)).isFalse();
    assertThat(schedule.hasMaxAge()).isFalse();
    assertThat(schedule.isOld(Instant.MAX)).isFalse();
  }

  @Test
  void growsOld() {
    RotationSchedule schedule = new RotationSchedule(1, 1, Duration.ofMinutes(1));
    assertThat(schedule.hasMaxAge()).isTrue();
    schedule.opened(START, 0);
    assertThat(schedule.isOld(START)).isFalse();
    assertThat(schedule.isOld(START.minusSeconds(100))).isFalse();
    assertThat(schedule.isOld(START.plusSeconds(60).minusNanos(1))).isFalse();
    assertThat(schedule.isOld(START.plusSeconds(60))).isTrue();
  }
}
