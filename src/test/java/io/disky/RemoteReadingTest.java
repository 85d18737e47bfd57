package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.NumberedRecords;
import io.disky.testing.ReadingWay;
import io.disky.testing.RoundsRemoteFile;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Remote files are read as local files are. {@link ByteSourcesTest} has more. */
@Timeout(60)
class RemoteReadingTest {
  /** Many small requests. */
  private static final RemoteOptions SMALL_REQUESTS =
      RemoteOptions.defaults().withRequestSize(64 << 10).withMaxMemory(1 << 20).withMaxRequests(2);

  @TempDir private Path directory;

  private static ReaderOptions remote(RemoteOptions options) {
    return ReaderOptions.defaults().withRemote(options);
  }

  /** 400 records in chunks of about 60 KB: 4 MB. */
  private Path large() throws IOException {
    Path file = directory.resolve("large");
    WriterOptions options =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(60_000);
    Random random = new Random(20261130);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 400; i++) {
        writer.write(SampleRecords.random(random, 10_000 + i));
      }
    }
    return file;
  }

  @ParameterizedTest
  @EnumSource
  void severalThreadsReadAFile(ReadingWay way) throws IOException {
    Path file = large();
    MemoryRemoteFile remote = MemoryRemoteFile.of(file);
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader =
        RecordReader.open(remote, ReaderOptions.defaults().withParallelism(3))) {
      way.read(reader, records::add);
      assertThat(reader.decodedAhead()).isPositive();
    }
    SampleRecords.assertSame(records, way.read(file));
    assertThat(remote.requestedBytes()).isLessThan(Files.size(file) * 11 / 10 + (1 << 20));
  }

  @Test
  void eachByteIsRequestedOnceIfRecordsAreReadInOrder() throws IOException {
    Path file = large();
    MemoryRemoteFile remote = MemoryRemoteFile.of(file);
    try (RecordReader reader = RecordReader.open(remote)) {
      reader.visit(_ -> {});
    }
    // The first request reads the end, whatever the size is.
    assertThat(remote.requestedBytes()).isEqualTo(Files.size(file));
  }

  /** Rounds: for the end, for the beginning, for what follows it, and for everything else. */
  @Test
  void aReaderInOrderSoonMakesAllRequestsAtATime() throws Exception {
    Path file = directory.resolve("forty");
    WriterOptions plain = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, plain)) {
      byte[] record = new byte[1 << 20];
      for (int i = 0; i < 40; i++) {
        writer.write(record);
      }
    }
    RoundsRemoteFile remote = new RoundsRemoteFile("mem://forty", Files.readAllBytes(file));
    long count =
        remote.run(() -> {
          try (RecordReader reader = RecordReader.open(remote)) {
            return reader.stream().count();
          }
        });
    assertThat(count).isEqualTo(40);
    assertThat(remote.rounds()).isEqualTo(4);
    assertThat(remote.largestRound()).isEqualTo(RemoteOptions.DEFAULT_MAX_REQUESTS);
  }

  @Test
  void positionsRangesAndSearch() throws IOException {
    Path file = NumberedRecords.write(directory.resolve("numbered"), Compression.none(), 300, 50);
    long size = Files.size(file);
    for (ReaderOptions options :
        List.of(ReaderOptions.defaults(), ReaderOptions.defaults().withRange(size / 3, size / 2))) {
      try (RecordReader local = RecordReader.open(file, options);
          RecordReader remote = RecordReader.open(MemoryRemoteFile.of(file), options)) {
        assertThat(remote.fileSize()).isEqualTo(size);
        assertThat(remote.recordCount()).isEqualTo(local.recordCount()).isPositive();
        assertThat(remote.describe()).isEqualTo(local.describe());
        for (long at : List.of(size * 2 / 5, size * 9 / 20)) {
          local.seekNumeric(at);
          remote.seekNumeric(at);
          assertThat(remote.position()).isEqualTo(local.position());
          assertSame(remote.next(), local.next());
          assertThat(remote.lastPosition()).isEqualTo(local.lastPosition());
          assertThat(remote.seekBack()).isEqualTo(local.seekBack());
          assertSame(remote.next(), local.next());
          local.seekToOffset(at);
          remote.seekToOffset(at);
          assertSame(remote.next(), local.next());
        }
        local.search(record -> record.byteSize() < 50 ? -1 : 1);
        remote.search(record -> record.byteSize() < 50 ? -1 : 1);
        assertThat(remote.position()).isEqualTo(local.position());
        remote.rewind();
        remote.verify();
      }
    }
  }

  private static void assertSame(MemorySegment actual, MemorySegment expected) {
    assertThat(NumberedRecords.bytes(actual)).isEqualTo(NumberedRecords.bytes(expected));
  }

  @Test
  void shardsAreLocalAndRemote() throws IOException {
    Path first = NumberedRecords.write(directory.resolve("a"), Compression.none(), 3, 50);
    Path second = NumberedRecords.write(directory.resolve("b"), Compression.none(), 2, 50);
    Shards shards = Shards.from(List.of(Shard.of(first), Shard.of(MemoryRemoteFile.of(second))));
    assertThat(Records.recordCount(shards)).isEqualTo(250);
    MultiThreadedReaderOptions inOrder =
        MultiThreadedReaderOptions.defaults().withNumShards(1).withDeterministic(true);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, inOrder)) {
      int[] count = new int[1];
      for (MemorySegment record : reader) {
        int number = count[0] < 150 ? count[0] : count[0] - 150;
        NumberedRecords.assertRecord(record, number);
        count[0]++;
      }
      assertThat(count[0]).isEqualTo(250);
    }
    assertThat(Shards.ofRemote(List.of(MemoryRemoteFile.of(second))))
        .hasToString("Shards[mem://bucket/b]");
  }

  /** Whatever request fails: the records before it are right, and the failure is stated. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void anyRequestFails(int parallelism) throws IOException {
    Path file = large();
    List<byte[]> expected = ReadingWay.NEXT_BATCH.read(file);
    ReaderOptions options = remote(SMALL_REQUESTS).withParallelism(parallelism);
    MemoryRemoteFile counted = MemoryRemoteFile.of(file);
    try (RecordReader reader = RecordReader.open(counted, options)) {
      ReadingWay.NEXT_BATCH.read(reader, _ -> {});
    }
    int requests = counted.requests().size();
    assertThat(requests).isGreaterThan(30);
    int failures = 0;
    for (int failing = 0; failing < requests; failing++) {
      MemoryRemoteFile remote = MemoryRemoteFile.of(file).withDenied(failing);
      List<byte[]> read = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(remote, options)) {
        ReadingWay.NEXT_BATCH.read(reader, read::add);
        assertThat(read).hasSameSizeAs(expected);
      } catch (RemoteRequestException e) {
        failures++;
        assertThat(e).hasMessageContaining("mem://bucket/large").hasMessageContaining("denied");
      }
      SampleRecords.assertSame(read, expected.subList(0, read.size()));
    }
    // A request that failed before a reader waited for it is made again.
    assertThat(failures).isPositive();
  }

  @Test
  void readingGoesOnAfterAFailure() throws IOException {
    Path file = large();
    MemoryRemoteFile remote = MemoryRemoteFile.of(file);
    List<byte[]> read = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(remote)) {
      remote.withFault(_ -> new RemoteRequestException("down", false, null, null));
      assertThatExceptionOfType(RemoteRequestException.class)
          .isThrownBy(() -> ReadingWay.NEXT_BATCH.read(reader, read::add));
      remote.withFault(_ -> null);
      ReadingWay.NEXT_BATCH.read(reader, read::add);
    }
    SampleRecords.assertSame(read, ReadingWay.NEXT_BATCH.read(file));
  }

  @Test
  void aFileThatIsReplacedIsNotMixed() throws IOException {
    Path file = large();
    List<byte[]> expected = ReadingWay.NEXT_BATCH.read(file);
    byte[] other = Files.readAllBytes(file);
    for (int at = 0; at < 20; at++) {
      int replaced = at * 15;
      MemoryRemoteFile remote = MemoryRemoteFile.of(file);
      List<byte[]> read = new ArrayList<>();
      try (RecordReader reader = RecordReader.open(remote, remote(SMALL_REQUESTS))) {
        assertThatExceptionOfType(RemoteFileChangedException.class)
            .isThrownBy(() ->
                ReadingWay.NEXT.read(
                    reader,
                    record -> {
                      if (read.size() == replaced) {
                        remote.replace(other, "\"2\"");
                      }
                      read.add(record);
                    }))
            .withMessageContaining("mem://bucket/large");
      }
      assertThat(read.size()).isGreaterThan(replaced);
      SampleRecords.assertSame(read, expected.subList(0, read.size()));
    }
  }

  @Test
  void aHostileFileIsAnError() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> RecordReader.open(new Hostile(null, null)))
        .withMessageContaining("null as its name");
    assertThatIllegalStateException()
        .isThrownBy(() -> Shard.of(new Hostile(null, null)))
        .withMessageContaining("null as its name");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RecordReader.open(new Hostile("a name", null)))
        .withMessageContaining("'a name'");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> RecordReader.open(new Hostile("x", CompletableFuture.completedFuture(null))))
        .withMessageContaining("x: ");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() ->
            RecordReader.open(
                new Hostile("x", CompletableFuture.failedFuture(new ArithmeticException("odd")))))
        .withMessageContaining("x: ")
        .withMessageContaining("odd");
  }

  private record Hostile(String name, CompletableFuture<RemoteRange> answer) implements RemoteFile {
    @Override
    public CompletableFuture<RemoteRange> read(
        long position, MemorySegment target, Optional<String> version) {
      return answer;
    }

    @Override
    public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
      return answer;
    }
  }

  /** The code of a remote file may close the reader, and may do nothing else with it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aRemoteFileUsesItsReader(int parallelism) throws IOException {
    for (int closing : new int[] {1, 2, 5, 20}) {
      RecordReader[] used = new RecordReader[1];
      List<Throwable> refused = new ArrayList<>();
      Thread own = Thread.currentThread();
      MemoryRemoteFile remote =
          MemoryRemoteFile.of(large())
              .withFault(request -> {
                RecordReader reader = used[0];
                if (reader != null && Thread.currentThread().equals(own)) {
                  try {
                    reader.next();
                  } catch (IllegalStateException | IOException e) {
                    refused.add(e);
                  }
                  if (request.number() >= closing) {
                    reader.close();
                  }
                }
                return null;
              });
      ReaderOptions options = remote(SMALL_REQUESTS).withParallelism(parallelism);
      RecordReader reader = RecordReader.open(remote, options);
      used[0] = reader;
      assertThatIllegalStateException()
          .isThrownBy(() -> reader.visit(_ -> {}))
          .withMessageContaining("closed");
      assertThat(reader.isOpen()).isFalse();
      assertThat(refused)
          .isNotEmpty()
          .allMatch(e ->
              e.getMessage().contains("its own remote file") || e.getMessage().contains("closed"));
      Files.delete(directory.resolve("large"));
    }
  }
}
