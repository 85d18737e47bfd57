package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM that reads a record does not load parts of the JDK that take milliseconds in a JVM that has
 * just started.
 */
class StartTest {
  /** geteuid, opening, reading and closing: a stub for each list of parameters. */
  private static final int STUBS = 4;

  @TempDir Path directory;

  @Test
  void firstRecordLoadsLittleOfTheJdk() throws Exception {
    Path file = directory.resolve("file");
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write("a record");
    }
    Path log = directory.resolve("classes");
    List<String> options = List.of("-Xlog:class+load:file=" + log);

    assertThat(ChildJvm.run(StartProbe.class, directory, options, file.toString()))
        .containsEntry("size", 8L);

    List<String> loaded = Files.readAllLines(log);
    assertThat(loaded)
        .noneMatch(line -> line.contains(" java.util.logging."))
        .noneMatch(line -> line.contains(" jdk.internal.logger."))
        .noneMatch(line -> line.contains(" java.util.regex."))
        .noneMatch(line -> line.contains(" java.lang.invoke.BoundMethodHandle$Species_LLJ "))
        .noneMatch(line -> line.contains("$$StringConcat"))
        .noneMatch(line -> line.contains(" sun.net.www.protocol.jar.JarURLConnection"));
    assertThat(loaded.stream().filter(line -> line.contains("DowncallStub")).count())
        .isBetween(1L, (long) STUBS);
  }
}
