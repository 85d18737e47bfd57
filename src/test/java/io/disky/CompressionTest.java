package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.oracle.OracleReader;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  @Test
  void textFormNamesCodecAndLevel() {
    assertThat(Compression.none()).hasToString("none");
    assertThat(Compression.zstd()).hasToString("zstd:3");
    assertThat(Compression.zstd(22)).hasToString("zstd:22");
    assertThat(Compression.zstd(-131_072)).hasToString("zstd:-131072");
    assertThat(Compression.zstd(0)).hasToString("zstd:3");
    assertThat(Compression.brotli()).hasToString("brotli:6");
    assertThat(Compression.brotli(0)).hasToString("brotli:0");
    assertThat(Compression.snappy()).hasToString("snappy");
  }

  @Test
  void textFormNamesTheWindow() {
    assertThat(Compression.zstd().withWindowLog(20)).hasToString("zstd:3,window_log:20");
    assertThat(Compression.zstd(-5).withWindowLog(10)).hasToString("zstd:-5,window_log:10");
    assertThat(Compression.brotli(9).withWindowLog(24)).hasToString("brotli:9,window_log:24");
  }

  @Test
  void textFormIsParsed() {
    assertThat(Compression.parse("none")).isEqualTo(Compression.none());
    assertThat(Compression.parse("zstd")).isEqualTo(Compression.zstd(3));
    for (int level = -131_072; level <= 22; level++) {
      Compression compression = Compression.zstd(level);
      assertThat(Compression.parse(compression.toString())).isEqualTo(compression);
    }
    assertThat(Compression.parse("snappy")).isEqualTo(Compression.snappy());
    assertThat(Compression.parse("brotli")).isEqualTo(Compression.brotli(6));
    for (int quality = 0; quality <= 11; quality++) {
      Compression compression = Compression.brotli(quality);
      assertThat(Compression.parse(compression.toString())).isEqualTo(compression);
    }
  }

  @Test
  void windowsAreParsed() {
    for (int log = 10; log <= 31; log++) {
      Compression compression = Compression.zstd(7).withWindowLog(log);
      assertThat(compression.windowLog()).hasValue(log);
      assertThat(Compression.parse(compression.toString())).isEqualTo(compression);
    }
    for (int log = 10; log <= 30; log++) {
      Compression compression = Compression.brotli(7).withWindowLog(log);
      assertThat(compression.windowLog()).hasValue(log);
      assertThat(Compression.parse(compression.toString())).isEqualTo(compression);
    }
    assertThat(Compression.parse("zstd,window_log:12"))
        .isEqualTo(Compression.zstd().withWindowLog(12));
    assertThat(Compression.parse("brotli,window_log:12"))
        .isEqualTo(Compression.brotli().withWindowLog(12));
  }

  @Test
  void windowIsTheCodecsUnlessChosen() {
    assertThat(Compression.none().windowLog()).isEmpty();
    assertThat(Compression.zstd().windowLog()).isEmpty();
    assertThat(Compression.brotli().windowLog()).isEmpty();
    assertThat(Compression.snappy().windowLog()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 9, 32, Integer.MAX_VALUE})
  void windowsThatZstdHasNot(int log) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.zstd().withWindowLog(log))
        .withMessageContaining("zstd window_log " + log)
        .withMessageContaining("10 to 31");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.parse("zstd:3,window_log:" + log));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 9, 31, Integer.MAX_VALUE})
  void windowsThatBrotliHasNot(int log) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.brotli().withWindowLog(log))
        .withMessageContaining("brotli window_log " + log)
        .withMessageContaining("10 to 30");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.parse("brotli:3,window_log:" + log));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy"})
  void codecsWithoutAWindow(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.parse(text).withWindowLog(20))
        .withMessage(text + " compression has no window_log; zstd and brotli have");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.parse(text + ",window_log:20"));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -131_073, 23, Integer.MAX_VALUE})
  void levelsThatThereAreNot(int level) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.zstd(level))
        .withMessageContaining(Integer.toString(level))
        .withMessageContaining("-131072 to 22");
    assertThatIllegalArgumentException().isThrownBy(() -> Compression.parse("zstd:" + level));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 12, Integer.MAX_VALUE})
  void qualitiesThatThereAreNot(int quality) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.brotli(quality))
        .withMessageContaining(Integer.toString(quality))
        .withMessageContaining("0 to 11");
    assertThatIllegalArgumentException().isThrownBy(() -> Compression.parse("brotli:" + quality));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "None",
        "ZSTD",
        "zstd ",
        "zstd:",
        "zstd:fast",
        "zstd:3:3",
        "zstd:3.5",
        "zstd3",
        "none:",
        "none:3",
        "Brotli",
        "brotli:",
        "brotli:best",
        "brotli:3:3",
        "snappy:",
        "snappy:1",
        "zstd:99999999999",
        "zstd:-",
        "zstd:3,",
        "zstd:3,20",
        "zstd:3,window_log",
        "zstd:3,window_log:",
        "zstd:3,window_log:big",
        "zstd:3,window_log:20,",
        "zstd:3,window_log:20,window_log:20",
        "zstd:3, window_log:20",
        "zstd:3,Window_Log:20",
        "zstd:3,level:3",
        "window_log:20",
        ",window_log:20",
        ":3"
      })
  void textsThatAreNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> Compression.parse(null));
  }

  @Test
  void equalityIsOfCodecLevelAndWindow() {
    assertThat(Compression.zstd(3))
        .isEqualTo(Compression.zstd())
        .hasSameHashCodeAs(Compression.zstd())
        .isNotEqualTo(Compression.zstd(4))
        .isNotEqualTo(Compression.none())
        .isNotEqualTo("zstd:3");
    assertThat(Compression.brotli(3))
        .isEqualTo(Compression.brotli(3))
        .isNotEqualTo(Compression.brotli())
        .isNotEqualTo(Compression.zstd(3));
    assertThat(Compression.zstd(0)).isEqualTo(Compression.zstd());
    assertThat(Compression.zstd().withWindowLog(20))
        .isEqualTo(Compression.zstd().withWindowLog(20))
        .hasSameHashCodeAs(Compression.zstd().withWindowLog(20))
        .isNotEqualTo(Compression.zstd().withWindowLog(21))
        .isNotEqualTo(Compression.zstd())
        .isNotEqualTo(Compression.brotli(3).withWindowLog(20));
    assertThat(Compression.snappy()).isNotEqualTo(Compression.none());
    assertThat(Compression.none())
        .isEqualTo(Compression.none())
        .hasSameHashCodeAs(Compression.none());
  }

  @Test
  void levelsAreUsed(@TempDir Path directory) throws IOException {
    List<byte[]> records = classFiles();
    long none = sizeWith(directory.resolve("none"), Compression.none(), records);
    long fastest = sizeWith(directory.resolve("-100"), Compression.zstd(-100), records);
    long fast = sizeWith(directory.resolve("1"), Compression.zstd(1), records);
    long usual = sizeWith(directory.resolve("3"), Compression.zstd(), records);
    long small = sizeWith(directory.resolve("22"), Compression.zstd(22), records);

    assertThat(fastest).isLessThan(none);
    assertThat(fast).isLessThan(fastest);
    assertThat(usual).isLessThan(fast);
    assertThat(small).isLessThan(usual);
  }

  @Test
  void codecsOfRiegeliCompress(@TempDir Path directory) throws IOException {
    List<byte[]> records = classFiles();
    long none = sizeWith(directory.resolve("none"), Compression.none(), records);
    long snappy = sizeWith(directory.resolve("snappy"), Compression.snappy(), records);
    long fast = sizeWith(directory.resolve("0"), Compression.brotli(0), records);
    long usual = sizeWith(directory.resolve("6"), Compression.brotli(), records);
    long small = sizeWith(directory.resolve("11"), Compression.brotli(11), records);

    assertThat(snappy).isLessThan(none);
    assertThat(fast).isLessThan(none);
    assertThat(usual).isLessThan(fast);
    assertThat(small).isLessThan(usual);
  }

  /** As far as the writer looks back, and no further, repetitions are found. */
  @ParameterizedTest
  @ValueSource(strings = {"zstd:3", "zstd:-7", "zstd:19", "brotli:3", "brotli:6"})
  void windowsAreUsedAndReadBack(String codec, @TempDir Path directory) throws IOException {
    byte[] repeated = SampleRecords.random(20_000);
    List<byte[]> records = List.of(repeated, repeated);
    Compression compression = Compression.parse(codec);
    long small = sizeWith(directory.resolve("small"), compression.withWindowLog(10), records);
    long large = sizeWith(directory.resolve("large"), compression.withWindowLog(18), records);

    assertThat(small).isGreaterThan(40_000);
    assertThat(large).isLessThan(22_000);
    for (String name : List.of("small", "large")) {
      SampleRecords.assertSame(ReadingWay.VISIT.read(directory.resolve(name)), records);
    }
  }

  @Test
  void windowsOfEverySizeAreReadBack(@TempDir Path directory) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(3, 70_000, 300_000, 0, 2_000_000);
    List<Compression> compressions = new ArrayList<>();
    for (int log = 10; log <= 31; log += log < 27 ? 3 : 1) {
      compressions.add(Compression.zstd(1).withWindowLog(log));
    }
    for (int log = 10; log <= 30; log += 2) {
      compressions.add(Compression.brotli(1).withWindowLog(log));
    }
    for (Compression compression : compressions) {
      Path file = directory.resolve(compression.toString());
      sizeWith(file, compression, records);
      SampleRecords.assertSame(ReadingWay.VISIT.read(file), records);
    }
  }

  /** Not only by the engine that wrote them. */
  @ParameterizedTest
  @EnumSource
  void levelsAndWindowsOfBothDialects(Dialect dialect, @TempDir Path directory) throws IOException {
    List<byte[]> records = SampleRecords.ofSizes(3, 70_000, 300_000, 0);
    for (String text :
        List.of("zstd:-7", "zstd:-131072", "zstd:3,window_log:10", "zstd:-7,window_log:27")) {
      Path file = directory.resolve(text);
      WriterOptions options =
          WriterOptions.defaults().withDialect(dialect).withCompression(Compression.parse(text));
      try (RecordWriter writer = RecordWriter.open(file, options)) {
        for (byte[] record : records) {
          writer.write(record);
        }
      }
      SampleRecords.assertSame(ReadingWay.ITERATION.read(file), records);
      SampleRecords.assertSame(OracleReader.read(file).records(), records);
    }
  }

  private static List<byte[]> classFiles() throws IOException {
    Path utilities = Path.of(URI.create("jrt:/java.base/java/util"));
    try (Stream<Path> files = Files.list(utilities)) {
      List<byte[]> contents = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).sorted().limit(50).toList()) {
        contents.add(Files.readAllBytes(file));
      }
      return contents;
    }
  }

  private static long sizeWith(Path file, Compression compression, List<byte[]> records)
      throws IOException {
    WriterOptions options =
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withCompression(compression);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    return Files.size(file);
  }
}
