package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.loading.RemoteCost;
import io.disky.order.OrderPlan;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                20,
                25,
                333.4,
                3200,
                50_000,
                160,
                40_000,
                3,
                List.of("each chunk is decoded often: write smaller ones")),
            BatchSize.records(64),
            4,
            new RemoteCost(70, 9_000, 6_000));
    assertThat(plan)
        .hasToString(
            """
            steps: 15
            records: 1000, the last 40 dropped
            chunks: 10 in the sources, about 20 in the epoch, decoded about 25 times in all (1.25 times each)
            remote files: 70 requests of 9000 bytes in all (1.50 bytes for each byte of a record)
            mixing distance: about 333 records
            memory of a rank: about 62800 bytes outside the Java heap: 4 batches of 3200, chunks 50000
            Java heap of a rank: up to 160 bytes
            resume: about 40000 bytes decoded again, up to 3 random choices made again
            warning: each chunk is decoded often: write smaller ones\
            """);
    assertThat(plan.steps()).hasValue(15);
    assertThat(plan.positions()).hasValue(1000);
    assertThat(plan.dropped()).isEqualTo(40);
    assertThat(plan.padded()).isZero();
    assertThat(plan.chunks()).isEqualTo(10);
    assertThat(plan.expectedDecodes()).isEqualTo(25);
    assertThat(plan.chunksInEpoch()).isEqualTo(20);
    assertThat(plan.readAmplification()).isEqualTo(1.25);
    assertThat(plan.remoteRequests()).isEqualTo(70);
    assertThat(plan.remoteBytes()).isEqualTo(9_000);
    assertThat(plan.remoteAmplification()).isEqualTo(1.5);
    assertThat(plan.mixingDistance()).isEqualTo(333.4);
    assertThat(plan.expectedMemory()).hasValue(62_800);
    assertThat(plan.heapMemory()).isEqualTo(160);
    assertThat(plan.resumeBytes()).isEqualTo(40_000);
    assertThat(plan.resumeChoices()).isEqualTo(3);
    assertThat(plan.warnings()).hasSize(1);
  }

  @Test
  void anEpochWithoutAnEndHasNoNumberOfSteps() {
    LoadPlan plan =
        new LoadPlan(
            new OrderPlan(
                Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, 10, 10, 10, 1, 3200, 0, 160, 0, 0, List.of()),
            BatchSize.records(64),
            1,
            RemoteCost.NONE);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.positions()).isEmpty();
    assertThat(plan.toString())
        .startsWith("steps: without an end\nrecords: without an end\n")
        .doesNotContain("warning");
  }

  /** Two files of records of 100 bytes, in chunks of about 40 records. */
  private static RecordSource source(Path directory) throws IOException {
    List<Path> files = List.of(directory.resolve("first"), directory.resolve("second"));
    for (Path file : files) {
      try (RecordWriter writer =
          RecordWriter.open(file, WriterOptions.defaults().withChunkSize(4 << 10))) {
        for (int i = 0; i < 500; i++) {
          writer.write(new byte[100]);
        }
      }
    }
    return RecordSource.files(files.getFirst(), files.getLast());
  }

  @Test
  void batchesOfALimitedSizeHaveNoNumberOfStepsAndNoMemory(@TempDir Path directory)
      throws IOException {
    RecordSource source = source(directory);
    for (BatchSize size :
        List.of(BatchSize.bytes(2000), BatchSize.cost(20, MemorySegment::byteSize))) {
      LoaderOptions options = LoaderOptions.defaults().withBatchSize(size);
      try (DataLoader loader = DataLoader.open(source, options)) {
        LoadPlan plan = loader.plan();
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.expectedMemory()).isEmpty();
        assertThat(plan.positions()).hasValue(1000);
        assertThat(plan.dropped() + plan.padded()).isZero();
        assertThat(plan.toString())
            .startsWith("steps: not known before the records are read\nrecords: 1000\n")
            .contains("\nmemory of a rank: not known before the records are read\n")
            .doesNotContain("warning");
      }
    }
  }

  /** The plan of a source states the numbers that a loader with the same options states. */
  @Test
  void aPlanAgreesWithTheLoader(@TempDir Path directory) throws IOException {
    RecordSource source = source(directory);
    for (Shuffle shuffle : List.of(Shuffle.none(), Shuffle.global(), Shuffle.windowed(20_000))) {
      LoaderOptions options =
          LoaderOptions.defaults().withShuffle(shuffle).withBatchSize(64).withRank(0, 2);
      LoadPlan plan =
          LoadPlan.of(
              source,
              shuffle,
              options.batchSize(),
              options.remainder(),
              options.worldSize(),
              options.memory());
      try (DataLoader loader = DataLoader.open(source, options)) {
        LoadPlan ofLoader = loader.plan();
        assertThat(plan.steps()).isEqualTo(ofLoader.steps());
        assertThat(plan.chunks()).isEqualTo(ofLoader.chunks());
        assertThat(plan.expectedDecodes()).as("%s", shuffle).isEqualTo(ofLoader.expectedDecodes());
        assertThat(plan.resumeBytes()).isEqualTo(ofLoader.resumeBytes());
        assertThat(plan.warnings()).isEqualTo(ofLoader.warnings());
      }
    }
  }
}
