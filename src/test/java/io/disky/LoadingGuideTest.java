package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.MarkdownSamples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of the guide to loading compile; its training loop runs and can be continued. */
class LoadingGuideTest {
  private static final Path GUIDE = Path.of("docs/loading.md");
  private static final int RECORDS = 60_000;

  @TempDir Path directory;

  private static String imports(String sample) {
    return sample
        .lines()
        .filter(line -> line.startsWith("import "))
        .collect(Collectors.joining("\n"));
  }

  private static String code(String sample) {
    return sample
        .lines()
        .filter(line -> !line.startsWith("import "))
        .collect(Collectors.joining("\n"));
  }

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
        imports(sample)
            + "\nimport java.lang.foreign.MemorySegment;"
            + "\npublic class Sample implements java.util.function.LongSupplier {"
            + "\n  long records;"
            + "\n  void train(MemorySegment data, MemorySegment offsets) {"
            + "\n    records += offsets.byteSize() / 8 - 1;"
            + "\n  }"
            + "\n  public long getAsLong() {"
            + "\n    try {"
            + "\n      main();"
            + "\n      return records;"
            + "\n    } catch (Exception e) {"
            + "\n      throw new IllegalStateException(e);"
            + "\n    }"
            + "\n  }\n"
            + code(sample).replace("Path.of(\"", "Path.of(\"" + directory + "/")
            + "}";
    Class<?> compiled =
        MarkdownSamples.compile(
            source, Files.createDirectory(directory.resolve("classes")), List.of());

    assertThat(run(compiled)).isEqualTo(3 * RECORDS);
    assertThat(directory.resolve("train.state")).exists();
    // 235 steps are an epoch: the last state was saved after step 199 of the last epoch.
    assertThat(run(compiled)).isEqualTo(RECORDS - 200 * 256);
  }

  private static long run(Class<?> sample) throws ReflectiveOperationException {
    return ((java.util.function.LongSupplier) sample.getDeclaredConstructor().newInstance())
        .getAsLong();
  }

  @Test
  void theOtherSamplesCompile() throws Exception {
    List<String> samples = MarkdownSamples.of(GUIDE);
    assertThat(samples).hasSizeGreaterThanOrEqualTo(2);
    for (int i = 1; i < samples.size(); i++) {
      String source =
          "import io.disky.loader.*;"
              + "import java.lang.foreign.*;"
              + "import java.util.*;"
              + "public class Sample {"
              + "  static void tokenize(MemorySegment record, Random random, RecordOutput output) {"
              + "    output.write(record);"
              + "  }"
              + "  void sample() throws Exception {"
              + samples.get(i)
              + "  }"
              + "}";
      Path classes = Files.createDirectory(directory.resolve("sample" + i));
      assertThat(MarkdownSamples.compile(source, classes, List.of())).isNotNull();
    }
  }
}
