package io.disky;

import static io.disky.TwoRecordChunks.RECORDS;
import static io.disky.TwoRecordChunks.numbers;
import static io.disky.TwoRecordChunks.rest;
import static io.disky.TwoRecordChunks.text;
import static io.disky.TwoRecordChunks.texts;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.FileDamage;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file of chunks with two records each, "0" and "1", "2" and "3", and so on. */
class RecordReaderTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = TwoRecordChunks.write(directory.resolve("records"));
  }

  // Records and batches under way

  @Test
  void hasNextLeavesTheRecordAlone() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment zero = records.next();
      assertThat(records.hasNext()).isTrue();
      assertThat(text(zero)).isEqualTo("0");
      MemorySegment one = records.next();
      for (int i = 0; i < 5; i++) {
        assertThat(records.hasNext()).as("in the next chunk").isTrue();
      }
      assertThat(text(one)).isEqualTo("1");
      MemorySegment two = records.next();
      assertThatIllegalStateException().isThrownBy(() -> one.get(JAVA_BYTE, 0));
      assertThat(text(two)).isEqualTo("2");
    }
  }

  @Test
  void hasNextLeavesTheLastRecordAlone() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment last = records.next();
      while (records.hasNext()) {
        last = records.next();
      }
      assertThat(text(last)).isEqualTo("19");
      assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(records::next);
    }
  }

  @Test
  void chunksAreNotHandedOutAfterSomeOfTheirRecords() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      MemorySegment zero = reader.next();
      List<ThrowingCallable> calls =
          List.of(reader::nextBatch, () -> reader.nextBatch(arena), reader::batches);
      for (ThrowingCallable call : calls) {
        assertThatIllegalStateException()
            .isThrownBy(call)
            .withMessageContaining("middle of a chunk")
            .withMessageContaining(file.toString());
      }
      assertThat(text(zero)).isEqualTo("0");
      assertThat(rest(reader)).isEqualTo(numbers(1));
    }
  }

  @Test
  void nextBatchTakesTheChunkThatHasNextDecoded() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(records.hasNext()).isTrue();
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(texts(batch)).containsExactly("0", "1");
      }
      records.next();
      MemorySegment three = records.next();
      assertThat(records.hasNext()).isTrue();
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(texts(batch)).containsExactly("4", "5");
        assertThat(text(three)).as("until the next one is asked for").isEqualTo("3");
      }
      assertThat(text(records.next())).isEqualTo("6");
    }
  }

  @Test
  void nextBatchInAnArenaTakesTheChunkThatHasNextDecoded() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      RecordBatch kept;
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.iterator().hasNext()).isTrue();
        kept = reader.nextBatch(arena);
        assertThat(rest(reader)).isEqualTo(numbers(2));
      }
      assertThat(texts(kept)).containsExactly("0", "1");
      assertThat(kept.chunkBegin()).isEqualTo(64);
    }
  }

  @Test
  void batchesTakeTheChunkThatHasNextDecoded() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.iterator().hasNext()).isTrue();
      assertThat(reader.batches().map(TwoRecordChunks::textsAndClose).flatMap(List::stream))
          .containsExactlyElementsOf(numbers(0));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closedArenasCostNoRecords(boolean decodedBefore) throws IOException {
    Arena closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena;
    }
    try (RecordReader reader = RecordReader.open(file)) {
      if (decodedBefore) {
        assertThat(reader.iterator().hasNext()).isTrue();
      }
      assertThatIllegalStateException().isThrownBy(() -> reader.nextBatch(closed));
      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void arenasOfOtherThreadsCostNoRecords(boolean decodedBefore) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      FutureTask<List<String>> elsewhere =
          new FutureTask<>(() -> readAfterArenaOfOtherThread(arena, decodedBefore));
      Thread thread = new Thread(elsewhere);
      thread.start();
      assertThat(elsewhere.get()).isEqualTo(numbers(0));
    }
  }

  private List<String> readAfterArenaOfOtherThread(Arena arena, boolean decodedBefore)
      throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      if (decodedBefore) {
        assertThat(reader.iterator().hasNext()).isTrue();
      }
      assertThatExceptionOfType(WrongThreadException.class)
          .isThrownBy(() -> reader.nextBatch(arena));
      return rest(reader);
    }
  }

  /** The first or the second of the two allocations of a batch fails. */
  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "1, false", "1, true"})
  void arenasWithoutMemoryCostNoRecords(int successes, boolean decodedBefore) throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      if (decodedBefore) {
        assertThat(reader.iterator().hasNext()).isTrue();
      }
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> reader.nextBatch(exhausted(arena, successes)));
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  private static Arena exhausted(Arena arena, int successes) {
    return new Arena() {
      private int left = successes;

      @Override
      public MemorySegment allocate(long byteSize, long byteAlignment) {
        if (left-- == 0) {
          throw new OutOfMemoryError("for a test");
        }
        return arena.allocate(byteSize, byteAlignment);
      }

      @Override
      public MemorySegment.Scope scope() {
        return arena.scope();
      }

      @Override
      public void close() {
        arena.close();
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void manyBatchesAtOnce(Dialect dialect) throws IOException {
    Path many = directory.resolve("many");
    WriterOptions options = WriterOptions.defaults().withDialect(dialect).withChunkSize(500);
    List<byte[]> records = SampleRecords.lines(3000);
    try (RecordWriter writer = RecordWriter.open(many, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    try (RecordReader reader = RecordReader.open(many)) {
      List<RecordBatch> batches = new ArrayList<>();
      RecordBatch next;
      while ((next = reader.nextBatch()) != null) {
        batches.add(next);
      }
      assertThat(batches.size()).isGreaterThan(80);
      List<byte[]> read = new ArrayList<>();
      batches.forEach(batch -> batch.forEach(record -> read.add(record.toArray(JAVA_BYTE))));
      SampleRecords.assertSame(read, records);
    }
  }

  @Test
  void recordsAreReadOnly() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      reader.visit(record -> assertThat(record.isReadOnly()).isTrue());
      try (RecordReader other = RecordReader.open(file)) {
        assertReadOnly(other.nextBatch());
        assertReadOnly(other.nextBatch(arena));
      }
    }
  }

  private static void assertReadOnly(RecordBatch batch) {
    assertThat(batch.data().isReadOnly()).isTrue();
    assertThat(batch.ends().isReadOnly()).isTrue();
    assertThat(batch.get(0).isReadOnly()).isTrue();
  }

  // Streams and visits

  @Test
  void recordStreamsDoNotSplit() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.stream().isParallel()).isFalse();
      assertThat(reader.spliterator().trySplit()).isNull();
      assertThat(reader.stream().parallel().map(TwoRecordChunks::text).toList())
          .isEqualTo(numbers(0));
    }
  }

  @Test
  void closingAStreamLeavesTheReaderOpen() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      try (Stream<MemorySegment> records = reader.stream()) {
        assertThat(records.limit(3).map(TwoRecordChunks::text)).containsExactly("0", "1", "2");
      }
      assertThat(rest(reader)).isEqualTo(numbers(3));
      reader.batches().close();
      assertThat(reader.isOpen()).isTrue();
    }
  }

  @Test
  void exceptionsOfVisitorsPassThrough() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      IOException failure = new IOException("of the visitor");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() ->
              reader.visit(record -> {
                throw failure;
              }))
          .isSameAs(failure);
      assertThat(rest(reader)).isEqualTo(numbers(1));
    }
  }

  @Test
  void visitorsMayCloseTheReader() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatIllegalStateException().isThrownBy(() -> reader.visit(record -> reader.close()));
      assertThat(reader.isOpen()).isFalse();
    }
  }

  @Test
  void batchStreamsHaveTheOrderOfTheFile() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Stream<RecordBatch> batches = reader.batches();
      assertThat(batches.isParallel()).isFalse();
      assertThat(batches.map(TwoRecordChunks::textsAndClose).flatMap(List::stream).toList())
          .isEqualTo(numbers(0));
    }
  }

  @Test
  void batchStreamsTakeTheReader() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      Iterator<MemorySegment> records = reader.iterator();
      Stream<RecordBatch> batches = reader.batches();
      List<ThrowingCallable> calls =
          List.of(
              records::hasNext,
              records::next,
              reader::iterator,
              reader::spliterator,
              reader::stream,
              reader::batches,
              reader::next,
              reader::rewind,
              reader::nextBatch,
              () -> reader.nextBatch(arena),
              () -> reader.visit(record -> {}),
              reader::recordCount,
              reader::describe,
              () -> reader.forEachChunk(chunk -> {}));
      for (ThrowingCallable call : calls) {
        assertThatIllegalStateException().isThrownBy(call).withMessageContaining("batches()");
      }
      assertThat(batches.map(TwoRecordChunks::textsAndClose)).hasSize(RECORDS / 2);
    }
  }

  @Test
  void parallelBatchesAreSharedOut() throws IOException {
    AtomicLong sum = new AtomicLong();
    try (RecordReader reader = RecordReader.open(file)) {
      reader
          .batches()
          .parallel()
          .map(TwoRecordChunks::textsAndClose)
          .flatMap(List::stream)
          .forEach(text -> sum.addAndGet(Long.parseLong(text)));
    }
    assertThat(sum).hasValue(RECORDS * (RECORDS - 1) / 2);
  }

  // Damage

  @Test
  void failuresAreRepeated() throws IOException {
    byte[] damaged = FileDamage.flip(Files.readAllBytes(file), Files.size(file) - 1);
    Files.write(file, damaged);

    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      Iterator<MemorySegment> records = reader.iterator();
      MemorySegment last = records.next();
      for (int i = 1; i < RECORDS - 2; i++) {
        last = records.next();
      }
      CorruptFileException first = failure(records::hasNext);
      assertThat(text(last)).as("still there").isEqualTo("17");
      List<ThrowingCallable> calls =
          List.of(
              records::hasNext,
              records::next,
              reader::nextBatch,
              () -> reader.nextBatch(arena),
              () -> reader.visit(record -> {}),
              () -> reader.stream().forEach(record -> {}),
              () -> reader.batches().forEach(RecordBatch::close));
      for (ThrowingCallable call : calls) {
        CorruptFileException again = failure(call);
        assertThat(again).hasMessage(first.getMessage());
        assertThat(again.position()).isEqualTo(first.position());
        assertThat(again.damage()).isEqualTo(Damage.DATA_HASH);
        assertThat(again.recordsRead()).isEqualTo(RECORDS - 2);
      }
    }
  }

  private static CorruptFileException failure(ThrowingCallable call) {
    Throwable thrown = catchThrowableOfType(Exception.class, call);
    if (thrown instanceof UncheckedIOException unchecked) {
      thrown = unchecked.getCause();
    }
    assertThat(thrown).isInstanceOf(CorruptFileException.class);
    return (CorruptFileException) thrown;
  }

  // What cannot be opened

  @Test
  void missingFiles() {
    Path missing = directory.resolve("missing");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RecordReader.open(missing))
        .withMessageContaining(missing.toString())
        .satisfies(e -> assertThat(e.getFile()).isEqualTo(missing.toString()));
  }

  @Test
  void directories() {
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordReader.open(directory))
        .withMessageContaining(directory.toString())
        .withMessageContaining("directory");
  }

  @Test
  void filesThatAreNoDirectories() {
    Path child = file.resolve("child");
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordReader.open(child))
        .withMessageContaining(child.toString());
  }

  @Test
  @Timeout(30)
  void pipesAreRefusedBeforeTheyBlock() throws Exception {
    Path pipe = directory.resolve("pipe");
    assumeTrue(makePipe(pipe), "mkfifo makes pipes here");

    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordReader.open(pipe))
        .withMessageContaining(pipe.toString())
        .withMessageContaining("not a regular file");
    for (OpenMode mode : OpenMode.values()) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> RecordWriter.open(pipe, WriterOptions.defaults().withOpenMode(mode)))
          .withMessageContaining(pipe.toString());
    }
  }

  private static boolean makePipe(Path pipe) throws InterruptedException {
    try {
      return new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void otherFileSystems() throws IOException {
    Path inImage = Path.of(URI.create("jrt:/java.base/module-info.class"));
    try (RecordReader reader = RecordReader.open(inImage)) {
      assertThat(reader.path()).contains(inImage);
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(reader::nextBatch)
          .withMessageStartingWith(inImage + ": ")
          .satisfies(e -> assertThat(e.path()).isEmpty());
    }
  }

  @Test
  void namesOfAnyCharacters() throws IOException {
    for (String name : List.of("grün", "記録", "😀", "é", "%C3%BC", "with space")) {
      Path named;
      try {
        named = directory.resolve(name);
      } catch (InvalidPathException _) {
        assumeTrue(false, "the locale of this JVM has no name " + name);
        return;
      }
      Files.copy(file, named);
      try (RecordReader reader = RecordReader.open(named)) {
        assertThat(reader.path()).containsSame(named);
        assertThat(reader.recordCount()).isEqualTo(RECORDS);
        assertThat(reader.describe().recordCount()).isEqualTo(RECORDS);
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void namesThatAreNoText() throws Exception {
    String copy = "cp \"$1\" \"$2/\"$'\\xff\\xfe \\xc3'";
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", copy, "bash", file.toString(), directory.toString());
    assumeTrue(builder.start().waitFor() == 0, "this file system takes names of any bytes");
    Files.delete(file);
    Path named;
    try (Stream<Path> files = Files.list(directory)) {
      named = files.findFirst().orElseThrow();
    }
    try (RecordReader reader = RecordReader.open(named)) {
      assertThat(rest(reader)).isEqualTo(numbers(0));
      assertThat(reader.describe().recordCount()).isEqualTo(RECORDS);
    }
  }

  @Test
  void relativePaths() throws IOException {
    Path relative = Path.of("").toAbsolutePath().relativize(file);
    try (RecordReader reader = RecordReader.open(relative)) {
      assertThat(reader.path()).containsSame(relative);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void nullIsRefused() throws IOException {
    assertThatNullPointerException().isThrownBy(() -> RecordReader.open((Path) null));
    assertThatNullPointerException().isThrownBy(() -> RecordReader.open(file, null));
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatNullPointerException().isThrownBy(() -> reader.nextBatch(null));
      assertThatNullPointerException().isThrownBy(() -> reader.visit(null));
      assertThatNullPointerException().isThrownBy(() -> reader.forEachChunk(null));
      assertThatNullPointerException().isThrownBy(() -> reader.forEach(null));
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  // The end

  @Test
  void closedReadersReadNothing() throws IOException {
    RecordReader reader = RecordReader.open(file);
    Iterator<MemorySegment> records = reader.iterator();
    Stream<MemorySegment> stream = reader.stream();
    long size = reader.fileSize();
    reader.close();
    reader.close();

    try (Arena arena = Arena.ofConfined()) {
      List<ThrowingCallable> calls =
          List.of(
              records::hasNext,
              records::next,
              () -> stream.forEach(record -> {}),
              reader::iterator,
              reader::spliterator,
              reader::stream,
              reader::batches,
              reader::nextBatch,
              () -> reader.nextBatch(arena),
              () -> reader.visit(record -> {}),
              reader::recordCount,
              reader::describe,
              () -> reader.forEachChunk(chunk -> {}));
      for (ThrowingCallable call : calls) {
        assertThatIllegalStateException()
            .isThrownBy(call)
            .withMessageContaining("closed")
            .withMessageContaining(file.toString());
      }
    }
    assertThat(reader.isOpen()).isFalse();
    assertThat(reader.path()).contains(file);
    assertThat(reader.fileSize()).isEqualTo(size);
  }
}
