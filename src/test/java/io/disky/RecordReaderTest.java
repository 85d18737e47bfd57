package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.FileDamage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
  private static final int RECORDS = 20;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("records");
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(Integer.toString(i).getBytes(UTF_8));
        if (i % 2 == 1) {
          writer.flush();
        }
      }
    }
  }

  private static String text(MemorySegment record) {
    return new String(record.toArray(JAVA_BYTE), UTF_8);
  }

  private static List<String> texts(RecordBatch batch) {
    return batch.stream().map(RecordReaderTest::text).toList();
  }

  private static List<String> rest(RecordReader reader) throws IOException {
    List<String> texts = new ArrayList<>();
    reader.visit(record -> texts.add(text(record)));
    return texts;
  }

  private static List<String> numbers(int begin) {
    return Stream.iterate(begin, i -> i < RECORDS, i -> i + 1).map(i -> "" + i).toList();
  }

  // One position

  @Test
  void iterationAndNextShareThePosition() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(text(records.next())).isEqualTo("0");
      assertThat(text(reader.next())).isEqualTo("1");
      assertThat(records.hasNext()).isTrue();
      assertThat(text(reader.next())).isEqualTo("2");
      assertThat(text(records.next())).isEqualTo("3");
    }
  }

  @Test
  void nextReturnsNullAtTheEnd() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      for (String number : numbers(0)) {
        assertThat(text(reader.next())).isEqualTo(number);
      }
      assertThat(reader.next()).isNull();
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void nextThrowsWhatIterationWraps() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < RECORDS - 2; i++) {
        assertThat(text(reader.next())).isEqualTo(Integer.toString(i));
      }
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::next);
      assertThatExceptionOfType(CorruptFileException.class).isThrownBy(reader::next);
    }
  }

  @Test
  void thereIsOneIteratorUntilTheReaderIsMoved() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(text(reader.iterator().next())).isEqualTo("0");
      assertThatIllegalStateException()
          .isThrownBy(reader::iterator)
          .withMessageContaining(file.toString())
          .withMessageContaining("rewind()");
      assertThat(rest(reader)).as("other ways go on").isEqualTo(numbers(1));
      List<ThrowingCallable> moves =
          List.of(
              reader::rewind,
              () -> reader.seek(RecordPosition.START),
              () -> reader.seekNumeric(0),
              () -> reader.seekToOffset(0),
              () -> reader.search(record -> 1));
      for (ThrowingCallable move : moves) {
        assertThatCode(move).doesNotThrowAnyException();
        assertThat(text(reader.iterator().next())).isEqualTo("0");
        assertThatIllegalStateException().isThrownBy(reader::iterator);
      }
      reader.next();
      assertThat(reader.seekBack()).isTrue();
      assertThat(text(reader.iterator().next())).isEqualTo("1");
    }
  }

  @Test
  void rewindGoesBackToTheFirstRecord() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      reader.rewind();
      for (int times = 0; times < 3; times++) {
        List<String> records = new ArrayList<>();
        for (MemorySegment record : reader) {
          records.add(text(record));
        }
        assertThat(records).isEqualTo(numbers(0));
        reader.rewind();
      }
    }
  }

  @Test
  void rewindGoesBackToTheRange() throws IOException {
    long begin;
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < 7; i++) {
        reader.next();
      }
      begin = reader.lastPosition().chunkBegin();
    }
    ReaderOptions range = ReaderOptions.defaults().withRange(begin, Long.MAX_VALUE);
    try (RecordReader reader = RecordReader.open(file, range)) {
      assertThat(rest(reader)).isEqualTo(numbers(6));
      reader.rewind();
      assertThat(rest(reader)).isEqualTo(numbers(6));
    }
    long size = Files.size(file);
    ReaderOptions outside = ReaderOptions.defaults().withRange(size + 5, size + 9);
    try (RecordReader reader = RecordReader.open(file, outside)) {
      assertThat(reader.next()).isNull();
      reader.rewind();
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void streamsAreNotRewound() throws IOException {
    try (RecordReader reader = RecordReader.open(Files.newInputStream(file))) {
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(reader::rewind)
          .withMessageContaining("rewinding");
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void textSaysWhatIsRead() throws IOException {
    RecordReader reader = RecordReader.open(file);
    String size = ", fileSize=" + Files.size(file);
    assertThat(reader).hasToString("RecordReader[" + file + size + ", open=true]");
    reader.close();
    assertThat(reader).hasToString("RecordReader[" + file + size + ", open=false]");
  }

  @Test
  void everyWayContinuesWhereAnotherStopped() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(text(reader.next())).isEqualTo("0");
      assertThat(reader.stream().findFirst().map(RecordReaderTest::text)).contains("1");
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(texts(batch)).containsExactly("2", "3");
      }
      assertThat(texts(reader.nextBatch(arena))).containsExactly("4", "5");
      assertThat(reader.spliterator().tryAdvance(it -> assertThat(text(it)).isEqualTo("6")))
          .isTrue();
      assertThatExceptionOfType(InterruptedException.class)
          .isThrownBy(() ->
              reader.visit(record -> {
                assertThat(text(record)).isEqualTo("7");
                throw new InterruptedException();
              }));
      try (Stream<RecordBatch> batches = reader.batches()) {
        assertThat(batches.map(RecordReaderTest::textsAndClose).toList())
            .startsWith(List.of("8", "9"))
            .endsWith(List.of("18", "19"));
      }
    }
  }

  private static List<String> textsAndClose(RecordBatch next) {
    try (RecordBatch batch = next) {
      return texts(batch);
    }
  }

  @Test
  void theEndIsTheEnd() throws IOException {
    try (RecordReader reader = RecordReader.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(rest(reader)).isEqualTo(numbers(0));

      for (int i = 0; i < 3; i++) {
        Iterator<MemorySegment> records = reader.iterator();
        assertThat(records.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(records::next);
        assertThat(reader.nextBatch()).isNull();
        assertThat(reader.nextBatch(arena)).isNull();
        assertThat(reader.stream()).isEmpty();
        assertThat(rest(reader)).isEmpty();
      }
      assertThat(reader.batches()).isEmpty();
    }
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
      assertThat(reader.batches().map(RecordReaderTest::textsAndClose).flatMap(List::stream))
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
      assertThat(reader.count()).isEqualTo(RECORDS);
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
      assertThat(reader.stream().parallel().map(RecordReaderTest::text).toList())
          .isEqualTo(numbers(0));
    }
  }

  @Test
  void closingAStreamLeavesTheReaderOpen() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      try (Stream<MemorySegment> records = reader.stream()) {
        assertThat(records.limit(3).map(RecordReaderTest::text)).containsExactly("0", "1", "2");
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
      assertThat(batches.map(RecordReaderTest::textsAndClose).flatMap(List::stream).toList())
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
              reader::nextBatch,
              () -> reader.nextBatch(arena),
              () -> reader.visit(record -> {}),
              reader::count,
              reader::describe,
              () -> reader.forEachChunk(chunk -> {}));
      for (ThrowingCallable call : calls) {
        assertThatIllegalStateException().isThrownBy(call).withMessageContaining("batches()");
      }
      assertThat(batches.map(RecordReaderTest::textsAndClose)).hasSize(RECORDS / 2);
    }
  }

  @Test
  void parallelBatchesAreSharedOut() throws IOException {
    AtomicLong sum = new AtomicLong();
    try (RecordReader reader = RecordReader.open(file)) {
      reader
          .batches()
          .parallel()
          .map(RecordReaderTest::textsAndClose)
          .flatMap(List::stream)
          .forEach(text -> sum.addAndGet(Long.parseLong(text)));
    }
    assertThat(sum).hasValue(RECORDS * (RECORDS - 1) / 2);
  }

  // Whole files

  @Test
  void countsAndDescriptionsLeaveThePositionAlone() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Iterator<MemorySegment> records = reader.iterator();
      for (int i = 0; i < RECORDS; i++) {
        MemorySegment record = records.next();
        assertWhole(reader);
        assertThat(text(record)).isEqualTo("" + i);
        assertThat(records.hasNext()).isEqualTo(i < RECORDS - 1);
        assertWhole(reader);
        assertThat(text(record)).isEqualTo("" + i);
      }
      assertWhole(reader);
    }
  }

  private static void assertWhole(RecordReader reader) throws IOException {
    assertThat(reader.count()).isEqualTo(RECORDS);
    assertThat(reader.describe().records()).isEqualTo(RECORDS);
    List<ChunkDescription> chunks = new ArrayList<>();
    reader.forEachChunk(chunks::add);
    assertThat(chunks).hasSize(1 + RECORDS / 2);
  }

  @Test
  void chunksMayBeReadWhileTheyAreDescribed() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      List<String> read = new ArrayList<>();
      Iterator<MemorySegment> records = reader.iterator();
      reader.forEachChunk(chunk -> {
        if (chunk.records() == 0) {
          return;
        }
        assertThat(records.hasNext()).isTrue();
        read.add(text(records.next()));
        read.add(text(records.next()));
      });
      assertThat(read).isEqualTo(numbers(0));
    }
  }

  @Test
  void actionsThatThrowEndTheDescription() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      IllegalArgumentException failure = new IllegalArgumentException();
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              reader.forEachChunk(chunk -> {
                throw failure;
              }))
          .isSameAs(failure);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void filesAreReadAsTheyWereWhenOpened() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      long size = Files.size(file);
      WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
      try (RecordWriter writer = RecordWriter.open(file, append)) {
        writer.write("more".getBytes(UTF_8));
      }

      assertThat(reader.fileSize()).isEqualTo(size);
      assertThat(reader.count()).isEqualTo(RECORDS);
      FileDescription description = reader.describe();
      assertThat(description.fileSize()).isEqualTo(size);
      assertThat(description.records()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(rest(reader)).hasSize(RECORDS + 1);
    }
  }

  @Test
  void filesThatWereReplacedAreReadAsTheyWere() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Files.move(file, directory.resolve("moved"));
      RecordWriter.open(file).close();

      assertThat(reader.count()).isEqualTo(RECORDS);
      assertThat(reader.describe().records()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void filesThatWereDeletedAreReadAsTheyWere() throws IOException {
    try (RecordReader reader = RecordReader.open(file)) {
      Files.delete(file);

      assertThat(reader.count()).isEqualTo(RECORDS);
      assertThat(reader.describe().records()).isEqualTo(RECORDS);
      assertThat(rest(reader)).isEqualTo(numbers(0));
    }
  }

  @Test
  void filesThatBecomeShorterAreTruncated() throws IOException {
    long size = Files.size(file);
    try (RecordReader reader = RecordReader.open(file)) {
      reader.nextBatch();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(size - 30);
      }
      List<byte[]> records = new ArrayList<>();
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> ReadingWay.NEXT_BATCH.read(reader, records::add))
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.TRUNCATED));
    }
  }

  @Test
  void filesWithoutRecords() throws IOException {
    for (int size : new int[] {0, 64}) {
      Path empty = directory.resolve("empty" + size);
      Files.write(empty, FileDamage.truncate(Files.readAllBytes(file), size));
      for (ReadingWay way : ReadingWay.values()) {
        assertThat(way.read(empty)).isEmpty();
      }
      try (RecordReader reader = RecordReader.open(empty)) {
        assertThat(reader.fileSize()).isEqualTo(size);
        assertThat(reader.count()).isZero();
        assertThat(reader.describe().records()).isZero();
        assertThat(reader.describe().fileSize()).isEqualTo(size);
      }
    }
  }

  @Test
  void manyReadersOfOneFile() throws IOException {
    List<RecordReader> readers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      readers.add(RecordReader.open(file));
    }
    for (RecordReader reader : readers) {
      assertThat(text(reader.next())).isEqualTo("0");
    }
    for (RecordReader reader : readers) {
      assertThat(rest(reader)).isEqualTo(numbers(1));
      reader.close();
    }
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
        assertThat(reader.count()).isEqualTo(RECORDS);
        assertThat(reader.describe().records()).isEqualTo(RECORDS);
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
      assertThat(reader.describe().records()).isEqualTo(RECORDS);
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
              reader::count,
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
