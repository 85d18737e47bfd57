package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.GuideCode;
import io.disky.testing.GuidePage;
import io.disky.testing.GuidePage.Block;
import io.disky.testing.RangeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every guide begins with a program. All Java of all guides compiles and runs, and programs print
 * what the page says. {@code scripts/check-readme} runs the commands.
 */
class GuidesTest {
  /** Code that does not run here. Each entry matches at least one block. */
  private static final String REMOTE = "RemoteGuideTest of stores/s3 runs or compiles it";

  private static final List<Unavailable> NOT_RUN =
      List.of(
          new Unavailable(
              "migrating-from-avro.md",
              "org.apache.avro",
              "needs Avro: MigrationGuidesTest of spark/ runs it"),
          new Unavailable(
              "migrating-from-sequencefile.md",
              "org.apache.hadoop",
              "needs Hadoop: MigrationGuidesTest of spark/ runs it"),
          new Unavailable("remote.md", "io.disky.remote.RemoteStore", "needs a store: " + REMOTE),
          new Unavailable("remote.md", "withRemote(remote)", "needs a store: " + REMOTE),
          new Unavailable("remote.md", "/var/cache/records", "needs this directory: " + REMOTE),
          new Unavailable("remote.md", "ShardTarget.inStore", "needs a store: " + REMOTE));

  /** Programs with this text read a file of a server. */
  private static final String OVER_HTTP = "URI.create(args[0])";

  @TempDir private static Path classes;
  private static List<GuidePage> pages = List.of();
  private static GuideCode code;

  @TempDir private Path directory;

  /**
   * Blocks of Java that need more than the library.
   *
   * @param page the file name of the guide
   * @param text a text that the blocks contain
   * @param reason what is missing, and which check runs the code instead
   */
  private record Unavailable(String page, String text, String reason) {
    boolean matches(Block block) {
      return block.page().equals(page) && block.text().contains(text);
    }
  }

  @BeforeAll
  static void compile() throws IOException {
    pages = GuidePage.all();
    List<Block> blocks = new ArrayList<>();
    for (GuidePage page : pages) {
      blocks.addAll(runnable(page));
    }
    code = GuideCode.compile(blocks, classes);
  }

  private static List<Block> runnable(GuidePage page) {
    return page.java().stream()
        .filter(block -> NOT_RUN.stream().noneMatch(entry -> entry.matches(block)))
        .toList();
  }

  static Stream<GuidePage> pages() {
    return pages.stream();
  }

  @Test
  void thereAreGuides() {
    assertThat(pages).isNotEmpty();
  }

  /** Except pages about commands, which have no Java. */
  @ParameterizedTest
  @MethodSource("pages")
  void aGuideBeginsWithAProgram(GuidePage page) {
    assertThat(page.blocks()).isNotEmpty();
    if (!page.java().isEmpty()) {
      Block first = page.blocks().getFirst();
      assertThat(first.language()).as(first.toString()).isEqualTo("java");
      assertThat(first.isProgram()).as(first.toString()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyProgramPrintsWhatThePageSays(GuidePage page) throws Exception {
    for (Block block : runnable(page)) {
      if (block.isProgram()) {
        Path empty = Files.createTempDirectory(directory, "program");
        String printed =
            block.text().contains(OVER_HTTP) ? runOverHttp(block, empty) : code.run(block, empty);
        String expected = page.output(block);
        if (expected != null) {
          assertThat(printed).as(block.toString()).isEqualTo(expected);
        }
      }
    }
  }

  /** Runs a program whose argument is the address of an ArrayRecord of 100,000 records. */
  private static String runOverHttp(Block program, Path empty) throws Exception {
    Path file = empty.resolve("train.arrayrecord");
    WriterOptions options =
        WriterOptions.defaults().withContainer(Container.ARRAY_RECORD).withGroupSize(16);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < 100_000; i++) {
        writer.write("record " + i);
      }
    }
    try (RangeServer server = new RangeServer(file)) {
      return code.run(program, server.address().toString());
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyFragmentRuns(GuidePage page) throws Exception {
    Path numbers = directory.resolve("numbers");
    try (RecordWriter writer = RecordWriter.open(numbers)) {
      writer.write(new byte[] {1, 0, 0, 0});
      writer.write(new byte[] {2, 0, 0, 0, 9});
    }
    for (Block block : runnable(page)) {
      if (block.typeName() == null) {
        Path empty = Files.createTempDirectory(directory, "fragment");
        try (RecordReader reader = RecordReader.open(numbers);
            RecordWriter writer = RecordWriter.open(directory.resolve("written" + block.line()))) {
          code.runFragment(
              block,
              Map.of("directory", empty, "numbers", numbers, "reader", reader, "writer", writer));
        }
      }
    }
  }

  /** A loop over the data of a batch does not read a field of 4 bytes from records of 2. */
  @Test
  void noFragmentReadsPastTheEndOfARecord() throws Exception {
    Path numbers = directory.resolve("short");
    RecordWriter.writeAtomically(
        numbers,
        writer -> {
          writer.write(new byte[] {1, 0});
          writer.write(new byte[] {2, 0});
          writer.write(new byte[] {3, 0});
        });
    List<Block> loops =
        pages.stream()
            .flatMap(page -> page.java().stream())
            .filter(block -> block.typeName() == null && block.text().contains(".data()"))
            .filter(block -> block.text().contains("JAVA_INT"))
            .toList();
    assertThat(loops).isNotEmpty();
    for (Block loop : loops) {
      try (RecordReader reader = RecordReader.open(numbers)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> code.runFragment(loop, Map.of("reader", reader)))
            .withMessageContaining("has only 2 bytes");
      }
    }
  }

  /** A line of one word in capitals stands for an output that somebody wanted to add later. */
  @Test
  void noPageHasAPlaceholder() throws IOException {
    List<Path> all = new ArrayList<>(List.of(Path.of("README.md")));
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(all::add);
    }
    assertThat(all).hasSizeGreaterThan(20);
    for (Path file : all) {
      assertThat(Files.readString(file).lines())
          .as(file.toString())
          .noneMatch(
              line -> line.matches("[A-Z]{3,}") || line.matches(".*\\b(TODO|FIXME|TBD)\\b.*"));
    }
  }

  @Test
  void everyEntryOfTheListMatchesABlock() {
    for (Unavailable entry : NOT_RUN) {
      assertThat(pages.stream().flatMap(page -> page.java().stream()).filter(entry::matches))
          .as(entry.toString())
          .isNotEmpty();
    }
  }

  private static GuidePage page(String text) {
    return GuidePage.parse("page.md", text.replace("'''", "```"));
  }

  private GuideCode compile(GuidePage page) throws IOException {
    return GuideCode.compile(page.java(), Files.createTempDirectory(directory, "compiled"));
  }

  @Test
  void anErrorNamesTheLineOfThePage() {
    GuidePage wrong =
        page(
            """
            '''java
            class A {
              int a() {
                return missing;
              }
            }
            '''
            '''java
            b();
            '''
            """);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> compile(wrong))
        .withMessageContaining("page.md:4: cannot find symbol")
        .withMessageContaining("page.md:9: cannot find symbol");
  }

  @Test
  void anOutputAndAFailureAreNoticed() throws Exception {
    GuidePage page =
        page(
            """
            '''java
            class A {
              public static void main(String[] args) {
                System.out.println(args.length);
              }
            }
            '''

            prints:

            '''text
            1
            '''
            '''java
            if (directory == null) {
              throw new IOException("late");
            }
            '''
            """);
    GuideCode compiled = compile(page);
    Block program = page.java().getFirst();
    assertThat(compiled.run(program, directory)).isEqualTo("1\n").isEqualTo(page.output(program));
    assertThatIllegalStateException()
        .isThrownBy(() -> compiled.runFragment(page.java().getLast(), Map.of()))
        .withMessageContaining("page.md:15: java.io.IOException: late");
  }
}
