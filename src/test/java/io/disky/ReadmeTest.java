package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.GuideCode;
import io.disky.testing.GuidePage;
import io.disky.testing.GuidePage.Block;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README.md is for newcomers: its program works as it stands, and the page is short. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  @TempDir private Path directory;

  /** The file of an earlier run changes nothing. */
  @Test
  void theProgramPrintsTheSameEachTime() throws Exception {
    String page = Files.readString(README);
    List<Block> samples = GuidePage.parse("README.md", page).java();
    assertThat(samples).hasSize(1).allMatch(Block::isProgram);
    GuideCode code =
        GuideCode.compile(samples, Files.createDirectory(directory.resolve("classes")));
    Path empty = Files.createDirectory(directory.resolve("empty"));

    String printed = code.runAlone(samples.getFirst(), empty);

    assertThat(page).contains("It prints `" + printed.strip() + "`.");
    assertThat(code.runAlone(samples.getFirst(), empty)).isEqualTo(printed);
    try (Stream<Path> files = Files.list(empty)) {
      assertThat(files).hasSize(1);
    }
  }

  /** The name under which the page tells a reader to save the program, and to run it. */
  @Test
  void theProgramHasTheNameOfItsFile() throws Exception {
    String page = Files.readString(README);
    Block program = GuidePage.parse("README.md", page).java().getFirst();
    assertThat(page)
        .contains("Save this program as `" + program.typeName() + ".java`:")
        .contains(" " + program.typeName() + ".java\n");
  }

  /** Everything else belongs into a guide. */
  @Test
  void thePageIsShort() throws Exception {
    List<String> lines = Files.readAllLines(README);
    assertThat(lines).hasSizeLessThan(220);
    int program = lines.indexOf("```java");
    assertThat(program).isBetween(0, 45);
  }
}
