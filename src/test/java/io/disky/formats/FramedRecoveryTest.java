package io.disky.formats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.CorruptionStrategy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of other formats that are damaged. */
class FramedRecoveryTest {
  private static final long SEED = 4_713;
  private static final FramedReaderOptions TFRECORD = FramedReaderOptions.of(Framing.TFRECORD);
  private static final int[] SIZES = {3, 0, 40, 17, 0, 200, 5};

  private static final List<byte[]> RECORDS = FramedFile.records(SEED, SIZES);
  private static final byte[] FILE = FramedFile.tfRecord(RECORDS);

  /** Where each record begins, and where the last one ends. */
  private static int[] begins() {
    int[] begins = new int[SIZES.length + 1];
    for (int i = 0; i < SIZES.length; i++) {
      begins[i + 1] = begins[i] + 16 + SIZES[i];
    }
    return begins;
  }

  private static List<String> hex(List<byte[]> records) {
    return records.stream().map(HexFormat.of()::formatHex).toList();
  }

  private static List<byte[]> without(int first, int last) {
    List<byte[]> records = new ArrayList<>(RECORDS.subList(0, first));
    records.addAll(RECORDS.subList(last + 1, RECORDS.size()));
    return records;
  }

  private static void check(byte[] file, List<byte[]> records, SkippedBytes... regions)
      throws IOException {
    FramedFile.Recovered recovered =
        FramedFile.recover(file, TFRECORD.withCompression(StreamCompression.NONE));
    assertThat(hex(recovered.records())).isEqualTo(hex(records));
    assertThat(recovered.skipped()).containsExactly(regions);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  private static byte[] part(int begin, int end) {
    return Arrays.copyOfRange(FILE, begin, end);
  }

  /** Every bit of a file: an error states the damaged record, and recovery costs that record. */
  @Test
  void aDamagedBitCostsOneRecord() throws IOException {
    int[] begins = begins();
    for (int bit = 0; bit < FILE.length * 8; bit++) {
      byte[] file = FILE.clone();
      file[bit / 8] ^= (byte) (1 << bit % 8);
      int found = Arrays.binarySearch(begins, bit / 8);
      int damaged = found < 0 ? -found - 2 : found;
      FramedReaderOptions options = TFRECORD.withCompression(StreamCompression.NONE);
      assertThatExceptionOfType(CorruptFramingException.class)
          .as("bit %d", bit)
          .isThrownBy(() -> FramedFile.read(file, options))
          .matches(e -> e.position() == begins[damaged])
          .withMessageContaining("checksum");
      FramedFile.Recovered recovered = FramedFile.recover(file, options);
      assertThat(hex(recovered.records()))
          .as("bit %d", bit)
          .isEqualTo(hex(without(damaged, damaged)));
      assertThat(recovered.skipped()).hasSize(1);
      SkippedBytes skipped = recovered.skipped().getFirst();
      assertThat(skipped.begin()).isEqualTo(begins[damaged]);
      assertThat(skipped.end()).isEqualTo(begins[damaged + 1]);
      assertThat(skipped.size()).isEqualTo(16 + SIZES[damaged]);
    }
  }

  /** Every length of a torn file. */
  @Test
  void aTornFileCostsOneRecord() throws IOException {
    int[] begins = begins();
    for (int size = 0; size < FILE.length; size++) {
      int found = Arrays.binarySearch(begins, size);
      int complete = found < 0 ? -found - 2 : found;
      byte[] file = part(0, size);
      if (found >= 0) {
        check(file, RECORDS.subList(0, complete));
        continue;
      }
      FramedFile.Recovered recovered =
          FramedFile.recover(file, TFRECORD.withCompression(StreamCompression.NONE));
      assertThat(hex(recovered.records())).isEqualTo(hex(RECORDS.subList(0, complete)));
      assertThat(recovered.skipped()).hasSize(1);
      assertThat(recovered.skipped().getFirst().begin()).isEqualTo(begins[complete]);
      assertThat(recovered.skipped().getFirst().end()).isEqualTo(size);
      assertThatExceptionOfType(CorruptFramingException.class)
          .isThrownBy(() -> FramedFile.read(file, TFRECORD))
          .withMessageContaining("byte " + begins[complete] + ": ")
          .withMessageContaining("incomplete");
    }
  }

  @Test
  void searchesAfterBytesThatWereAddedOrLost() throws IOException {
    int[] begins = begins();
    byte[] junk = FramedFile.records(SEED + 1, 1000).getFirst();
    check(
        join(part(0, begins[2]), junk, part(begins[2], FILE.length)),
        RECORDS,
        new SkippedBytes(
            begins[2], begins[2] + 1000, "the checksum of a length does not match the length"));
    int lost = begins[2] + 30;
    check(
        join(part(0, lost), part(lost + 8, FILE.length)),
        without(2, 2),
        new SkippedBytes(
            begins[2],
            begins[3] - 8,
            "the checksum of a record of 40 bytes does not match the record"));
    check(
        join(FILE, new byte[100]),
        RECORDS,
        new SkippedBytes(
            FILE.length, FILE.length + 100, "the checksum of a length does not match the length"));
    check(
        join(new byte[5000], FILE),
        RECORDS,
        new SkippedBytes(0, 5000, "the checksum of a length does not match the length"));
  }

  /** A length that is intact, and reaches beyond the end, does not hide the records after it. */
  @Test
  void searchesInsideARecordThatIsNotComplete() throws IOException {
    byte[] large = FramedFile.tfRecord(FramedFile.records(SEED, 100_000));
    check(
        join(Arrays.copyOf(large, 12), FILE),
        RECORDS,
        new SkippedBytes(
            0,
            12,
            "a record of 100000 bytes is incomplete: bytes after its length: " + FILE.length));
  }

  /**
   * Headers that are intact, of records that are not: a search hashes at most 64 MiB in vain, and
   * then goes past the next record.
   */
  @ParameterizedTest
  @CsvSource({"60, true", "70, false"})
  void aSearchHashesABoundedNumberOfBytes(int headers, boolean found) throws IOException {
    byte[] header = Arrays.copyOf(FramedFile.tfRecord(FramedFile.records(SEED, 1_000_000)), 12);
    byte[] record = FramedFile.tfRecord(RECORDS.subList(0, 1));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (int i = 0; i < headers; i++) {
      file.writeBytes(header);
    }
    file.writeBytes(record);
    file.writeBytes(new byte[1_100_000]);
    FramedFile.Recovered recovered = FramedFile.recover(file.toByteArray(), TFRECORD);
    assertThat(hex(recovered.records())).isEqualTo(found ? hex(RECORDS.subList(0, 1)) : List.of());
    assertThat(recovered.skipped()).hasSize(found ? 2 : 1);
  }

  /** Random damage of several kinds: intact records stay, and nothing but records is returned. */
  @Test
  void randomDamageIsNeverSilent() throws IOException {
    Random random = new Random(SEED);
    for (int round = 0; round < 2000; round++) {
      byte[] file = FILE.clone();
      int begin = random.nextInt(file.length);
      int size = 1 + random.nextInt(60);
      byte[] changed =
          switch (round % 3) {
            case 0 -> join(part(0, begin), part(Math.min(begin + size, FILE.length), FILE.length));
            case 1 ->
                join(
                    part(0, begin),
                    FramedFile.records(round, size).getFirst(),
                    part(begin, FILE.length));
            default -> {
              for (int i = begin; i < Math.min(begin + size, file.length); i++) {
                file[i] = (byte) random.nextInt();
              }
              yield file;
            }
          };
      FramedFile.Recovered recovered =
          FramedFile.recover(changed, TFRECORD.withCompression(StreamCompression.NONE));
      assertThat(hex(RECORDS)).as("round %d", round).containsAll(hex(recovered.records()));
      if (recovered.records().size() < RECORDS.size()) {
        boolean endsEarly =
            Arrays.equals(changed, part(0, changed.length))
                && Arrays.binarySearch(begins(), changed.length) >= 0;
        boolean lostWhole = recovered.skipped().isEmpty() && round % 3 == 0;
        assertThat(!recovered.skipped().isEmpty() || endsEarly || lostWhole)
            .as("round %d", round)
            .isTrue();
      }
      long covered = recovered.skipped().stream().mapToLong(SkippedBytes::size).sum();
      long returned = recovered.records().stream().mapToLong(record -> record.length + 16).sum();
      assertThat(covered + returned).as("round %d", round).isEqualTo(changed.length);
    }
  }

  @Test
  void theListenerIsToldAndMayThrow() throws IOException {
    byte[] file = FILE.clone();
    file[14] ^= 1;
    List<SkippedBytes> told = new ArrayList<>();
    FramedReaderOptions options =
        TFRECORD
            .withCorruptionStrategy(CorruptionStrategy.RECOVER)
            .withSkippedBytesListener(skipped -> {
              told.add(skipped);
              throw new IllegalCallerException("stop");
            });
    try (FramedRecordReader reader =
        FramedRecordReader.open(new ByteArrayInputStream(file), options)) {
      assertThatExceptionOfType(IllegalCallerException.class).isThrownBy(reader::next);
      assertThat(hex(FramedFile.rest(reader))).isEqualTo(hex(without(0, 0)));
      assertThat(told).isEqualTo(reader.skippedBytes()).hasSize(1);
    }
  }

  @Test
  void anErrorIsThrownAgain() throws IOException {
    byte[] file = FILE.clone();
    file[19 + 16 + 13] ^= 1;
    try (FramedRecordReader reader =
        FramedRecordReader.open(new ByteArrayInputStream(file), TFRECORD)) {
      reader.next();
      reader.next();
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(CorruptFramingException.class)
            .isThrownBy(reader::next)
            .withMessageStartingWith("stream: byte 35: ");
      }
    }
  }

  // Framings without checksums

  @ParameterizedTest
  @EnumSource(
      value = Framing.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TFRECORD"})
  void withoutChecksumsTheRestIsSkipped(Framing framing) throws IOException {
    byte[] file = FramedFile.write(framing, StreamCompression.NONE, RECORDS);
    FramedReaderOptions options = FramedReaderOptions.of(framing);
    byte[] torn = Arrays.copyOf(file, file.length - 1);
    FramedFile.Recovered recovered = FramedFile.recover(torn, options);
    assertThat(hex(recovered.records())).isEqualTo(hex(without(6, 6)));
    assertThat(recovered.skipped()).hasSize(1);
    assertThat(recovered.skipped().getFirst().end()).isEqualTo(torn.length);
    assertThat(recovered.skipped().getFirst().reason()).contains("5 bytes is incomplete");

    byte[] extra = join(file, new byte[] {(byte) 0xff});
    assertThat(framing.isChecked()).isFalse();
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(extra, options))
        .withMessageContaining("byte " + file.length + ": a length")
        .withMessageContaining("incomplete");

    FramedReaderOptions limited = options.withMaxRecordSize(199);
    FramedFile.Recovered beyond = FramedFile.recover(file, limited);
    assertThat(hex(beyond.records())).isEqualTo(hex(RECORDS.subList(0, 5)));
    assertThat(beyond.skipped()).hasSize(1);
    assertThat(beyond.skipped().getFirst().reason())
        .isEqualTo("the length 200 is larger than the limit of 199 bytes");
  }

  @Test
  void refusesVarintsThatAreTooLong() {
    byte[] file = new byte[20];
    Arrays.fill(file, (byte) 0x80);
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(file, FramedReaderOptions.of(Framing.DELIMITED)))
        .withMessage("stream: byte 0: a length is not a varint of at most 64 bits");
  }

  // Compressed data

  private static byte[] compressed(StreamCompression compression) {
    return FramedFile.write(Framing.TFRECORD, compression, RECORDS);
  }

  @ParameterizedTest
  @EnumSource(
      value = StreamCompression.class,
      names = {"GZIP", "ZLIB"})
  void tornCompressedDataAreReported(StreamCompression compression) throws IOException {
    byte[] file = compressed(compression);
    for (int size = 1; size < file.length; size++) {
      byte[] torn = Arrays.copyOf(file, size);
      FramedReaderOptions options = TFRECORD.withCompression(compression);
      assertThatExceptionOfType(CorruptFramingException.class)
          .as("%d bytes", size)
          .isThrownBy(() -> FramedFile.read(torn, options))
          .withMessageContaining("byte " + size + " of the compressed data: ")
          .withMessageContaining("incomplete");
      FramedFile.Recovered recovered = FramedFile.recover(torn, options);
      assertThat(hex(recovered.records()))
          .isEqualTo(hex(RECORDS.subList(0, recovered.records().size())));
      assertThat(recovered.skipped()).hasSize(1);
      assertThat(recovered.skipped().getFirst().reason()).contains("of the compressed data");
    }
  }

  /** Every bit of compressed data: with recovery, too, each damage is reported. */
  @ParameterizedTest
  @EnumSource(
      value = StreamCompression.class,
      names = {"GZIP", "ZLIB"})
  void damagedCompressedDataAreReported(StreamCompression compression) throws IOException {
    byte[] file = compressed(compression);
    FramedReaderOptions options = TFRECORD.withCompression(compression);
    int meaningless = 0;
    for (int bit = 0; bit < file.length * 8; bit++) {
      byte[] damaged = file.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      FramedFile.Recovered recovered = FramedFile.recover(damaged, options);
      // Some bits mean nothing, for example the time in a gzip header.
      if (recovered.skipped().isEmpty()) {
        assertThat(hex(recovered.records())).as("bit %d", bit).isEqualTo(hex(RECORDS));
        meaningless++;
      } else {
        assertThatExceptionOfType(CorruptFramingException.class)
            .as("bit %d", bit)
            .isThrownBy(() -> FramedFile.read(damaged, options));
      }
    }
    assertThat(meaningless).isLessThan(80);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsSeveralCompressedStreams(boolean gzip) throws IOException {
    StreamCompression compression = gzip ? StreamCompression.GZIP : StreamCompression.ZLIB;
    byte[] one = compressed(compression);
    byte[] none = FramedFile.write(Framing.TFRECORD, compression, List.of());
    byte[] file = join(one, none, one, new byte[1000]);
    List<byte[]> twice = new ArrayList<>(RECORDS);
    twice.addAll(RECORDS);
    assertThat(hex(FramedFile.read(file, TFRECORD))).isEqualTo(hex(twice));
    for (byte[] junk : List.of(new byte[] {1}, new byte[] {0, 0, 5}, "junk".getBytes(UTF_8))) {
      byte[] followed = join(one, junk);
      assertThatExceptionOfType(CorruptFramingException.class)
          .isThrownBy(() -> FramedFile.read(followed, TFRECORD))
          .withMessageContaining("of the compressed data");
      FramedFile.Recovered recovered = FramedFile.recover(followed, TFRECORD);
      assertThat(hex(recovered.records())).isEqualTo(hex(RECORDS));
      assertThat(recovered.skipped()).hasSize(1);
      assertThat(recovered.skipped().getFirst().size()).isZero();
    }
  }

  /** All optional parts of a gzip header. */
  @Test
  void readsGzipHeadersWithAllParts() throws IOException {
    byte[] plain = compressed(StreamCompression.GZIP);
    byte[] parts = {2, 0, 9, 9, 'n', 0, 'c', 0};
    byte[] head = join(Arrays.copyOf(plain, 10), parts);
    head[3] = 4 | 8 | 16 | 2;
    CRC32 crc = new CRC32();
    crc.update(head);
    byte[] check = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
    byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
    assertThat(hex(FramedFile.read(join(head, check, rest), TFRECORD))).isEqualTo(hex(RECORDS));
    check[0] ^= 1;
    assertThatExceptionOfType(CorruptFramingException.class)
        .isThrownBy(() -> FramedFile.read(join(head, check, rest), TFRECORD))
        .withMessageContaining("the checksum of a gzip header does not match");
  }
}
