package io.disky.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordPosition;
import io.disky.RecordReader;
import io.disky.damage.FileDamage;
import io.disky.oracle.OracleReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code disky cat}. */
class CatCommandTest {
  private static final long SEED = 4_711;

  @TempDir Path directory;

  /** Sizes just below, at and above those in which output is gathered and encoded. */
  private static final int[] SIZES = {
    0, 1, 2, 3, 100, 49_151, 49_152, 49_153, 1_048_574, 1_048_575, 1_048_576, 1_048_577, 3_000_000
  };

  private Path write(List<byte[]> records) throws IOException {
    Path files = Files.createDirectory(directory.resolve("records"));
    List<Object> args = new ArrayList<>(List.of("write", "--files", directory.resolve("file")));
    for (byte[] record : records) {
      args.add(Files.write(files.resolve("" + args.size()), record));
    }
    CliRun.of(args.toArray()).succeeds();
    return directory.resolve("file");
  }

  private static List<byte[]> randomRecords() {
    Random random = new Random(SEED);
    List<byte[]> records = new ArrayList<>();
    for (int size : SIZES) {
      byte[] record = new byte[size];
      random.nextBytes(record);
      records.add(record);
    }
    return records;
  }

  private static byte[] expected(List<byte[]> records, String format) {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (byte[] record : records) {
      switch (format) {
        case "lines" -> expected.writeBytes(record);
        case "hex" -> expected.writeBytes(HexFormat.of().formatHex(record).getBytes(ISO_8859_1));
        case "base64" -> expected.writeBytes(Base64.getEncoder().encode(record));
        default -> throw new IllegalArgumentException(format);
      }
      expected.write('\n');
    }
    return expected.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"lines", "hex", "base64"})
  void printsRecordsOfAnySizeAndAnyBytes(String format) throws IOException {
    List<byte[]> records = randomRecords();
    Path file = write(records);
    assertThat(CliRun.of("cat", "--format", format, file).succeeds().output())
        .as("seed %d", SEED)
        .isEqualTo(expected(records, format));
  }

  @Test
  void printsWhatLengthPrefixedWritingReads() throws IOException {
    Path file = write(randomRecords());
    byte[] prefixed = CliRun.of("cat", "--format=length-prefixed", file).succeeds().output();
    Path again = directory.resolve("again");
    CliRun.with(prefixed, "write", "--length-prefixed", again).succeeds();
    assertThat(OracleReader.read(again).records())
        .as("seed %d", SEED)
        .usingElementComparator(Arrays::compare)
        .isEqualTo(randomRecords());
  }

  @Test
  void printsLinesUnlessToldOtherwise() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "", "b\r");
    assertThat(CliRun.of("cat", file).succeeds().text()).isEqualTo("a\n\nb\r\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 |             | abcdefg",
        "0 | 0           | ''",
        "0 | 2           | ab",
        "2 |             | cdefg",
        "3 | 1           | d",
        "2 | 3           | cde",
        "4 | 100         | efg",
        "7 |             | ''",
        "9223372036854775807 | 9223372036854775807 | ''",
        "1 | 9223372036854775807 | bcdefg"
      })
  void skipsAndLimitsOverAllFiles(long skip, Long limit, String expected) throws IOException {
    Path first = RecordTexts.write(directory.resolve("first"), "a", "b", "c");
    Path second = directory.resolve("second");
    CliRun.with("d\ne\nf\ng\n", "write", "--chunk-size=20", second).succeeds();
    List<Object> args = new ArrayList<>(List.of("cat", "--skip", skip, first, second));
    if (limit != null) {
      args.add("--limit=" + limit);
    }
    assertThat(CliRun.of(args.toArray()).succeeds().text().replace("\n", "")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0 | a", "6 | g", "3 | d", "6,0,3,0 | gada", "2,1 | cb"})
  void printsRecordsByTheirNumber(String numbers, String expected) throws IOException {
    Path first = RecordTexts.write(directory.resolve("first"), "a", "b", "c");
    Path second = directory.resolve("second");
    CliRun.with("d\ne\nf\ng\n", "write", "--chunk-size=20", second).succeeds();
    CliRun run = CliRun.of("cat", "--record", numbers, first, second);
    assertThat(run.succeeds().text().replace("\n", "")).isEqualTo(expected);
    CliRun standard =
        CliRun.with(Files.readAllBytes(second), "cat", "--record=" + numbers, first, "-");
    assertThat(standard.succeeds().text()).isEqualTo(run.text());
    List<Object> apart = new ArrayList<>(List.of("cat", "--format=hex", first, second));
    for (String number : numbers.split(",", -1)) {
      apart.add("--record=" + number);
    }
    assertThat(CliRun.of(apart.toArray()).succeeds().text().lines())
        .hasSize(numbers.split(",", -1).length);
  }

  @Test
  void refusesRecordsThatAreNotThere() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b", "c");
    CliRun run =
        CliRun.of("cat", "--record", "1,3", file).fails("no record 3: the number of records is 3");
    assertThat(run.text()).isEqualTo("b\n");
    CliRun.of("cat", "--record=-1", file).fails("no record -1");
    CliRun.of("cat", "--record=x", file).isRefused("--record");
    for (String other : List.of("--skip=1", "--limit=1", "--follow", "--recover")) {
      CliRun.of("cat", "--record=1", other, file).isRefused("--record");
    }
  }

  @Test
  void doesNotOpenFilesBeyondTheLimit() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b");
    Path missing = directory.resolve("missing");
    CliRun run = CliRun.of("cat", "--limit=2", file, missing);
    assertThat(run.succeeds().text()).isEqualTo("a\nb\n");
  }

  @Test
  void readsStandardInput() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a", "b");
    assertThat(CliRun.with(Files.readAllBytes(file), "cat", file, "-").succeeds().text())
        .isEqualTo("a\nb\na\nb\n");
  }

  @Test
  void printsEveryRecordBeforeADamage() throws IOException {
    Path file = directory.resolve("file");
    CliRun.with("first\nsecond\nthird\n", "write", "--chunk-size=1", "--compression=none", file)
        .succeeds();
    long third = OracleReader.read(file).chunks().get(3).begin();
    Files.write(file, FileDamage.flip(Files.readAllBytes(file), third + 45));
    CliRun run = CliRun.of("cat", file, file);
    run.fails(file + ": byte " + third, "2 records");
    assertThat(run.text()).isEqualTo("first\nsecond\n");
  }

  @Test
  void refusesWhatItDoesNotUnderstand() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    CliRun.of("cat", "--format=xml", file).isRefused("--format", "xml", "length-prefixed");
    CliRun.of("cat", "--skip=-1", file).isRefused("--skip", "-1");
    CliRun.of("cat", "--limit=-1", file).isRefused("--limit", "-1");
    CliRun.of("cat", "--limit=many", file).isRefused("--limit", "many");
    CliRun.of("cat").isRefused("FILE");
  }

  @Test
  void reportsFilesThatCannotBeRead() {
    CliRun.of("cat", directory.resolve("missing")).fails(directory.resolve("missing").toString());
    CliRun.of("cat", directory).fails(directory.toString(), "directory");
  }

  private Path writeNumbers() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      lines.append("line ").append(i).append('\n');
    }
    Path file = directory.resolve("numbers");
    CliRun.with(lines.toString(), "write", "--compression", "none", "--chunk-size", "5000", file)
        .succeeds();
    return file;
  }

  @Test
  void beginsAtAPosition() throws IOException {
    Path file = writeNumbers();
    RecordPosition position;
    try (RecordReader reader = RecordReader.open(file)) {
      reader.seekToOffset(30_000);
      assertThat(reader.iterator().hasNext()).isTrue();
      position = new RecordPosition(reader.position().chunkBegin(), 5);
      reader.seek(position);
      byte[] record = reader.next().toArray(ValueLayout.JAVA_BYTE);
      String expected = new String(record, ISO_8859_1) + "\n";
      for (Object at : new Object[] {position, position.numeric()}) {
        assertThat(CliRun.of("cat", "--limit", "1", "--at", at, file).succeeds().text())
            .isEqualTo(expected);
      }
    }
    for (String wrong : new String[] {"x", "1/", "-1", "1/2/3"}) {
      assertThat(CliRun.of("cat", "--at", wrong, file).status()).isEqualTo(2);
    }
    assertThat(CliRun.of("cat", "--at", "0/0", file, file).status()).isEqualTo(2);
  }

  @Test
  void rangesTogetherAreTheFile() throws IOException {
    Path file = writeNumbers();
    String whole = CliRun.of("cat", file).succeeds().text();
    StringBuilder parts = new StringBuilder();
    for (String range : new String[] {":7000", "7000:20KiB", "20KiB:65536", "65536:"}) {
      String part = CliRun.of("cat", "--range", range, file).succeeds().text();
      parts.append(part);
    }
    assertThat(parts.toString()).isEqualTo(whole);
    for (String wrong : new String[] {"5", "7:6", "x:"}) {
      assertThat(CliRun.of("cat", "--range", wrong, file).status()).isEqualTo(2);
    }
  }
}
