package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReservoirSnapshotsTest {
  /** From each of the last positions back, few steps before a snapshot. */
  @Test
  void areNearRecentPositions() {
    for (int size : new int[] {1, 1000, 1_000_000}) {
      ReservoirSnapshots snapshots = new ReservoirSnapshots(size);
      long spacing = Math.max(ReservoirSnapshots.SPACING, size);
      long[] waiting = new long[size];
      for (long position = 0; position < 7_000_000; position += 500) {
        if (snapshots.isDue(position)) {
          waiting[0] = position;
          snapshots.take(position, waiting);
        }
      }
      long covered = (ReservoirSnapshots.COUNT - 1) * spacing;
      for (long back = 0; back <= covered; back += 10_000) {
        long position = 6_999_500 - back;
        int nearest = snapshots.nearest(position);
        assertThat(nearest).isNotNegative();
        assertThat(position - snapshots.position(nearest)).isBetween(0L, spacing + 500);
        assertThat(snapshots.copy(nearest)[0]).isEqualTo(snapshots.position(nearest));
      }
    }
  }

  @Test
  void areNotNearPositionsBeforeAll() {
    ReservoirSnapshots snapshots = new ReservoirSnapshots(2);
    assertThat(snapshots.nearest(1_000_000)).isEqualTo(-1);
    snapshots.take(500, new long[] {3, 4});
    assertThat(snapshots.nearest(499)).isEqualTo(-1);
    assertThat(snapshots.copy(snapshots.nearest(500))).containsExactly(3, 4);
  }
}
