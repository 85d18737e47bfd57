package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchException;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.SampleRecords;
import io.disky.testing.WritingWay;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordWriterTest {
  private static final int SIGNATURE = 64;
  private static final byte[] RECORD = "a record".getBytes(UTF_8);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  private RecordWriter open(OpenMode mode) throws IOException {
    return RecordWriter.open(file, WriterOptions.defaults().withOpenMode(mode));
  }

  private List<byte[]> read() throws IOException {
    return ReadingWay.ITERATION.read(file);
  }

  private static List<byte[]> texts(String... texts) {
    return List.of(texts).stream().map(text -> text.getBytes(UTF_8)).toList();
  }

  // What is written

  @ParameterizedTest
  @EnumSource
  void eachWayWritesTheRecord(WritingWay way) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(0, 1, 100, 5000, 0, 70_000);
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (byte[] record : records) {
        way.write(writer, record);
      }
      assertThat(writer.recordCount()).isEqualTo(6);
      assertThat(writer.recordBytes()).isEqualTo(75_101);
    }
    SampleRecords.assertSame(read(), records);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, ''", "8, 0, ''", "0, 8, a record", "2, 6, record", "7, 1, d"})
  void rangesOfAnArray(int offset, int length, String expected) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(RECORD, offset, length);
    }
    SampleRecords.assertSame(read(), texts(expected));
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "0, 9", "9, 0", "8, 1", "1, -1", "2147483647, 2147483647", "4, 2147483647"})
  void rangesOutsideAnArrayWriteNothing(int offset, int length) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> writer.write(RECORD, offset, length));
      assertThat(writer.recordCount()).isZero();
    }
    assertThat(read()).isEmpty();
  }

  @Test
  void buffersMoveToTheirLimit() throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap("<<record>>".getBytes(UTF_8)).position(2).limit(8);
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(buffer);
      assertThat(buffer.position()).isEqualTo(8);
      assertThat(buffer.limit()).isEqualTo(8);
      writer.write(buffer);
    }
    SampleRecords.assertSame(read(), texts("record", ""));
  }

  @Test
  void buffersStayWhereTheyAreWhenNothingIsWritten() throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(RECORD).position(2);
    RecordWriter writer = RecordWriter.open(file);
    writer.close();

    assertThatIllegalStateException().isThrownBy(() -> writer.write(buffer));
    assertThat(buffer.position()).isEqualTo(2);
  }

  @Test
  void slicesOfBuffersAreRespected() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(100).position(50).put(RECORD).flip();
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(direct.slice(50, 8));
      writer.write(ByteBuffer.wrap("<<a record>>".getBytes(UTF_8), 2, 8).slice());
    }
    SampleRecords.assertSame(read(), List.of(RECORD, RECORD));
  }

  @Test
  void segmentsOfMappedFiles() throws IOException {
    Path other = Files.write(directory.resolve("other"), SampleRecords.random(100_000));
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(other);
        RecordWriter writer = RecordWriter.open(file)) {
      MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, 100_000, arena);
      writer.write(mapped);
      writer.write(mapped.asSlice(17, 1000));
      writer.write(channel.map(MapMode.READ_ONLY, 0, 8));
    }
    byte[] all = SampleRecords.random(100_000);
    SampleRecords.assertSame(
        read(), List.of(all, Arrays.copyOfRange(all, 17, 1017), Arrays.copyOf(all, 8)));
  }

  /** Its pages are gone: touching them in native code would end the JVM. */
  @Test
  void segmentsOfMappedFilesThatBecameShorter() throws Exception {
    assertThat(RecordFileProcess.withOptions().run("write-vanished-mapping", file))
        .startsWith("MemoryFaultException");

    SampleRecords.assertSame(read(), List.of(new byte[] {1}, new byte[] {2}));
  }

  @Test
  void segmentsWhoseArenaIsClosedWriteNothing() throws IOException {
    MemorySegment segment;
    try (Arena arena = Arena.ofConfined()) {
      segment = arena.allocate(100);
    }
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(RECORD);
      assertThatIllegalStateException().isThrownBy(() -> writer.write(segment));
      assertThat(writer.recordCount()).isEqualTo(1);
      writer.write(RECORD);
    }
    SampleRecords.assertSame(read(), List.of(RECORD, RECORD));
  }

  @Test
  void recordsAreCopiedWhenTheyAreWritten() throws IOException {
    byte[] array = RECORD.clone();
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(array);
      array[0] = 'A';
    }
    SampleRecords.assertSame(read(), List.of(RECORD));
  }

  @Test
  void nullWritesNothing() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThatNullPointerException().isThrownBy(() -> writer.write((byte[]) null));
      assertThatNullPointerException().isThrownBy(() -> writer.write((byte[]) null, 0, 0));
      assertThatNullPointerException().isThrownBy(() -> writer.write((ByteBuffer) null));
      assertThatNullPointerException().isThrownBy(() -> writer.write((MemorySegment) null));
      assertThatNullPointerException().isThrownBy(() -> writer.write(10, null));
      assertThatNullPointerException().isThrownBy(() -> writer.flush(null));
      writer.write(RECORD);
    }
    SampleRecords.assertSame(read(), List.of(RECORD));
  }

  @Test
  void recordsBuiltInPlaceAreChecked() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThatIllegalArgumentException().isThrownBy(() -> writer.write(-1, slot -> 0));
      assertThatIllegalArgumentException().isThrownBy(() -> writer.write(8, slot -> -1));
      assertThatIllegalArgumentException().isThrownBy(() -> writer.write(8, slot -> 9));
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(() ->
              writer.write(
                  8,
                  slot -> {
                    throw new InterruptedIOException();
                  }));
      assertThat(writer.recordCount()).isZero();
      assertThat(writer.recordBytes()).isZero();
      writer.write(RECORD);
      writer.flush();
      writer.write(0, MemorySegment::byteSize);
      writer.write(8, MemorySegment::byteSize);
    }
    SampleRecords.assertSame(read(), List.of(RECORD, new byte[0], new byte[8]));
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 60, Long.MAX_VALUE - 8, Long.MAX_VALUE})
  void slotsThatNoMemoryCanHold(long maxSize) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(RECORD);
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> writer.write(maxSize, slot -> 0));
      writer.write(RECORD);
    }
    SampleRecords.assertSame(read(), List.of(RECORD, RECORD));
  }

  // Counts and sizes

  @Test
  void sizesFollowWhatIsWritten() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      assertThat(writer.path()).containsSame(file);
      assertThat(writer.isOpen()).isTrue();
      assertThat(writer.fileSize()).isEqualTo(SIGNATURE).isEqualTo(Files.size(file));
      writer.write(RECORD);
      assertThat(writer.fileSize()).as("not flushed").isEqualTo(SIGNATURE);
      writer.flush();
      assertThat(writer.fileSize()).isGreaterThan(SIGNATURE).isEqualTo(Files.size(file));
      assertThat(writer.recordCount()).isEqualTo(1);
      assertThat(writer.recordBytes()).isEqualTo(RECORD.length);
    }
  }

  @Test
  void countsAreThoseOfTheWriterNotOfTheFile() throws IOException {
    RecordWriter first = open(OpenMode.APPEND);
    first.write(RECORD);
    first.close();
    try (RecordWriter second = open(OpenMode.APPEND)) {
      assertThat(second.recordCount()).isZero();
      assertThat(second.recordBytes()).isZero();
      assertThat(second.fileSize()).isEqualTo(Files.size(file));
      second.write(RECORD);
      assertThat(second.recordCount()).isEqualTo(1);
    }
  }

  // Who sees what when

  @Test
  void newFilesAreRecordFilesAtOnce() throws IOException {
    try (RecordWriter _ = RecordWriter.open(file)) {
      assertThat(Files.readAllBytes(file)).isEqualTo(RecordFileForge.withSignature().bytes());
      assertThat(read()).isEmpty();
    }
    assertThat(Files.size(file)).isEqualTo(SIGNATURE);
  }

  @ParameterizedTest
  @EnumSource
  void readersSeeWhatWasFlushed(FlushMode mode) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file);
        RecordReader early = RecordReader.open(file)) {
      writer.write(RECORD);
      assertThat(read()).as("not flushed").isEmpty();
      writer.flush(mode);
      SampleRecords.assertSame(read(), List.of(RECORD));
      writer.write(new byte[0]);
      SampleRecords.assertSame(read(), List.of(RECORD));
      writer.flush(mode);
      SampleRecords.assertSame(read(), List.of(RECORD, new byte[0]));
      assertThat(early.nextBatch()).as("the file as it was when it was opened").isNull();
    }
  }

  @Test
  void readersSeeFullChunks() throws IOException {
    WriterOptions options = WriterOptions.defaults().withChunkSize(100);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 10; i++) {
        writer.write(SampleRecords.random(42));
      }
      assertThat(read()).hasSize(8);
    }
  }

  @Test
  void flushingNothingWritesNothing() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.flush();
      writer.write(RECORD);
      writer.flush();
      long size = writer.fileSize();
      writer.flush();
      writer.flush(FlushMode.SYNC);
      assertThat(writer.fileSize()).isEqualTo(size).isEqualTo(Files.size(file));
    }
  }

  // Files that exist, or do not

  @Test
  void createNewRefusesAFileThatExists() throws IOException {
    Files.write(file, RECORD);

    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> RecordWriter.open(file))
        .withMessageContaining(file.toString())
        .withMessageContaining("OVERWRITE")
        .withMessageContaining("APPEND")
        .satisfies(e -> assertThat(e.getFile()).isEqualTo(file.toString()));
    assertThat(file).hasBinaryContent(RECORD);
  }

  @Test
  void overwriteDiscardsWhatThereIs() throws IOException {
    Files.write(file, SampleRecords.random(200_000));

    try (RecordWriter writer = open(OpenMode.OVERWRITE)) {
      assertThat(Files.size(file)).isEqualTo(SIGNATURE);
      writer.write(RECORD);
    }
    SampleRecords.assertSame(read(), List.of(RECORD));
  }

  @ParameterizedTest
  @EnumSource
  void eachModeCreatesTheFile(OpenMode mode) throws IOException {
    try (RecordWriter writer = open(mode)) {
      writer.write(RECORD);
    }
    SampleRecords.assertSame(read(), List.of(RECORD));
  }

  @ParameterizedTest
  @EnumSource(names = {"OVERWRITE", "APPEND"})
  void filesOfZeroBytesGetTheirSignature(OpenMode mode) throws IOException {
    Files.createFile(file);

    try (RecordWriter writer = open(mode)) {
      assertThat(writer.fileSize()).isEqualTo(SIGNATURE).isEqualTo(Files.size(file));
      writer.write(RECORD);
    }
    SampleRecords.assertSame(OracleReader.read(file).records(), List.of(RECORD));
  }

  @Test
  void appendKeepsWhatThereIs() throws IOException {
    for (String text : List.of("one", "two", "three")) {
      try (RecordWriter writer = open(OpenMode.APPEND)) {
        byte[] before = Files.readAllBytes(file);
        writer.write(text.getBytes(UTF_8));
        writer.flush();
        assertThat(Files.readAllBytes(file)).startsWith(before);
      }
    }
    SampleRecords.assertSame(read(), texts("one", "two", "three"));
  }

  /** What is continued may end with a chunk of any kind, also where a block ends. */
  @Test
  void appendContinuesAfterAnyChunk() throws IOException {
    List<byte[]> records = SampleRecords.lines(100);
    List<RecordFileForge> files =
        List.of(
            RecordFileForge.withSignature(),
            RecordFileForge.withSignature().paddingChunk(0),
            RecordFileForge.withSignature().padToBlockEnd(),
            RecordFileForge.withSignature().padTo(65_561),
            RecordFileForge.withSignature().padTo(300_000),
            RecordFileForge.withSignature().metadataChunk(new byte[100_000]),
            RecordFileForge.withSignature().simpleChunk(),
            RecordFileForge.withSignature().simpleChunk(new byte[200_000]),
            RecordFileForge.withSignature().padToBlockEnd().chunk(ForgedChunk.signature()),
            RecordFileForge.withSignature().chunk(ForgedChunk.of('X', new byte[9], 0, 0)));
    for (RecordFileForge forge : files) {
      byte[] content = forge.bytes();
      Files.write(file, content);
      List<byte[]> expected = new ArrayList<>();
      try (RecordWriter writer = open(OpenMode.APPEND)) {
        assertThat(writer.fileSize()).isEqualTo(content.length);
        for (byte[] record : records) {
          writer.write(record);
        }
      }
      byte[] appended = Files.readAllBytes(file);
      assertThat(appended).startsWith(content);
      if (!endsWithUnknownChunk(content)) {
        expected.addAll(OracleReader.parse(content).records());
        expected.addAll(records);
        SampleRecords.assertSame(OracleReader.parse(appended).records(), expected);
        SampleRecords.assertSame(read(), expected);
      }
    }
  }

  private static boolean endsWithUnknownChunk(byte[] content) {
    return content.length == SIGNATURE + 40 + 9;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 39, 63, 64, 65, 1000, 65_535, 65_536, 65_546, 65_600, 200_000})
  void appendRefusesWhatIsNoRecordFile(int size) throws IOException {
    byte[] content = SampleRecords.repetitive(size);
    Files.write(file, content);

    assertThatExceptionOfType(CorruptFileException.class)
        .isThrownBy(() -> open(OpenMode.APPEND))
        .withMessageContaining(file.toString())
        .withMessageNotContaining("read before")
        .satisfies(e -> {
          assertThat(e.damage()).isEqualTo(Damage.NOT_A_RECORD_FILE);
          assertThat(e.path()).contains(file);
          assertThat(e.position()).isZero();
          assertThat(e.recordsRead()).isZero();
        });
    assertThat(file).hasBinaryContent(content);
  }

  @Test
  void linksAreFollowed() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(link, options)) {
      writer.write(RECORD);
    }
    assertThat(link).isSymbolicLink();
    SampleRecords.assertSame(read(), List.of(RECORD));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"with space", "50%", "a#b?c&d", "new\nline", "tab\t", "'\"\\", "%00", "-", ".x"})
  void namesThatLookOdd(String name) throws IOException {
    Path odd = directory.resolve(name);
    try (RecordWriter writer = RecordWriter.open(odd)) {
      writer.write(RECORD);
    }
    SampleRecords.assertSame(ReadingWay.VISIT.read(odd), List.of(RECORD));
  }

  // Locks

  @ParameterizedTest
  @EnumSource(names = {"OVERWRITE", "APPEND"})
  void secondWriterIsRefused(OpenMode mode) throws IOException {
    try (RecordWriter first = RecordWriter.open(file)) {
      first.write(RECORD);
      first.flush();

      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> open(mode))
          .withMessageContaining(file.toString())
          .withMessageContaining("another writer");
      SampleRecords.assertSame(read(), List.of(RECORD));
      first.write(RECORD);
    }
    SampleRecords.assertSame(read(), List.of(RECORD, RECORD));
    open(mode).close();
  }

  @Test
  void theLockHoldsAgainstOtherProcesses() throws Exception {
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(RECORD);
      writer.flush();
      byte[] before = Files.readAllBytes(file);

      assertThat(RecordFileProcess.withOptions().run("open", file).lines())
          .satisfiesExactly(
              read -> assertThat(read).isEqualTo("READ done"),
              createNew -> assertThat(createNew).contains("FileAlreadyExistsException"),
              overwrite -> assertThat(overwrite).contains("FileSystemException", "another writer"),
              append -> assertThat(append).contains("FileSystemException", "another writer"));
      assertThat(file).hasBinaryContent(before);
    }
  }

  @Test
  void otherProcessesHoldTheLockUntilTheyClose() throws Exception {
    Process process = RecordFileProcess.withOptions().start("hold", file);
    try {
      assertThat(process.inputReader(UTF_8).readLine()).isEqualTo("holding");
      SampleRecords.assertSame(read(), texts("flushed"));
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> open(OpenMode.OVERWRITE))
          .withMessageContaining("another writer");

      process.outputWriter().close();
      assertThat(process.waitFor()).isZero();
      open(OpenMode.APPEND).close();
      SampleRecords.assertSame(read(), texts("flushed", "closed"));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void killedProcessesLeaveWhatTheyFlushed() throws Exception {
    Process process = RecordFileProcess.withOptions().start("hold", file);
    try {
      assertThat(process.inputReader(UTF_8).readLine()).isEqualTo("holding");
    } finally {
      process.destroyForcibly().waitFor();
    }
    try (RecordWriter writer = open(OpenMode.APPEND)) {
      writer.write(RECORD);
    }
    SampleRecords.assertSame(read(), SampleRecords.concatenate(texts("flushed"), List.of(RECORD)));
  }

  // What cannot be opened

  @ParameterizedTest
  @EnumSource(names = {"OVERWRITE", "APPEND"})
  void directories(OpenMode mode) {
    WriterOptions options = WriterOptions.defaults().withOpenMode(mode);
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordWriter.open(directory, options))
        .withMessageContaining(directory.toString())
        .withMessageContaining("directory");
  }

  @Test
  void directoriesThatAreToBeCreated() {
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordWriter.open(directory))
        .withMessageContaining(directory.toString());
  }

  @ParameterizedTest
  @EnumSource
  void missingParents(OpenMode mode) {
    Path orphan = directory.resolve("missing").resolve("records");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> RecordWriter.open(orphan, WriterOptions.defaults().withOpenMode(mode)))
        .withMessageContaining(orphan.toString());
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource
  void parentsThatAreFiles(OpenMode mode) throws IOException {
    Files.write(file, RECORD);
    Path child = file.resolve("records");
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordWriter.open(child, WriterOptions.defaults().withOpenMode(mode)))
        .withMessageContaining(child.toString());
  }

  @Test
  void namesThatAreTooLong() {
    Path longName = directory.resolve("x".repeat(300));
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordWriter.open(longName))
        .withMessageContaining(longName.toString());
  }

  @Test
  void otherFileSystems() {
    Path inImage = Path.of(URI.create("jrt:/java.base/records"));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> RecordWriter.open(inImage));
  }

  @ParameterizedTest
  @EnumSource
  void codecsThatUpstreamCannotReadAreNotForItsDialect(OpenMode mode) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(mode).withDialect(Dialect.DISKY);
    assertNotForUpstream(options.withCompression(Compression.brotli()), "brotli compression");
    assertNotForUpstream(options.withCompression(Compression.snappy()), "snappy compression");
  }

  @ParameterizedTest
  @EnumSource
  void whatUpstreamCannotReadIsNotForItsDialect(OpenMode mode) throws IOException {
    WriterOptions options = WriterOptions.defaults().withOpenMode(mode).withDialect(Dialect.DISKY);
    assertNotForUpstream(options.withTranspose(true), "transposed chunks");
    assertNotForUpstream(options.withMetadata(RecordsMetadata.empty()), "file metadata");
    assertNotForUpstream(options.withPadding(65_536), "padding");
    assertNotForUpstream(options.withInitialPadding(2), "padding");
    assertNotForUpstream(options.withFinalPadding(2), "padding");
  }

  /** There is nothing done to the file, whether it exists or not. */
  private void assertNotForUpstream(WriterOptions options, String what) throws IOException {
    assertNotForUpstream(() -> RecordWriter.open(file, options), what);
    assertThat(file).doesNotExist();

    Files.write(file, RECORD);
    assertNotForUpstream(() -> RecordWriter.open(file, options), what);
    assertThat(file).hasBinaryContent(RECORD);
    Files.delete(file);
  }

  private void assertNotForUpstream(ThrowingCallable open, String what) {
    assertThatIllegalArgumentException()
        .isThrownBy(open)
        .withMessageStartingWith(file + ": " + what)
        .withMessageContaining("not readable by upstream; choose RIEGELI");
  }

  @Test
  void nullIsNotOpened() {
    assertThatNullPointerException().isThrownBy(() -> RecordWriter.open((Path) null));
    assertThatNullPointerException().isThrownBy(() -> RecordWriter.open(file, null));
    assertThat(file).doesNotExist();
  }

  // The end

  @Test
  void closedTwiceIsClosedOnce() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    writer.write(RECORD);
    writer.close();
    byte[] content = Files.readAllBytes(file);
    writer.close();

    assertThat(file).hasBinaryContent(content);
    assertThat(writer.isOpen()).isFalse();
    assertThat(writer.path()).contains(file);
    assertThat(writer.recordCount()).isEqualTo(1);
    assertThat(writer.recordBytes()).isEqualTo(RECORD.length);
  }

  @Test
  void closedWritersWriteNothing() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    writer.close();

    List<ThrowingCallable> calls =
        List.of(
            () -> writer.write(RECORD),
            () -> writer.write(RECORD, 0, 1),
            () -> writer.write(ByteBuffer.wrap(RECORD)),
            () -> writer.write(MemorySegment.ofArray(RECORD)),
            () -> writer.write(1, slot -> 1),
            writer::flush,
            () -> writer.flush(FlushMode.SYNC),
            writer::lastPosition);
    for (ThrowingCallable call : calls) {
      assertThatIllegalStateException()
          .isThrownBy(call)
          .withMessageContaining(file.toString())
          .withMessageContaining("closed");
    }
    assertThat(read()).isEmpty();
  }

  @Test
  void failuresToOpenLeaveNothingLocked() throws IOException {
    byte[] content = SampleRecords.repetitive(100);
    Files.write(file, content);
    for (int i = 0; i < 100; i++) {
      assertThat(catchException(() -> open(OpenMode.APPEND)))
          .isInstanceOf(CorruptFileException.class);
    }
    open(OpenMode.OVERWRITE).close();
  }
}
