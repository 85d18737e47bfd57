package io.disky;

import static io.disky.testing.NumberedRecords.record;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.disky.random.IndexSource;
import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Indexes that are saved beside files, and whether they are believed. */
class SavedIndexTest {
  private static final int CHUNKS = 3000;
  private static final int PER_CHUNK = 3;
  private static final int RECORDS = CHUNKS * PER_CHUNK;

  @TempDir private Path directory;
  private Path file;
  private Path index;
  private LogCapture log;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve("file"), Compression.none(), CHUNKS, PER_CHUNK);
    index = directory.resolve("file.index");
    log = new LogCapture();
  }

  @AfterEach
  void tearDown() {
    log.close();
  }

  private static RandomAccessOptions with(SavedIndex use) {
    return RandomAccessOptions.defaults().withSavedIndex(use);
  }

  private void save() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.saveIndex()).containsExactly(index);
    }
  }

  private void assertIndexSource(IndexSource source, RandomAccessOptions options)
      throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file, options)) {
      assertThat(reader.indexSource(0)).isEqualTo(source);
      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      for (int i = 0; i < RECORDS; i += 7) {
        assertThat(reader.get(i)).isEqualTo(record(i));
      }
      assertThat(reader.get(RECORDS - 1)).isEqualTo(record(RECORDS - 1));
    }
  }

  /** Nothing here waits, so an interrupt is for what the thread does next. */
  @Test
  void isSavedAndUsedByAnInterruptedThread() throws IOException {
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      Thread.currentThread().interrupt();
      reader.saveIndex();
      assertThat(Thread.interrupted()).isTrue();
    }
    Thread.currentThread().interrupt();
    assertIndexSource(IndexSource.SAVED, RandomAccessOptions.defaults());
    assertThat(Thread.interrupted()).isTrue();
    assertThat(log.messages("")).isEmpty();
  }

  @Test
  void isUsedWhereItIsThere() throws IOException {
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(index).doesNotExist();
    save();
    assertIndexSource(IndexSource.SAVED, RandomAccessOptions.defaults());
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD_OR_SAVE));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.IGNORE));
    assertThat(log.messages("")).isEmpty();
    assertNothingElse();
  }

  /** Neither an unfinished index nor anything else is left. */
  private void assertNothingElse() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.toList()).containsExactlyInAnyOrder(file, index);
    }
  }

  @Test
  void isSavedWhereItIsNotThere() throws IOException {
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD_OR_SAVE));
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD));
    assertNothingElse();
  }

  @Test
  void mayBeInAnotherDirectory() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    RandomAccessOptions options = with(SavedIndex.LOAD_OR_SAVE).withIndexDirectory(other);
    assertIndexSource(IndexSource.HEADERS, options);
    assertThat(index).doesNotExist();
    assertThat(other.resolve("file.index")).exists();
    assertIndexSource(IndexSource.SAVED, options);
  }

  @Test
  void cannotBeSavedEverywhere() throws IOException {
    RandomAccessOptions nowhere =
        with(SavedIndex.LOAD_OR_SAVE).withIndexDirectory(directory.resolve("none"));
    assertIndexSource(IndexSource.HEADERS, nowhere);
    assertThat(log.messages("could not be saved")).hasSize(1);
    try (RandomAccessReader reader = RandomAccessReader.open(file, nowhere)) {
      assertThatIOException().isThrownBy(reader::saveIndex);
    }
  }

  @Test
  void filesWithoutRecordsHaveOneToo() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    try (RandomAccessReader reader =
        RandomAccessReader.open(empty, with(SavedIndex.LOAD_OR_SAVE))) {
      assertThat(reader.recordCount()).isZero();
    }
    try (RandomAccessReader reader = RandomAccessReader.open(empty)) {
      assertThat(reader.recordCount()).isZero();
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.SAVED);
    }
  }

  @Test
  void staleOnesAreReplaced() throws IOException {
    save();
    FileTime before = Files.getLastModifiedTime(file);
    WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(file, append)) {
      writer.write(record(RECORDS));
    }
    // Even with the time of the last change as before.
    Files.setLastModifiedTime(file, before);
    try (RandomAccessReader reader = RandomAccessReader.open(file, with(SavedIndex.LOAD_OR_SAVE))) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.HEADERS);
      assertThat(reader.get(RECORDS)).isEqualTo(record(RECORDS));
    }
    assertThat(log.messages(index.toString()))
        .singleElement()
        .asString()
        .contains("WARNING", "is not used", "bytes");
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.SAVED);
      assertThat(reader.get(RECORDS)).isEqualTo(record(RECORDS));
    }
  }

  @Test
  void changesThatKeepTheSizeAreSeen() throws IOException {
    save();
    byte[] content = Files.readAllBytes(file);
    FileTime before = Files.getLastModifiedTime(file);
    Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1000));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("was changed")).hasSize(1);

    // The same size and time, but another last chunk.
    Path other = directory.resolve("other");
    try (RecordWriter writer =
        RecordWriter.open(other, WriterOptions.defaults().withCompression(Compression.none()))) {
      for (int i = 0; i < RECORDS; i++) {
        byte[] record = record(i);
        record[0] ^= 1;
        writer.write(record);
        if (i % PER_CHUNK == PER_CHUNK - 1) {
          writer.flush();
        }
      }
    }
    assertThat(Files.size(other)).isEqualTo(content.length);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(file, before);
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.HEADERS);
    }
    assertThat(log.messages("the last chunk of the file is different")).hasSize(1);
  }

  /** Whatever else is as before, and however little later it was. */
  @Test
  void changesWithinAMillisecondAreSeen() throws IOException {
    long begin = TimeUnit.SECONDS.toNanos(1_700_000_000) + 5_000_000;
    Files.setLastModifiedTime(file, FileTime.from(begin, TimeUnit.NANOSECONDS));
    save();
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD));
    int told = 0;
    for (long nanos : new long[] {1, 1000, 999_999}) {
      FileTime later = FileTime.from(begin + nanos, TimeUnit.NANOSECONDS);
      Files.setLastModifiedTime(file, later);
      // Not every file system tells nanoseconds apart; microseconds are told by all.
      if (nanos == 1000 || Files.getLastModifiedTime(file).equals(later)) {
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(later);
        assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
        assertThat(log.messages("was changed")).hasSize(++told);
      }
    }
    Files.setLastModifiedTime(file, FileTime.from(begin, TimeUnit.NANOSECONDS));
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD));
  }

  /** Wherever a byte of it is wrong. */
  @Test
  void damagedOnesAreIgnored() throws IOException {
    save();
    byte[] content = Files.readAllBytes(index);
    int ignored = 0;
    for (int i = 0; i < content.length; i += Math.max(1, content.length / 200)) {
      byte[] damaged = content.clone();
      damaged[i] ^= 0x55;
      Files.write(index, damaged);
      try (RandomAccessReader reader = RandomAccessReader.open(file)) {
        ignored += reader.indexSource(0) == IndexSource.HEADERS ? 1 : 0;
        assertThat(reader.recordCount()).isEqualTo(RECORDS);
        assertThat(reader.get(4711)).isEqualTo(record(4711));
      }
    }
    assertThat(ignored).isGreaterThan(100);
    assertThat(log.messages("is not used")).hasSize(ignored);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.5, 0.99})
  void truncatedOnesAreIgnored(double part) throws IOException {
    save();
    byte[] content = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(content, (int) (part * content.length)));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("is not used")).hasSize(1);
  }

  /** What is wrong with a header, and what the log says. */
  record Wrong(int offset, long value, String reason) {}

  static List<Wrong> wrong() {
    return List.of(
        new Wrong(0, 1, "not an index"),
        new Wrong(8, 1, "version 1"),
        new Wrong(8, 3, "version 3"),
        new Wrong(16, 5, "bytes"),
        new Wrong(24, 5, "was changed"),
        new Wrong(32, -1, "impossible"),
        new Wrong(32, 0, "impossible"),
        new Wrong(32, 1L << 60, "impossible"),
        new Wrong(32, CHUNKS - 1, "impossible chunks"),
        new Wrong(32, CHUNKS + 1, "contradict its header"),
        new Wrong(40, RECORDS + 1, "contradict its header"),
        new Wrong(48, -1, "impossible"),
        new Wrong(56, -1, "impossible"),
        new Wrong(64, -1, "impossible"),
        new Wrong(64, 1L << 60, "impossible"),
        new Wrong(64, 64, "last chunk"),
        new Wrong(80, 0, "last chunk"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void contradictoryHeadersAreIgnored(Wrong wrong) throws IOException {
    save();
    rewrite(records ->
        ByteBuffer.wrap(records.getFirst())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(wrong.offset, wrong.value));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("is not used")).singleElement().asString().contains(wrong.reason);
  }

  private interface Change {
    void of(List<byte[]> records);
  }

  /** Writes the index anew, with hashes that are right. */
  private void rewrite(Change change) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(index)) {
      for (MemorySegment record : reader) {
        records.add(record.toArray(ValueLayout.JAVA_BYTE));
      }
    }
    change.of(records);
    WriterOptions overwrite = WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
    try (RecordWriter writer = RecordWriter.open(index, overwrite)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
  }

  @Test
  void listsThatDoNotEndAreIgnored() throws IOException {
    save();
    rewrite(records -> records.set(1, new byte[0]));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    rewrite(records -> records.set(1, new byte[] {(byte) 0x80}));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    rewrite(records -> records.set(1, new byte[] {64, 3, (byte) 0}));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    rewrite(List::clear);
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("is not used")).hasSize(4);
  }

  private Set<PosixFilePermission> permissions(Path of) throws IOException {
    return Files.getPosixFilePermissions(of);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "rw-r-----", "r--------", "rw-rw-rw-", "rwxr-xr-x"})
  void areAsOpenToOthersAsTheirFiles(String mode) throws IOException {
    Set<PosixFilePermission> expected = PosixFilePermissions.fromString(mode);
    Files.setPosixFilePermissions(file, expected);
    save();
    assertThat(permissions(index)).isEqualTo(expected);
    // Also where one is there that is more open.
    Files.setPosixFilePermissions(index, PosixFilePermissions.fromString("rw-rw-rw-"));
    save();
    assertThat(permissions(index)).isEqualTo(expected);
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD));
  }

  /** Not even those behind the header of the last chunk. */
  @Test
  void haveNoDataInThem() throws IOException {
    Path secrets = directory.resolve("secrets");
    String secret = "secret data here 123456";
    WriterOptions plain = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(secrets, plain)) {
      writer.write(secret.getBytes(ISO_8859_1));
    }
    byte[] content = Files.readAllBytes(secrets);
    Path saved;
    try (RandomAccessReader reader = RandomAccessReader.open(secrets)) {
      saved = reader.saveIndex().getFirst();
    }
    try (RecordReader reader = RecordReader.open(saved)) {
      for (MemorySegment record : reader) {
        String text = new String(record.toArray(ValueLayout.JAVA_BYTE), ISO_8859_1);
        for (int i = 64 + 40; i + 4 <= content.length; i++) {
          assertThat(text).doesNotContain(new String(content, i, 4, ISO_8859_1));
        }
      }
    }
  }

  static List<String> longNames() {
    return List.of(
        "x".repeat(249),
        "x".repeat(250),
        "x".repeat(255),
        "\u00e9".repeat(127),
        "\u20ac".repeat(85));
  }

  @ParameterizedTest
  @MethodSource("longNames")
  void everyNameHasOne(String name) throws IOException {
    Path named = Files.copy(file, directory.resolve(name));
    Path sibling = Files.copy(file, directory.resolve("y" + name.substring(1)));
    Set<Path> saved = new HashSet<>();
    for (Path of : List.of(named, sibling)) {
      try (RandomAccessReader reader = RandomAccessReader.open(of)) {
        saved.addAll(reader.saveIndex());
      }
      try (RandomAccessReader reader = RandomAccessReader.open(of)) {
        assertThat(reader.indexSource(0)).isEqualTo(IndexSource.SAVED);
      }
    }
    assertThat(saved).hasSize(2);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).hasSize(5);
    }
  }

  @Test
  void longNamesOfOneBeginHaveTheirOwn() throws IOException {
    Set<Path> saved = new HashSet<>();
    for (String end : new String[] {"a", "b"}) {
      Path named = Files.copy(file, directory.resolve("x".repeat(254) + end));
      try (RandomAccessReader reader = RandomAccessReader.open(named)) {
        saved.addAll(reader.saveIndex());
      }
    }
    assertThat(saved).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noOtherFileIsReplaced(boolean recordFile) throws IOException {
    byte[] mine = recordFile ? Files.readAllBytes(file) : new byte[] {'m', 'i', 'n', 'e'};
    Files.write(index, mine);
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThatExceptionOfType(FileAlreadyExistsException.class)
          .isThrownBy(reader::saveIndex)
          .withMessageContaining(index.toString())
          .withMessageContaining("not a saved index");
    }
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD_OR_SAVE));
    assertThat(log.messages("could not be saved")).hasSize(1);
    assertThat(index).hasBinaryContent(mine);
    assertNothingElse();
    // What a power cut leaves may be empty.
    Files.write(index, new byte[0]);
    save();
  }

  @Test
  void thatOfAnotherFileIsNotReplaced() throws IOException {
    Path indexes = Files.createDirectory(directory.resolve("indexes"));
    Path other = Files.createDirectory(directory.resolve("other")).resolve("file");
    NumberedRecords.write(other, Compression.none(), 1, 1);
    RandomAccessOptions shared = RandomAccessOptions.defaults().withIndexDirectory(indexes);
    try (RandomAccessReader reader = RandomAccessReader.open(file, shared)) {
      reader.saveIndex();
      reader.saveIndex();
    }
    try (RandomAccessReader reader = RandomAccessReader.open(other, shared)) {
      assertThatExceptionOfType(FileAlreadyExistsException.class)
          .isThrownBy(reader::saveIndex)
          .withMessageContaining("another file")
          .withMessageContaining(other.toString());
    }
    assertIndexSource(IndexSource.SAVED, shared);
  }

  /** Neither the unfinished one nor that which was there is lost. */
  @Test
  void failuresLeaveNothing() throws IOException {
    Files.createDirectory(index);
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThatIOException().isThrownBy(reader::saveIndex);
    }
    assertNothingElse();
  }

  @Test
  void oldOnesAreReplaced() throws IOException {
    save();
    rewrite(records ->
        ByteBuffer.wrap(records.getFirst()).order(ByteOrder.LITTLE_ENDIAN).putLong(8, 1));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD_OR_SAVE));
    assertThat(log.messages("version 1")).hasSize(1);
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD));
  }

  /** One that lies in a way that only the chunks show says what to do. */
  @Test
  void liesAreFoundOnUse() throws IOException {
    save();
    // One record less in the second chunk and one more in the third.
    rewrite(records -> {
      byte[] list = records.get(1);
      int at = 2 + varintSize(list, 2);
      assertThat(list[at]).isEqualTo((byte) PER_CHUNK);
      list[at]--;
      int next = at + 1 + varintSize(list, at + 1);
      assertThat(list[next]).isEqualTo((byte) PER_CHUNK);
      list[next]++;
    });
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      assertThat(reader.indexSource(0)).isEqualTo(IndexSource.SAVED);
      assertThat(reader.get(0)).isEqualTo(record(0));
      for (int i = PER_CHUNK; i < 3 * PER_CHUNK; i++) {
        int number = i;
        assertThatExceptionOfType(CorruptFileException.class)
            .isThrownBy(() -> reader.get(number))
            .withMessageContaining("the saved index lists")
            .withMessageContaining("delete it")
            .satisfies(e -> assertThat(e.damage()).isEqualTo(CorruptFileException.Damage.INDEX));
      }
      assertThat(reader.get(3 * PER_CHUNK)).isEqualTo(record(3 * PER_CHUNK));
    }
  }

  /** A small index that decodes to a lot is given up before it is decoded. */
  @Test
  void whatDecodesToMoreThanAnIndexCanHaveIsIgnored() throws IOException {
    long size = 50_000_000;
    WriterOptions large =
        WriterOptions.defaults().withChunkSize(2 * size).withCompression(Compression.zstd(1));
    try (RecordWriter writer = RecordWriter.open(index, large)) {
      writer.write(size, _ -> size);
    }
    assertThat(Files.size(index)).isLessThan(10_000);
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("is not used"))
        .singleElement()
        .asString()
        .contains("exceeds the limit of")
        .doesNotContain("UncheckedIOException");
  }

  @Test
  void theLimitsOfTheReaderHold() throws IOException {
    save();
    ReaderOptions low = ReaderOptions.defaults().withMaxChunkSize(1000);
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD).withReaderOptions(low));
    assertThat(log.messages("is not used"))
        .singleElement()
        .asString()
        .contains("limit of 1000 bytes");
    ReaderOptions enough = ReaderOptions.defaults().withMaxChunkSize(64 << 10);
    assertIndexSource(IndexSource.SAVED, with(SavedIndex.LOAD).withReaderOptions(enough));
  }

  /** Whatever is in its place, the file is read, and nothing waits. */
  @Test
  @Timeout(60)
  void whatIsNoFileIsIgnored() throws IOException, InterruptedException {
    Files.createDirectory(index);
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    Files.delete(index);
    Files.createSymbolicLink(index, Path.of("/dev/zero"));
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    Files.delete(index);
    assertThat(new ProcessBuilder("mkfifo", index.toString()).start().waitFor()).isZero();
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    Files.delete(index);
    Files.createSymbolicLink(index, index);
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("is not used")).hasSize(4);
  }

  @Test
  void whatIsLargerThanAnIndexCanBeIsIgnored() throws IOException {
    save();
    WriterOptions append =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.APPEND)
            .withCompression(Compression.none())
            .withChunkSize(1000);
    try (RecordWriter writer = RecordWriter.open(index, append)) {
      for (int i = 0; i < 1200; i++) {
        writer.write(new byte[1000]);
      }
    }
    assertIndexSource(IndexSource.HEADERS, with(SavedIndex.LOAD));
    assertThat(log.messages("larger than")).hasSize(1);
  }

  private static int varintSize(byte[] bytes, int at) {
    int size = 1;
    while (bytes[at + size - 1] < 0) {
      size++;
    }
    return size;
  }
}
