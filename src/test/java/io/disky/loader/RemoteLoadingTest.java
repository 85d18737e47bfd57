package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.disky.Compression;
import io.disky.Container;
import io.disky.RandomAccessOptions;
import io.disky.ReaderOptions;
import io.disky.RecordWriter;
import io.disky.Shard;
import io.disky.Shards;
import io.disky.WriterOptions;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRequestException;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.MemoryRemoteFile.Request;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A loader of remote files delivers what a loader of local files delivers. */
@Timeout(60)
class RemoteLoadingTest {
  @TempDir private Path directory;
  private Path first;
  private Path second;

  @BeforeEach
  void setUp() throws IOException {
    first = write("first", Container.RECORDS, 3_000, 30_000);
    second = write("second", Container.ARRAY_RECORD, 2_000, 1_000);
  }

  private Path write(String name, Container container, int records, int chunkSize)
      throws IOException {
    Path file = directory.resolve(name);
    WriterOptions options =
        WriterOptions.defaults()
            .withContainer(container)
            .withCompression(Compression.none())
            .withChunkSize(chunkSize);
    Random random = new Random(20261130);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < records; i++) {
        writer.write(SampleRecords.random(random, 1_000 + i % 11));
      }
    }
    return file;
  }

  static List<Shuffle> shuffles() {
    return List.of(
        Shuffle.none(), Shuffle.global(), Shuffle.windowed(500_000), Shuffle.reservoir(300));
  }

  private static List<byte[]> load(RecordSource source, Shuffle shuffle, int workers)
      throws IOException {
    LoaderOptions options =
        LoaderOptions.defaults()
            .withSeed(7)
            .withShuffle(shuffle)
            .withBatchSize(100)
            .withWorkers(workers)
            .withEpochs(1);
    List<byte[]> records = new ArrayList<>();
    try (DataLoader loader = DataLoader.open(source, options)) {
      for (LoadedBatch batch : loader) {
        records.add(batch.data().toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return records;
  }

  @ParameterizedTest
  @MethodSource("shuffles")
  void batchesAreThoseOfLocalFiles(Shuffle shuffle) throws IOException {
    MemoryRemoteFile a = MemoryRemoteFile.of(first);
    MemoryRemoteFile b = MemoryRemoteFile.of(second);
    RandomAccessOptions uncached = RandomAccessOptions.defaults().withCacheSize(0);
    RecordSource local = RecordSource.shards(Shards.of(List.of(first, second)), uncached);
    List<byte[]> expected = load(local, shuffle, 2);
    for (int workers : new int[] {0, 3}) {
      RecordSource mixed =
          RecordSource.shards(Shards.from(List.of(Shard.of(a), Shard.of(second))), uncached);
      SampleRecords.assertSame(load(mixed, shuffle, workers), expected);
      RecordSource remote = RecordSource.remote(List.of(a, b), uncached);
      SampleRecords.assertSame(load(remote, shuffle, workers), expected);
    }
  }

  /** The chunks of a batch are requested together. */
  @Test
  void batchesTakeFewRequests() throws IOException {
    Path file = write("third", Container.ARRAY_RECORD, 3_000, 30_000);
    MemoryRemoteFile a = MemoryRemoteFile.of(file);
    load(RecordSource.remote(a), Shuffle.none(), 2);
    assertThat(a.requests().size()).isLessThan(60);
    assertThat(a.requestedBytes()).isLessThan(Files.size(file) * 5 / 4);
    a.forgetRequests();
    RandomAccessOptions uncached = RandomAccessOptions.defaults().withCacheSize(0);
    load(RecordSource.remote(List.of(a), uncached), Shuffle.global(), 2);
    // 30 batches of 100 records, which lie in all parts of the file: with gaps of 512 KiB a request
    // reads as much as it can.
    assertThat(a.requests().size()).isLessThan(30 * 5);
  }

  /**
   * In order, requests are larger than batches, and some begin before their batches are planned.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void requestsInOrderAreLarge(int workers) throws IOException {
    MemoryRemoteFile file = large();
    try (DataLoader loader = inOrder(file, LoaderOptions.defaults().withWorkers(workers))) {
      file.forgetRequests();
      for (LoadedBatch batch : loader) {
        assertThat(batch.recordCount()).isEqualTo(16);
      }
    }
    List<Long> sizes = file.requests().stream().map(MemoryRemoteFile.Request::size).toList();
    // They grow from 1 MiB to a 64th of the memory.
    assertThat(sizes).hasSizeLessThan(48).allMatch(size -> size < 9 << 20);
    assertThat(sizes).anyMatch(size -> size >= 4 << 20);
    assertThat(file.requestedBytes()).isLessThan(66 << 20);
  }

  /** A quarter of the memory is requested ahead of planning. */
  @Test
  void littleIsRequestedAheadWithLittleMemory() throws IOException {
    MemoryRemoteFile file = large();
    LoaderOptions little = LoaderOptions.defaults().withWorkers(0).withMemory(16 << 20);
    try (DataLoader loader = inOrder(file, little)) {
      file.forgetRequests();
      for (int batch = 1; batch <= 32; batch++) {
        loader.next().close();
        // Without workers, a batch is planned when it is needed. A chunk may be larger than 1 MiB.
        assertThat(file.requestedBytes()).isBetween(batch * 1_000_000L, (batch + 5L) << 20);
      }
    }
  }

  /** Batches are announced before they are planned, or not at all. */
  @ParameterizedTest
  @CsvSource({"0,1", "2,1", "0,256", "2,256"})
  void noByteIsRequestedTwice(int workers, int mebibytes) throws IOException {
    Path written = write("third", Container.RECORDS, 6_000, 30_000);
    MemoryRemoteFile file = MemoryRemoteFile.of(written);
    int epochs = workers == 0 ? 2 : 1; // workers plan the second epoch before the first one ends
    LoaderOptions options =
        LoaderOptions.defaults()
            .withWorkers(workers)
            .withMemory((long) mebibytes << 20)
            .withBatchSize(10)
            .withEpochs(epochs);
    RandomAccessOptions uncached = RandomAccessOptions.defaults().withCacheSize(0);
    RecordSource source = RecordSource.remote(List.of(file), uncached);
    try (DataLoader loader = DataLoader.open(source, options)) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        file.forgetRequests();
        for (int batch = 0; batch < 600; batch++) {
          loader.next().close();
        }
        assertNoneOverlaps(file.requests());
        // The first epoch also uses bytes that were requested when the file was opened.
        assertThat(file.requestedBytes())
            .isBetween(Files.size(written) * 9 / 10, Files.size(written));
      }
    }
  }

  private static void assertNoneOverlaps(List<Request> requests) {
    long end = 0;
    for (Request request :
        requests.stream().sorted(Comparator.comparingLong(Request::position)).toList()) {
      assertThat(request.position()).as(requests.toString()).isGreaterThanOrEqualTo(end);
      end = request.position() + request.size();
    }
  }

  /** With the least memory, too, little is requested twice. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void leastMemoryRequestsTheFileOnce(int workers) throws IOException {
    MemoryRemoteFile file = large();
    LoaderOptions little = LoaderOptions.defaults().withWorkers(workers).withMemory(1 << 20);
    try (DataLoader loader = inOrder(file, little)) {
      file.forgetRequests();
      loader.forEach(batch -> {});
    }
    assertThat(file.requestedBytes()).isLessThan((64 << 20) * 11L / 10);
  }

  /** 64 MiB in records of 64 KiB. */
  private MemoryRemoteFile large() throws IOException {
    Path file = directory.resolve("large");
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      byte[] record = new byte[64 << 10];
      for (int i = 0; i < 1024; i++) {
        writer.write(record);
      }
    }
    return MemoryRemoteFile.of(file);
  }

  private static DataLoader inOrder(MemoryRemoteFile file, LoaderOptions options)
      throws IOException {
    RandomAccessOptions uncached = RandomAccessOptions.defaults().withCacheSize(0);
    return DataLoader.open(
        RecordSource.remote(List.of(file), uncached),
        options.withShuffle(Shuffle.none()).withBatchSize(16).withEpochs(1));
  }

  /** Each request reads chunks that are needed, and no bytes between them. */
  private static RandomAccessOptions withoutGaps(long cacheSize) {
    return RandomAccessOptions.defaults()
        .withCacheSize(cacheSize)
        .withReaderOptions(
            ReaderOptions.defaults().withRemote(RemoteOptions.defaults().withMaxGap(0)));
  }

  /** The plan states what loading then costs. */
  @ParameterizedTest
  @MethodSource("shuffles")
  void thePlanStatesTheRequests(Shuffle shuffle) throws IOException {
    Path file = write("third", Container.ARRAY_RECORD, 6_000, 5_000);
    MemoryRemoteFile a = MemoryRemoteFile.of(file);
    RandomAccessOptions exact = withoutGaps(0);
    RecordSource source = RecordSource.remote(List.of(a), exact);
    LoadPlan plan =
        LoadPlan.of(source, shuffle, BatchSize.records(100), Remainder.DROP, 1, 1 << 30);
    a.forgetRequests();
    load(source, shuffle, 0);
    double requests = a.requests().size();
    assertThat(plan.remoteRequests())
        .isBetween(Math.round(requests * 0.7), Math.round(requests * 1.5));
    assertThat(plan.remoteBytes())
        .isBetween(a.requestedBytes() * 7 / 10, a.requestedBytes() * 14 / 10);
    assertThat(plan.remoteAmplification())
        .isEqualTo(plan.remoteBytes() / 6_000.0 / 1_005, within(0.1));
    assertThat(plan.toString()).contains("remote files: " + plan.remoteRequests() + " requests of");

    LoadPlan local =
        LoadPlan.of(
            RecordSource.files(file), shuffle, BatchSize.records(100), Remainder.DROP, 1, 1 << 30);
    assertThat(local.remoteRequests()).isZero();
    assertThat(local.toString()).doesNotContain("remote");
  }

  /** The first steps of this mix have fewer records of the second source than the later ones. */
  @Test
  void thePlanOfAMixCountsTheRecordsOfEachSource() throws IOException {
    MemoryRemoteFile a = MemoryRemoteFile.of(first);
    MemoryRemoteFile b = MemoryRemoteFile.of(second);
    RandomAccessOptions exact = withoutGaps(0);
    Mix mix =
        Mix.exact(
            List.of(
                WeightedSource.of(RecordSource.remote(List.of(a), exact), 19),
                WeightedSource.of(RecordSource.remote(List.of(b), exact), 1)));
    LoaderOptions options =
        LoaderOptions.defaults().withShuffle(Shuffle.global()).withBatchSize(10).withWorkers(0);
    try (DataLoader loader = DataLoader.open(mix, options)) {
      LoadPlan plan = loader.plan();
      a.forgetRequests();
      b.forgetRequests();
      loader.forEach(batch -> {});
      double bytes = a.requestedBytes() + b.requestedBytes();
      assertThat((double) plan.remoteBytes()).isCloseTo(bytes, within(0.1 * bytes));
    }
  }

  /** The first steps of such a sequence have records of one source only. */
  @ParameterizedTest
  @MethodSource("shuffles")
  void thePlanOfASequenceCountsTheRemoteSourceWhereverItIs(Shuffle shuffle) throws IOException {
    Path local = write("local", Container.RECORDS, 10_000, 5_000);
    Path remote = write("remote", Container.ARRAY_RECORD, 10_000, 5_000);
    for (boolean localFirst : new boolean[] {true, false}) {
      MemoryRemoteFile a = MemoryRemoteFile.of(remote);
      RandomAccessOptions exact = withoutGaps(0);
      List<RecordSource> sources = new ArrayList<>();
      sources.add(RecordSource.remote(List.of(a), exact));
      sources.add(localFirst ? 0 : 1, RecordSource.shards(Shards.of(List.of(local)), exact));
      LoaderOptions options =
          LoaderOptions.defaults().withShuffle(shuffle).withBatchSize(100).withWorkers(0);
      try (DataLoader loader = DataLoader.open(Mix.concatenated(sources), options.withEpochs(1))) {
        LoadPlan plan = loader.plan();
        a.forgetRequests();
        loader.forEach(batch -> {});
        assertThat(plan.remoteBytes())
            .as("local first: " + localFirst)
            .isBetween(a.requestedBytes() * 7 / 10, a.requestedBytes() * 14 / 10);
        long requests = a.requests().size();
        assertThat(plan.remoteRequests()).isBetween(requests * 7 / 10, requests * 17 / 10);
      }
    }
  }

  /** Of a part of a sequence, the sources after it cost nothing. */
  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.75, 1, 1.5})
  void thePlanOfAPartOfASequenceCountsItsRecords(double repeat) throws IOException {
    MemoryRemoteFile a = MemoryRemoteFile.of(first);
    Path local = write("local", Container.RECORDS, 3_000, 30_000);
    RandomAccessOptions exact = withoutGaps(0);
    Mix mix =
        Mix.concatenated(
                List.of(
                    RecordSource.shards(Shards.of(List.of(local)), exact),
                    RecordSource.remote(List.of(a), exact)))
            .withRepeat(repeat);
    LoaderOptions options = LoaderOptions.defaults().withBatchSize(10).withWorkers(0);
    try (DataLoader loader = DataLoader.open(mix, options)) {
      double expected = Files.size(first) * (repeat < 1 ? Math.max(0, repeat * 2 - 1) : 1);
      assertThat((double) loader.plan().remoteBytes())
          .isCloseTo(expected, within(0.1 * Files.size(first)));
    }
  }

  /** Each rank requests a chunk that stays in its cache once. */
  @Test
  void thePlanOfACachedSourceCountsEachChunkOnce() throws IOException {
    MemoryRemoteFile a = MemoryRemoteFile.of(first);
    LoaderOptions options =
        LoaderOptions.defaults().withShuffle(Shuffle.global()).withBatchSize(10).withWorkers(0);
    Mix mix = Mix.of(RecordSource.remote(List.of(a), withoutGaps(1 << 24))).withRepeat(3);
    try (DataLoader loader = DataLoader.open(mix, options)) {
      assertThat(loader.plan().remoteBytes())
          .isBetween(Files.size(first) * 9 / 10, Files.size(first) * 11 / 10);
    }
  }

  @Test
  void aFailureEndsTheLoader() throws IOException {
    MemoryRemoteFile a =
        MemoryRemoteFile.of(first)
            .withFault(request ->
                request.number() > 4
                    ? new RemoteRequestException("access denied", false, null, null)
                    : null);
    RandomAccessOptions uncached = RandomAccessOptions.defaults().withCacheSize(0);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> load(RecordSource.remote(List.of(a), uncached), Shuffle.global(), 2))
        .withMessageContaining("mem://bucket/first");
  }
}
