package io.disky.loader;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.Compression;
import io.disky.Container;
import io.disky.CorruptFileException;
import io.disky.CorruptionStrategy;
import io.disky.Dialect;
import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import io.disky.oracle.OracleReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shuffling the records of files. */
class RecordShuffleTest {
  private static final RecordShuffleOptions OPTIONS =
      RecordShuffleOptions.defaults().withSeed(11).withMemory(RecordShuffleOptions.MIN_MEMORY);

  @TempDir Path directory;

  private static String text(int number, int size) {
    String name = "record " + number + " ";
    return size <= name.length() ? name : name + "x".repeat(size - name.length());
  }

  private Path file(String name, int from, int to, int size, WriterOptions options)
      throws IOException {
    Path file = directory.resolve(name);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = from; i < to; i++) {
        writer.write(text(i, size).getBytes(ISO_8859_1));
      }
    }
    return file;
  }

  private Path file(String name, int from, int to, int size) throws IOException {
    return file(name, from, to, size, WriterOptions.defaults().withChunkSize(10_000));
  }

  private static List<String> expected(int count, int size, long seed) {
    ShuffledOrder order = ShuffledOrder.of(count, seed);
    List<String> expected = new ArrayList<>();
    for (int position = 0; position < count; position++) {
      expected.add(text((int) order.recordAt(position), size));
    }
    return expected;
  }

  private static List<String> records(Path file) throws IOException {
    return OracleReader.read(file).records().stream()
        .map(record -> new String(record, ISO_8859_1))
        .toList();
  }

  /** For layouts that the independent reader does not know. */
  private static List<String> readByReader(Path file) throws IOException {
    List<String> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        records.add(new String(record.toArray(ValueLayout.JAVA_BYTE), ISO_8859_1));
      }
    }
    return records;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 1000, 5000})
  void writesTheOrderOfTheSeed(int count) throws IOException {
    Path out = directory.resolve("out");
    RecordShuffle shuffle = RecordShuffle.of(List.of(file("in", 0, count, 700)), OPTIONS);
    assertThat(shuffle.recordCount()).isEqualTo(count);
    assertThat(shuffle.recordBytes()).isEqualTo(700L * count);
    assertThat(shuffle.temporaryBytes() > 0).isEqualTo(count >= 1000);
    shuffle.write(out);
    assertThat(records(out)).isEqualTo(expected(count, 700, 11));
    assertThat(names()).containsExactly("in", "out");
  }

  /** The bytes of the output are the same with every memory and parallelism. */
  @Test
  void theResultDependsOnNothingElse() throws IOException {
    Path in = file("in", 0, 4000, 600);
    List<byte[]> results = new ArrayList<>();
    for (long memory : new long[] {1 << 20, 2 << 20, 5 << 20, 256 << 20}) {
      for (int threads : new int[] {0, 2}) {
        Path out = directory.resolve("out" + memory + threads);
        RecordShuffleOptions options =
            OPTIONS
                .withMemory(memory)
                .withReaderOptions(ReaderOptions.defaults().withParallelism(threads))
                .withWriterOptions(WriterOptions.defaults().withParallelism(threads));
        RecordShuffle.of(List.of(in), options).write(out);
        results.add(Files.readAllBytes(out));
      }
    }
    for (byte[] result : results) {
      assertThat(result).isEqualTo(results.getFirst());
    }
  }

  @Test
  void filesAreOneSequence() throws IOException {
    Path one = file("one", 0, 700, 500);
    Path none = file("none", 0, 0, 500);
    Path two = file("two", 700, 2500, 500);
    Path out = directory.resolve("out");
    RecordShuffle.of(List.of(one, none, two), OPTIONS).write(out);
    assertThat(records(out)).isEqualTo(expected(2500, 500, 11));
  }

  @Test
  void readsAndWritesEveryLayout() throws IOException {
    List<WriterOptions> layouts =
        List.of(
            WriterOptions.defaults().withCompression(Compression.none()),
            WriterOptions.defaults().withDialect(Dialect.RIEGELI).withTranspose(true),
            WriterOptions.defaults().withContainer(Container.ARRAY_RECORD),
            WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(7));
    for (int i = 0; i < layouts.size(); i++) {
      Path out = directory.resolve("in" + (i + 1));
      RecordShuffle.of(
              List.of(file("same" + i, 0, 3000, 400, layouts.get(i))),
              OPTIONS.withWriterOptions(layouts.get(i)))
          .write(out);
      assertThat(readByReader(out)).isEqualTo(expected(3000, 400, 11));
    }
  }

  @Test
  void visitsReadOnlyRecords() throws IOException {
    RecordShuffle shuffle =
        RecordShuffle.of(
            List.of(file("in", 0, 3000, 400)), OPTIONS.withTemporaryDirectory(directory));
    List<String> visited = new ArrayList<>();
    List<MemorySegment> last = new ArrayList<>();
    shuffle.visit(record -> {
      assertThat(record.isReadOnly()).isTrue();
      visited.add(new String(record.toArray(ValueLayout.JAVA_BYTE), ISO_8859_1));
      last.add(record);
    });
    assertThat(visited).isEqualTo(expected(3000, 400, 11));
    assertThatThrownBy(() -> last.getLast().get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    InterruptedException own = new InterruptedException("own");
    assertThatThrownBy(() ->
            shuffle.<InterruptedException>visit(record -> {
              throw own;
            }))
        .isSameAs(own);
    assertThat(names()).containsExactly("in");
  }

  @Test
  void reportsHowFarItIs() throws IOException {
    List<Long> done = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    RecordShuffle shuffle =
        RecordShuffle.of(
            List.of(file("in", 0, 6000, 1000)),
            OPTIONS.withListener((bytes, total) -> {
              done.add(bytes);
              totals.add(total);
            }));
    shuffle.visit(record -> {});
    assertThat(done).isSorted().hasSizeBetween(11, 12);
    assertThat(totals).containsOnly(12_000_000L);
    RuntimeException own = new RuntimeException("own");
    RecordShuffle failing =
        RecordShuffle.of(
            List.of(directory.resolve("in")),
            OPTIONS.withListener((bytes, total) -> {
              throw own;
            }));
    assertThatThrownBy(() -> failing.write(directory.resolve("out"))).isSameAs(own);
    assertThat(names()).containsExactly("in");
  }

  @Test
  void anOutputIsCompleteOrNotThere() throws IOException {
    Path in = file("in", 0, 3000, 400);
    Path out = file("out", 0, 1, 10);
    byte[] before = Files.readAllBytes(out);
    RecordShuffle shuffle = RecordShuffle.of(List.of(in), OPTIONS);
    assertThatThrownBy(() -> shuffle.write(out)).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(out).hasBinaryContent(before);

    RecordShuffleOptions overwriting =
        OPTIONS.withWriterOptions(WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE));
    byte[] content = Files.readAllBytes(in);
    RecordShuffle damaged = RecordShuffle.of(List.of(in), overwriting);
    Files.write(in, FileDamage.flip(content, content.length - 100));
    assertThatThrownBy(() -> damaged.write(out)).isInstanceOf(CorruptFileException.class);
    assertThat(out).hasBinaryContent(before);
    assertThat(names()).containsExactly("in", "out");

    Files.write(in, content);
    damaged.write(out);
    assertThat(records(out)).isEqualTo(expected(3000, 400, 11));
  }

  /** The output may replace the only input, because it gets its name at the end. */
  @Test
  void replacesItsInput() throws IOException {
    Path in = file("in", 0, 3000, 400);
    RecordShuffle.of(
            List.of(in),
            OPTIONS.withWriterOptions(WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE)))
        .write(in);
    assertThat(records(in)).isEqualTo(expected(3000, 400, 11));
    assertThat(names()).containsExactly("in");
  }

  @Test
  void noticesAChangedInput() throws IOException {
    Path in = file("in", 0, 3000, 400);
    RecordShuffle shuffle = RecordShuffle.of(List.of(in), OPTIONS);
    Files.delete(in);
    file("in", 0, 2999, 400);
    assertThatThrownBy(() -> shuffle.write(directory.resolve("out")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(in.toString(), "3000 records");
    assertThat(names()).containsExactly("in");
  }

  @Test
  void anInterruptEndsIt() throws IOException {
    RecordShuffle shuffle = RecordShuffle.of(List.of(file("in", 0, 3000, 400)), OPTIONS);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> shuffle.write(directory.resolve("out")))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(names()).containsExactly("in");
  }

  @Test
  void refusesWhatDoesNotFit() {
    RecordShuffleOptions options = RecordShuffleOptions.defaults();
    assertThatThrownBy(() -> RecordShuffle.of(List.of(), options))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.withMemory((1 << 20) - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1048575");
    ReaderOptions reading = ReaderOptions.defaults();
    assertThatThrownBy(() ->
            options.withReaderOptions(reading.withCorruptionStrategy(CorruptionStrategy.RECOVER)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("disky recover");
    assertThatThrownBy(() -> options.withReaderOptions(reading.withFollow(true)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.withReaderOptions(reading.withRange(0, 5)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void optionsHoldWhatTheyAreGiven() {
    ShuffleListener listener = (done, total) -> {};
    RecordShuffleOptions options =
        RecordShuffleOptions.defaults()
            .withSeed(-3)
            .withMemory(5 << 20)
            .withTemporaryDirectory(directory)
            .withReaderOptions(ReaderOptions.defaults().withParallelism(2))
            .withWriterOptions(WriterOptions.defaults().withChunkSize(5))
            .withListener(listener);
    assertThat(options.seed()).isEqualTo(-3);
    assertThat(options.memory()).isEqualTo(5 << 20);
    assertThat(options.temporaryDirectory()).contains(directory);
    assertThat(options.readerOptions().parallelism()).isEqualTo(2);
    assertThat(options.writerOptions().chunkSize()).isEqualTo(5);
    assertThat(options.listener()).contains(listener);
    assertThat(options).isEqualTo(options.withSeed(-3)).hasSameHashCodeAs(options.withSeed(-3));
    assertThat(options).isNotEqualTo(options.withSeed(3));
    assertThat(RecordShuffleOptions.defaults().toString())
        .startsWith("RecordShuffleOptions[seed=0, memory=268435456, temporaryDirectory=none");
  }
}
