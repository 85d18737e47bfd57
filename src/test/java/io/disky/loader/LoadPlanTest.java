package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Container;
import io.disky.RandomAccessOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.loading.LoadAhead;
import io.disky.loading.RemoteCost;
import io.disky.order.OrderPlan;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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
                3000,
                160,
                40_000,
                3,
                List.of("each chunk is decoded often: write smaller ones")),
            BatchSize.records(64),
            new LoadAhead.Bound(50_000, 15_000, 62_800),
            new RemoteCost(70, 9_000, 6_000),
            List.of());
    assertThat(plan)
        .hasToString(
            """
            steps: 15
            records: 1000, the last 40 dropped
            chunks: 10 in the sources, about 20 in the epoch, decoded about 25 times in all (1.25 times each)
            remote files: 70 requests of 9000 bytes in all (1.50 bytes for each byte of a record)
            mixing distance: about 333 records
            memory of a rank: up to 62800 bytes outside the Java heap: batches up to 50000, chunks up to 15000
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
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                0,
                0,
                10,
                10,
                10,
                1,
                3200,
                0,
                0,
                160,
                0,
                0,
                List.of()),
            BatchSize.records(64),
            new LoadAhead.Bound(0, 0, 0),
            RemoteCost.NONE,
            List.of());
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

  /** As a writer leaves it that was killed: all chunks with records, and nothing after them. */
  private static Path withoutIndex(Path file) throws IOException {
    WriterOptions options = WriterOptions.defaults().withContainer(Container.ARRAY_RECORD);
    RecordWriter.writeAtomically(
        file,
        options,
        writer -> {
          for (int i = 0; i < 20; i++) {
            writer.write(new byte[100]);
          }
        });
    long end;
    try (RecordReader reader = RecordReader.open(file)) {
      List<ChunkDescription> groups = new ArrayList<>();
      reader.forEachChunk(chunk -> {
        if (chunk.type() == ChunkType.SIMPLE) {
          groups.add(chunk);
        }
      });
      end = groups.getLast().end();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(end);
    }
    return file;
  }

  private static List<String> warnings(RecordSource source) throws IOException {
    try (DataLoader loader = DataLoader.open(source, LoaderOptions.defaults())) {
      return loader.plan().warnings();
    }
  }

  /** The name, or complete ArrayRecords next to it, show that a file is an ArrayRecord. */
  @Test
  void anArrayRecordWithoutItsIndexIsWarnedAbout(@TempDir Path directory) throws IOException {
    Path named = withoutIndex(directory.resolve("train.arrayrecord_0"));
    Path other = withoutIndex(directory.resolve("shard_1"));
    Path plain = directory.resolve("shard_2");
    RecordWriter.writeAtomically(plain, writer -> writer.write("plain"));
    Path complete = directory.resolve("shard_3");
    RecordWriter.writeAtomically(
        complete,
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD),
        writer -> writer.write("complete"));
    assertThat(warnings(RecordSource.files(named)))
        .singleElement()
        .asString()
        .startsWith("the ArrayRecord train.arrayrecord_0 has no index at the end");
    assertThat(warnings(RecordSource.files(other, complete)))
        .singleElement()
        .asString()
        .startsWith("the ArrayRecord shard_1 has no index at the end");
    assertThat(warnings(RecordSource.files(named, other, complete)))
        .singleElement()
        .asString()
        .startsWith("2 ArrayRecords, among them train.arrayrecord_0, have no index");
    assertThat(warnings(RecordSource.files(other, plain))).isEmpty();
    assertThat(warnings(RecordSource.files(complete))).isEmpty();
    RandomAccessOptions withoutFooters = RandomAccessOptions.defaults().withFooter(false);
    assertThat(warnings(RecordSource.files(List.of(named, complete), withoutFooters))).isEmpty();
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
        assertThat(plan.expectedMemory()).isEqualTo(ofLoader.expectedMemory());
        assertThat(plan.resumeBytes()).isEqualTo(ofLoader.resumeBytes());
        assertThat(plan.warnings()).isEqualTo(ofLoader.warnings());
      }
    }
  }

  /** A consumer that is slow at first lets the loader load ahead as far as it may. */
  @Test
  void theMemoryOfALoaderIsWithinThePlan(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("large");
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withChunkSize(64 << 10))) {
      for (int i = 0; i < 20_000; i++) {
        writer.write(new byte[200]);
      }
    }
    RecordSource source = RecordSource.files(file);
    for (Shuffle shuffle :
        List.of(
            Shuffle.none(), Shuffle.global(), Shuffle.windowed(500_000), Shuffle.reservoir(900))) {
      for (int workers : new int[] {0, 3}) {
        for (long memory : new long[] {1 << 20, 8 << 20}) {
          LoaderOptions options =
              LoaderOptions.defaults()
                  .withShuffle(shuffle)
                  .withBatchSize(128)
                  .withWorkers(workers)
                  .withMemory(memory);
          staysWithinItsPlan(source, options);
          staysWithinItsPlan(
              source,
              options
                  .withEpochs(2)
                  .withMap(
                      (_, record, output) -> output.allocate(record.byteSize()).copyFrom(record)));
        }
      }
    }
  }

  private static void staysWithinItsPlan(RecordSource source, LoaderOptions options)
      throws Exception {
    long most = 0;
    int ahead = 0;
    try (DataLoader loader = DataLoader.open(source, options)) {
      LoadPlan plan = loader.plan();
      for (LoadedBatch batch : loader) {
        if (batch.step() % 60 == 20) {
          waitForWorkers(loader);
        }
        most = Math.max(most, loader.metrics().memory());
        ahead = Math.max(ahead, loader.metrics().batchesAhead());
      }
      assertThat(most)
          .as("the memory with %s batches ahead, of %s\n%s", ahead, options, plan)
          .isPositive()
          .isLessThanOrEqualTo(plan.expectedMemory().orElseThrow());
    }
  }

  /** Waits until the workers load nothing more, or for a short time. */
  private static void waitForWorkers(DataLoader loader) throws InterruptedException {
    long before = -1;
    for (int i = 0; i < 3 && loader.metrics().memory() != before; i++) {
      before = loader.metrics().memory();
      Thread.sleep(2);
    }
  }
}
