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
 * Memory of a mapped file that is truncated meanwhile: an {@code IOException}, whoever compiled the
 * code that uses it, and nothing that depends on what was not there.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class VanishingMemoryTest {
  @TempDir private Path directory;

  /** Compiled code is waited for: the number of rounds after it decides, not how fast it is. */
  @ParameterizedTest
  @CsvSource({"-Xint,100,3", "-XX:-TieredCompilation,30000,20", "-XX:+TieredCompilation,30000,20"})
  void isAnIoException(String compiler, String warmUp, String rounds) throws Exception {
    Map<String, Long> wrong =
        ChildJvm.run(
            VanishingMemory.class, directory, List.of("-Xbatch", compiler), warmUp, rounds);

    assertThat(wrong.remove("done")).isEqualTo(1);
    assertThat(wrong).hasSizeGreaterThan(20);
    assertThat(wrong.values()).as("%s", wrong).containsOnly(0L);
  }
}
