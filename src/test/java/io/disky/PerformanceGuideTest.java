package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.FieldSamples;
import io.disky.testing.MarkdownSamples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java samples of the performance guide compile, run, and have the same result. */
class PerformanceGuideTest {
  @TempDir Path directory;

  @Test
  void everySampleSumsAllFloats() throws Exception {
    List<String> samples = MarkdownSamples.of(Path.of("docs/performance.md"));
    assertThat(samples).hasSizeGreaterThanOrEqualTo(8);
    Path file = directory.resolve("vectors");
    double sum = FieldSamples.write(file, 300);
    for (int i = 0; i < samples.size(); i++) {
      Path classes = Files.createDirectory(directory.resolve("sample" + i));
      FieldSamples compiled = FieldSamples.compile(samples.get(i), classes);
      if (FieldSamples.canRun(samples.get(i))) {
        assertThat(compiled.sum(file)).as(samples.get(i)).isEqualTo(sum);
      }
    }
  }
}
