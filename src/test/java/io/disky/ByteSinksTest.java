package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.testing.LogCapture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wherever bytes go, they are those of the file that is written by its path. */
@Timeout(120)
class ByteSinksTest {
  @TempDir private Path directory;

  private static WriterOptions riegeli() {
    return WriterOptions.defaults().withDialect(Dialect.RIEGELI);
  }

  static Stream<WriterOptions> options() {
    return Stream.of(
        WriterOptions.defaults(),
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(1_000_000),
        riegeli().withTranspose(true),
        riegeli().withFinalPadding(65_536),
        riegeli().withContainer(Container.ARRAY_RECORD).withGroupSize(7));
  }

  /** What a writer was opened on, and what it wrote there. */
  private interface Sink {
    RecordWriter open(WriterOptions options) throws IOException;

    byte[] written(long size) throws IOException;
  }

  private Sink sink(String kind) throws IOException {
    Path file = directory.resolve("written by " + kind);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    MemorySegment segment =
        kind.equals("native segment")
            ? Arena.ofAuto().allocate(8 << 20)
            : MemorySegment.ofArray(new byte[8 << 20]);
    return new Sink() {
      @Override
      public RecordWriter open(WriterOptions options) throws IOException {
        return switch (kind) {
          case "file channel" ->
              RecordWriter.open(
                  FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                  options);
          case "trickling channel" -> RecordWriter.open(new Trickle(bytes), options);
          case "stream" -> RecordWriter.open(bytes, options);
          default -> RecordWriter.open(segment, options);
        };
      }

      @Override
      public byte[] written(long size) throws IOException {
        return switch (kind) {
          case "file channel" -> Files.readAllBytes(file);
          case "trickling channel", "stream" -> bytes.toByteArray();
          default -> segment.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
        };
      }
    };
  }

  static Stream<Arguments> kindsAndOptions() {
    return Stream.of(
            "heap segment", "native segment", "file channel", "trickling channel", "stream")
        .flatMap(kind -> options().map(options -> Arguments.of(kind, options)));
  }

  private static long write(RecordWriter opened, int records) throws IOException {
    Random random = new Random(3);
    try (RecordWriter writer = opened) {
      for (int i = 0; i < records; i++) {
        byte[] record = new byte[random.nextInt(4_000)];
        random.nextBytes(record);
        writer.write(record);
      }
    }
    return opened.fileSize();
  }

  @ParameterizedTest
  @MethodSource("kindsAndOptions")
  void bytesAreThoseOfTheFile(String kind, WriterOptions options) throws IOException {
    Path file = directory.resolve("file");
    long size = write(RecordWriter.open(file, options), 1_000);
    Sink sink = sink(kind);

    assertThat(write(sink.open(options), 1_000)).isEqualTo(size).isEqualTo(Files.size(file));
    assertThat(sink.written(size)).isEqualTo(Files.readAllBytes(file));
  }

  @ParameterizedTest
  @MethodSource("kindsAndOptions")
  void whatIsFlushedIsThere(String kind, WriterOptions options) throws IOException {
    Sink sink = sink(kind);
    try (RecordWriter writer = sink.open(options)) {
      for (FlushMode mode : FlushMode.values()) {
        for (int i = 0; i < 7; i++) {
          writer.write(new byte[100]);
        }
        writer.flush(mode);
        byte[] written = sink.written(writer.fileSize());
        assertThat(written).hasSize(Math.toIntExact(writer.fileSize()));
        try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(written))) {
          assertThat(reader.recordCount()).isEqualTo(writer.recordCount());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndOptions")
  void whatIsForPathsIsRefused(String kind, WriterOptions options) throws IOException {
    Sink sink = sink(kind);
    for (WriterOptions refused :
        List.of(
            options.withOpenMode(OpenMode.APPEND),
            options.withRepair(true),
            options.withAtomicCreation(true))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sink.open(refused))
          .withMessageContaining("only a path");
    }
  }

  /** Takes a byte, nothing, a byte... */
  private static final class Trickle implements WritableByteChannel {
    private final WritableByteChannel channel;
    private int calls;

    Trickle(OutputStream bytes) {
      channel = Channels.newChannel(bytes);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (++calls % 2 == 0) {
        return 0;
      }
      int limit = bytes.limit();
      bytes.limit(Math.min(limit, bytes.position() + 999));
      int written = channel.write(bytes);
      bytes.limit(limit);
      return written;
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

  /** Fails after so many bytes. */
  private static class Failing extends OutputStream {
    private long left;
    private boolean closed;

    Failing(long left) {
      this.left = left;
    }

    @Override
    public void write(int b) throws IOException {
      if (left-- <= 0) {
        throw new IOException("the line is down");
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void aFailureIsKept() throws IOException {
    Failing stream = new Failing(1_000);
    RecordWriter writer = RecordWriter.open(stream);
    byte[] record = new byte[5_000];
    new Random(5).nextBytes(record);
    writer.write(record);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::flush)
        .withMessage("the line is down");
    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> writer.write(record))
          .withMessageContaining("the line is down");
    }
    assertThat(stream.closed).isFalse();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::close)
        .withMessageContaining("the line is down");
    assertThat(stream.closed).isTrue();
  }

  /** Fails once, in the middle of what is to be written, with whatever it likes. */
  private static final class Stumbling extends ByteArrayOutputStream {
    private boolean stumblesWriting;
    private boolean stumblesFlushing;

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      if (stumblesWriting) {
        stumble();
      }
      super.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      if (stumblesFlushing) {
        stumble();
      }
    }

    private void stumble() {
      stumblesWriting = false;
      stumblesFlushing = false;
      throw new UncheckedIOException(new IOException("a stone"));
    }
  }

  /** What comes behind a gap must not look as if nothing was missing. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anyFailureIsKept(boolean flushing) throws IOException {
    Stumbling stream = new Stumbling();
    RecordWriter writer = RecordWriter.open(stream);
    byte[] record = new byte[500_000];
    new Random(5).nextBytes(record);
    writer.write(record);
    stream.stumblesWriting = !flushing;
    stream.stumblesFlushing = flushing;
    assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(writer::flush);
    int size = stream.size();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::flush)
        .withStackTraceContaining("a stone");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::close)
        .withStackTraceContaining("a stone");
    assertThat(stream.size()).isEqualTo(size);
  }

  /** A stream whose code declares less than it throws, as languages other than Java let it. */
  private static final class Sneaking extends ByteArrayOutputStream {
    private @Nullable Throwable next;

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      throwNext();
      super.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      throwNext();
    }

    private void throwNext() {
      Throwable thrown = next;
      next = null;
      if (thrown != null) {
        throw Sneaking.<RuntimeException>unchecked(thrown);
      }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X unchecked(Throwable thrown) throws X {
      throw (X) thrown;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailureThatIsNotDeclaredIsKept(boolean flushing) throws IOException {
    Sneaking stream = new Sneaking();
    RecordWriter writer = RecordWriter.open(stream);
    writer.write(new byte[500]);
    if (flushing) {
      writer.flush();
    }
    Exception stone = new Exception("a stone");
    stream.next = stone;
    assertThatThrownBy(writer::flush).isSameAs(stone);
    int size = stream.size();
    writer.write(new byte[500]);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::flush)
        .withStackTraceContaining("a stone");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::close)
        .withStackTraceContaining("a stone");
    assertThat(stream.size()).isEqualTo(size);
  }

  @Test
  void aStreamThatCannotBeBegunStaysOpen() {
    Failing stream = new Failing(10);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RecordWriter.open(stream))
        .withMessage("the line is down");
    assertThat(stream.closed).isFalse();
  }

  @Test
  void discardingClosesToo() throws IOException {
    Failing stream = new Failing(1_000_000);
    RecordWriter writer = RecordWriter.open(stream);
    assertThat(writer.name()).isEqualTo("stream");
    assertThat(writer.path()).isEmpty();
    writer.discard();
    assertThat(stream.closed).isTrue();
  }

  /** Says that it takes bytes, and does not. */
  private static final class Lying implements WritableByteChannel {
    private int calls;

    @Override
    public int write(ByteBuffer bytes) {
      assertThat(++calls).as("calls").isLessThan(1_000_000);
      return bytes.remaining();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void whatAChannelSaysItTookIsNotBelieved() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RecordWriter.open(new Lying()))
        .withMessage("the channel takes no bytes");
  }

  /** Closing is the last thing that goes wrong, not the one to be told. */
  @Test
  void aStreamThatCannotEvenBeClosed() throws IOException {
    RecordWriter writer =
        RecordWriter.open(
            new Failing(1_000) {
              @Override
              public void close() {
                super.close();
                throw new IllegalStateException("no close");
              }
            });
    byte[] record = new byte[5_000];
    new Random(5).nextBytes(record);
    writer.write(record);
    try (LogCapture log = new LogCapture()) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(writer::close)
          .withMessage("the line is down");
      assertThat(log.messages("could not be closed")).hasSize(1);
    }
  }

  @Test
  void aSegmentThatIsFull() throws IOException {
    byte[] bytes = new byte[1_000];
    MemorySegment segment = MemorySegment.ofArray(bytes).asSlice(0, 999);
    RecordWriter writer = RecordWriter.open(segment);
    byte[] record = new byte[5_000];
    new Random(5).nextBytes(record);
    writer.write(record);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(writer::close)
        .withMessageContaining("999 bytes is full");
    assertThat(bytes[999]).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordWriter.open(segment.asReadOnly()))
        .withMessageContaining("read-only");
  }

  @Test
  void otherFileSystems() throws IOException {
    URI archive = URI.create("jar:" + directory.resolve("archive.zip").toUri());
    try (FileSystem files = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path file = files.getPath("/records");
      write(RecordWriter.open(file), 100);
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.path()).contains(file);
        assertThat(reader.recordCount()).isEqualTo(100);
      }
      WriterOptions overwriting = WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
      write(RecordWriter.open(file, overwriting), 50);
      try (RecordReader reader = RecordReader.open(file)) {
        assertThat(reader.recordCount()).isEqualTo(50);
      }
      assertThatExceptionOfType(java.nio.file.FileAlreadyExistsException.class)
          .isThrownBy(() -> RecordWriter.open(file));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RecordWriter.open(file, overwriting.withAtomicCreation(true)));
    }
  }

  @Test
  void segmentsAreFilledFromTheirBeginning() throws IOException {
    byte[] bytes = new byte[10_000];
    Arrays.fill(bytes, (byte) 7);
    long size = write(RecordWriter.open(MemorySegment.ofArray(bytes)), 1);
    assertThat(size).isBetween(64L, 9_000L);
    assertThat(Arrays.copyOfRange(bytes, (int) size, bytes.length)).containsOnly(7);
  }
}
