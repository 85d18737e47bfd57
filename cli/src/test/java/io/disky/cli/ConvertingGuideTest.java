package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.testing.MarkdownSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands and the Java samples of the guide to converting run. */
class ConvertingGuideTest {
  private static final Path GUIDE =
      Files.exists(Path.of("docs/converting.md"))
          ? Path.of("docs/converting.md")
          : Path.of("../docs/converting.md");

  private static final Pattern SHELL_BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  @TempDir Path directory;

  @BeforeEach
  void makeFiles() throws IOException {
    RecordTexts.file(directory.resolve("notes.txt"), "hello world\nwork\n");
    RecordTexts.file(directory.resolve("sorted.txt"), "a\nb\nc\n");
    RecordTexts.file(directory.resolve("tree/one.txt"), "hello");
    RecordTexts.file(directory.resolve("tree/two/three.txt"), "");
  }

  private static List<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    for (MatchResult block : SHELL_BLOCK.matcher(Files.readString(GUIDE)).results().toList()) {
      commands.addAll(Arrays.asList(block.group(1).split("\n", -1)));
    }
    commands.removeIf(String::isBlank);
    return commands;
  }

  @Test
  void everyCommandRuns() throws IOException {
    List<String> commands = commands();
    assertThat(commands).hasSizeGreaterThanOrEqualTo(15);
    for (String line : commands) {
      CliRun run = CliRun.of(arguments(line.replaceAll(" (\\|\\||>) .*", "")));
      assertThat(run.messages()).as(line).doesNotContain("Try 'disky");
      int allowed = line.contains("||") ? 1 : 0;
      assertThat(run.status()).as(line + "\n" + run.messages()).isBetween(0, allowed);
    }
    assertThat(CliRun.of("count", directory.resolve("merged.disky")).text()).isEqualTo("6\n");
    assertThat(directory.resolve("out")).isDirectory();
  }

  /** The arguments after {@code disky}, with names of files in the directory of the test. */
  private Object[] arguments(String line) {
    String[] words = line.split(" ", -1);
    assertThat(words[0]).isEqualTo("disky");
    Object[] arguments = new Object[words.length - 1];
    for (int i = 1; i < words.length; i++) {
      String word = words[i].replace("'", "");
      boolean file =
          word.matches("[a-z-]+\\.[a-z.]+|tree|tree-shards|out") && !word.equals("wor[lk]d");
      arguments[i - 1] = file && !words[i].startsWith("-") ? directory.resolve(word) : word;
    }
    return arguments;
  }

  @Test
  void everyJavaSampleRuns() throws Exception {
    List<String> samples = MarkdownSamples.of(GUIDE);
    assertThat(samples).hasSize(2);
    Path tfRecords = directory.resolve("a.tfrecord");
    Path records = directory.resolve("a.disky");
    try (RecordWriter writer = RecordWriter.open(records, WriterOptions.defaults())) {
      writer.write("record");
    }
    for (String sample : samples.reversed()) {
      Path classes = Files.createTempDirectory(directory, "classes");
      Class<?> compiled =
          MarkdownSamples.compile(
              """
              import io.disky.*;
              import io.disky.formats.*;
              import java.lang.foreign.MemorySegment;
              import java.nio.file.*;

              public class Sample {
                public static void run(Path tfRecords, Path records) throws Exception {
              """
                  + sample
                  + "}}",
              classes,
              List.of());
      compiled.getMethod("run", Path.class, Path.class).invoke(null, tfRecords, records);
      records = directory.resolve("b.disky");
    }
    assertThat(RecordTexts.in(directory.resolve("b.disky"))).containsExactly("record");
  }
}
