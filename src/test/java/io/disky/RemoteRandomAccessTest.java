package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.random.IndexSource;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRequestException;
import io.disky.testing.LogCapture;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.NumberedRecords;
import io.disky.testing.RoundsRemoteFile;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Remote files are read by number as local files are, with few requests. */
@Timeout(60)
class RemoteRandomAccessTest {
  @TempDir private Path directory;

  private static RandomAccessOptions remote(RemoteOptions options) {
    return RandomAccessOptions.defaults()
        .withReaderOptions(ReaderOptions.defaults().withRemote(options));
  }

  private Path write(Container container, int records, int size, int chunkSize) throws IOException {
    Path file = directory.resolve("records-" + container + "-" + records + "-" + chunkSize);
    WriterOptions options =
        WriterOptions.defaults()
            .withContainer(container)
            .withCompression(Compression.none())
            .withChunkSize(chunkSize);
    Random random = new Random(20261130);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < records; i++) {
        writer.write(SampleRecords.random(random, size + i % 7));
      }
    }
    return file;
  }

  @ParameterizedTest
  @EnumSource
  void recordsAreThoseOfTheLocalFile(Container container) throws IOException {
    Path file = write(container, 2_000, 1_000, 20_000);
    MemoryRemoteFile object = MemoryRemoteFile.of(file);
    for (long cache : new long[] {0, 100_000, 1 << 30}) {
      try (RandomAccessReader local = RandomAccessReader.open(file);
          RandomAccessReader remote =
              RandomAccessReader.open(object, RandomAccessOptions.defaults().withCacheSize(cache));
          Arena arena = Arena.ofConfined()) {
        assertThat(remote.recordCount()).isEqualTo(2_000);
        for (long number : new long[] {0, 999, 1_999}) {
          assertThat(remote.get(number)).isEqualTo(local.get(number));
          assertThat(remote.position(number)).isEqualTo(local.position(number));
          assertThat(remote.index(0, local.position(number))).isEqualTo(number);
        }
        long[] numbers = NumberedRecords.shuffled(2_000, 7);
        List<MemorySegment> copies = remote.getAll(numbers, arena);
        for (int i = 0; i < numbers.length; i++) {
          assertThat(copies.get(i).mismatch(MemorySegment.ofArray(local.get(numbers[i]))))
              .isEqualTo(-1);
        }
        long[] some = Arrays.copyOf(numbers, 50);
        int[] visited = new int[1];
        remote.visitAll(
            some,
            (number, record) -> {
              visited[0]++;
              assertThat(NumberedRecords.bytes(record)).isEqualTo(local.get(number));
            });
        assertThat(visited[0]).isEqualTo(50);
        try (RecordRange range = remote.batch(500, 700)) {
          for (int i = 0; i < 200; i++) {
            assertThat(NumberedRecords.bytes(range.get(i))).isEqualTo(local.get(500 + i));
          }
        }
      }
    }
  }

  @Test
  void namesTakeThePlaceOfPaths() throws IOException {
    Path file = write(Container.RECORDS, 10, 10, 100);
    Shards shards = Shards.from(List.of(Shard.of(file), Shard.of(MemoryRemoteFile.of(file))));
    try (RandomAccessReader reader = RandomAccessReader.open(shards)) {
      String name = "mem://bucket/" + file.getFileName();
      assertThat(reader.names()).containsExactly(file.toString(), name);
      assertThat(reader.name(0)).isEqualTo(file.toString());
      assertThat(reader.path(0)).isEqualTo(file);
      assertThat(reader.name(19)).isEqualTo(name);
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> reader.path(19))
          .withMessageContaining(name);
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(reader::paths)
          .withMessageContaining(name);
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(reader::saveIndex)
          .withMessageContaining("withIndexDirectory");
      assertThat(reader).asString().contains("1 more").contains(file.toString());
    }
  }

  /** One request reads the end with the footer, and one the beginning. */
  @Test
  void anArrayRecordOpensWithTwoRequests() throws IOException {
    MemoryRemoteFile small = MemoryRemoteFile.of(write(Container.ARRAY_RECORD, 5_000, 100, 1_000));
    try (RandomAccessReader reader = RandomAccessReader.open(small)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.FOOTER);
      assertThat(reader.recordCount()).isEqualTo(5_000);
    }
    assertThat(small.requests()).hasSize(2);
    assertThat(small.requests().get(0).end()).isTrue();
    assertThat(small.requests().get(1).position()).isZero();

    // A footer that is larger than the end takes one request more.
    MemoryRemoteFile large = MemoryRemoteFile.of(write(Container.ARRAY_RECORD, 60_000, 10, 1));
    try (RandomAccessReader reader = RandomAccessReader.open(large)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.FOOTER);
    }
    assertThat(large.requests()).hasSize(3);
  }

  @Test
  void aRecordCostsItsChunk() throws IOException {
    MemoryRemoteFile file = MemoryRemoteFile.of(write(Container.RECORDS, 3_000, 1_000, 30_000));
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      file.forgetRequests();
      reader.get(1_000);
      assertThat(file.requests()).hasSize(1);
      assertThat(file.requestedBytes()).isLessThan(32_000);
      reader.get(1_000);
      assertThat(file.requests()).hasSize(1);
    }
  }

  /** 10,000 records of 1 KB, scattered over 64,000. */
  @Test
  void scatteredRecordsTakeFewRounds() throws Exception {
    byte[] bytes = Files.readAllBytes(write(Container.RECORDS, 64_000, 1_000, 1_000));
    long[] numbers = Arrays.copyOf(NumberedRecords.shuffled(64_000, 3), 10_000);
    for (int gap : new int[] {0, RemoteOptions.DEFAULT_MAX_GAP}) {
      RoundsRemoteFile file = new RoundsRemoteFile("mem://rounds", bytes);
      RemoteOptions options = RemoteOptions.defaults().withMaxGap(gap).withMaxRequests(64);
      try (RandomAccessReader reader =
          RandomAccessReader.open(file, remote(options).withCacheSize(0))) {
        file.forgetRequests();
        int[] visited = new int[1];
        file.run(() -> {
          reader.visitAll(numbers, (number, record) -> visited[0]++);
          return null;
        });
        assertThat(visited[0]).isEqualTo(10_000);
        int requests = file.requests().size();
        int ideal = Math.ceilDiv(requests, 64);
        assertThat(file.largestRound()).isLessThanOrEqualTo(64);
        assertThat(file.rounds())
            .as("%d requests", requests)
            .isLessThanOrEqualTo(ideal * 3 / 2 + 1);
        if (gap == 0) {
          // Each wanted chunk, and nothing else, is requested once.
          assertThat(requests).isGreaterThan(5_000);
          assertThat(file.requestedBytes()).isLessThan(10_000L * 1_100);
        } else {
          assertThat(requests).isLessThan(100);
        }
      }
    }
  }

  /** Chunk headers are read in few rounds, whether chunks are small or large. */
  @Test
  void theIndexIsMadeInFewRounds() throws Exception {
    for (int chunkSize : new int[] {20_000, 1_000_000}) {
      byte[] bytes = Files.readAllBytes(write(Container.RECORDS, 50_000, 1_000, chunkSize));
      RoundsRemoteFile file = new RoundsRemoteFile("mem://rounds", bytes);
      RemoteOptions options = RemoteOptions.defaults().withMaxRequests(8);
      try (RandomAccessReader reader =
          file.run(() -> RandomAccessReader.open(file, remote(options)))) {
        assertThat(reader.indexSource(0)).isEqualTo(IndexSource.HEADERS);
        assertThat(reader.recordCount()).isEqualTo(50_000);
        if (chunkSize < 100_000) {
          assertThat(file.requestedBytes()).isLessThanOrEqualTo(bytes.length * 11L / 10);
          assertThat(file.rounds()).isLessThan(25);
        } else {
          assertThat(file.requestedBytes()).isLessThan(bytes.length / 4);
          assertThat(file.rounds()).isLessThan(20);
        }
      }
    }
  }

  @Test
  void aSavedIndexBelongsToAVersion() throws Exception {
    Path file = write(Container.RECORDS, 3_000, 1_000, 2_000);
    MemoryRemoteFile object = MemoryRemoteFile.of(file);
    Path indexes = Files.createDirectory(directory.resolve("indexes"));
    RandomAccessOptions saving =
        RandomAccessOptions.defaults()
            .withIndexDirectory(indexes)
            .withSavedIndex(SavedIndex.LOAD_OR_SAVE);
    assertIndexed(object, saving, IndexSource.HEADERS);
    object.forgetRequests();
    assertIndexed(object, saving, IndexSource.SAVED);
    assertThat(object.requests().size()).isLessThanOrEqualTo(3);

    // The same index next to the file.
    Path index;
    try (var saved = Files.list(indexes)) {
      index = saved.toList().getFirst();
    }
    assertThat(index.getFileName().toString())
        .startsWith(file.getFileName() + ".")
        .endsWith(".index");
    MemoryRemoteFile beside = MemoryRemoteFile.of(index);
    RandomAccessOptions given = RandomAccessOptions.defaults().withRemoteIndex(_ -> beside);
    assertIndexed(object, given, IndexSource.SAVED);
    assertThat(beside.requests()).hasSizeLessThanOrEqualTo(2);
    assertIndexed(
        object, RandomAccessOptions.defaults().withRemoteIndex(_ -> null), IndexSource.HEADERS);

    // Another version of the same size.
    object.replace(Files.readAllBytes(file), "\"2\"");
    try (LogCapture log = new LogCapture()) {
      assertIndexed(object, given, IndexSource.HEADERS);
      assertThat(log.messages("changed after it was saved")).hasSize(1);
    }
    assertIndexed(object, saving, IndexSource.HEADERS);
    assertIndexed(object, saving, IndexSource.SAVED);
  }

  /** An index of the local file does not state the version of the remote copy, and conversely. */
  @Test
  void anIndexIsOfALocalOrOfARemoteFile() throws Exception {
    Path file = write(Container.RECORDS, 3_000, 1_000, 2_000);
    MemoryRemoteFile object = MemoryRemoteFile.of(file);
    Path indexOfLocal;
    try (RandomAccessReader local = RandomAccessReader.open(file)) {
      indexOfLocal = local.saveIndex().getFirst();
    }
    MemoryRemoteFile copied = MemoryRemoteFile.of(indexOfLocal);
    try (LogCapture log = new LogCapture()) {
      assertIndexed(
          object, RandomAccessOptions.defaults().withRemoteIndex(_ -> copied), IndexSource.HEADERS);
      assertThat(log.messages("it was saved for a local file")).hasSize(1);
      assertThat(log.messages("was changed")).isEmpty();
    }
    Path indexes = Files.createDirectory(directory.resolve("indexes"));
    Path indexOfRemote;
    try (RandomAccessReader remote =
        RandomAccessReader.open(
            object, RandomAccessOptions.defaults().withIndexDirectory(indexes))) {
      indexOfRemote = remote.saveIndex().getFirst();
    }
    Files.copy(indexOfRemote, indexOfLocal, StandardCopyOption.REPLACE_EXISTING);
    try (LogCapture log = new LogCapture();
        RandomAccessReader local = RandomAccessReader.open(file)) {
      assertThat(local.indexSource(0)).isEqualTo(IndexSource.HEADERS);
      assertThat(log.messages("it was saved for a remote file")).hasSize(1);
    }
  }

  private static void assertIndexed(
      MemoryRemoteFile file, RandomAccessOptions options, IndexSource source) throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      assertThat(reader.indexSource(0)).isEqualTo(source);
      assertThat(reader.recordCount()).isEqualTo(3_000);
      reader.get(1_234);
    }
  }

  /** Whatever request fails: right records or the failure. */
  @Test
  void anyRequestFails() throws IOException {
    Path file = write(Container.RECORDS, 3_000, 1_000, 20_000);
    RandomAccessOptions options =
        remote(RemoteOptions.defaults().withMaxGap(0)).withCacheSize(0).withParallelism(2);
    long[] numbers = Arrays.copyOf(NumberedRecords.shuffled(3_000, 5), 100);
    List<byte[]> expected = new ArrayList<>();
    MemoryRemoteFile counted = MemoryRemoteFile.of(file);
    try (RandomAccessReader reader = RandomAccessReader.open(counted, options)) {
      reader.visitAll(numbers, (_, record) -> expected.add(NumberedRecords.bytes(record)));
    }
    int requests = counted.requests().size();
    assertThat(requests).isBetween(30, 110);
    for (int failing = 0; failing < requests; failing++) {
      MemoryRemoteFile remote = MemoryRemoteFile.of(file).withDenied(failing);
      List<byte[]> read = new ArrayList<>();
      try (RandomAccessReader reader = RandomAccessReader.open(remote, options)) {
        reader.visitAll(numbers, (_, record) -> read.add(NumberedRecords.bytes(record)));
        assertThat(read).hasSameSizeAs(expected);
      } catch (RemoteRequestException e) {
        assertThat(e).hasMessageContaining("mem://bucket/").hasMessageContaining("denied");
      }
      SampleRecords.assertSame(read, expected.subList(0, read.size()));
    }
  }

  @Test
  void aFileThatIsReplacedIsNotMixed() throws IOException {
    Path file = write(Container.ARRAY_RECORD, 3_000, 1_000, 20_000);
    MemoryRemoteFile object = MemoryRemoteFile.of(file);
    try (RandomAccessReader reader = RandomAccessReader.open(object)) {
      byte[] first = reader.get(1_000);
      object.replace(Files.readAllBytes(file), "\"2\"");
      assertThat(reader.get(1_000)).isEqualTo(first); // in the cache
      assertThatExceptionOfType(RemoteFileChangedException.class)
          .isThrownBy(() -> reader.get(2_000))
          .withMessageContaining("mem://bucket/");
      assertThatExceptionOfType(RemoteFileChangedException.class)
          .isThrownBy(() -> reader.visitAll(new long[] {1, 2_000}, (_, _) -> {}));
    }
  }

  @Test
  void aRemoteFileMustNotUseItsReader() throws IOException {
    RandomAccessReader[] used = new RandomAccessReader[1];
    List<Throwable> refused = new ArrayList<>();
    MemoryRemoteFile object =
        MemoryRemoteFile.of(write(Container.RECORDS, 3_000, 1_000, 20_000))
            .withFault(_ -> {
              if (used[0] != null) {
                for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                        used[0]::close,
                        () -> used[0].get(2),
                        () -> used[0].batch(0, 3_000),
                        () -> used[0].visitAll(new long[] {1_000}, (_, _) -> {}))) {
                  try {
                    call.call();
                  } catch (Throwable e) {
                    refused.add(e);
                  }
                }
              }
              return null;
            });
    try (RandomAccessReader reader = RandomAccessReader.open(object)) {
      used[0] = reader;
      reader.get(2_000);
      assertThat(refused)
          .hasSize(4)
          .allMatch(e -> e instanceof IllegalStateException)
          .allMatch(e -> e.getMessage().contains("its own remote file"));
      used[0] = null;
    }
    assertThatIllegalStateException().isThrownBy(() -> used(object));
  }

  private static void used(MemoryRemoteFile object) throws IOException {
    RandomAccessReader reader = RandomAccessReader.open(object);
    reader.close();
    reader.get(1);
  }
}
