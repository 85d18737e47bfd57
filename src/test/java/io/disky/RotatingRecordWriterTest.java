package io.disky;

import static io.disky.testing.NumberedRecords.assertRest;
import static io.disky.testing.NumberedRecords.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import io.disky.testing.SyncedChannel;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One file after the other, without a lost record. */
class RotatingRecordWriterTest {
  private static final long CHUNK_SIZE = 1_000;
  private static final WriterOptions SMALL_CHUNKS =
      WriterOptions.defaults().withChunkSize(CHUNK_SIZE).withCompression(Compression.none());
  private static final RotationOptions OPTIONS =
      RotationOptions.defaults().withWriterOptions(SMALL_CHUNKS);
  private static final Instant START = Instant.parse("2026-11-29T20:45:00Z");

  @TempDir private Path directory;
  private FileNaming naming;
  private Instant now = START;
  private final List<RotatedFile> finished = new ArrayList<>();

  @BeforeEach
  void setUp() {
    naming = FileNaming.pattern(directory, "log-{number}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"s3://bucket/logs", "GS://bucket", "Http://server", "https://server/logs"})
  void addressesAreRefusedWithARemedy(String address) {
    FileNaming remote = FileNaming.pattern(Path.of(address), "log-{number}");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> RotatingRecordWriter.open(remote, OPTIONS))
        .withMessageContaining(Path.of(address).resolve("log-000000") + " is an address")
        .withMessageContaining("upload complete files in RotationOptions.withListener");
  }

  @Test
  void pathsOfOtherFileSystemsAreRefusedWithARemedy() throws IOException {
    Path zip = directory.resolve("logs.zip");
    try (FileSystem other = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      FileNaming remote = FileNaming.pattern(other.getPath("/"), "log-{number}");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> RotatingRecordWriter.open(remote, OPTIONS))
          .withMessageContaining("/log-000000 is not in the default file system")
          .withMessageContaining("upload complete files in RotationOptions.withListener");
    }
  }

  @Test
  void aLocalDirectoryMayHaveTheNameOfAScheme() throws IOException {
    Path s3 = Files.createDirectory(directory.resolve("s3:"));
    try (RotatingRecordWriter writer =
        RotatingRecordWriter.open(FileNaming.pattern(s3, "log-{number}"), OPTIONS)) {
      assertThat(writer.path()).contains(s3.resolve("log-000000"));
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  /** Checks that the files have the records 0, 1, 2, ... together, and returns their counts. */
  private List<Integer> assertRecords(int expected) throws IOException {
    List<Integer> counts = new ArrayList<>();
    int next = 0;
    for (Path file : files()) {
      int before = next;
      try (RecordReader reader = RecordReader.open(file)) {
        for (MemorySegment found : reader) {
          NumberedRecords.assertRecord(found, next++);
        }
      }
      assertThat(RecordWriter.findTornTail(file)).isEmpty();
      counts.add(next - before);
    }
    assertThat(next).isEqualTo(expected);
    return counts;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void bySize(int parallelism) throws IOException {
    RotationOptions options =
        OPTIONS
            .withMaxFileSize(10_000)
            .withWriterOptions(SMALL_CHUNKS.withParallelism(parallelism))
            .withListener(finished::add);
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      for (int i = 0; i < 2_000; i++) {
        writer.write(record(i));
      }
      assertThat(writer.recordCount()).isEqualTo(2_000);
    }
    assertRecords(2_000);
    List<Path> files = files();
    assertThat(files).hasSizeGreaterThan(6);
    for (Path file : files.subList(0, files.size() - 1)) {
      assertThat(Files.size(file)).isBetween(10_000L, 10_000 + 3 * CHUNK_SIZE);
    }
    assertThat(finished.stream().map(RotatedFile::path)).isEqualTo(files);
    assertThat(finished.stream().mapToLong(RotatedFile::recordCount).sum()).isEqualTo(2_000);
    for (RotatedFile file : finished) {
      assertThat(file.fileSize()).isEqualTo(Files.size(file.path()));
      assertThat(file.path()).hasFileName(String.format("log-%06d", file.number()));
    }
  }

  @Test
  void bySizeAfterEachFlush() throws IOException {
    RotationOptions options = OPTIONS.withMaxFileSize(500);
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      for (int i = 0; i < 60; i++) {
        writer.write(record(i));
        writer.flush();
      }
    }
    assertRecords(60);
    List<Path> files = files();
    for (Path file : files.subList(0, files.size() - 1)) {
      assertThat(Files.size(file)).isBetween(500L, 500L + 97 + 8 + 40 + 24);
    }
  }

  @Test
  void byTime() throws IOException {
    RotationOptions options = OPTIONS.withMaxDuration(Duration.ofHours(1)).withClock(() -> now);
    naming = FileNaming.pattern(directory, "log-{time}-{number}");
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      now = now.plus(Duration.ofHours(5));
      writer.write(record(0)); // the first one, in a file that has waited for it
      now = START.plus(Duration.ofMinutes(5));
      writer.write(record(1));
      now = START.plus(Duration.ofMinutes(60)).minusNanos(1);
      writer.write(record(2));
      now = now.plusNanos(1);
      writer.write(record(3));
      now = now.minus(Duration.ofDays(1)); // somebody has set the clock
      writer.write(record(4));
      now = now.plus(Duration.ofDays(2));
      writer.write(record(5));
    }
    assertThat(assertRecords(6)).containsExactly(3, 2, 1);
    assertThat(files())
        .containsExactly(
            directory.resolve("log-20261129T204500Z-000000"),
            directory.resolve("log-20261129T214500Z-000001"),
            directory.resolve("log-20261130T214500Z-000002"));
  }

  /** A timer that flushes ends the file of a quiet hour. */
  @ParameterizedTest
  @EnumSource(FlushMode.class)
  void aFlushEndsAnOldFile(FlushMode mode) throws IOException {
    RotationOptions options =
        OPTIONS
            .withMaxDuration(Duration.ofHours(1))
            .withClock(() -> now)
            .withListener(finished::add);
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      now = START.plus(Duration.ofHours(2));
      writer.flush(mode); // a file without records does not grow old
      assertThat(writer.path()).contains(directory.resolve("log-000000"));
      now = START.plus(Duration.ofMinutes(59));
      writer.write(record(0));
      writer.flush(mode);
      assertThat(finished).isEmpty();
      now = START.plus(Duration.ofMinutes(60));
      writer.flush(mode);
      assertThat(finished).extracting(RotatedFile::recordCount).containsExactly(1L);
      assertThat(writer.path()).isEmpty();
      writer.flush(mode);
      assertThat(files()).hasSize(1);
      writer.write(record(1));
    }
    assertThat(assertRecords(2)).containsExactly(1, 1);
  }

  @Test
  void aFlushEndsAFullFile() throws IOException {
    RotationOptions options = OPTIONS.withMaxFileSize(500).withListener(finished::add);
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      writer.write(new byte[500]);
      assertThat(finished).isEmpty();
      writer.flush();
      assertThat(finished).hasSize(1);
    }
    assertThat(files()).hasSize(1);
  }

  /** In whatever way the earlier files have ended. Closing the writer syncs nothing. */
  @Test
  void aSyncReachesTheEarlierFiles() throws IOException {
    List<SyncedChannel> channels = new ArrayList<>();
    RotationOptions options =
        OPTIONS.withMaxFileSize(500).withMaxDuration(Duration.ofHours(1)).withClock(() -> now);
    RotatingRecordWriter writer =
        RotatingRecordWriter.open(
            naming,
            options,
            (path, each) -> {
              channels.add(new SyncedChannel(path));
              return RecordWriter.open(channels.getLast(), each);
            });
    writer.write(record(0));
    writer.rotate();
    writer.write(record(1));
    now = now.plus(Duration.ofHours(2));
    writer.write(record(2));
    now = now.plus(Duration.ofHours(2));
    writer.flush();
    writer.write(new byte[1000]);
    writer.flush();
    writer.write(record(4));
    assertThat(channels).hasSize(5);
    assertThat(channels.getLast().syncs()).isZero();
    writer.flush(FlushMode.SYNC);
    for (int i = 0; i < 5; i++) {
      assertThat(channels.get(i).synced()).as("file %d", i).isEqualTo(Files.size(files().get(i)));
    }
    writer.write(record(5));
    writer.close();
    assertThat(channels.getLast().syncs()).isEqualTo(1);
  }

  /** The writer of an ArrayRecord cannot flush inside a group, but it can be closed there. */
  @Test
  void aGroupThatIsNotFullEndsWithItsFile() throws IOException {
    WriterOptions groups =
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(4);
    try (RotatingRecordWriter writer =
        RotatingRecordWriter.open(naming, RotationOptions.defaults().withWriterOptions(groups))) {
      writer.write(record(0));
      writer.rotate();
      writer.write(record(1));
    }
    assertThat(files()).hasSize(2);
    for (int i = 0; i < 2; i++) {
      try (RecordReader reader = RecordReader.open(files().get(i))) {
        assertRest(reader, i, i);
      }
    }
  }

  @Test
  void whenTold() throws IOException {
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, OPTIONS)) {
      writer.rotate();
      writer.rotate();
      assertThat(writer.path()).contains(directory.resolve("log-000000"));
      writer.write(record(0));
      writer.rotate();
      assertThat(writer.path()).isEmpty();
      writer.rotate();
      writer.flush();
      writer.write(record(1));
      assertThat(writer.path()).contains(directory.resolve("log-000001"));
      assertThat(writer.recordCount()).isEqualTo(2);
      assertThat(writer.recordBytes()).isEqualTo(record(0).length + record(1).length);
    }
    assertThat(assertRecords(2)).containsExactly(1, 1);
  }

  /** Also with a file that has its name only when it is complete. */
  @Test
  void eachFileIsCompleteBeforeTheNextOne() throws IOException {
    List<String> states = new ArrayList<>();
    RotationOptions options =
        OPTIONS
            .withWriterOptions(SMALL_CHUNKS.withAtomicCreation(true))
            .withListener(file -> {
              try (RecordReader reader = RecordReader.open(file.path())) {
                states.add(file.number() + ": " + reader.recordCount() + " of " + files().size());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      for (int i = 0; i < 6; i++) {
        writer.write(record(i));
        if (i % 2 == 1) {
          writer.rotate();
        }
      }
    }
    assertThat(states).containsExactly("0: 2 of 1", "1: 2 of 2", "2: 2 of 3");
    assertRecords(6);
  }

  @Test
  void existingFilesAreLeftAlone() throws IOException {
    byte[] old = "not ours".getBytes(UTF_8);
    Files.write(directory.resolve("log-000000"), old);
    Files.write(directory.resolve("log-000002"), old);
    naming = (number, opened) -> directory.resolve(String.format("log-%06d", number));
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, OPTIONS)) {
      writer.write(record(0));
      writer.rotate();
      writer.write(record(1));
    }
    assertThat(directory.resolve("log-000000")).hasBinaryContent(old);
    assertThat(directory.resolve("log-000002")).hasBinaryContent(old);
    try (RecordReader reader = RecordReader.open(directory.resolve("log-000001"))) {
      assertRest(reader, 0, 0);
    }
    try (RecordReader reader = RecordReader.open(directory.resolve("log-000003"))) {
      assertRest(reader, 1, 1);
    }
  }

  /** The record that finds no file is written by the next attempt. */
  @Test
  void aFileThatCannotBeOpenedIsTriedAgain() throws IOException {
    Path later = directory.resolve("later");
    FileNaming movable =
        (number, opened) -> (number == 0 ? directory : later).resolve("log-" + number);
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(movable, OPTIONS)) {
      writer.write(record(0));
      writer.rotate();
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(FileSystemException.class)
            .isThrownBy(() -> writer.write(record(1)));
        assertThat(writer.recordCount()).isEqualTo(1);
      }
      Files.createDirectory(later);
      writer.write(record(1));
    }
    try (RecordReader reader = RecordReader.open(later.resolve("log-1"))) {
      assertRest(reader, 1, 1);
    }
  }

  @Test
  void aNamingThatRepeatsItselfIsNotAskedForever() throws IOException {
    Path only = directory.resolve("only");
    try (RotatingRecordWriter writer =
        RotatingRecordWriter.open((number, opened) -> only, OPTIONS)) {
      writer.write(record(0));
      writer.rotate();
      assertThatExceptionOfType(FileAlreadyExistsException.class)
          .isThrownBy(() -> writer.write(record(1)));
    }
    assertRecords(1);
  }

  @Test
  void aFileThatCannotBeCompletedIsAFailure() throws IOException {
    RotationOptions options =
        OPTIONS
            .withWriterOptions(SMALL_CHUNKS.withAtomicCreation(true))
            .withListener(finished::add);
    RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options);
    writer.write(record(0));
    Files.write(directory.resolve("log-000000"), new byte[0]); // the name is taken meanwhile
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(writer::rotate);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> writer.write(record(1)))
        .withMessageContaining("an earlier write failed");
    assertThatExceptionOfType(IOException.class).isThrownBy(writer::close);
    assertThat(writer.isOpen()).isFalse();
    writer.close();
    assertThat(finished).isEmpty();
  }

  @Test
  void callbacksCannotUseTheWriter() throws IOException {
    RotatingRecordWriter[] own = new RotatingRecordWriter[1];
    AtomicInteger refused = new AtomicInteger();
    Runnable uses =
        () -> {
          if (own[0] != null) {
            assertThatIllegalStateException().isThrownBy(() -> own[0].write(record(9)));
            assertThatIllegalStateException().isThrownBy(() -> own[0].rotate());
            assertThatIllegalStateException().isThrownBy(() -> own[0].close());
            refused.incrementAndGet();
          }
        };
    RotationOptions options =
        OPTIONS
            .withMaxDuration(Duration.ofDays(1))
            .withClock(() -> {
              uses.run();
              return START;
            })
            .withListener(file -> {
              uses.run();
              throw new IllegalArgumentException("logged only");
            });
    FileNaming using =
        (number, opened) -> {
          uses.run();
          return naming.path(number, opened);
        };
    try (LogCapture log = new LogCapture();
        RotatingRecordWriter writer = RotatingRecordWriter.open(using, options)) {
      own[0] = writer;
      writer.write(record(0));
      writer.rotate();
      assertThat(writer.isOpen()).isTrue();
      writer.write(
          100,
          slot -> {
            uses.run();
            slot.copyFrom(MemorySegment.ofArray(record(1)));
            return record(1).length;
          });
      assertThat(log.messages("the listener of a rotating writer has failed")).isNotEmpty();
    }
    assertThat(refused.get()).isGreaterThanOrEqualTo(4);
    assertThat(assertRecords(2)).containsExactly(1, 1);
  }

  @Test
  void everyThreadInEveryWay() throws Exception {
    RotationOptions options = OPTIONS.withMaxFileSize(2_000).withListener(finished::add);
    AtomicInteger next = new AtomicInteger();
    try (RotatingRecordWriter writer = RotatingRecordWriter.open(naming, options)) {
      List<Throwable> thrown =
          WorkerThreads.race(
              4,
              () -> {
                for (int i = 0; i < 200; i++) {
                  byte[] text = ("record " + next.getAndIncrement()).getBytes(UTF_8);
                  switch (i % 5) {
                    case 0 -> writer.write(text);
                    case 1 -> writer.write(ByteBuffer.wrap(text));
                    case 2 -> writer.write(MemorySegment.ofArray(text));
                    case 3 -> writer.write(new String(text, UTF_8));
                    default -> writer.write(text, 0, text.length);
                  }
                }
              });
      assertThat(thrown).isEmpty();
    }
    List<String> found = new ArrayList<>();
    for (RotatedFile file : finished) {
      try (RecordReader reader = RecordReader.open(file.path())) {
        reader.forEach(found(found));
      }
    }
    assertThat(finished).hasSizeGreaterThan(3);
    assertThat(found).hasSize(800).doesNotHaveDuplicates();
  }

  private static Consumer<MemorySegment> found(List<String> found) {
    return record -> found.add(new String(record.toArray(ValueLayout.JAVA_BYTE), UTF_8));
  }

  @Test
  void aBatchStaysTogether() throws IOException {
    Path source = NumberedRecords.write(directory.resolve("source"), Compression.none(), 2, 100);
    try (RecordReader reader = RecordReader.open(source);
        RotatingRecordWriter writer =
            RotatingRecordWriter.open(naming, OPTIONS.withMaxFileSize(1_000))) {
      for (RecordBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        writer.write(batch);
        batch.close();
      }
    }
    Files.delete(source);
    assertThat(assertRecords(200)).containsExactly(100, 100);
  }

  @Test
  void closed() throws IOException {
    RotatingRecordWriter writer = RotatingRecordWriter.open(naming, OPTIONS);
    writer.close();
    writer.close();
    assertThatIllegalStateException().isThrownBy(() -> writer.write(record(0)));
    assertThatIllegalStateException().isThrownBy(writer::flush);
    assertThatIllegalStateException().isThrownBy(writer::rotate);
    assertThat(writer).hasToString("RotatingRecordWriter[closed, path=none]");
    assertThat(assertRecords(0)).containsExactly(0);
  }

  @Test
  void options() {
    assertThat(OPTIONS.maxFileSize()).isEmpty();
    assertThat(OPTIONS.maxDuration()).isEmpty();
    assertThat(OPTIONS.listener()).isEmpty();
    RotationOptions changed =
        OPTIONS.withMaxFileSize(5).withMaxDuration(Duration.ofSeconds(1)).withClock(() -> START);
    assertThat(changed.maxFileSize()).hasValue(5);
    assertThat(changed.maxDuration()).contains(Duration.ofSeconds(1));
    assertThat(changed.clock().instant()).isEqualTo(START);
    assertThat(changed.writerOptions()).isEqualTo(SMALL_CHUNKS);
    assertThat(OPTIONS.withMaxFileSize(5))
        .isEqualTo(OPTIONS.withMaxFileSize(5))
        .hasSameHashCodeAs(OPTIONS.withMaxFileSize(5))
        .isNotEqualTo(OPTIONS);
    assertThat(RotationOptions.defaults().toString())
        .startsWith("RotationOptions[maxFileSize=none, maxDuration=none, writerOptions=Writer");
    assertThatIllegalArgumentException().isThrownBy(() -> OPTIONS.withMaxFileSize(0));
    assertThatIllegalArgumentException().isThrownBy(() -> OPTIONS.withMaxDuration(Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OPTIONS.withWriterOptions(SMALL_CHUNKS.withOpenMode(OpenMode.APPEND)));
  }
}
