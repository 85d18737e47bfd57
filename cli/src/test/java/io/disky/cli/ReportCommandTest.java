package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Dialect;
import io.disky.RecordWriter;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code disky report}. */
class ReportCommandTest {
  @TempDir Path directory;

  /** Names of elements and attributes that a page may have. */
  private static final Set<String> ELEMENTS =
      Set.of(
          "html head title style body main h1 h2 h3 p strong code ul li a div section table thead"
              .split(" "));

  private static final Set<String> MORE_ELEMENTS =
      Set.of("tbody", "tr", "th", "td", "svg", "text", "rect", "line");

  /** The page as a tree. This fails if a text of a file has become markup that is not closed. */
  private static Document page(CliRun run) throws IOException {
    String text = new String(run.output(), UTF_8);
    assertThat(text).startsWith("<!DOCTYPE html>\n").endsWith("</html>\n");
    String markup = text.replaceFirst("<!DOCTYPE html>\n", "").replaceAll("<meta [^>]*>\n", "");
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(markup.getBytes(UTF_8)));
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  /** The values of the rows with this heading. */
  private static List<String> facts(Document page, String heading) {
    return elements(page, "tr").stream()
        .filter(row -> row.getFirstChild().getTextContent().equals(heading))
        .map(row -> row.getLastChild().getTextContent())
        .toList();
  }

  private static List<String> headings(Document page) {
    return elements(page, "h2").stream().map(Element::getTextContent).toList();
  }

  /** The texts that a browser shows for the bars of damage. */
  private static List<String> damage(Document page) {
    return elements(page, "rect").stream()
        .filter(bar -> bar.getAttribute("class").equals("damage"))
        .map(Element::getTextContent)
        .toList();
  }

  private static String summary(Document page) {
    return elements(page, "p").getFirst().getTextContent();
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  // One file

  @Test
  void agreesWithDescribe() throws IOException {
    for (GoldenManifest.Entry golden : GoldenManifest.all()) {
      if (golden.isSharded()) {
        continue;
      }
      String described = CliRun.of("describe", golden.location()).succeeds().text();
      Document page = page(CliRun.of("report", golden.location()).succeeds());
      for (String key : List.of("container", "records", "compression", "dialect", "chunks")) {
        assertThat(described)
            .as("%s of %s", key, golden)
            .contains("%-15s%s\n".formatted(key, facts(page, key).getFirst()));
      }
      String ratio = facts(page, "compression ratio").getFirst();
      assertThat(described).contains("%-15s%s\n".formatted("ratio", ratio));
      assertThat(summary(page)).endsWith(" No damage was found.");
      assertThat(damage(page)).isEmpty();
      String sizes = described.replaceAll("(?s).*\nrecord sizes +([^\n]*)\n.*", "$1");
      if (golden.records() > 0) {
        assertThat(elements(page, "text").stream().map(Element::getTextContent)).contains(sizes);
        assertThat(headings(page)).contains("Sizes", "Largest records");
      }
    }
  }

  @Test
  void listsTheLargestRecords() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature();
    long[] begins = new long[3];
    for (int chunk = 0; chunk < begins.length; chunk++) {
      begins[chunk] = forge.position();
      forge.simpleChunk(new byte[chunk], new byte[100 - chunk], new byte[5]);
    }
    Document page = page(CliRun.of("report", file("file", forge.bytes())).succeeds());
    List<String> rows = new ArrayList<>();
    for (Element row : elements(page, "tr")) {
      if (row.getFirstChild().getNodeName().equals("td")) {
        rows.add(row.getTextContent());
      }
    }
    assertThat(rows)
        .containsExactly(
            "100" + begins[0] + "/11",
            "99" + begins[1] + "/14",
            "98" + begins[2] + "/17",
            "5" + begins[0] + "/22",
            "5" + begins[1] + "/25",
            "5" + begins[2] + "/28",
            "2" + begins[2] + "/06",
            "1" + begins[1] + "/03",
            "0" + begins[0] + "/00");
  }

  @Test
  void drawsTheRatioByPosition() throws IOException {
    Path file =
        RecordTexts.write(directory.resolve("file"), "x".repeat(100_000), "y".repeat(50_000));
    Document page = page(CliRun.of("report", file).succeeds());
    long size = Files.size(file);
    assertThat(size).isGreaterThan(PositionBins.MAX_BINS);
    String expected = ": ratio %.2f".formatted(150_000.0 / (size - 64));
    List<String> ratios =
        elements(page, "rect").stream()
            .map(Element::getTextContent)
            .filter(title -> title.contains("ratio"))
            .toList();
    assertThat(ratios).hasSizeGreaterThan(20).allMatch(title -> title.endsWith(expected));
  }

  @Test
  void readsStandardInputAndAnEmptyFile() throws IOException {
    byte[] content = Files.readAllBytes(RecordTexts.write(directory.resolve("file"), "a", "b"));
    Document page = page(CliRun.with(content, "report", "-").succeeds());
    assertThat(facts(page, "records")).containsExactly("2");
    assertThat(elements(page, "h1").getFirst().getTextContent()).isEqualTo("-");

    Document empty = page(CliRun.of("report", file("empty", new byte[0])).succeeds());
    assertThat(facts(empty, "size")).containsExactly("0 bytes");
    assertThat(elements(empty, "svg")).isEmpty();
  }

  // Damage

  /** Three chunks of which the second begins at the second position. */
  private static byte[] threeChunks(List<Long> begins) {
    RecordFileForge forge = RecordFileForge.withSignature();
    for (int size : new int[] {300, 400, 500}) {
      begins.add(forge.position());
      forge.simpleChunk(new byte[size]);
    }
    begins.add(forge.position());
    return forge.bytes();
  }

  @Test
  void showsDamagedData() throws IOException {
    List<Long> begins = new ArrayList<>();
    byte[] damaged = FileDamage.flip(threeChunks(begins), begins.get(1) + 43);
    CliRun run = CliRun.of("report", file("damaged", damaged));
    assertThat(run.messages()).isEmpty();
    assertThat(run.status()).isEqualTo(1);
    Document page = page(run);
    long skipped = begins.get(2) - begins.get(1);
    assertThat(summary(page))
        .contains("2 records with 800 bytes")
        .contains("The file is damaged or incomplete; the report skipped " + skipped + " bytes.");
    assertThat(headings(page)).contains("Skipped regions");
    assertThat(facts(page, Long.toString(begins.get(1))).getFirst()).contains("hash");
    double[] covered = {Double.MAX_VALUE, 0, 0};
    for (String title : damage(page)) {
      String[] numbers = title.replace(",", "").split("[^0-9]+", -1);
      covered[0] = Math.min(covered[0], Double.parseDouble(numbers[1]));
      covered[1] = Math.max(covered[1], Double.parseDouble(numbers[2]));
      covered[2] += Double.parseDouble(numbers[3]);
    }
    assertThat(covered[2]).isEqualTo((double) skipped);
    assertThat(covered[0]).isBetween(begins.get(1) - 20.0, (double) begins.get(1));
    assertThat(covered[1]).isBetween(begins.get(2) - 1.0, begins.get(2) + 20.0);
  }

  /** The headers after a damaged one cannot be listed, but their records are read. */
  @Test
  void describesChunksAfterADamagedHeader() throws IOException {
    List<Long> begins = new ArrayList<>();
    byte[] damaged = FileDamage.flip(threeChunks(begins), begins.get(0) + 9);
    Document page = page(CliRun.of("report", file("damaged", damaged)));
    assertThat(facts(page, "chunks")).containsExactly("1 signature");
    assertThat(facts(page, "chunks after a damaged header")).containsExactly("2");
    assertThat(facts(page, "records")).containsExactly("2");
    long second = begins.get(2) - begins.get(1);
    long third = begins.get(3) - begins.get(2);
    assertThat(elements(page, "text").stream().map(Element::getTextContent))
        .contains("%d to %d bytes, mean %.1f".formatted(second, third, (second + third) / 2.0));
    assertThat(facts(page, "64")).hasSize(1);

    byte[] twice = FileDamage.flip(damaged, begins.get(2) + 43);
    Document less = page(CliRun.of("report", file("twice", twice)));
    assertThat(facts(less, "chunks after a damaged header")).containsExactly("1");
    assertThat(elements(less, "text").stream().map(Element::getTextContent))
        .contains("%d to %d bytes, mean %.1f".formatted(second, second, (double) second));
  }

  @Test
  void showsDamagedMetadataAndAMissingIndex() throws IOException {
    byte[] metadata = RecordFileForge.withSignature().metadataChunk(new byte[] {-1}).bytes();
    CliRun run = CliRun.of("report", file("metadata", metadata));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.text()).contains("The metadata are damaged.");

    Path array = directory.resolve("array");
    CliRun.with("one\n", "write", "--container=array_record", array).succeeds();
    byte[] complete = Files.readAllBytes(array);
    byte[] torn = FileDamage.truncate(complete, complete.length - (1 << 16));
    CliRun incomplete = CliRun.of("report", file("torn", torn));
    assertThat(incomplete.status()).isEqualTo(1);
    assertThat(incomplete.text()).contains("lacks its index");
  }

  /** The page does not grow with the number of damaged parts. */
  @Test
  void boundsWhatItShows() throws IOException {
    RecordFileForge forge = RecordFileForge.withSignature();
    List<Long> begins = new ArrayList<>();
    for (int chunk = 0; chunk < 400; chunk++) {
      begins.add(forge.position());
      forge.simpleChunk(new byte[20]);
    }
    byte[] content = forge.bytes();
    for (int chunk = 0; chunk < 400; chunk += 2) {
      content = FileDamage.flip(content, begins.get(chunk) + 43);
    }
    CliRun run = CliRun.of("report", file("damaged", content));
    Document page = page(run);
    assertThat(elements(page, "rect"))
        .hasSizeGreaterThan(PositionBins.MAX_BINS)
        .hasSizeLessThan(2 * PositionBins.MAX_BINS + 10);
    assertThat(run.text()).contains("Further regions that are not listed: 150<");
  }

  // Several files

  @Test
  void listsSeveralFiles() throws IOException {
    Path one = RecordTexts.write(directory.resolve("one"), "a", "bc");
    Path two = RecordTexts.write(directory.resolve("two"), "x".repeat(1000));
    Document page = page(CliRun.of("report", one, two).succeeds());
    assertThat(elements(page, "title").getFirst().getTextContent()).isEqualTo("2 record files");
    assertThat(summary(page)).startsWith("3 records with 1,003 bytes in ");
    assertThat(headings(page))
        .containsExactly("Sizes", "Largest records", "Files", one.toString(), two.toString());
    List<String> links =
        elements(page, "a").stream().map(link -> link.getAttribute("href")).toList();
    assertThat(links).containsExactly("#file-1", "#file-2");
    assertThat(elements(page, "section").stream().map(it -> "#" + it.getAttribute("id")))
        .containsExactlyElementsOf(links);
    // The record is the first one of its file; the file has no damage.
    assertThat(facts(page, two.toString())).containsExactly("0", "none");
  }

  /** Of many files all have a row, and the damaged ones a section. */
  @Test
  void describesDamagedFilesOfMany() throws IOException {
    byte[] intact = threeChunks(new ArrayList<>());
    Path shards = Files.createDirectory(directory.resolve("shards"));
    for (int shard = 0; shard < 40; shard++) {
      byte[] content = shard >= 38 ? FileDamage.truncate(intact, intact.length - 1) : intact;
      Files.write(shards.resolve("shard-%02d".formatted(shard)), content);
    }
    CliRun run = CliRun.of("report", shards);
    assertThat(run.status()).isEqualTo(1);
    Document page = page(run);
    assertThat(summary(page)).contains("2 files are damaged");
    assertThat(elements(page, "section")).hasSize(32);
    List<String> damaged = elements(page, "li").stream().map(Element::getTextContent).toList();
    assertThat(damaged)
        .containsExactly(
            shards.resolve("shard-38").toString(), shards.resolve("shard-39").toString());
    assertThat(headings(page)).containsSubsequence(damaged);
    assertThat(headings(page)).contains(shards.resolve("shard-29").toString());
    assertThat(headings(page)).doesNotContain(shards.resolve("shard-30").toString());
    assertThat(facts(page, shards.resolve("shard-37").toString())).containsExactly("none");
    assertThat(run.text()).contains("<p>Of all files, 32 have a section.");
  }

  @Test
  void leavesOutFilesThatCannotBeRead() throws IOException {
    Path file = RecordTexts.write(directory.resolve("file"), "a");
    Path missing = directory.resolve("missing");
    CliRun run = CliRun.of("report", missing, file);
    run.fails(missing.toString());
    assertThat(page(run).getDocumentElement().getTextContent())
        .contains("This page leaves out files that cannot be read");
    CliRun none = CliRun.of("report", missing);
    none.fails(missing.toString());
    assertThat(none.output()).isEmpty();
  }

  // Texts from outside

  private static void assertHarmless(CliRun run) throws IOException {
    String text = new String(run.output(), UTF_8);
    page(run);
    Set<String> names = new TreeSet<>();
    Pattern.compile("<(\\w+)").matcher(text).results().map(it -> it.group(1)).forEach(names::add);
    names.removeAll(ELEMENTS);
    names.removeAll(MORE_ELEMENTS);
    assertThat(names).containsExactly("meta");
    List<String> tags =
        Pattern.compile("<[^>]*>").matcher(text).results().map(MatchResult::group).toList();
    assertThat(tags)
        .noneMatch(tag -> Pattern.compile("\\s(on\\w+|src|xlink:href)\\s*=").matcher(tag).find())
        .noneMatch(tag -> tag.contains("href=") && !tag.contains("href=\"#file-"));
    assertThat(text)
        .contains("content=\"default-src 'none'; style-src 'unsafe-inline'\"")
        .doesNotContain("http:", "https:", "url(", "@import", "\u001b", "\u202e");
  }

  @Test
  void escapesTextsFromOutside() throws IOException {
    String hostile = "</title></td></style><script>alert(1)</script><img src=x onerror='a'>\"&amp;";
    RecordsMetadata metadata =
        RecordsMetadata.empty()
            .withFileComment(hostile + "\u001b[2J\u202e")
            .withRecordTypeName(hostile)
            .withRecordWriterOptions("x".repeat(2_000_000) + hostile)
            .withNumRecords(7);
    String name = "<b onclick=alert(1)>'\"&lt;\u001b";
    Path file = directory.resolve(name.replace("/", ""));
    WriterOptions options =
        WriterOptions.defaults().withDialect(Dialect.RIEGELI).withMetadata(metadata);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(hostile.getBytes(UTF_8));
    }
    CliRun single = CliRun.of("report", file).succeeds();
    assertHarmless(single);
    assertThat(single.output()).hasSizeLessThan(60_000);
    Document page = page(single);
    assertThat(facts(page, "file comment").getFirst()).contains("<script>alert(1)</script>");
    assertThat(facts(page, "record type")).containsExactly(hostile);
    assertThat(facts(page, "written with").getFirst())
        .endsWith("… (" + (2_000_000 + hostile.length()) + " characters)");
    assertThat(facts(page, "stated records")).containsExactly("7");

    Path damaged =
        file("damaged" + name, FileDamage.truncate(Files.readAllBytes(file), Files.size(file) - 1));
    assertHarmless(CliRun.of("report", file, damaged));
  }

  @Test
  void isUtf8() throws IOException {
    Path file = RecordTexts.write(directory.resolve("gr\u00f6\u00dfe"), "a");
    CliRun run = CliRun.of("report", file).succeeds();
    assertThat(elements(page(run), "h1").getFirst().getTextContent()).endsWith("gr\u00f6\u00dfe");
    assertThat(Arrays.mismatch(run.output(), new String(run.output(), UTF_8).getBytes(UTF_8)))
        .isEqualTo(-1);
  }
}
