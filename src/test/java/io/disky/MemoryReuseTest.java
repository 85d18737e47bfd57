package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is let go is used again or given back, although the Java heap gives the garbage collector no
 * reason to run, and nobody can ask it to.
 */
@EnabledOnOs(OS.LINUX)
class MemoryReuseTest {
  private static final List<String> OPTIONS =
      List.of(
          "-Xmx64m", "-XX:MaxDirectMemorySize=160m", "-XX:+UseSerialGC", "-XX:+DisableExplicitGC");

  @TempDir private Path directory;

  /** Each uses several times as much as there may be, all together. */
  @ParameterizedTest
  @CsvSource({
    "write,60",
    "write_larger,20",
    "write_in_parallel,60",
    "write_slots,20",
    "write_shards,20",
    "writers,20",
    "read_larger,3",
    "read_in_parallel,3",
    "random_access,10",
    "ranges_outlive,10",
    "memory,1500",
    "streams,1500",
    "channels,700",
  })
  void isBounded(String what, String times) throws Exception {
    Map<String, Long> found = ChildJvm.run(LargeMemory.class, directory, OPTIONS, what, times);

    System.out.println(what + " x " + times + ": " + found);
    assertThat(found.get("peak_resident_mib")).isLessThan(300);
  }
}
