package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.loading.RemoteCost;
import io.disky.order.OrderPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadPlanTest {
  @Test
  void aPlanIsReadable() {
    LoadPlan plan =
        new LoadPlan(
            new OrderPlan(
                1000,
                15,
                40,
                0,
                10,
                25,
                333.4,
                3200,
                50_000,
                160,
                40_000,
                3,
                List.of("each chunk is decoded often: write smaller ones")),
            4,
            new RemoteCost(70, 9_000, 6_000));
    assertThat(plan)
        .hasToString(
            """
            steps: 15
            records: 1000, the last 40 dropped
            chunks: 10, decoded 25 times in all (2.50 times each)
            remote files: 70 requests of 9000 bytes in all (1.50 bytes for each byte of a record)
            mixing distance: 333 records
            memory of a rank: 62960 bytes: 4 batches of 3200, chunks 50000, index 160
            resume: 40000 bytes decoded again, 3 choices made again
            warning: each chunk is decoded often: write smaller ones\
            """);
    assertThat(plan.steps()).hasValue(15);
    assertThat(plan.positions()).hasValue(1000);
    assertThat(plan.dropped()).isEqualTo(40);
    assertThat(plan.padded()).isZero();
    assertThat(plan.chunks()).isEqualTo(10);
    assertThat(plan.expectedDecodes()).isEqualTo(25);
    assertThat(plan.readAmplification()).isEqualTo(2.5);
    assertThat(plan.remoteRequests()).isEqualTo(70);
    assertThat(plan.remoteBytes()).isEqualTo(9_000);
    assertThat(plan.remoteAmplification()).isEqualTo(1.5);
    assertThat(plan.mixingDistance()).isEqualTo(333.4);
    assertThat(plan.expectedMemory()).isEqualTo(62_960);
    assertThat(plan.resumeBytes()).isEqualTo(40_000);
    assertThat(plan.resumeChoices()).isEqualTo(3);
    assertThat(plan.warnings()).hasSize(1);
  }

  @Test
  void anEpochWithoutAnEndHasNoNumberOfSteps() {
    LoadPlan plan =
        new LoadPlan(
            new OrderPlan(
                Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, 10, 10, 1, 3200, 0, 160, 0, 0, List.of()),
            1,
            RemoteCost.NONE);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.positions()).isEmpty();
    assertThat(plan.toString())
        .startsWith("steps: without an end\nrecords: without an end\n")
        .doesNotContain("warning");
  }
}
