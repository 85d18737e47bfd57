package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.NumberedRecords;
import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MultiThreadedWriterTest {
  private static final MultiThreadedWriterOptions SMALL_CHUNKS =
      MultiThreadedWriterOptions.defaults()
          .withWriterOptions(WriterOptions.defaults().withChunkSize(1000));

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void everyWayToWrite(int workers) throws IOException {
    MultiThreadedWriterOptions options = SMALL_CHUNKS.withParallelism(workers);
    List<String> expected = new ArrayList<>();
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 500; i++) {
        byte[] record = ("record " + i).getBytes(UTF_8);
        byte[] wide = ("<<<record " + i + ">>").getBytes(UTF_8);
        ByteBuffer buffer = ByteBuffer.wrap(wide).position(3).limit(wide.length - 2);
        MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, record);
        writer.write(record);
        writer.write(wide, 3, record.length);
        writer.write(buffer);
        assertThat(buffer.hasRemaining()).isFalse();
        writer.write(segment);
        List<CompletableFuture<Void>> _ =
            List.of(
                writer.writeAsync(record),
                writer.writeAsync(wide, 3, record.length),
                writer.writeAsync(buffer.position(3)),
                writer.writeAsync(segment));
        assertThat(buffer.hasRemaining()).isFalse();
        expected.addAll(java.util.Collections.nCopies(8, "record " + i));
      }
    }
    assertRecords(expected);
    assertNoThread();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void numShards(int workers) throws IOException {
    MultiThreadedWriterOptions options = SMALL_CHUNKS.withParallelism(workers).withNumShards(3);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      assertThat(names()).containsExactly("shard_0", "shard_1", "shard_2");
      assertThat(writer.availableWriters()).isEqualTo(3);
      for (int i = 0; i < 1000; i++) {
        writer.write(NumberedRecords.record(i));
      }
    }
    for (String name : names()) {
      assertThat(ReadingWay.VISIT.read(directory.resolve(name))).as(name).isNotEmpty();
    }
  }

  @Test
  void prefixAndStartIndexAndTheDirectory() throws IOException {
    Path deep = directory.resolve("a/b");
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS.withPrefix("part-of.it").withStartIndex(41).withNumShards(2);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(deep, options)) {
      writer.write(new byte[3]);
      assertThat(writer.shards())
          .extracting(WrittenShard::number, shard -> shard.path().orElseThrow())
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(41L, deep.resolve("part-of.it_41")),
              org.assertj.core.groups.Tuple.tuple(42L, deep.resolve("part-of.it_42")));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MultiThreadedWriter.open(directory, options.withPrefix("../x")));
  }

  @Test
  void append() throws IOException {
    write(SMALL_CHUNKS.withNumShards(2), "first");
    Files.delete(directory.resolve("shard_0"));
    write(SMALL_CHUNKS.withNumShards(2), "second");
    assertThat(names()).containsExactly("shard_0", "shard_1", "shard_2");
    assertRecords(Stream.concat(lines("second"), secondHalf()).toList());
  }

  /** What was left of the first. */
  private Stream<String> secondHalf() throws IOException {
    return ReadingWay.VISIT.read(directory.resolve("shard_1")).stream()
        .map(record -> new String(record, UTF_8));
  }

  @Test
  void withoutAppendingExactlyTheShardsAreRemoved() throws IOException {
    write(SMALL_CHUNKS.withNumShards(3), "first");
    List<String> others =
        List.of("shard_x", "shard_", "shard_1x", "xshard_1", "shard_1.tmp", "shards_1", "SHARD_1");
    for (String other : others) {
      Files.writeString(directory.resolve(other), other);
    }
    Files.writeString(directory.resolve("shard_007"), "x");
    Files.createDirectory(directory.resolve("shard_99"));
    write(SMALL_CHUNKS.withNumShards(1).withAppend(false), "second");
    for (String other : others) {
      assertThat(directory.resolve(other)).hasContent(other);
      Files.delete(directory.resolve(other));
    }
    Files.delete(directory.resolve("shard_99"));
    assertThat(names()).containsExactly("shard_0");
    assertRecords(lines("second").toList());
  }

  private void write(MultiThreadedWriterOptions options, String text) throws IOException {
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      for (String line : lines(text).toList()) {
        writer.write(line.getBytes(UTF_8));
      }
    }
  }

  private static Stream<String> lines(String text) {
    return Stream.iterate(0, i -> i < 400, i -> i + 1).map(i -> text + i);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void maxBytesPerWriterWithAutoSharding(int workers) throws IOException {
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS.withParallelism(workers).withMaxBytesPerWriter(5000).withNumShards(2);
    List<WrittenShard> shards;
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      for (int i = 0; i < 1000; i++) {
        writer.write(new byte[92]);
      }
      writer.flush();
      shards = writer.shards();
      assertThat(shards.stream().mapToLong(WrittenShard::recordBytes).sum()).isEqualTo(92_000);
      assertThat(shards.stream().mapToLong(WrittenShard::recordCount).sum()).isEqualTo(1000);
      assertThat(shards.stream().filter(shard -> !shard.finished())).hasSize(2);
    }
    assertThat(shards.size()).isBetween(92_000 / 6000, 92_000 / 5000 + 2);
    for (WrittenShard shard : shards) {
      if (shard.finished()) {
        assertThat(shard.recordBytes()).isBetween(5000L, 5999L);
      }
      assertThat(ReadingWay.VISIT.read(shard.path().orElseThrow()))
          .hasSize((int) shard.recordCount());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void withoutAutoShardingAllBecomeFull(int workers) throws IOException {
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS
            .withParallelism(workers)
            .withMaxBytesPerWriter(5000)
            .withAutoSharding(false)
            .withNumShards(2);
    int written = 0;
    IOException failure = null;
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      while (failure == null) {
        try {
          writer.write(new byte[92]);
          written++;
        } catch (IOException e) {
          failure = e;
        }
      }
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> writer.write(new byte[1]))
          .withMessageContaining("full");
    }
    assertThat(failure).hasMessageContaining(directory.toString()).hasMessageContaining("5000");
    assertThat(names()).hasSize(2);
    assertThat(written).isGreaterThanOrEqualTo(2 * 5000 / 92);
    assertThat(records()).as("what was accepted is written").hasSize(written);
  }

  @Test
  void writerOptions() throws IOException {
    WriterOptions writerOptions =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withCompression(Compression.brotli(2))
            .withTranspose(true)
            .withPadding(1 << 16)
            .withMetadata(RecordsMetadata.empty().withFileComment("of a shard"))
            .withOpenMode(OpenMode.APPEND)
            .withParallelism(3)
            .withChunkSize(1000);
    try (MultiThreadedWriter writer =
        MultiThreadedWriter.open(directory, SMALL_CHUNKS.withWriterOptions(writerOptions))) {
      for (int i = 0; i < 400; i++) {
        writer.write(("first" + i).getBytes(UTF_8));
      }
    }
    for (String name : names()) {
      Path file = directory.resolve(name);
      assertThat(Files.size(file) % (1 << 16)).isZero();
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.metadata().orElseThrow().fileComment()).contains("of a shard");
      }
    }
    assertRecords(lines("first").toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void arrayRecords(int workers) throws IOException {
    WriterOptions writerOptions =
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(7);
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS.withParallelism(workers).withWriterOptions(writerOptions);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      List<Thread> producers = new ArrayList<>();
      for (int p = 0; p < 5; p++) {
        int first = p * 80;
        producers.add(
            Thread.ofVirtual()
                .start(() -> {
                  for (int i = first; i < first + 80; i++) {
                    try {
                      writer.write(("first" + i).getBytes(UTF_8));
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  }
                }));
      }
      for (Thread producer : producers) {
        producer.join();
      }
      assertThatIllegalStateException()
          .isThrownBy(writer::flush)
          .withMessageContaining("group size 7");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertRecords(lines("first").toList());
  }

  @Test
  void groupsThatAreWholeAreFlushed() throws IOException {
    WriterOptions writerOptions =
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(5);
    try (MultiThreadedWriter writer =
        MultiThreadedWriter.open(directory, SMALL_CHUNKS.withWriterOptions(writerOptions))) {
      for (int i = 0; i < 25; i++) {
        writer.write(("first" + i).getBytes(UTF_8));
      }
      writer.flush();
      assertThat(writer.shards().stream().mapToLong(WrittenShard::recordCount).sum()).isEqualTo(25);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aFlushWritesAll(int workers) throws Exception {
    MultiThreadedWriterOptions options = SMALL_CHUNKS.withParallelism(workers);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      CompletableFuture<Void> early = writer.writeAsync("first0".getBytes(UTF_8));
      for (int i = 1; i < 200; i++) {
        writer.write(("first" + i).getBytes(UTF_8));
      }
      writer.flush();
      early.get();
      assertRecords(lines("first").limit(200).toList());
      assertThat(writer.pendingTasks()).isZero();
      for (int i = 200; i < 400; i++) {
        writer.write(("first" + i).getBytes(UTF_8));
      }
      writer.flushAsync(FlushMode.SYNC).get();
      assertRecords(lines("first").toList());
      writer.flushAsync().get();
    }
    assertRecords(lines("first").toList());
  }

  @Test
  void smallChunksAreOneWhenFlushed() throws Exception {
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults().withNumShards(1).withParallelism(1);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      for (int p = 0; p < 20; p++) {
        Thread producer =
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    writer.write(new byte[10]);
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
        producer.join();
      }
      writer.flush();
    }
    try (RecordReader reader = RecordReader.open(directory.resolve("shard_0"));
        RecordBatch batch = reader.nextBatch()) {
      assertThat(batch).isNotNull();
      assertThat(batch.recordCount()).isEqualTo(20);
    }
  }

  @Test
  void aFutureIsOfOneRecord() throws Exception {
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, SMALL_CHUNKS)) {
      CompletableFuture<Void> first = writer.writeAsync(new byte[1]);
      CompletableFuture<Void> second = writer.writeAsync(new byte[2]);
      assertThat(first).isNotDone();
      assertThat(first.cancel(true)).isTrue();
      assertThat(second).isNotDone();
      writer.flush();
      second.get();
    }
    assertThat(records()).hasSize(2);
  }

  /** Whatever depends on a future may use the writer. */
  @Test
  void dependentsMayWrite() throws Exception {
    MultiThreadedWriterOptions options = SMALL_CHUNKS.withParallelism(1).withTaskQueueCapacity(1);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      CompletableFuture<Void> more =
          writer
              .writeAsync(new byte[1])
              .thenRun(() -> {
                try {
                  for (int i = 0; i < 100; i++) {
                    writer.write(new byte[500]);
                  }
                  writer.flush();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      writer.flush();
      more.get();
    }
    assertThat(records()).hasSize(101);
  }

  @Test
  void closedIsClosed() throws IOException {
    MultiThreadedWriter writer = MultiThreadedWriter.open(directory, SMALL_CHUNKS);
    assertThat(writer.isOpen()).isTrue();
    CompletableFuture<Void> written = writer.writeAsync(new byte[9]);
    writer.close();
    writer.close();
    written.join();
    assertThat(writer.isOpen()).isFalse();
    assertThat(writer.pendingTasks()).isZero();
    assertThat(writer.availableWriters()).isZero();
    assertThat(writer.shards()).hasSize(2).allMatch(WrittenShard::finished);
    assertThatIllegalStateException()
        .isThrownBy(() -> writer.write(new byte[1]))
        .withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(writer::flush);
    assertThatIllegalStateException().isThrownBy(() -> writer.writeAsync(new byte[1]));
    assertNoThread();
  }

  @Test
  void events() throws IOException {
    List<String> events = new CopyOnWriteArrayList<>();
    ShardListener listener =
        new ShardListener() {
          @Override
          public void opened(String shard) {
            events.add("opened " + Path.of(shard).getFileName());
          }

          @Override
          public void finished(String shard, long records) {
            events.add("finished " + Path.of(shard).getFileName() + " " + records);
          }
        };
    MultiThreadedWriterOptions options =
        SMALL_CHUNKS
            .withShardListener(listener)
            .withNumShards(1)
            .withParallelism(1)
            .withMaxBytesPerWriter(900);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(directory, options)) {
      for (int i = 0; i < 25; i++) {
        writer.write(new byte[92]);
      }
    }
    assertThat(events)
        .containsExactly(
            "opened shard_0",
            "finished shard_0 10",
            "opened shard_1",
            "finished shard_1 10",
            "opened shard_2",
            "finished shard_2 5");
  }

  @Test
  void optionsThatDoNotGoTogetherLeaveNothing() {
    MultiThreadedWriterOptions options = SMALL_CHUNKS.withCompression(Compression.snappy());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MultiThreadedWriter.open(directory, options))
        .withMessageContaining("choose RIEGELI");
    assertThat(directory).isEmptyDirectory();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private List<String> records() throws IOException {
    List<String> records = new ArrayList<>();
    for (String name : names()) {
      for (byte[] record : ReadingWay.ITERATION.read(directory.resolve(name))) {
        records.add(new String(record, UTF_8));
      }
    }
    return records;
  }

  private void assertRecords(List<String> expected) throws IOException {
    assertThat(records().stream().sorted().toList()).isEqualTo(expected.stream().sorted().toList());
  }

  private static void assertNoThread() {
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("disky-shards"));
  }

  @Test
  void optionsThatDoNotGoTogetherRemoveNothing() throws IOException {
    Path shards = directory.resolve("kept");
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(shards)) {
      writer.write(new byte[] {1});
    }
    long before = Records.recordCount(Shards.inDirectory(shards, "shard"));
    MultiThreadedWriterOptions wrong =
        MultiThreadedWriterOptions.defaults()
            .withAppend(false)
            .withCompression(Compression.snappy());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MultiThreadedWriter.open(shards, wrong))
        .withMessageContaining("RIEGELI");
    assertThat(Records.recordCount(Shards.inDirectory(shards, "shard"))).isEqualTo(before);
  }

  @Test
  void textSaysWhereItWritesAndHowFarItIs() throws IOException {
    MultiThreadedWriter writer = MultiThreadedWriter.open(directory);
    writer.write(new byte[3]);
    writer.write(new byte[3]);
    writer.flush();
    assertThat(writer)
        .hasToString(
            "MultiThreadedWriter["
                + directory
                + " with prefix \"shard\", open=true, shards=2, writtenRecords=2,"
                + " pendingTasks=0]");
    writer.close();
    assertThat(writer.toString()).contains("open=false");
    assertThat(ShardTarget.inDirectory(directory))
        .hasToString("ShardTarget[" + directory + " with prefix \"shard\"]");
  }
}
