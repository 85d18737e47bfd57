package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.testing.ChildJvm;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The memory that a process takes. The status of a process states it on Linux only. */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class LoaderMemoryTest {
  private static final long SLACK = 64 << 20;
  private static final int RECORDS = 60_000;
  private static final List<String> SMALL_HEAP = List.of("-Xmx64m", "-Xss512k");

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("file");
    Random random = new Random(1);
    WriterOptions options = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(SampleRecords.random(random, 1_000 + random.nextInt(2_000)));
      }
    }
  }

  @Test
  void aProcessStaysWithinTheBoundAnd64MiB() throws Exception {
    long memory = 32 << 20;
    Map<String, Long> numbers =
        ChildJvm.run(
            LoaderMemoryProgram.class,
            directory,
            SMALL_HEAP,
            "load",
            file.toString(),
            Long.toString(memory));

    assertThat(numbers.get("records")).isEqualTo(3L * RECORDS);
    assertThat(numbers.get("peak") - numbers.get("before")).isLessThan(memory + SLACK);
  }

  @Test
  void forgottenLoadersTakeNoMemory() throws Exception {
    Map<String, Long> numbers =
        ChildJvm.run(
            LoaderMemoryProgram.class, directory, SMALL_HEAP, "abandon", file.toString(), "2000");

    // The second half of the loaders would take more than 1 GB: each has decoded a chunk of 1 MiB.
    assertThat(numbers.get("late") - numbers.get("early")).isLessThan(256L << 20);
  }
}
