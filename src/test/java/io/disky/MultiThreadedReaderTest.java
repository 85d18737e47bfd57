package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.disky.ShardFixture.Place;
import io.disky.oracle.GoldenManifest;
import io.disky.testing.LogCapture;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class MultiThreadedReaderTest {
  private static final MultiThreadedReaderOptions DEFAULTS = MultiThreadedReaderOptions.defaults();
  private static final MultiThreadedReaderOptions IN_TURN = DEFAULTS.withDeterministic(true);

  @TempDir private Path directory;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  static Stream<MultiThreadedReaderOptions> options() {
    List<MultiThreadedReaderOptions> all = new ArrayList<>();
    for (ReadingOrder order : ReadingOrder.values()) {
      for (boolean deterministic : new boolean[] {false, true}) {
        for (int shards : new int[] {1, 2, 5}) {
          for (int threads : new int[] {1, 2, 4}) {
            for (long queueSize : new long[] {1, 3000, 64 << 20}) {
              all.add(
                  DEFAULTS
                      .withOrder(order)
                      .withDeterministic(deterministic)
                      .withNumShards(shards)
                      .withParallelism(threads)
                      .withQueueSize(queueSize));
            }
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("options")
  void goldenShardsHaveTheirRecords(MultiThreadedReaderOptions options) throws IOException {
    GoldenManifest.Entry entry = GoldenManifest.entry("disky/shards");
    List<byte[]> records = new ArrayList<>();
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(entry.location(), "shard", options)) {
      for (MemorySegment record : reader) {
        records.add(record.toArray(ValueLayout.JAVA_BYTE));
      }
      assertThat(reader.isAtEnd()).isTrue();
    }
    assertThat(records).hasSize((int) entry.records());
    assertThat(entry.digestOf(records)).isEqualTo(entry.digest());
  }

  @ParameterizedTest
  @MethodSource("options")
  void everyRecordComesOnceAndThoseOfAShardInOrder(MultiThreadedReaderOptions options)
      throws IOException {
    int[] chunks = {3, 0, 7, 1, 1, 0, 4};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    List<Place> places;
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      places = ShardFixture.takeAll(reader);
    }
    assertThat(places).containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
    for (int shard = 0; shard < chunks.length; shard++) {
      int number = shard;
      assertThat(places.stream().filter(place -> place.shard() == number))
          .isEqualTo(ShardFixture.places(shard, chunks[shard]));
    }
  }

  /** Shard 1 ends first, so shard 2 takes its seat. */
  @Test
  void deterministicRoundRobinGoesRound() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3, 1, 2);
    for (int threads = 1; threads <= 3; threads++) {
      assertThat(ShardFixture.read(shards, IN_TURN.withParallelism(threads)))
          .isEqualTo(ShardFixture.chunks(0, 0, 1, 0, 0, 1, 2, 0, 0, 2, 2, 1));
    }
  }

  @Test
  void deterministicDrainingIsOneShardAfterTheOther() throws IOException {
    int[] chunks = {3, 1, 0, 2};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    for (int threads = 1; threads <= 3; threads++) {
      MultiThreadedReaderOptions options =
          IN_TURN.withOrder(ReadingOrder.DRAIN).withNumShards(3).withParallelism(threads);
      assertThat(ShardFixture.read(shards, options)).isEqualTo(ShardFixture.allPlaces(chunks));
    }
  }

  @Test
  void oneThreadGoesRoundTheShardsThatAreOpen() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3, 3, 1);

    assertThat(ShardFixture.read(shards, DEFAULTS))
        .isEqualTo(ShardFixture.chunks(0, 0, 1, 0, 0, 1, 1, 1, 0, 2, 1, 2, 2, 0));
  }

  @Test
  void oneThreadDrainsOneShardAfterTheOther() throws IOException {
    int[] chunks = {3, 1, 0, 2};
    Shards shards = ShardFixture.writeAll(directory, chunks);

    assertThat(ShardFixture.read(shards, DEFAULTS.withOrder(ReadingOrder.DRAIN).withNumShards(3)))
        .isEqualTo(ShardFixture.allPlaces(chunks));
  }

  @Test
  void numShardsAreOpenAtOnce() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 2, 2, 2, 2, 2, 2, 2);
    for (int open = 1; open <= 4; open++) {
      ShardEventLog events = new ShardEventLog();
      ShardFixture.read(
          shards, DEFAULTS.withNumShards(open).withParallelism(4).withShardListener(events));
      assertThat(events.mostOpen).hasValue(open);
    }
  }

  @Test
  void listenerIsToldOfEachShard() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 0, 1);
    List<String> names = shards.list().stream().map(Shard::name).toList();
    ShardEventLog events = new ShardEventLog();

    ShardFixture.read(shards, DEFAULTS.withNumShards(1).withShardListener(events));

    assertThat(events.all)
        .containsExactly(
            "opened " + names.get(0),
            "finished " + names.get(0) + " 10",
            "opened " + names.get(1),
            "finished " + names.get(1) + " 0",
            "opened " + names.get(2),
            "finished " + names.get(2) + " 5");
  }

  @Test
  void logTellsOfEachShardAtItsLevel() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2);
    String name = shards.list().getFirst().name();
    Logger logger = Logger.getLogger("io.disky");
    try (LogCapture log = new LogCapture()) {
      ShardFixture.read(shards, DEFAULTS);
      assertThat(log.messages(name)).isEmpty();
      logger.setLevel(Level.FINE);
      ShardFixture.read(shards, DEFAULTS);
      assertThat(log.messages(name))
          .containsExactly(
              "FINE: shard " + name + " was opened",
              "FINE: shard " + name + " was read: 10 records");
    } finally {
      logger.setLevel(null);
    }
  }

  @Test
  void workersAreAsManyAsHaveWork() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 20, 20);
    for (int threads = 1; threads <= 4; threads++) {
      MultiThreadedReaderOptions options =
          DEFAULTS.withNumShards(3).withParallelism(threads).withQueueSize(1);
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        assertThat(ShardFixture.threads()).hasSize(Math.min(3, threads));
        assertThat(reader.isOpen()).isTrue();
      }
    }
  }

  private static long largest(Shards shards) throws IOException {
    long largest = 0;
    for (Shard shard : shards.list()) {
      try (RecordReader reader = shard.open(ReaderOptions.defaults())) {
        largest =
            Math.max(
                largest,
                reader.batches().mapToLong(batch -> batch.chunk().byteSize()).max().orElse(0));
      }
    }
    return largest;
  }

  @ParameterizedTest
  @MethodSource("options")
  void queueIsBoundedInBytes(MultiThreadedReaderOptions options) throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 20, 20, 20);
    long largest = largest(shards);
    long limit = Math.min(options.queueSize(), 3000);
    int threads = Math.min(options.parallelism(), options.numShards());
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(shards, options.withQueueSize(limit))) {
      assertThat(reader.queueSize()).isEqualTo(limit);
      assertFills(reader, limit + (threads + 1) * largest);
      assertThat(reader.queuedBytes()).isGreaterThan(8 * reader.queuedRecords());
      assertThat(reader.queuedRecords()).isPositive();
      reader.setQueueSize(2 * limit + 3000);
      assertThat(reader.queueSize()).isEqualTo(2 * limit + 3000);
      assertFills(reader, 2 * limit + 3000 + (threads + 1) * largest);
      assertThat(ShardFixture.takeAll(reader)).hasSize(400);
      assertThat(reader.queuedBytes()).isZero();
      assertThat(reader.queuedRecords()).isZero();
      assertThatIllegalArgumentException().isThrownBy(() -> reader.setQueueSize(0));
    }
  }

  /** Nobody takes anything meanwhile. */
  private static void assertFills(MultiThreadedReader reader, long most)
      throws InterruptedException {
    while (reader.queuedBytes() < reader.queueSize()) {
      Thread.sleep(1);
    }
    for (int i = 0; i < 10; i++) {
      Thread.sleep(1);
      assertThat(reader.queuedBytes()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void memoryIsUsedAgain() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 200, 200);
    Set<Long> addresses = new HashSet<>();
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(shards, DEFAULTS.withQueueSize(2000))) {
      reader.visitBatches(batch -> addresses.add(batch.data().address()));
    }
    assertThat(addresses).hasSizeLessThan(40);
  }

  @Test
  void ownShardsReadFromTheReadersPosition() throws IOException {
    Path file = ShardFixture.write(directory, 0, 3);
    Shard rest =
        ShardFixture.shard(
            "rest",
            options -> {
              RecordReader reader = RecordReader.open(file, options);
              reader.nextBatch().close();
              return reader;
            });
    assertThat(ShardFixture.read(Shards.from(List.of(rest)), DEFAULTS))
        .isEqualTo(ShardFixture.places(0, 1, 3));

    Shard started =
        ShardFixture.shard(
            "started",
            options -> {
              RecordReader reader = RecordReader.open(file, options);
              reader.iterator().next();
              return reader;
            });
    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(() -> ShardFixture.read(Shards.from(List.of(started)), DEFAULTS))
        .withCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void noShardIsAnErrorThatNamesDirectoryAndPrefix() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> MultiThreadedReader.open(directory, "train"))
        .withMessageContaining(directory.toString())
        .withMessageContaining("train_");
  }

  @Test
  void emptyFilesAreShardsWithoutRecords() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThatNoException().isThrownBy(() -> Records.recordCount(empty));
    assertThat(ShardFixture.read(Shards.of(List.of(empty, empty)), DEFAULTS)).isEmpty();
  }

  @Test
  void aDirectoryIsReadWithTheWritersPrefix() throws IOException {
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory)) {
      writer.write(new byte[7]);
    }
    Files.createFile(directory.resolve("other_0"));

    try (MultiThreadedReader reader = MultiThreadedReader.open(directory)) {
      assertThat(reader.next().byteSize()).isEqualTo(7);
      assertThat(reader.next()).isNull();
    }
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(directory, DEFAULTS.withNumShards(1))) {
      assertThat(reader.stream().count()).isEqualTo(1);
    }
    assertThat(Shards.inDirectory(directory).list())
        .isEqualTo(Shards.inDirectory(directory, "shard").list())
        .hasSize(2);
    assertThat(MultiThreadedWriterOptions.defaults().prefix()).isEqualTo("shard");
    assertThat(ShardTarget.inDirectory(directory).name(3))
        .isEqualTo(directory.resolve("shard_3").toString());
  }

  @Test
  void textSaysWhatIsReadAndHowFarItIs() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 1, 1, 1);
    MultiThreadedReader reader = MultiThreadedReader.open(shards, DEFAULTS);
    assertThat(ShardFixture.takeAll(reader)).hasSize(15);
    assertThat(reader)
        .hasToString(
            "MultiThreadedReader[the reader of "
                + directory.resolve("shard_0")
                + " and 2 more, open=true, queuedRecords=0, queuedBytes=0]");
    reader.close();
    assertThat(reader.toString()).contains("open=false");
  }
}
