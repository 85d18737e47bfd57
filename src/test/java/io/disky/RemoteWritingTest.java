package io.disky;

import static io.disky.lifetime.GarbageCollection.leadsTo;
import static java.util.concurrent.CompletableFuture.failedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteUpload;
import io.disky.testing.LogCapture;
import io.disky.testing.SampleRecords;
import io.disky.testing.UploadStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files in a store appear complete or not at all, and nothing else remains there. */
@Timeout(120)
class RemoteWritingTest {
  private static final URI ADDRESS = URI.create("test://bucket/file");
  private static final WriterOptions PLAIN =
      WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(30_000);

  private final UploadStore store = new UploadStore();
  private final RemoteTarget target = RemoteTarget.of(store, ADDRESS);
  private final List<byte[]> records = records();

  @TempDir private Path directory;

  private static List<byte[]> records() {
    Random random = new Random(7);
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      records.add(SampleRecords.random(random, random.nextInt(4_000)));
    }
    return records;
  }

  private void writeAll(RecordWriter writer) throws IOException {
    for (byte[] record : records) {
      writer.write(record);
    }
  }

  private byte[] written(WriterOptions options) throws IOException {
    Path file = directory.resolve("file");
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writeAll(writer);
    }
    return Files.readAllBytes(file);
  }

  private static RemoteRequestException repeatable() {
    return new RemoteRequestException("busy", true, null, null);
  }

  private void assertNothingLeft() {
    assertThat(store.files()).isEmpty();
    assertThat(store.openUploads()).isZero();
  }

  static Stream<WriterOptions> options() {
    return Stream.of(
        WriterOptions.defaults(),
        PLAIN,
        PLAIN.withParallelism(3),
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withFinalPadding(65_536),
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(7));
  }

  @ParameterizedTest
  @MethodSource("options")
  void theFileIsTheSameAsOnADisk(WriterOptions options) throws IOException {
    byte[] expected = written(options);
    for (long partSize : new long[] {1_000, 65_536, expected.length, 10L << 20}) {
      RemoteTarget file = RemoteTarget.of(store.withPartSize(partSize), ADDRESS);
      try (RecordWriter writer =
          RecordWriter.open(file, options.withOpenMode(OpenMode.OVERWRITE))) {
        writeAll(writer);
      }
      assertThat(store.files().get(ADDRESS.toString()))
          .as("parts of %s bytes", partSize)
          .isEqualTo(expected);
      assertThat(store.openUploads()).isZero();
    }
  }

  @Test
  void itAppearsWhenTheWriterIsClosed() throws IOException {
    RecordWriter writer = RecordWriter.open(target, PLAIN);
    writeAll(writer);
    writer.flush();
    assertThat(store.files()).isEmpty();
    assertThat(writer.name()).isEqualTo(ADDRESS.toString());
    writer.close();
    assertThat(store.files()).containsOnlyKeys(ADDRESS.toString());
    assertThat(writer.fileSize()).isEqualTo(store.files().get(ADDRESS.toString()).length);
  }

  @Test
  void syncIsRefusedAndTheWriterGoesOn() throws IOException {
    try (RecordWriter writer = RecordWriter.open(target, PLAIN)) {
      writer.write(records.getFirst());
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.flush(FlushMode.SYNC))
          .withMessageContaining(ADDRESS.toString())
          .withMessageContaining("close the writer");
      writer.write(records.getLast());
    }
    MemorySegment file = MemorySegment.ofArray(store.files().get(ADDRESS.toString()));
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.stream().count()).isEqualTo(2);
    }
  }

  @Test
  void appendAndRepairAreRefusedWithoutARequest() {
    for (WriterOptions options :
        List.of(PLAIN.withOpenMode(OpenMode.APPEND), PLAIN.withRepair(true))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RecordWriter.open(target, options))
          .withMessageContaining(ADDRESS.toString())
          .withMessageContaining("another file");
    }
    assertThat(store.begun()).isZero();
  }

  @Test
  void nothingRemainsIfTheOptionsExcludeEachOther() {
    WriterOptions options = PLAIN.withDialect(Dialect.DISKY).withTranspose(true);
    assertThatIllegalArgumentException().isThrownBy(() -> RecordWriter.open(target, options));
    assertThat(store.begun()).isOne();
    assertNothingLeft();
  }

  @Test
  void anExistingFileIsReplacedOnlyOnRequest() throws IOException {
    byte[] old = {1, 2, 3};
    store.files().put(ADDRESS.toString(), old);
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> RecordWriter.open(target, PLAIN));
    RecordWriter writer = RecordWriter.open(target, PLAIN.withOpenMode(OpenMode.OVERWRITE));
    writeAll(writer);
    assertThat(store.files()).containsEntry(ADDRESS.toString(), old);
    writer.close();
    assertThat(store.files().get(ADDRESS.toString())).isEqualTo(written(PLAIN));
  }

  @Test
  void aFileThatHasAppearedMeanwhileStays() throws IOException {
    RecordWriter writer = RecordWriter.open(target, PLAIN);
    writeAll(writer);
    byte[] other = {1, 2, 3};
    store.files().put(ADDRESS.toString(), other);
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(writer::close);
    assertThat(store.files()).containsEntry(ADDRESS.toString(), other);
    assertThat(store.openUploads()).isZero();
  }

  @Test
  void aDiscardedWriterLeavesNothing() throws IOException {
    RecordWriter writer = RecordWriter.open(target, PLAIN);
    writeAll(writer);
    assertThat(store.openUploads()).isOne();
    writer.discard();
    assertNothingLeft();
  }

  @Test
  void aTaskThatThrowsLeavesNothing() throws IOException {
    assertThatIOException()
        .isThrownBy(() ->
            RecordWriter.writeAtomically(
                target,
                PLAIN,
                writer -> {
                  writeAll(writer);
                  throw new IOException("no more records");
                }))
        .withMessage("no more records");
    assertNothingLeft();
    RecordWriter.writeAtomically(target, PLAIN, this::writeAll);
    assertThat(store.files().get(ADDRESS.toString())).isEqualTo(written(PLAIN));
  }

  @Test
  void failedRequestsAreRepeated() throws IOException {
    store.answering((request, part, attempt) ->
        attempt == 1 && (part < 0 || part % 3 == 1) ? failedFuture(repeatable()) : null);
    try (RecordWriter writer = RecordWriter.open(target, PLAIN)) {
      writeAll(writer);
    }
    assertThat(store.files().get(ADDRESS.toString())).isEqualTo(written(PLAIN));
    RecordWriter writer =
        RecordWriter.open(RemoteTarget.of(store, URI.create("test://bucket/second")), PLAIN);
    writeAll(writer);
    writer.discard();
    assertThat(store.openUploads()).isZero();
  }

  @Test
  void aFailureNamesThePartAndIsFinal() throws IOException {
    store.answering((_, part, attempt) ->
        part != 2
            ? null
            : failedFuture(
                attempt == 1 ? repeatable() : new AccessDeniedException("file", null, "no")));
    RecordWriter writer = RecordWriter.open(target, PLAIN);
    assertThatIOException()
        .isThrownBy(() -> {
          writeAll(writer);
          writer.close();
        })
        .withMessageContaining(ADDRESS.toString())
        .withMessageContaining("part 2 (bytes 131072 to 196608)")
        .withMessageContaining("2 attempts")
        .withCauseInstanceOf(AccessDeniedException.class);
    assertThat(writer.isOpen()).isFalse();
    assertNothingLeft();
  }

  @Test
  void aFailureThatStaysIsReportedAfterTheLastAttempt() {
    store.answering((request, _, _) ->
        request.equals("complete")
            ? failedFuture(new RemoteRequestException("no", false, null, null))
            : null);
    assertThatIOException()
        .isThrownBy(() -> RecordWriter.writeAtomically(target, PLAIN, this::writeAll))
        .withMessage(ADDRESS + ": the upload could not be completed in 1 attempt: no");
    assertNothingLeft();
  }

  @Test
  void aFailureToAbortIsLogged() throws IOException {
    store.answering((request, _, _) ->
        request.equals("abort") ? failedFuture(new IOException("not allowed")) : null);
    try (LogCapture log = new LogCapture()) {
      RecordWriter.open(target, PLAIN).discard();
      assertThat(log.messages("could not be closed")).hasSize(1);
    }
    assertThat(store.files()).isEmpty();
  }

  /** An upload that fails in the way of its name. */
  private record HostileUpload(String way, AtomicReference<RecordWriter> writer)
      implements RemoteUpload {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public long partSize(int part) {
      return switch (way) {
        case "no size" -> 0;
        case "negative size" -> Long.MIN_VALUE;
        case "huge size" -> Long.MAX_VALUE;
        case "size throws" -> throw new UnsupportedOperationException("planted");
        default -> 50_000;
      };
    }

    @Override
    public CompletableFuture<Void> send(int part, MemorySegment bytes) {
      return switch (way) {
        case "throws" -> throw new IllegalArgumentException("planted");
        case "error" -> throw new AssertionError("planted");
        case "null" -> null;
        case "writes" -> {
          bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
          yield CompletableFuture.completedFuture(null);
        }
        case "calls" -> {
          try {
            writer.get().write(new byte[1]);
          } catch (IOException e) {
            yield failedFuture(e);
          }
          yield CompletableFuture.completedFuture(null);
        }
        case "message throws" ->
            failedFuture(
                new IOException() {
                  @Override
                  public String getMessage() {
                    throw new IllegalStateException("planted");
                  }
                });
        default -> CompletableFuture.completedFuture(null);
      };
    }

    @Override
    public CompletableFuture<Void> complete() {
      throw new IllegalStateException("planted");
    }

    @Override
    public CompletableFuture<Void> abort() {
      throw new IllegalStateException("planted");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no size",
        "negative size",
        "huge size",
        "size throws",
        "throws",
        "error",
        "null",
        "writes",
        "calls",
        "message throws",
        "complete throws"
      })
  void hostileUploadsEndWithAnIoException(String way) {
    AtomicReference<RecordWriter> opened = new AtomicReference<>();
    try (LogCapture log = new LogCapture()) {
      assertThatIOException()
          .isThrownBy(() -> {
            RemoteTarget hostile = RemoteTarget.of(new HostileUpload(way, opened));
            RecordWriter writer = RecordWriter.open(hostile, PLAIN);
            opened.set(writer);
            writeAll(writer);
            writer.close();
          })
          .satisfies(e -> assertThat(e.getMessage()).contains("hostile"))
          .satisfies(e -> {
            if (way.equals("writes")) {
              assertThat(e.getMessage()).contains("part 0").contains("read-only");
            }
          });
      RecordWriter writer = opened.get();
      if (writer != null && writer.isOpen()) {
        assertThatThrownBy(writer::close).isInstanceOf(IOException.class);
        assertThat(writer.isOpen()).isFalse();
      }
    }
  }

  @Test
  void theUploadCannotUseTheWriter() throws IOException {
    AtomicReference<RecordWriter> opened = new AtomicReference<>();
    AtomicReference<Throwable> refused = new AtomicReference<>();
    store.answering((request, part, _) -> {
      if (request.equals("send") && part == 0) {
        try {
          opened.get().flush();
        } catch (Throwable e) {
          refused.set(e);
        }
      }
      return null;
    });
    try (RecordWriter writer = RecordWriter.open(target, PLAIN)) {
      opened.set(writer);
      writeAll(writer);
    }
    assertThat(refused.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot be used by its own upload");
    assertThat(store.files().get(ADDRESS.toString())).isEqualTo(written(PLAIN));
  }

  @Test
  void partsOnTheirWayAreBounded() throws Exception {
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    store.withPartSize(200_000);
    store.answering((request, _, _) -> {
      if (!request.equals("send")) {
        return null;
      }
      CompletableFuture<Void> answer = new CompletableFuture<>();
      synchronized (answers) {
        answers.add(answer);
      }
      return answer;
    });
    RemoteOptions bound = RemoteOptions.defaults().withMaxMemory(1 << 20);
    byte[] record = SampleRecords.random(100_000);
    Thread writing =
        Thread.ofPlatform()
            .start(() -> {
              try (RecordWriter writer = RecordWriter.open(target.with(bound), PLAIN)) {
                for (int i = 0; i < 50; i++) {
                  writer.write(record);
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    while (writing.isAlive()) {
      CompletableFuture<Void> next = null;
      synchronized (answers) {
        // The writer waits only if the memory is used up, or the file ends.
        if (writing.getState() == Thread.State.WAITING
            || writing.getState() == Thread.State.TIMED_WAITING) {
          next = answers.isEmpty() ? null : answers.removeLast();
        }
      }
      if (next != null) {
        next.complete(null);
      }
      Thread.onSpinWait();
    }
    assertThat(store.mostUnderWay()).isBetween(800_000L, 1L << 20);
    try (RecordReader reader =
        RecordReader.open(MemorySegment.ofArray(store.files().get(ADDRESS.toString())))) {
      assertThat(reader.stream().count()).isEqualTo(50);
    }
  }

  @Test
  void aStoreThatTakesPartsInOrderGetsOneAtATime() throws IOException {
    store
        .withMaxParts(1)
        .withPartSize(10_000)
        .answering((request, _, _) ->
            request.equals("send")
                ? new CompletableFuture<Void>().completeOnTimeout(null, 1, TimeUnit.MILLISECONDS)
                : null);
    RecordWriter.writeAtomically(target, PLAIN, this::writeAll);
    assertThat(store.mostUnderWay()).isEqualTo(10_000);
    assertThat(store.files().get(ADDRESS.toString())).isEqualTo(written(PLAIN));
  }

  @Test
  void interruptsChangeNothing() throws IOException {
    store
        .withMaxParts(1)
        .answering((request, _, _) ->
            request.equals("send")
                ? new CompletableFuture<Void>().completeOnTimeout(null, 1, TimeUnit.MILLISECONDS)
                : null);
    Thread.currentThread().interrupt();
    try {
      RecordWriter.writeAtomically(target, PLAIN, this::writeAll);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(store.files().get(ADDRESS.toString())).isEqualTo(written(PLAIN));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void theUploadOfAForgottenWriterIsAborted(int threads) throws Exception {
    try (LogCapture log = new LogCapture()) {
      forget(threads);
      assertThat(store.openUploads()).isOne();
      assertThat(leadsTo(() -> store.openUploads() == 0)).isTrue();
      assertNothingLeft();
      assertThat(log.messages("its writer was never closed")).hasSize(1);
    }
  }

  private void forget(int threads) throws IOException {
    RecordWriter writer = RecordWriter.open(target, PLAIN.withParallelism(threads));
    writeAll(writer);
  }

  private static final URI SHARDS = URI.create("test://bucket/train/shard");

  private MultiThreadedWriterOptions shardOptions() {
    return MultiThreadedWriterOptions.defaults()
        .withNumShards(3)
        .withWriterOptions(PLAIN)
        .withMaxBytesPerWriter(200_000);
  }

  private ShardTarget shards() {
    return ShardTarget.inStore(store, SHARDS, RemoteOptions.defaults());
  }

  private List<byte[]> readShards() throws IOException {
    List<byte[]> read = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : store.files().entrySet()) {
      assertThat(file.getKey()).matches("test://bucket/train/shard_[0-9]+");
      try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(file.getValue()))) {
        reader.stream().forEach(record -> read.add(record.toArray(ValueLayout.JAVA_BYTE)));
      }
    }
    return read;
  }

  @Test
  void shardsOfManyThreadsAppear() throws IOException {
    store.files().put(SHARDS + "_7", new byte[1]);
    MultiThreadedWriterOptions options = shardOptions().withAppend(false);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(shards(), options)) {
      records.parallelStream().forEach(record -> write(writer, record));
      writer.flush();
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.flush(FlushMode.SYNC))
          .withMessageContaining("appear in their store when they are closed");
      write(writer, records.getFirst());
    }
    assertThat(store.openUploads()).isZero();
    List<byte[]> expected = new ArrayList<>(records);
    expected.add(records.getFirst());
    assertThat(readShards()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static void write(MultiThreadedWriter writer, byte[] record) {
    try {
      writer.write(record);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onlyShardsAreCleared() throws IOException {
    store.files().put(SHARDS + "_7", new byte[1]);
    store.files().put(SHARDS + "_7.diskyidx", new byte[1]);
    store.files().put("test://bucket/train/shards", new byte[1]);
    shards().clear();
    assertThat(store.files())
        .containsOnlyKeys(SHARDS + "_7.diskyidx", "test://bucket/train/shards");
  }

  /** The records of the failed shard are lost; all others are in the other shards. */
  @Test
  void aShardThatFailsIsReportedAndLeavesNothing() throws IOException {
    store.answering((request, part, _) ->
        request.equals("send") && part == 1 && store.openUploads() == 3
            ? failedFuture(new IOException("planted"))
            : null);
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withNumShards(3)
            .withWriterOptions(PLAIN)
            .withParallelism(1);
    MultiThreadedWriter writer = MultiThreadedWriter.open(shards(), options);
    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(() -> {
          try {
            for (byte[] record : records) {
              writer.write(record);
            }
          } finally {
            writer.close();
          }
        })
        .withMessageContaining(SHARDS + "_")
        .withMessageContaining("planted");
    assertThat(store.openUploads()).isZero();
    assertThat(store.files()).hasSize(2);
    assertThat(records).containsAll(readShards());
    assertThat(readShards()).hasSizeGreaterThan(10);
  }

  /** A chunk that one stream did not take is written to another one. */
  @Test
  void aChunkThatAStreamRefusesGoesToAnotherShard() throws IOException {
    List<ByteArrayOutputStream> streams = new ArrayList<>();
    ShardTarget target =
        new ShardTarget() {
          @Override
          public String name() {
            return "streams";
          }

          @Override
          public String name(long number) {
            return "stream " + number;
          }

          @Override
          public RecordWriter open(long number, WriterOptions options) throws IOException {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            streams.add(stream);
            return RecordWriter.open(number == 0 ? failingAfter(1_000) : stream, options);
          }
        };
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withNumShards(2)
            .withWriterOptions(PLAIN)
            .withParallelism(1);
    MultiThreadedWriter writer = MultiThreadedWriter.open(target, options);
    List<CompletableFuture<Void>> taken = new ArrayList<>();
    for (byte[] record : records.subList(0, 2)) {
      taken.add(writer.writeAsync(record));
    }
    assertThatIOException().isThrownBy(writer::close).withMessageContaining("stream 0");
    for (CompletableFuture<Void> future : taken) {
      assertThat(future).succeedsWithin(Duration.ofMinutes(1));
    }
    try (RecordReader reader =
        RecordReader.open(MemorySegment.ofArray(streams.get(1).toByteArray()))) {
      assertThat(reader.stream().map(record -> record.toArray(ValueLayout.JAVA_BYTE)))
          .containsExactlyInAnyOrderElementsOf(records.subList(0, 2));
    }
  }

  private static OutputStream failingAfter(int size) {
    return new OutputStream() {
      private int left = size;

      @Override
      public void write(int value) throws IOException {
        if (left-- == 0) {
          throw new IOException("planted");
        }
      }
    };
  }
}
