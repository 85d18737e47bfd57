package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.disky.formats.FormatFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code disky convert} from and to other formats. */
class ConvertFormatsTest {
  private static final Path RAW = FormatFiles.path("raw.tfrecord");

  @TempDir Path directory;

  static List<FormatFiles> files() {
    return FormatFiles.matching(".*");
  }

  private Path out(String name) {
    return directory.resolve(name);
  }

  private static String digest(Path file) {
    return CliRun.of("digest", file).succeeds().text().split("  ", -1)[0];
  }

  private void leavesNothingHidden() throws IOException {
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).noneMatch(file -> file.getFileName().toString().startsWith("."));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void readsFilesThatOthersWrote(FormatFiles file) throws IOException {
    Path records = out("out.disky");
    CliRun run = CliRun.of("convert", "--count", "--no-metadata", file.location(), records);
    assertThat(run.status()).isZero();
    assertThat(run.messages())
        .isEqualTo("disky: %,d records, %,d bytes\n".formatted(file.records(), file.bytes()));
    assertThat(digest(records)).isEqualTo(file.digest());
    CliRun.of("convert", "--threads=0", "--group-size=3", file.location(), out("a.arrayrecord"))
        .succeeds();
    assertThat(digest(out("a.arrayrecord"))).isEqualTo(file.digest());
    assertThat(CliRun.of("describe", out("a.arrayrecord")).text())
        .contains("container      array_record\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw.tfrecord", "examples.tfrecord", "empty.tfrecord"})
  void tfRecordsBecomeArrayRecordsAndBackByteForByte(String name) throws IOException {
    CliRun.of("convert", FormatFiles.path(name), out("there.arrayrecord")).succeeds();
    CliRun.of("convert", out("there.arrayrecord"), out("back.tfrecord")).succeeds();
    assertThat(out("back.tfrecord")).hasSameBinaryContentAs(FormatFiles.path(name));
    leavesNothingHidden();
  }

  @ParameterizedTest
  @CsvSource({
    "tfrecord, none",
    "tfrecord, gzip",
    "tfrecord, zlib",
    "delimited, none",
    "delimited, gzip",
    "length-prefixed, none",
    "length-prefixed-32be, none",
    "length-prefixed-64le, zlib",
    "length-prefixed-64be, gzip"
  })
  void convertsThereAndBack(String format, String compression) throws IOException {
    Path there = out("there");
    CliRun.of("convert", "--to", format, "--to-compression", compression, RAW, there).succeeds();
    CliRun.of("convert", "--from", format, "--from-compression", compression, there, out("back"))
        .succeeds();
    assertThat(digest(out("back"))).isEqualTo(FormatFiles.matching("raw.tfrecord").get(0).digest());
    leavesNothingHidden();
  }

  @Test
  void theNameDecidesAboutFormatAndCompression() throws IOException {
    String digest = FormatFiles.matching("raw.tfrecord").getFirst().digest();
    for (String name :
        List.of(
            "a.tfrecord",
            "a.tfrecords.gz",
            "a.tfrec",
            "a.tfrecord-00000-of-00002",
            "a.delimited",
            "a.delimited.gz",
            "a.riegeli",
            "a.array_record",
            "a.disky")) {
      CliRun.of("convert", RAW, out(name)).succeeds();
      byte[] bytes = Files.readAllBytes(out(name));
      assertThat(bytes[0] == 0x1f && (bytes[1] & 0xff) == 0x8b)
          .as(name)
          .isEqualTo(name.endsWith(".gz"));
      CliRun.of("convert", "--force", out(name), out("back")).succeeds();
      assertThat(digest(out("back"))).as(name).isEqualTo(digest);
    }
    assertThat(CliRun.of("describe", out("a.riegeli")).text()).contains("dialect        riegeli\n");
    assertThat(CliRun.of("describe", out("a.disky")).text()).contains("dialect        disky\n");
    CliRun.of("convert", "--dialect=disky", "--force", RAW, out("a.riegeli")).succeeds();
    assertThat(CliRun.of("describe", out("a.riegeli")).text()).contains("dialect        disky\n");
    CliRun.of("convert", "--container=records", "--force", RAW, out("a.array_record")).succeeds();
    assertThat(CliRun.of("describe", out("a.array_record")).text())
        .contains("container      records\n");
  }

  /** The output does not depend on the threads. */
  @Test
  void joinsInputsOfSeveralFormats() throws IOException {
    Path lines = RecordTexts.write(out("lines.disky"), "one", "", "three");
    Object[] inputs = {
      RAW,
      lines,
      FormatFiles.path("animals.delimited"),
      FormatFiles.path("raw.bagz"),
      FormatFiles.path("two-members.tfrecord.gz"),
      FormatFiles.path("empty.bag"),
      RAW
    };
    String first = "";
    for (int threads : List.of(0, 1, 4)) {
      Object[] args = new Object[inputs.length + 4];
      args[0] = "convert";
      args[1] = "--threads=" + threads;
      args[2] = "--force";
      System.arraycopy(inputs, 0, args, 3, inputs.length);
      args[args.length - 1] = out("joined.disky");
      CliRun.of(args).succeeds();
      assertThat(CliRun.of("count", out("joined.disky")).succeeds().text()).isEqualTo("261\n");
      first = first.isEmpty() ? digest(out("joined.disky")) : first;
      assertThat(digest(out("joined.disky"))).isEqualTo(first);
    }
    CliRun.of("convert", "--shards=2", RAW, RAW, lines, out("shards")).succeeds();
    assertThat(CliRun.of("count", out("shards")).succeeds().text()).contains("107  total");
  }

  @Test
  void directoriesAndPatternsStandForTheirFiles() throws IOException {
    Path set = Files.createDirectory(out("set"));
    for (int i = 0; i < 3; i++) {
      Files.copy(RAW, set.resolve("train.tfrecord-0000" + i + "-of-00003"));
    }
    CliRun.of("convert", set, out("all.disky")).succeeds();
    CliRun.of("convert", set.resolve("train.tfrecord-*"), out("same.disky")).succeeds();
    assertThat(CliRun.of("count", out("all.disky")).succeeds().text()).isEqualTo("156\n");
    assertThat(digest(out("same.disky"))).isEqualTo(digest(out("all.disky")));
  }

  @Test
  void standardInputAndOutput() throws IOException {
    CliRun run =
        CliRun.with(
            Files.readAllBytes(FormatFiles.path("raw.tfrecord.gz")),
            "convert",
            "--from=tfrecord",
            "--to=tfrecord",
            "-",
            "-");
    assertThat(run.succeeds().output()).isEqualTo(Files.readAllBytes(RAW));
    CliRun damaged =
        CliRun.with(new byte[20], "convert", "--from=tfrecord", "--to=delimited", "-", "-");
    damaged.fails("standard input: byte 0: the checksum of a length");
    assertThat(damaged.messages()).doesNotContain(".tmp");
    assertThat(damaged.output()).isEmpty();
    CliRun recovered =
        CliRun.with(new byte[20], "convert", "--recover", "--from=tfrecord", "-", "-");
    assertThat(recovered.messages())
        .isEqualTo(
            "disky: standard input: skipped 20 bytes from 0 to 20: the checksum of a length does"
                + " not match the length\n");
  }

  // Damage

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void damageIsAnErrorOrAMessage(int threads) throws IOException {
    byte[] bytes = Files.readAllBytes(RAW);
    bytes[40] ^= 1;
    Path damaged = Files.write(out("damaged.tfrecord"), bytes);
    String option = "--threads=" + threads;
    CliRun.of("convert", option, damaged, out("out.disky"))
        .fails(damaged + ": byte 33: the checksum of a ", "removed, because it is incomplete");
    CliRun.of("convert", option, damaged, out("out.tfrecord"))
        .fails(damaged + ": byte 33: the checksum of a ", "not written, because it is incomplete");
    assertThat(out("out.disky")).doesNotExist();
    assertThat(out("out.tfrecord")).doesNotExist();
    leavesNothingHidden();
    CliRun run =
        CliRun.of("convert", option, "--recover", "--count", damaged, RAW, out("out.tfrecord"));
    assertThat(run.status()).isZero();
    assertThat(run.messages())
        .contains(damaged + ": skipped 18 bytes from 33 to 51: ")
        .endsWith("disky: 103 records, 77,388 bytes\n")
        .hasLineCount(2);
  }

  @Test
  void anEarlierFileStays() throws IOException {
    byte[] torn = Arrays.copyOf(Files.readAllBytes(RAW), 5000);
    Path damaged = Files.write(out("damaged.tfrecord"), torn);
    Path old = Files.writeString(out("old.tfrecord"), "old");
    CliRun.of("convert", damaged, old).fails(old + ": exists already; --force overwrites it");
    CliRun.of("convert", "--force", damaged, old).fails("incomplete");
    assertThat(old).hasContent("old");
    leavesNothingHidden();
    Path link = Files.createSymbolicLink(out("link.tfrecord"), old);
    CliRun.of("convert", "--force", RAW, link).succeeds();
    assertThat(link).isSymbolicLink();
    assertThat(old).hasSameBinaryContentAs(RAW);
    CliRun.of("convert", "--force", RAW, RAW).isRefused("both IN and OUT");
    CliRun.of("convert", "--force", old, link).isRefused("both IN and OUT");
    assertThat(Files.readAllBytes(old)).isNotEmpty();
  }

  @Test
  void refusesLargeRecords() throws IOException {
    CliRun.of("convert", "--max-record-size=100", RAW, out("out"))
        .fails("is larger than the limit of 100 bytes (--max-record-size)");
    CliRun.of("convert", "--max-record-size=100", FormatFiles.path("raw.bag"), out("out"))
        .fails("is larger than the limit of 100 bytes (--max-record-size)");
    CliRun.of("convert", "--max-record-size=100", FormatFiles.path("raw.bagz"), out("out"))
        .fails("is larger than the limit of 100 bytes (--max-record-size)");
    CliRun.of("convert", "--max-record-size=2GiB", RAW, out("out")).isRefused("--max-record-size");
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    CliRun.of("convert", "--to=bagz", RAW, out("out")).isRefused("bagz", "--to");
    CliRun.of("convert", RAW, out("out.bag")).isRefused("bagz", "--to");
    CliRun.of("convert", "--to=xml", RAW, out("out")).isRefused("--to", "tfrecord");
    CliRun.of("convert", "--to=tfrecord", "--compression=none", RAW, out("out"))
        .isRefused("--compression needs an OUT that is a record file");
    CliRun.of("convert", "--to=tfrecord", "--shards=2", RAW, out("out")).isRefused("--shards");
    CliRun.of("convert", "--to-compression=gzip", RAW, out("out")).isRefused("--to-compression");
    CliRun.of("convert", "--to=tfrecord", "--to-compression=detect", RAW, out("out"))
        .isRefused("--to-compression");
    CliRun.of("convert", "--from=delimited", "--from-compression=detect", RAW, out("out"))
        .isRefused("--from-compression");
    CliRun.of("convert", RAW).isRefused("OUT");
  }

  // Bagz

  private static byte[] bag(String records, long... ends) {
    ByteBuffer bag =
        ByteBuffer.allocate(records.length() + 8 * ends.length).order(ByteOrder.LITTLE_ENDIAN);
    records.chars().forEach(c -> bag.put((byte) c));
    for (long end : ends) {
      bag.putLong(end);
    }
    return bag.array();
  }

  private String recovered(byte[] bag, String name) throws IOException {
    Path file = Files.write(out(name), bag);
    CliRun run = CliRun.of("convert", "--recover", "--force", file, out("recovered"));
    assertThat(run.status()).isZero();
    return String.join(",", RecordTexts.in(out("recovered")))
        + run.messages().replace("disky: " + file + ": ", "|").replace("\n", "");
  }

  @Test
  void readsBagsAsTheirSpecificationShowsThem() throws IOException {
    byte[] bag = bag("abcdef123catcat", 6, 9, 15);
    assertThat(recovered(bag, "x.bag")).isEqualTo("abcdef,123,catcat");
    assertThat(recovered(bag("", 0, 0, 0), "x.bag")).isEqualTo(",,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3,9,15 | abc,def123,catcat",
        "16,9,15 | catcat!skipped 9 bytes from 0 to 9: the offsets of the records in it are damaged",
        "6,-1,15 | abcdef!skipped 9 bytes from 6 to 15: the offsets of the records in it are damaged",
        "6,5,15 | abcdef!skipped 9 bytes from 6 to 15: the offsets of the records in it are damaged",
        "6,9,14 | !skipped 39 bytes from 0 to 39: the last 8 bytes are not the offset at which the"
            + " records of a bagz file of 39 bytes end",
        "6,9,1152921504606846976 | !skipped 39 bytes from 0 to 39: the last 8 bytes are not the"
            + " offset at which the records of a bagz file of 39 bytes end",
        "6,9,-8 | !skipped 39 bytes from 0 to 39: the last 8 bytes are not the offset at which the"
            + " records of a bagz file of 39 bytes end"
      })
  void damagedOffsetsOfBags(String offsets, String expected) throws IOException {
    long[] ends = Stream.of(offsets.split(",", -1)).mapToLong(Long::parseLong).toArray();
    byte[] bag = bag("abcdef123catcat", ends);
    assertThat(recovered(bag, "x.bag")).isEqualTo(expected.replace('!', '|'));
    if (expected.indexOf('!') >= 0) {
      CliRun.of("convert", out("x.bag"), out("out")).fails(out("x.bag") + ": byte ");
    }
  }

  @Test
  void tornBagsAreErrors() throws IOException {
    byte[] whole = Files.readAllBytes(FormatFiles.path("raw.bagz"));
    for (int size :
        new int[] {1, 7, 8, 100, whole.length / 2, whole.length - 8, whole.length - 1}) {
      Path torn = Files.write(out("torn.bagz"), Arrays.copyOf(whole, size));
      CliRun.of("convert", torn, out("out")).fails(torn + ": byte ");
    }
  }

  @Test
  void damagedRecordsOfBagsAreFoundByZstdOnly() throws IOException {
    byte[] whole = Files.readAllBytes(FormatFiles.path("raw.bagz"));
    whole[0] ^= 1; // the first record with bytes
    Path damaged = Files.write(out("damaged.bagz"), whole);
    CliRun.of("convert", damaged, out("out")).fails(damaged + ": byte 0: not zstd data: ");
    CliRun run = CliRun.of("convert", "--recover", damaged, out("out"));
    assertThat(run.messages()).contains("skipped", "from 0 to").hasLineCount(1);
    assertThat(CliRun.of("count", out("out")).text()).isEqualTo("51\n");
  }

  /** A record that takes few bytes in the file and many in memory. */
  @Test
  void aBagCannotExhaustMemory() throws IOException {
    byte[] bomb = Zstd.compress(new byte[50_000_000], 19);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(bomb);
    file.writeBytes(bag("", bomb.length));
    Path bag = Files.write(out("bomb.bagz"), file.toByteArray());
    CliRun.of("convert", "--max-record-size=1MiB", bag, out("out"))
        .fails("a decompressed record is larger than the limit of 1048576 bytes");
    CliRun.of("convert", bag, out("out")).succeeds();
    assertThat(CliRun.of("count", out("out")).text()).isEqualTo("1\n");
  }

  /** Files of 4 GiB that take no room on the disk. */
  @Test
  void hugeSparseFilesAreRefused() throws IOException {
    long size = 4L << 30;
    Path bag = out("huge.bag");
    try (RandomAccessFile file = new RandomAccessFile(bag.toFile(), "rw")) {
      file.setLength(size);
      file.seek(size - 8);
      file.writeLong(Long.reverseBytes(size - 8));
    }
    CliRun.of("convert", bag, out("out"))
        .fails("byte 0: a record of 4294967288 bytes is larger than the limit of 1073741824 bytes");
    Path prefixed = out("huge");
    try (RandomAccessFile file = new RandomAccessFile(prefixed.toFile(), "rw")) {
      file.setLength(size);
      file.writeInt(0x7fff_fff0);
    }
    CliRun.of("convert", "--from=length-prefixed-32be", prefixed, out("out"))
        .fails("byte 0: the length 2147483632 is larger than the limit of 1073741824 bytes");
    CliRun.of("convert", "--from=tfrecord", prefixed, out("out"))
        .fails("byte 0: the checksum of a length does not match the length");
  }
}
