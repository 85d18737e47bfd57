package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.testing.MarkdownSamples;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java samples of README.md compile and run. */
class ReadmeTest {
  private static final String CLASS =
"""
      import static java.lang.foreign.ValueLayout.*;
      import static java.nio.charset.StandardCharsets.UTF_8;

      import io.disky.*;
      import io.disky.loader.*;
      import io.disky.testing.MarkdownSamples;
import java.io.IOException;
      import java.io.UncheckedIOException;
      import java.lang.foreign.*;
      import java.nio.*;
      import java.nio.file.*;
      import java.time.Duration;

      public class Sample {
        public static void run(Path directory, Path numbers) throws Exception {
      %s
        }
      }
""";

  @TempDir Path directory;

  private static List<String> samples() throws IOException {
    return MarkdownSamples.of(Path.of("README.md"));
  }

  /** A field of 4 bytes is not read from records of 2. */
  @Test
  void noSampleReadsPastTheEndOfARecord() throws Exception {
    Path numbers = directory.resolve("short");
    try (RecordWriter writer = RecordWriter.open(numbers)) {
      writer.write(new byte[] {1, 0});
      writer.write(new byte[] {2, 0});
      writer.write(new byte[] {3, 0});
    }
    List<String> sums = samples().stream().filter(sample -> sample.contains("JAVA_INT")).toList();
    assertThat(sums).isNotEmpty();
    for (String sample : sums) {
      assertThatExceptionOfType(InvocationTargetException.class)
          .isThrownBy(() -> run(sample, Files.createTempDirectory(directory, "short"), numbers))
          .withStackTraceContaining("has only 2 bytes");
    }
  }

  @Test
  void everySampleRuns() throws Exception {
    List<String> samples = samples();
    assertThat(samples).hasSizeGreaterThanOrEqualTo(4);
    Path numbers = directory.resolve("numbers");
    try (RecordWriter writer = RecordWriter.open(numbers)) {
      writer.write(new byte[] {1, 0, 0, 0});
      writer.write(new byte[] {2, 0, 0, 0, 9});
    }
    for (int i = 0; i < samples.size(); i++) {
      run(samples.get(i), Files.createDirectory(directory.resolve("sample" + i)), numbers);
    }
    assertThat(directory.resolve("sample0/greetings.disky")).exists();
    assertThat(directory.resolve("sample1/numbers.riegeli")).exists();
  }

  private static void run(String sample, Path directory, Path numbers) throws Exception {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    MarkdownSamples.compile(CLASS.formatted(sample), classes, List.of("--release", "22"))
        .getMethod("run", Path.class, Path.class)
        .invoke(null, directory, numbers);
  }
}
