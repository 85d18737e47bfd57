package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.MarkdownSamples;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of the guide to loading compile; its training loop runs and can be continued. */
class LoadingGuideTest {
  private static final Path GUIDE = Path.of("docs/loading.md");
  private static final int RECORDS = 60_000;

  @TempDir Path directory;

  @Test
  void theTrainingLoopRunsAndContinues() throws Exception {
    String sample = MarkdownSamples.of(GUIDE).getFirst();
    Path file = directory.resolve("train.arrayrecord");
    WriterOptions options =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withContainer(Container.ARRAY_RECORD)
            .withGroupSize(1);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write("record " + i);
      }
    }
    String source =
        sample
            .replace("class Training", "class Sample")
            .replace("Path.of(\"", "Path.of(\"" + directory + "/");
    Class<?> compiled =
        MarkdownSamples.compile(
            source,
            Files.createDirectory(directory.resolve("classes")),
            List.of("--release", "22"));

    assertThat(run(compiled)).isEqualTo(3 * RECORDS);
    assertThat(directory.resolve("train.state")).exists();
    // 235 steps are an epoch: the last state was saved after step 199 of the last epoch.
    assertThat(run(compiled)).isEqualTo(RECORDS - 200 * 256);
  }

  /** How many examples the program has counted in this run. */
  private static long run(Class<?> program) throws ReflectiveOperationException {
    Field examples = program.getDeclaredField("examples");
    examples.setAccessible(true);
    examples.setLong(null, 0);
    program.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    return examples.getLong(null);
  }

  @Test
  void theOtherSamplesCompile() throws Exception {
    List<String> samples = MarkdownSamples.of(GUIDE);
    assertThat(samples).hasSizeGreaterThanOrEqualTo(2);
    for (int i = 1; i < samples.size(); i++) {
      if (samples.get(i).contains("class TokenBatches")) {
        continue; // a complete program: see the next test
      }
      String source =
          "import static java.nio.charset.StandardCharsets.UTF_8;"
              + "import io.disky.*;"
              + "import io.disky.loader.*;"
              + "import java.lang.foreign.*;"
              + "import java.nio.file.*;"
              + "import java.util.*;"
              + "public class Sample {"
              + "  static void tokenize(MemorySegment record, Random random, RecordOutput output) {"
              + "    output.write(record);"
              + "  }"
              + "  Mix mix;"
              + "  LoaderOptions options;"
              + "  DataLoader loader;"
              + "  LoadedBatch batch;"
              + "  byte[] model = new byte[3];"
              + "  public void sample() throws Exception {"
              + samples.get(i)
              + "  }"
              + "}";
      Path classes = Files.createDirectory(directory.resolve("sample" + i));
      assertThat(MarkdownSamples.compile(source, classes, List.of())).isNotNull();
    }
  }

  @Test
  void theProgramWithTokensPrintsWhatThePageSays() throws Exception {
    String page = Files.readString(GUIDE);
    Matcher program =
        Pattern.compile(
                "```java\n([^`]*class TokenBatches[^`]*)```\n\nprints:\n\n```text\n(.*?)```",
                Pattern.DOTALL)
            .matcher(page);
    assertThat(program.find()).isTrue();
    Class<?> compiled =
        MarkdownSamples.compile(
            program.group(1).replace("class TokenBatches", "class Sample"),
            Files.createDirectory(directory.resolve("tokens")),
            List.of("--release", "22"));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      compiled
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {directory.toString()});
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(UTF_8)).isEqualTo(program.group(2));
  }
}
