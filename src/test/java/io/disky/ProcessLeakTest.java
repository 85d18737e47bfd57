package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.lifetime.LeakProbe;
import io.disky.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However careless a program is: its process does not grow. */
@EnabledOnOs(OS.LINUX)
class ProcessLeakTest {
  private static final int CHUNK = 1 << 18;

  @TempDir private Path directory;

  /** Each of them holds the memory of a chunk. */
  @ParameterizedTest
  @CsvSource({"batch,10000", "iterate,3000", "stream,2000", "arena,2000"})
  void readersOfLargeChunksAreForgotten(String what, int times) throws Exception {
    forget(what, times, CHUNK, "none");
  }

  @Test
  void readersOfCompressedChunksAreForgotten() throws Exception {
    forget("batch", 2_000, CHUNK, "zstd");
  }

  @Test
  void batchStreamsAreForgotten() throws Exception {
    forget("batches", 500, 4 * CHUNK, "none");
  }

  /** Each of them is next to nothing to the Java heap. */
  @ParameterizedTest
  @CsvSource({"open,none", "batch,zstd"})
  void readersOfSmallFilesAreForgotten(String what, String compression) throws Exception {
    forget(what, 10_000, 1_000, compression);
  }

  @Test
  void writersAreForgotten() throws Exception {
    forget("writer", 3_000, 1_000, "none");
  }

  private void forget(String what, int times, int fileSize, String compression) throws Exception {
    assertBounded(probe(what, times, fileSize, compression, times));
  }

  /** Batches of a reader that is closed in the end. */
  @Test
  void batchesAreForgotten() throws Exception {
    assertBounded(probe("forget_batches", 20, 80 * (1 << 20), "none", 0));
  }

  @Test
  void closedReadersAndWritersLeaveNothing() throws Exception {
    Map<String, Long> found = probe("close", 1_500, 20_000, "zstd", 0);
    assertThat(found.get("peak_descriptors")).isLessThan(50);
    assertBounded(found);
  }

  /** Objects that a program keeps after it closed them hold no memory but their own. */
  @ParameterizedTest
  @ValueSource(strings = {"readers_kept_closed", "batches_kept_closed", "writers_kept_closed"})
  void closedOnesAreKept(String what) throws Exception {
    Map<String, Long> found = probe(what, 1_500, CHUNK, "none", 0);
    assertThat(found).containsEntry("kept", 1_500L);
    assertThat(found.get("peak_descriptors")).isLessThan(50);
    assertBounded(found);
  }

  /** A JVM with such a heap takes some 130 MiB to begin with. */
  private static void assertBounded(Map<String, Long> found) {
    assertThat(found.get("peak_resident_mib")).isLessThan(400);
    assertThat(found.get("peak_descriptors")).isLessThan(3_000);
  }

  /** Whatever it was: in the end all is closed, and exactly the forgotten ones were reported. */
  private Map<String, Long> probe(
      String what, int times, int fileSize, String compression, int forgotten) throws Exception {
    Map<String, Long> found =
        ChildJvm.run(
            LeakProbe.class,
            directory,
            List.of("-Xmx64m"),
            what,
            Integer.toString(times),
            Integer.toString(fileSize),
            compression,
            Integer.toString(forgotten));
    System.out.println(what + " x " + times + ", " + compression + ": " + found);
    assertThat(found)
        .containsEntry("reported", (long) forgotten)
        .containsEntry("messages", (long) forgotten);
    assertThat(found.get("descriptors")).isLessThan(50);
    return found;
  }
}
