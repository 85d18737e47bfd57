package io.disky.formats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading and writing TFRecord, delimited and length-prefixed files that are intact. */
class FramedRecordReaderTest {
  private static final long SEED = 4_712;

  /** Sizes around those of varints and of the reader's and the writer's buffers. */
  private static final int[] SIZES = {
    0, 1, 127, 128, 0, 16_383, 16_384, 65_519, 65_520, 65_536, 3, 200_000, 0, 65_535, 65_537, 7
  };

  @TempDir Path directory;

  static Stream<Arguments> layouts() {
    return Stream.of(Framing.values())
        .flatMap(framing ->
            Stream.of(StreamCompression.NONE, StreamCompression.GZIP, StreamCompression.ZLIB)
                .map(compression -> Arguments.of(framing, compression)));
  }

  static List<FormatFiles> tfRecords() {
    return FormatFiles.matching(".*\\.tfrecord(\\.gz)?");
  }

  @ParameterizedTest
  @MethodSource("tfRecords")
  void readsTfRecordsThatOthersWrote(FormatFiles file) throws IOException {
    List<byte[]> records =
        FramedFile.read(file.location(), FramedReaderOptions.of(Framing.TFRECORD));
    assertThat(records).hasSize((int) file.records());
    assertThat(FramedFile.digest(records)).isEqualTo(file.digest());
  }

  @Test
  void readsDelimitedMessagesThatOthersWrote() throws IOException {
    FormatFiles file = FormatFiles.matching("animals.delimited").getFirst();
    List<byte[]> records =
        FramedFile.read(file.location(), FramedReaderOptions.of(Framing.DELIMITED));
    assertThat(FramedFile.digest(records)).isEqualTo(file.digest());
  }

  @Test
  void writesTheTfRecordsThatOthersWrite() throws IOException {
    for (String name : List.of("raw.tfrecord", "examples.tfrecord")) {
      byte[] theirs = Files.readAllBytes(FormatFiles.path(name));
      List<byte[]> records = FramedFile.read(theirs, FramedReaderOptions.of(Framing.TFRECORD));
      assertThat(FramedFile.tfRecord(records)).as(name).isEqualTo(theirs);
    }
    byte[] theirs = Files.readAllBytes(FormatFiles.path("animals.delimited"));
    List<byte[]> records = FramedFile.read(theirs, FramedReaderOptions.of(Framing.DELIMITED));
    assertThat(FramedFile.write(Framing.DELIMITED, StreamCompression.NONE, records))
        .isEqualTo(theirs);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void readsWhatItWrites(Framing framing, StreamCompression compression) throws IOException {
    List<byte[]> records = FramedFile.records(SEED, SIZES);
    byte[] file = FramedFile.write(framing, compression, records);
    FramedReaderOptions options = FramedReaderOptions.of(framing).withCompression(compression);
    assertThat(FramedFile.read(file, options))
        .as("seed %d", SEED)
        .usingElementComparator(Arrays::compare)
        .isEqualTo(records);
    assertThat(FramedFile.read(FramedFile.write(framing, compression, List.of()), options))
        .isEmpty();
    assertThat(FramedFile.read(new byte[0], options)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "DELIMITED, 03616263 00",
    "UINT32_LITTLE_ENDIAN, 03000000616263 00000000",
    "UINT32_BIG_ENDIAN, 00000003616263 00000000",
    "UINT64_LITTLE_ENDIAN, 0300000000000000616263 0000000000000000",
    "UINT64_BIG_ENDIAN, 0000000000000003616263 0000000000000000"
  })
  void hasTheBytesOfTheFraming(Framing framing, String hex) throws IOException {
    List<byte[]> records = List.of("abc".getBytes(UTF_8), new byte[0]);
    byte[] file = FramedFile.write(framing, StreamCompression.NONE, records);
    assertThat(file).isEqualTo(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @ParameterizedTest
  @EnumSource(
      value = StreamCompression.class,
      names = {"GZIP", "ZLIB"})
  void detectsTheCompressionOfTfRecords(StreamCompression compression) throws IOException {
    List<byte[]> records = FramedFile.records(SEED, 0, 5, 1000);
    FramedReaderOptions options = FramedReaderOptions.of(Framing.TFRECORD);
    assertThat(options.compression()).isEqualTo(StreamCompression.DETECT);
    byte[] file = FramedFile.write(Framing.TFRECORD, compression, records);
    assertThat(FramedFile.digest(FramedFile.read(file, options)))
        .isEqualTo(FramedFile.digest(records));
  }

  /** A length of which the low bytes are those of a gzip header. */
  @Test
  void takesNoTfRecordForACompressedFile() throws IOException {
    List<byte[]> records = FramedFile.records(SEED, 0x08_8b1f);
    byte[] file = FramedFile.tfRecord(records);
    assertThat(file).startsWith(0x1f, 0x8b, 0x08);
    assertThat(FramedFile.digest(FramedFile.read(file, FramedReaderOptions.of(Framing.TFRECORD))))
        .isEqualTo(FramedFile.digest(records));
  }

  @Test
  void readsStreamsThatReturnSingleBytes() throws IOException {
    List<byte[]> records = FramedFile.records(SEED, 0, 5, 1000);
    for (StreamCompression compression :
        List.of(StreamCompression.NONE, StreamCompression.GZIP, StreamCompression.ZLIB)) {
      byte[] file = FramedFile.write(Framing.TFRECORD, compression, records);
      InputStream slow =
          new ByteArrayInputStream(file) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
              return super.read(bytes, offset, Math.min(1, length));
            }

            @Override
            public synchronized int available() {
              return 0;
            }
          };
      try (FramedRecordReader reader =
          FramedRecordReader.open(slow, FramedReaderOptions.of(Framing.TFRECORD))) {
        assertThat(FramedFile.digest(FramedFile.rest(reader)))
            .isEqualTo(FramedFile.digest(records));
        assertThat(reader.recordCount()).isEqualTo(3);
      }
    }
  }

  @Test
  void statesThePositionOfEachRecord() throws IOException {
    byte[] file = FramedFile.tfRecord(FramedFile.records(SEED, 5, 0, 100));
    try (FramedRecordReader reader =
        FramedRecordReader.open(
            new ByteArrayInputStream(file), FramedReaderOptions.of(Framing.TFRECORD))) {
      reader.next();
      assertThat(reader.position()).isEqualTo(0);
      reader.next();
      assertThat(reader.position()).isEqualTo(21);
      reader.next();
      assertThat(reader.position()).isEqualTo(37);
      assertThat(reader.next()).isNull();
      assertThat(reader.position()).isEqualTo(file.length);
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void writesSegmentsOfAnyKind() throws IOException {
    byte[] record = FramedFile.records(SEED, 70_000).getFirst();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Arena arena = Arena.ofConfined();
        FramedRecordWriter writer =
            FramedRecordWriter.open(out, Framing.TFRECORD, StreamCompression.NONE)) {
      MemorySegment outside = arena.allocate(record.length);
      MemorySegment.copy(record, 0, outside, ValueLayout.JAVA_BYTE, 0, record.length);
      writer.write(outside);
      writer.write(MemorySegment.ofArray(record).asReadOnly());
      writer.write(record);
      assertThat(writer.recordCount()).isEqualTo(3);
    }
    assertThat(out.toByteArray()).isEqualTo(FramedFile.tfRecord(List.of(record, record, record)));
  }

  @Test
  void recordsAreReadOnly() throws IOException {
    byte[] file = FramedFile.tfRecord(FramedFile.records(SEED, 5));
    try (FramedRecordReader reader =
        FramedRecordReader.open(
            new ByteArrayInputStream(file), FramedReaderOptions.of(Framing.TFRECORD))) {
      MemorySegment record = reader.next();
      assertThat(record).isNotNull();
      assertThat(record.isReadOnly()).isTrue();
    }
  }

  // Limits

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static byte[] header(long length) {
    ByteBuffer header = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, 8);
    return header.putInt(Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8).array();
  }

  /** A stated length of almost 1 GiB, of which 100,000 bytes exist. */
  @ParameterizedTest
  @EnumSource(Framing.class)
  void aWrongLengthCostsNoMemory(Framing framing) {
    int length = (1 << 30) - 5;
    byte[] begin =
        switch (framing) {
          case TFRECORD -> header(length);
          case DELIMITED -> HexFormat.of().parseHex("fbffffff03");
          case UINT32_LITTLE_ENDIAN ->
              ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array();
          case UINT32_BIG_ENDIAN -> ByteBuffer.allocate(4).putInt(length).array();
          case UINT64_LITTLE_ENDIAN ->
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
          case UINT64_BIG_ENDIAN -> ByteBuffer.allocate(8).putLong(length).array();
        };
    byte[] file = Arrays.copyOf(begin, begin.length + 100_000);
    long before = allocated();
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(file, FramedReaderOptions.of(framing)))
        .withMessage(
            "stream: byte 0: a record of 1073741819 bytes is incomplete: bytes after its length:"
                + " 100000")
        .matches(e -> !e.isTooLarge() && e.position() == 0);
    assertThat(allocated() - before).isLessThan(4 << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "DELIMITED, 808080800a, 2684354560",
    "DELIMITED, ffffffffffffffffff01, 18446744073709551615",
    "UINT32_LITTLE_ENDIAN, ffffffff, 4294967295",
    "UINT32_BIG_ENDIAN, 80000000, 2147483648",
    "UINT64_LITTLE_ENDIAN, 0000000000000080, 9223372036854775808",
    "UINT64_BIG_ENDIAN, 0000000040000001, 1073741825"
  })
  void refusesLengthsBeyondTheLimit(Framing framing, String hex, String length) {
    byte[] file = HexFormat.of().parseHex(hex + "00000000");
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(file, FramedReaderOptions.of(framing)))
        .withMessage(
            "stream: byte 0: the length "
                + length
                + " is larger than the limit of 1073741824 bytes");
  }

  @Test
  void refusesTfRecordsBeyondTheLimitAlsoIfItRecovers() {
    List<byte[]> records = FramedFile.records(SEED, 5, 11);
    FramedReaderOptions options = FramedReaderOptions.of(Framing.TFRECORD).withMaxRecordSize(10);
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.recover(FramedFile.tfRecord(records), options))
        .withMessage(
            "stream: byte 21: a record of 11 bytes is larger than the limit of 10 bytes"
                + " (maxRecordSize)")
        .matches(e -> e.isTooLarge() && e.position() == 21 && e.name().equals("stream"));
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(header(-1), options))
        .withMessageContaining("18446744073709551615 bytes");
  }

  @Test
  void refusesOptionsOutOfRange() {
    FramedReaderOptions options = FramedReaderOptions.of(Framing.DELIMITED);
    assertThatIllegalArgumentException().isThrownBy(() -> options.withMaxRecordSize(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.withMaxRecordSize(FramedReaderOptions.MAX_RECORD_SIZE + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.withCompression(StreamCompression.DETECT));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            FramedRecordWriter.open(
                OutputStream.nullOutputStream(), Framing.TFRECORD, StreamCompression.DETECT));
    assertThat(options)
        .isEqualTo(FramedReaderOptions.of(Framing.DELIMITED))
        .hasSameHashCodeAs(FramedReaderOptions.of(Framing.DELIMITED))
        .isNotEqualTo(options.withMaxRecordSize(1))
        .hasToString(
            "FramedReaderOptions[framing=DELIMITED, compression=NONE, maxRecordSize=1073741824,"
                + " corruptionStrategy=ERROR, skippedBytesListener=none]");
  }

  // Files and streams

  @Test
  void namesTheFile() throws IOException {
    Path file = Files.write(directory.resolve("a b.tfrecord"), new byte[5]);
    FramedReaderOptions options = FramedReaderOptions.of(Framing.TFRECORD);
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(file, options))
        .withMessage("'" + file + "': byte 0: a header of 12 bytes is incomplete: bytes of it: 5")
        .matches(e -> e.name().equals(file.toString()));
    Path missing = directory.resolve("missing");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> FramedRecordReader.open(missing, options));
  }

  /** The exceptions of a stream that is not compressed cost no bytes. */
  @Test
  void readsOnAfterAFailureOfTheStream() throws IOException {
    List<byte[]> records = FramedFile.records(SEED, 100, 200);
    byte[] file = FramedFile.tfRecord(records);
    InputStream failing =
        new InputStream() {
          private int calls;
          private int at;

          @Override
          public int read() {
            throw new AssertionError();
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            if (calls++ % 2 == 0) {
              throw new IOException("not now");
            }
            int count = Math.min(30, file.length - at);
            System.arraycopy(file, at, bytes, offset, count);
            at += count;
            return count == 0 ? -1 : count;
          }
        };
    FramedReaderOptions options =
        FramedReaderOptions.of(Framing.TFRECORD).withCompression(StreamCompression.NONE);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    int failures = 0;
    try (FramedRecordReader reader = FramedRecordReader.open(failing, options)) {
      while (reader.recordCount() < 2) {
        try {
          MemorySegment record = reader.next();
          assertThat(record).isNotNull();
          read.writeBytes(record.toArray(ValueLayout.JAVA_BYTE));
        } catch (IOException e) {
          assertThat(e).hasMessage("not now");
          failures++;
        }
      }
    }
    assertThat(failures).isGreaterThan(5);
    assertThat(read.toByteArray()).startsWith(records.getFirst()).endsWith(records.getLast());
  }

  private static InputStream returning(int count) {
    return new InputStream() {
      @Override
      public int read() {
        return count;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        return count < 0 ? count : count == 0 ? 0 : length + count;
      }
    };
  }

  @Test
  void refusesStreamsThatBreakTheirContract() throws IOException {
    for (StreamCompression compression :
        List.of(StreamCompression.NONE, StreamCompression.GZIP, StreamCompression.ZLIB)) {
      FramedReaderOptions options =
          FramedReaderOptions.of(Framing.DELIMITED).withCompression(compression);
      for (int count : List.of(0, 7)) {
        try (FramedRecordReader reader = FramedRecordReader.open(returning(count), options)) {
          assertThatExceptionOfType(IOException.class)
              .isThrownBy(reader::next)
              .withMessageContaining("the stream");
        }
      }
      try (FramedRecordReader reader = FramedRecordReader.open(returning(-3), options)) {
        assertThat(reader.next()).isNull();
      }
    }
  }

  @Test
  void aStreamCannotUseTheReader() throws IOException {
    FramedRecordReader[] reader = new FramedRecordReader[1];
    InputStream in =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("the reader takes several bytes");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            assertThatIllegalStateException()
                .isThrownBy(() -> reader[0].next())
                .withMessageContaining("callback");
            return -1;
          }
        };
    reader[0] = FramedRecordReader.open(in, FramedReaderOptions.of(Framing.DELIMITED));
    assertThat(reader[0].next()).isNull();
    reader[0].close();
    reader[0].close();
    assertThatIllegalStateException()
        .isThrownBy(() -> reader[0].next())
        .withMessageContaining("closed");
  }

  @Test
  void closesTheStream() throws IOException {
    boolean[] closed = new boolean[2];
    InputStream in =
        new SequenceInputStream(InputStream.nullInputStream(), InputStream.nullInputStream()) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    FramedRecordReader.open(
            in, FramedReaderOptions.of(Framing.DELIMITED).withCompression(StreamCompression.GZIP))
        .close();
    OutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed[1] = true;
          }
        };
    FramedRecordWriter writer =
        FramedRecordWriter.open(out, Framing.DELIMITED, StreamCompression.GZIP);
    writer.close();
    assertThat(closed).containsExactly(true, true);
    assertThatIllegalStateException().isThrownBy(() -> writer.write(new byte[1]));
  }

  @Test
  void aWriterKeepsItsFailure() throws IOException {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("no space");
          }
        };
    try (FramedRecordWriter writer =
        FramedRecordWriter.open(full, Framing.TFRECORD, StreamCompression.NONE)) {
      byte[] large = new byte[100_000];
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> writer.write(large))
          .withMessage("no space");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> writer.write(new byte[1]))
          .withMessage("no space");
      assertThat(writer.recordCount()).isZero();
    }
  }
}
