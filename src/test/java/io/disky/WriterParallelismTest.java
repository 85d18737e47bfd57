package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.lifetime.GarbageCollection;
import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import io.disky.testing.WritingWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link WriterOptions#withParallelism}: other threads encode, and nothing else changes. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriterParallelismTest {
  private static final WriterOptions SMALL_CHUNKS = WriterOptions.defaults().withChunkSize(2000);

  @TempDir private Path directory;

  static Stream<WriterOptions> options() {
    WriterOptions riegeli = SMALL_CHUNKS.withDialect(Dialect.RIEGELI);
    return Stream.of(
        SMALL_CHUNKS,
        SMALL_CHUNKS.withCompression(Compression.none()),
        riegeli.withCompression(Compression.brotli(3)).withPadding(4096),
        riegeli.withTranspose(true).withBucketFraction(0.1),
        riegeli
            .withTranspose(true)
            .withCompression(Compression.none())
            .withMetadata(RecordsMetadata.empty().withFileComment("a comment")),
        SMALL_CHUNKS.withAtomicCreation(true),
        SMALL_CHUNKS.withContainer(Container.ARRAY_RECORD).withGroupSize(1),
        SMALL_CHUNKS
            .withContainer(Container.ARRAY_RECORD)
            .withGroupSize(7)
            .withFinalPadding(1 << 16));
  }

  @ParameterizedTest
  @MethodSource("options")
  void theFileIsTheSame(WriterOptions options) throws IOException {
    Path alone = write("alone", options);
    for (int threads : List.of(1, 2, 7)) {
      Path parallel = write("parallel-" + threads, options.withParallelism(threads));
      assertThat(parallel).as("%s threads", threads).hasSameBinaryContentAs(alone);
    }
    assertNoThread();
  }

  /** Records of all ways, flushed now and then; what the writer says of itself goes to a list. */
  private Path write(String name, WriterOptions options) throws IOException {
    long seed = 20260722;
    Random random = new Random(seed);
    Path file = directory.resolve(name);
    WritingWay[] ways = WritingWay.values();
    boolean grouped = options.container() == Container.ARRAY_RECORD;
    long sizes = 0;
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 700; i++) {
        int size = random.nextInt(10) == 0 ? random.nextInt(9000) : random.nextInt(200);
        ways[i % ways.length].write(writer, SampleRecords.random(random, size));
        if (random.nextInt(20) == 0 && !grouped) {
          writer.flush();
        }
        if (random.nextInt(50) == 0) {
          sizes = sizes * 31 + writer.fileSize();
        }
      }
      if (!grouped && !options.atomicCreation()) {
        writer.flush(FlushMode.SYNC);
        sizes = sizes * 31 + writer.fileSize();
      }
      assertThat(writer.recordCount()).isEqualTo(700);
    }
    Path expected = directory.resolve("sizes-" + options.withParallelism(0).hashCode());
    if (Files.exists(expected)) {
      assertThat(Long.toString(sizes)).as("sizes").isEqualTo(Files.readString(expected));
    } else {
      Files.writeString(expected, Long.toString(sizes));
    }
    return file;
  }

  @Test
  void continuesAFile() throws IOException {
    Path file = directory.resolve("file");
    List<byte[]> records = SampleRecords.lines(2000);
    for (List<byte[]> part : List.of(records.subList(0, 900), records.subList(900, 2000))) {
      WriterOptions options = SMALL_CHUNKS.withOpenMode(OpenMode.APPEND).withParallelism(3);
      try (RecordWriter writer = RecordWriter.open(file, options)) {
        for (byte[] record : part) {
          writer.write(record);
        }
      }
    }
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), records);
  }

  @Test
  void aFlushMakesRecordsReadable() throws IOException {
    Path file = directory.resolve("file");
    List<byte[]> records = SampleRecords.lines(3000);
    try (RecordWriter writer = RecordWriter.open(file, SMALL_CHUNKS.withParallelism(3))) {
      for (int i = 0; i < records.size(); i++) {
        writer.write(records.get(i));
        if (i % 500 == 499) {
          writer.flush();
          SampleRecords.assertSame(ReadingWay.ITERATION.read(file), records.subList(0, i + 1));
          assertThat(writer.fileSize()).isEqualTo(Files.size(file));
        }
      }
    }
  }

  @Test
  void noThreadWithoutAChunkAndNoneAfterwards() throws IOException {
    try (RecordWriter writer =
        RecordWriter.open(directory.resolve("file"), SMALL_CHUNKS.withParallelism(4))) {
      writer.write(new byte[100]);
      assertNoThread();
      for (int i = 0; i < 1000; i++) {
        writer.write(new byte[100]);
      }
      assertThat(threads()).hasSize(4).allMatch(Thread::isDaemon);
    }
    assertNoThread();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void discardedLeavesNothing(boolean atomic) throws IOException {
    for (int round = 0; round < 30; round++) {
      Path file = directory.resolve("file-" + round);
      WriterOptions options = SMALL_CHUNKS.withAtomicCreation(atomic).withParallelism(2);
      RecordWriter writer = RecordWriter.open(file, options);
      for (int i = 0; i < round * 20; i++) {
        writer.write(NumberedRecords.record(i));
      }
      writer.discard();
      assertNoThread();
      if (atomic) {
        assertThat(directory).isEmptyDirectory();
      } else {
        try (RecordReader reader = RecordReader.open(file)) {
          NumberedRecords.assertRest(reader, 0, (int) Records.inFile(file) - 1);
        }
      }
    }
  }

  /** Counts records by reading them. */
  private static final class Records {
    static long inFile(Path file) throws IOException {
      return ReadingWay.ITERATION.read(file).size();
    }
  }

  @Test
  void forgottenLeavesNoThread() throws Exception {
    try (LogCapture log = new LogCapture()) {
      Path file = directory.resolve("forgotten");
      forget(file);
      assertThat(
              GarbageCollection.leadsTo(
                  () -> threads().isEmpty() && !log.messages("never closed").isEmpty()))
          .as("threads %s, log %s", threads(), log.messages(""))
          .isTrue();
      assertThat(log.messages("never closed")).hasSize(1).first().asString().contains("forgotten");
      RecordWriter.open(file, SMALL_CHUNKS.withOpenMode(OpenMode.APPEND)).close();
    }
  }

  private static void forget(Path file) throws IOException {
    RecordWriter writer = RecordWriter.open(file, SMALL_CHUNKS.withParallelism(3));
    for (int i = 0; i < 1000; i++) {
      writer.write(NumberedRecords.record(i));
    }
  }

  @Test
  void anInterruptChangesNothing() throws IOException {
    Path file = directory.resolve("file");
    Thread.currentThread().interrupt();
    try (RecordWriter writer = RecordWriter.open(file, SMALL_CHUNKS.withParallelism(2))) {
      for (int i = 0; i < 1000; i++) {
        writer.write(NumberedRecords.record(i));
      }
      writer.flush();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    try (RecordReader reader = RecordReader.open(file)) {
      NumberedRecords.assertRest(reader, 0, 999);
    }
    assertNoThread();
  }

  @Test
  void aSlotIsMovedToTheNextChunk() throws IOException {
    Path file = directory.resolve("file");
    List<byte[]> records = new ArrayList<>();
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withChunkSize(100).withParallelism(2))) {
      for (int i = 0; i < 300; i++) {
        records.add(SampleRecords.random(i));
        WritingWay.IN_PLACE_WITH_ROOM.write(writer, records.get(i));
      }
    }
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), records);
  }

  @Test
  void rangeOfTheOption() {
    WriterOptions options = WriterOptions.defaults();
    assertThat(options.parallelism()).isZero();
    assertThat(options.withParallelism(3).parallelism()).isEqualTo(3);
    assertThat(options.withParallelism(3))
        .isNotEqualTo(options)
        .hasToString(options.toString().replace("parallelism=0", "parallelism=3"));
    assertThat(options.withParallelism(WriterOptions.MAX_PARALLELISM).parallelism())
        .isEqualTo(1024);
    for (int wrong : new int[] {-1, 1025}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> options.withParallelism(wrong))
          .withMessage("parallelism " + wrong + " is outside 0 to 1024 threads");
    }
  }

  @Test
  void aClosedWriterIsClosed() throws IOException {
    RecordWriter writer =
        RecordWriter.open(directory.resolve("file"), SMALL_CHUNKS.withParallelism(2));
    writer.close();
    writer.close();
    writer.discard();
    assertThatIllegalStateException().isThrownBy(() -> writer.write(new byte[1]));
    assertThat(writer.fileSize()).isEqualTo(Files.size(directory.resolve("file")));
    assertThatThrownBy(writer::flush).isInstanceOf(IllegalStateException.class);
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("disky-writer"))
        .toList();
  }

  private static void assertNoThread() {
    assertThat(threads()).isEmpty();
  }
}
