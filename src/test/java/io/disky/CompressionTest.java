package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

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
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  @Test
  void textFormNamesCodecAndLevel() {
    assertThat(Compression.none()).hasToString("none");
    assertThat(Compression.zstd()).hasToString("zstd:3");
    assertThat(Compression.zstd(22)).hasToString("zstd:22");
    assertThat(Compression.brotli()).hasToString("brotli:6");
    assertThat(Compression.brotli(0)).hasToString("brotli:0");
    assertThat(Compression.snappy()).hasToString("snappy");
  }

  @Test
  void textFormIsParsed() {
    assertThat(Compression.parse("none")).isEqualTo(Compression.none());
    assertThat(Compression.parse("zstd")).isEqualTo(Compression.zstd(3));
    for (int level = 1; level <= 22; level++) {
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

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 23, Integer.MAX_VALUE})
  void levelsThatThereAreNot(int level) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Compression.zstd(level))
        .withMessageContaining(Integer.toString(level))
        .withMessageContaining("1 to 22");
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
  void equalityIsOfCodecAndLevel() {
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
    assertThat(Compression.snappy()).isNotEqualTo(Compression.none());
    assertThat(Compression.none())
        .isEqualTo(Compression.none())
        .hasSameHashCodeAs(Compression.none());
  }

  @Test
  void levelsAreUsed(@TempDir Path directory) throws IOException {
    List<byte[]> records = classFiles();
    long none = sizeWith(directory.resolve("none"), Compression.none(), records);
    long fast = sizeWith(directory.resolve("1"), Compression.zstd(1), records);
    long usual = sizeWith(directory.resolve("3"), Compression.zstd(), records);
    long small = sizeWith(directory.resolve("22"), Compression.zstd(22), records);

    assertThat(fast).isLessThan(none);
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
