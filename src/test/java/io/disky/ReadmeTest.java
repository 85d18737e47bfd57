package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java samples of README.md compile and run. */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String CLASS =
      """
      import static java.lang.foreign.ValueLayout.*;
      import static java.nio.charset.StandardCharsets.UTF_8;

      import io.disky.*;
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
    return JAVA_BLOCK
        .matcher(Files.readString(Path.of("README.md")))
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
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
    compile(CLASS.formatted(sample), classes);
    URL[] path = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(path, ReadmeTest.class.getClassLoader())) {
      Method run = loader.loadClass("Sample").getMethod("run", Path.class, Path.class);
      run.invoke(null, directory, numbers);
    }
  }

  private static void compile(String source, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "--release",
              "22",
              "-classpath",
              System.getProperty("java.class.path"),
              "-d",
              classes.toString());
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, List.of(new Source(source)))
              .call();
      assertThat(compiled).as("%s%n%s", source, messages).isTrue();
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Sample.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
