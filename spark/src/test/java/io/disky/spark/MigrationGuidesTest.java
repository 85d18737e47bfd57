package io.disky.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.MarkdownSamples;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The programs of the guides that need Avro or Hadoop run here, because Spark has both on its class
 * path.
 */
class MigrationGuidesTest {
  private static final Pattern CLASS = Pattern.compile("^public class (\\w+)", Pattern.MULTILINE);
  private static final Pattern OUTPUT =
      Pattern.compile("\nprints:\n\n```text\n(.*?)```", Pattern.DOTALL);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"migrating-from-avro.md", "migrating-from-sequencefile.md"})
  void theProgramPrintsWhatThePageSays(String name) throws Exception {
    Path page = Path.of("../docs/guides", name);
    Matcher output = OUTPUT.matcher(Files.readString(page));
    assertThat(output.find()).isTrue();
    assertThat(run(MarkdownSamples.of(page).getFirst())).isEqualTo(output.group(1));
  }

  private String run(String program) throws Exception {
    Matcher name = CLASS.matcher(program);
    assertThat(name.find()).isTrue();
    String source = program.replaceAll("\\b" + name.group(1) + "\\b", "Sample");
    Class<?> compiled =
        MarkdownSamples.compile(
            source, Files.createDirectory(directory.resolve("classes")), List.of());
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    try (PrintStream capture = new PrintStream(printed, true, UTF_8)) {
      System.setOut(capture);
      String[] arguments = {Files.createDirectory(directory.resolve("files")).toString()};
      compiled.getMethod("main", String[].class).invoke(null, (Object) arguments);
    } finally {
      System.setOut(out);
    }
    return printed.toString(UTF_8);
  }
}
