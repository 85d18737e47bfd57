package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.GoldenManifest;
import io.disky.testing.ByteSources;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes come from, reading them gives what reading the file gives. */
@Timeout(60)
class ByteSourcesTest {
  private static final ReaderOptions RECOVERING =
      ReaderOptions.defaults()
          .withCorruptionStrategy(CorruptionStrategy.RECOVER)
          .withSkippedRegionListener(_ -> {});

  // A byte at a time, that is enough.
  private static final long MOST_TRICKLED = 20_000;

  @TempDir private Path directory;

  static Stream<Arguments> goldenFilesFromEachSource() {
    return GoldenManifest.all().stream()
        .flatMap(entry ->
            Arrays.stream(ByteSources.values())
                .filter(source -> !source.trickles() || canTrickle(entry))
                .map(source -> Arguments.of(entry, source)));
  }

  private static boolean canTrickle(GoldenManifest.Entry entry) {
    return entry.files().stream().allMatch(file -> file.toFile().length() <= MOST_TRICKLED);
  }

  @ParameterizedTest
  @MethodSource("goldenFilesFromEachSource")
  void goldenFilesReadTheSame(GoldenManifest.Entry entry, ByteSources source) throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (Path file : entry.files()) {
      try (RecordReader reader = source.open(file, ReaderOptions.defaults());
          RecordReader expected = RecordReader.open(file)) {
        assertThat(reader.metadata()).isEqualTo(expected.metadata());
        reader.visit(record -> records.add(record.toArray(ValueLayout.JAVA_BYTE)));
        assertThat(reader.nextBatch()).isNull();
      }
    }

    assertThat(records).hasSize(Math.toIntExact(entry.records()));
    assertThat(entry.digestOf(records)).isEqualTo(entry.digest());
  }

  @ParameterizedTest
  @MethodSource("goldenFilesFromEachSource")
  void goldenFilesAreDescribedTheSame(GoldenManifest.Entry entry, ByteSources source)
      throws IOException {
    for (Path file : entry.files()) {
      try (RecordReader reader = source.open(file, ReaderOptions.defaults());
          RecordReader expected = RecordReader.open(file)) {
        if (source.isStream()) {
          assertThat(reader.fileSize()).isEqualTo(-1);
          assertGoesBackIsRefused(reader);
        } else {
          assertThat(reader.fileSize()).isEqualTo(expected.fileSize());
          assertThat(reader.recordCount()).isEqualTo(expected.recordCount());
          assertThat(reader.describe()).isEqualTo(expected.describe());
          assertThat(reader.recordCount()).isEqualTo(expected.recordCount());
        }
        reader.verify();
        assertThat(reader.nextBatch()).isNull();
      }
    }
  }

  private static void assertGoesBackIsRefused(RecordReader reader) {
    List<ThrowingCallable> calls =
        List.of(
            reader::recordCount,
            reader::describe,
            () -> reader.seekNumeric(0),
            () -> reader.seekToOffset(0),
            () -> reader.search(_ -> 0),
            () -> reader.seek(new RecordPosition(64, 0)),
            () -> reader.forEachChunk(_ -> {}));
    for (ThrowingCallable call : calls) {
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(call)
          .withMessageContaining(reader.name())
          .withMessageContaining("copy it to a file or to memory first");
    }
  }

  /** What reading came to: records, regions, and how it ended. */
  private static String account(Path file, ByteSources source, ReaderOptions options)
      throws IOException {
    StringBuilder account = new StringBuilder();
    try (RecordReader reader = source.open(file, options)) {
      try {
        while (true) {
          try (RecordBatch batch = reader.nextBatch()) {
            if (batch == null) {
              break;
            }
            byte[] data = batch.data().toArray(ValueLayout.JAVA_BYTE);
            account
                .append(batch.recordCount())
                .append(' ')
                .append(Arrays.hashCode(data))
                .append('\n');
          }
        }
      } catch (IOException e) {
        // Only a file can be repaired.
        String message =
            e.getMessage()
                .replace(reader.name(), "NAME")
                .replaceAll("; if a crash has torn it.*", "");
        account.append(e.getClass()).append(message).append('\n');
      }
      reader.skippedRegions().forEach(region -> account.append(region).append('\n'));
    }
    return account.toString();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "PATH")
  void damagedFilesReadTheSame(ByteSources source) throws IOException {
    Path damaged = directory.resolve("damaged");
    Random random = new Random(20261122);
    for (GoldenManifest.Entry entry : GoldenManifest.all()) {
      byte[] bytes = Files.readAllBytes(entry.files().getFirst());
      if (bytes.length < 200 || (source.trickles() && bytes.length > MOST_TRICKLED)) {
        continue;
      }
      for (int kind = 0; kind < 3; kind++) {
        int at = random.nextInt(bytes.length);
        Files.write(damaged, damaged(bytes, kind, at));
        for (ReaderOptions options : List.of(ReaderOptions.defaults(), RECOVERING)) {
          assertThat(account(damaged, source, options))
              .as("%s, kind %d at %d", entry, kind, at)
              .isEqualTo(account(damaged, ByteSources.PATH, options));
        }
      }
    }
  }

  private static byte[] damaged(byte[] bytes, int kind, int at) {
    if (kind == 0) {
      return Arrays.copyOf(bytes, at);
    }
    byte[] copy = bytes.clone();
    Arrays.fill(copy, at, Math.min(copy.length, at + (kind == 1 ? 1 : 3000)), (byte) 0x5a);
    return copy;
  }

  /** Of many windows, and chunks larger than one. */
  @ParameterizedTest
  @EnumSource
  void filesLargerThanAWindow(ByteSources source) throws IOException {
    Path file = directory.resolve("large");
    byte[] record = new byte[5_000];
    Random random = new Random(7);
    int records = source.trickles() ? 20 : 4_000;
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, options.withChunkSize(3_000_000))) {
      for (int i = 0; i < records; i++) {
        random.nextBytes(record);
        writer.write(record);
      }
    }

    assertThat(account(file, source, ReaderOptions.defaults()))
        .isEqualTo(account(file, ByteSources.PATH, ReaderOptions.defaults()));
  }

  @ParameterizedTest
  @EnumSource
  void emptyFiles(ByteSources source) throws IOException {
    Path file = Files.createFile(directory.resolve("empty"));
    try (RecordReader reader = source.open(file, ReaderOptions.defaults())) {
      assertThat(reader.metadata()).isEmpty();
      assertThat(reader.nextBatch()).isNull();
    }
  }

  private Path numbers() throws IOException {
    Path file = Files.createTempFile(directory, "numbers", "");
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer =
        RecordWriter.open(file, options.withChunkSize(10_000).withOpenMode(OpenMode.OVERWRITE))) {
      for (int i = 0; i < 100; i++) {
        writer.write(new byte[2_000]);
      }
    }
    return file;
  }

  @ParameterizedTest
  @EnumSource
  void names(ByteSources source) throws IOException {
    Path file = numbers();
    try (RecordReader reader = source.open(file, ReaderOptions.defaults())) {
      String name =
          switch (source) {
            case PATH -> file.toString();
            case HEAP_SEGMENT, NATIVE_SEGMENT, MAPPED_SEGMENT -> "memory";
            case SEEKABLE_CHANNEL, CHANNEL, TRICKLING_CHANNEL -> "channel";
            case STREAM, TRICKLING_STREAM -> "stream";
            case REMOTE, SHORT_REMOTE -> "mem://bucket/" + file.getFileName();
          };
      assertThat(reader.name()).isEqualTo(name);
      assertThat(reader.path().isPresent()).isEqualTo(source == ByteSources.PATH);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "PATH")
  void onlyFilesAreFollowed(ByteSources source) throws IOException {
    Path file = numbers();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.open(file, ReaderOptions.defaults().withFollow(true)))
        .withMessageContaining("by its path");
  }

  @ParameterizedTest
  @EnumSource
  void ranges(ByteSources source) throws IOException {
    Path file = numbers();
    ReaderOptions half = ReaderOptions.defaults().withRange(100_000, 150_000);
    if (source.isStream()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> source.open(file, half))
          .withMessageContaining("not of a stream");
    } else {
      assertThat(account(file, source, half)).isEqualTo(account(file, ByteSources.PATH, half));
    }
  }

  /** Fails once, in the middle. */
  private static final class FailingStream extends FilterInputStream {
    private long left;
    private boolean closed;

    FailingStream(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        left = Long.MAX_VALUE;
        throw new IOException("the line is down");
      }
      int read = super.read(bytes, offset, (int) Math.min(left, length));
      left -= Math.max(0, read);
      return read;
    }

    @Override
    public void close() throws IOException {
      closed = true;
      super.close();
    }
  }

  @Test
  void whatAStreamThrowsIsThrownAndReadingGoesOn() throws IOException {
    Path file = numbers();
    for (long at : List.of(0L, 1L, 70L, 5_000L, 65_540L, 150_000L)) {
      FailingStream stream = new FailingStream(Files.newInputStream(file), at);
      int[] records = new int[1];
      try (RecordReader reader = RecordReader.open(stream)) {
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> reader.visitBatches(batch -> records[0] += batch.recordCount()))
            .withMessage("the line is down");
        reader.visitBatches(batch -> records[0] += batch.recordCount());
        assertThat(stream.closed).isFalse();
      }
      assertThat(records[0]).as("failure at %d", at).isEqualTo(100);
      assertThat(stream.closed).isTrue();
    }
  }

  /** Says that it gave so many bytes more than it did. */
  private record LyingChannel(ReadableByteChannel channel, int more)
      implements ReadableByteChannel {
    @Override
    public int read(ByteBuffer space) throws IOException {
      int size = channel.read(space);
      return size < 0 ? size : size + more;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 1_000_000})
  void whatAChannelSaysItGaveIsNotBelieved(int more) throws IOException {
    Path file = numbers();
    int[] records = new int[1];
    ReadableByteChannel lying = new LyingChannel(FileChannel.open(file), more);
    try (RecordReader reader = RecordReader.open(lying)) {
      reader.visitBatches(batch -> records[0] += batch.recordCount());
    }
    assertThat(records[0]).isEqualTo(100);
  }

  @Test
  void aStreamThatSaysItGaveMoreThanFits() throws IOException {
    InputStream lying =
        new FilterInputStream(Files.newInputStream(numbers())) {
          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return super.read(bytes, offset, length) + length;
          }
        };
    try (RecordReader reader = RecordReader.open(lying)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(reader::nextBatch)
          .withMessageContaining("the stream states that it returned");
    }
  }

  @Test
  void anInterruptClosesTheChannel() throws IOException {
    try (RecordReader reader =
        RecordReader.open((SeekableByteChannel) FileChannel.open(numbers()))) {
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(ClosedByInterruptException.class).isThrownBy(reader::nextBatch);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void closingClosesTheChannel() throws IOException {
    FileChannel seekable = FileChannel.open(numbers());
    RecordReader.open((SeekableByteChannel) seekable).close();
    assertThat(seekable.isOpen()).isFalse();
  }

  @Test
  void aRefusedChannelStaysOpen() throws IOException {
    try (FileChannel channel = FileChannel.open(numbers())) {
      ReaderOptions follow = ReaderOptions.defaults().withFollow(true);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RecordReader.open((SeekableByteChannel) channel, follow));
      assertThat(channel.isOpen()).isTrue();
    }
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // Closed in the middle.
  void aClosedArenaIsAnErrorAndNoCrash() throws IOException {
    assertUnusableOnceClosed(Arena.ofConfined());
    assertUnusableOnceClosed(Arena.ofShared());
  }

  private void assertUnusableOnceClosed(Arena arena) throws IOException {
    MemorySegment segment =
        arena.allocateFrom(ValueLayout.JAVA_BYTE, Files.readAllBytes(numbers()));
    try (RecordReader reader = RecordReader.open(segment);
        RecordBatch batch = reader.nextBatch()) {
      arena.close();
      assertThat(batch.get(0).byteSize()).isEqualTo(2_000);
      assertThatIllegalStateException()
          .isThrownBy(() -> reader.visitBatches(_ -> {}))
          .withMessageContaining("closed");
    }
  }

  @Test
  void aConfinedSegmentOfAnotherThread() throws Exception {
    byte[] bytes = Files.readAllBytes(numbers());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      Throwable[] thrown = new Throwable[1];
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try (RecordReader reader = RecordReader.open(segment)) {
                  reader.nextBatch();
                } catch (Throwable e) {
                  thrown[0] = e;
                }
              });
      thread.join();
      assertThat(thrown[0]).isInstanceOf(WrongThreadException.class);
    }
  }

  @Test
  void aTruncatedMappingIsAnError() throws IOException {
    Path file = numbers();
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      try (RecordReader reader = RecordReader.open(mapped)) {
        Files.write(file, new byte[0]);
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> reader.visitBatches(_ -> {}))
            .withMessageContaining("mapped file was truncated");
      }
    }
  }

  /** A header that claims much is followed by little: only that little is read. */
  @Test
  void claimsAreNotBelieved() throws IOException {
    byte[] bytes = Arrays.copyOf(Files.readAllBytes(numbers()), 100);
    try (RecordReader reader = RecordReader.open(new ByteArrayInputStream(bytes))) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(reader::nextBatch)
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.TRUNCATED));
    }
  }

  @Test
  void metadataOfAStreamComeFirst() throws IOException {
    Path file = directory.resolve("larger than what is kept of the beginning");
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withCompression(Compression.none()))) {
      writer.write(new byte[100_000]);
    }
    try (RecordReader reader = RecordReader.open(Files.newInputStream(file))) {
      assertThat(reader.metadata()).isEmpty();
      assertThat(reader.nextBatch()).isNotNull();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(reader::metadata)
          .withMessageContaining("cannot go back");
    }
  }

  /** Whoever waits for what a chunk says gets it before the next one comes. */
  @Test
  void aStreamIsReadNoFurtherThanTheChunk() throws IOException {
    Path file = directory.resolve("two");
    long size;
    try (RecordWriter writer = RecordWriter.open(file)) {
      byte[] record = new byte[50_000];
      new Random(1).nextBytes(record);
      writer.write(record);
      writer.flush();
      size = writer.fileSize();
    }
    InputStream first = new FailingStream(Files.newInputStream(file), size);
    try (RecordReader reader = RecordReader.open(first)) {
      assertThat(reader.nextBatch()).isNotNull();
    }
  }
}
