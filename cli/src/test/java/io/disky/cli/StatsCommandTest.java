package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.GoldenManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code disky stats}. */
class StatsCommandTest {
  @TempDir Path directory;
  private Path one;
  private Path two;
  private Path image;

  @BeforeEach
  void writeFiles() throws IOException {
    one = RecordTexts.write(directory.resolve("one"), "", "a", "bc", "def");
    two = RecordTexts.write(directory.resolve("two"), "x".repeat(1000), "y".repeat(5));
    image = directory.resolve("image.svg");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Map<?, ?> json(Object... files) {
    Object[] args = Stream.concat(Stream.of("stats", "--json"), Stream.of(files)).toArray();
    return (Map<?, ?>) Objects.requireNonNull(JsonText.parse(CliRun.of(args).succeeds().text()));
  }

  @Test
  void describesAllFilesTogether() throws IOException {
    long size = Files.size(one) + Files.size(two);
    String text = CliRun.of("stats", one, two).succeeds().text();
    assertThat(text)
        .contains(
            "files          2\n",
            "size           %,d bytes\n".formatted(size),
            "records        6\n",
            "record bytes   1,011\n",
            "compression    zstd\n",
            "chunks         2 with 3.0 records on average\n",
            "record sizes   0 to 1,000 bytes, mean 168.5\n")
        .containsPattern("\n  0 +1 +16\\.7% +####\n")
        .containsPattern("\n  2 to 3 +2 +33\\.3% +#######\n")
        .containsPattern("\n  512 to 1,023 +1 +16\\.7% +####\n");
  }

  @Test
  void printsJson() {
    Map<?, ?> both = json(one, two);
    assertThat(both.keySet().stream().map(Object::toString))
        .containsExactly(
            "files",
            "filesLeftOut",
            "fileSize",
            "records",
            "recordBytes",
            "encodedBytes",
            "compressionRatio",
            "recordsPerChunk",
            "chunksByCodec",
            "recordSizes",
            "chunkSizes");
    assertThat(both.get("files")).isEqualTo(2L);
    assertThat(both.get("records")).isEqualTo(6L);
    assertThat(both.get("recordBytes")).isEqualTo(1011L);
    assertThat(both.get("recordsPerChunk")).isEqualTo(3.0);
    assertThat(both.get("chunksByCodec")).isEqualTo(Map.of("zstd", 2L));
    Map<?, ?> sizes = (Map<?, ?>) both.get("recordSizes");
    assertThat(sizes.get("smallest")).isEqualTo(0L);
    assertThat(sizes.get("largest")).isEqualTo(1000L);
    assertThat((List<?>) sizes.get("histogram"))
        .hasSize(5)
        .element(2)
        .isEqualTo(Map.of("from", 2L, "to", 3L, "count", 2L));
  }

  /** One file has the statistics of 'disky describe'. */
  @Test
  void agreesWithDescribe() {
    for (GoldenManifest.Entry golden : GoldenManifest.all()) {
      if (golden.isSharded()) {
        continue;
      }
      Map<?, ?> described =
          (Map<?, ?>)
              Objects.requireNonNull(
                  JsonText.parse(
                      CliRun.of("describe", "--json", golden.location()).succeeds().text()));
      Map<?, ?> stats = json(golden.location());
      for (String key :
          List.of(
              "fileSize",
              "records",
              "recordBytes",
              "encodedBytes",
              "compressionRatio",
              "chunksByCodec",
              "recordSizes",
              "chunkSizes")) {
        assertThat(stats.get(key)).as("%s of %s", key, golden).isEqualTo(described.get(key));
      }
    }
  }

  @Test
  void describesNothing() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(CliRun.of("stats", empty).succeeds().text())
        .contains("records        0\n", "ratio          0.00\n", "record sizes   -\n");
    assertThat(json(empty).get("recordsPerChunk")).isEqualTo(0.0);
    CliRun.of("stats", "--svg", image, empty).succeeds();
    assertThat(bars(image)).isZero();
  }

  @Test
  void goesOnAfterAFileThatCannotBeRead() throws IOException {
    Path junk = Files.writeString(directory.resolve("junk"), "this is none");
    CliRun run = CliRun.of("stats", junk, one);
    run.fails(junk.toString());
    assertThat(run.text()).contains("files          1 of 2\n", "records        4\n");
    assertThat(CliRun.of("stats", "--json", junk, one).text())
        .contains("\"files\": 1,", "\"filesLeftOut\": 1,");
    CliRun none = CliRun.of("stats", "--svg", image, junk);
    none.fails(junk.toString());
    assertThat(none.text()).isEmpty();
    assertThat(image).doesNotExist();
  }

  // Images

  private static int bars(Path file) throws IOException {
    return elements(file, "title").getLength();
  }

  private static NodeList elements(Path file, String name) throws IOException {
    try {
      Document document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(Files.readAllBytes(file)));
      assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
      return document.getElementsByTagName(name);
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  @Test
  void drawsAnImage() throws IOException {
    CliRun run = CliRun.of("stats", "--svg", image, one, two).succeeds();
    assertThat(run.text()).contains("records        6\n");
    assertThat(bars(image)).isEqualTo(5 + chunkClasses().size());
    assertThat(Files.readString(image))
        .contains("Sizes of records", "2 to 3 bytes: 2", "512 to 1,023 bytes: 1")
        .doesNotContain("href", "url(", "<script");
    NodeList rects = elements(image, "rect");
    for (int i = 0; i < rects.getLength(); i++) {
      if (((Element) rects.item(i)).getAttribute("class").isEmpty()) {
        double height = Double.parseDouble(((Element) rects.item(i)).getAttribute("height"));
        assertThat(height).isBetween(1.0, 180.0);
      }
    }
    assertThat(names()).containsExactly("image.svg", "one", "two");
  }

  private List<?> chunkClasses() {
    Map<?, ?> sizes = (Map<?, ?>) Objects.requireNonNull(json(one, two).get("chunkSizes"));
    return (List<?>) Objects.requireNonNull(sizes.get("histogram"));
  }

  @Test
  void keepsAnExistingImage() throws IOException {
    Files.writeString(image, "old");
    CliRun.of("stats", "--svg", image, one).fails(image + ": exists already; --force");
    assertThat(image).hasContent("old");
    CliRun.of("stats", "--force", "--svg", image, one).succeeds();
    assertThat(bars(image)).isPositive();
    assertThat(names()).containsExactly("image.svg", "one", "two");
  }

  @Test
  void refusesWrongUsage() throws IOException {
    byte[] before = Files.readAllBytes(one);
    CliRun.of("stats").isRefused("FILE");
    CliRun.of("stats", "--force", one).isRefused("--force needs --svg");
    CliRun.of("stats", "--svg=-", one).isRefused("needs a file");
    CliRun.of("stats", "--force", "--svg", one, two, one).isRefused("both IMAGE and a FILE");
    CliRun.of("stats", "--force", "--svg", one, directory).isRefused("both IMAGE and a FILE");
    assertThat(one).hasBinaryContent(before);
    CliRun.of("stats", "--svg", directory.resolve("missing").resolve("x"), one).fails("missing");
  }
}
