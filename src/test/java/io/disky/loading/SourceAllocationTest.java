package io.disky.loading;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A record of a source costs at most 0.02 bytes of Java heap once the code is compiled, whether its
 * chunk is read for it alone, held for many, or in the cache.
 */
class SourceAllocationTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"global", "window", "cached"})
  void almostNothingForARecord(String what) throws Exception {
    Map<String, Long> found =
        ChildJvm.run(SourceAllocationProbe.class, directory, List.of("-Xmx256m"), what, "20");
    System.out.println(what + ": " + found);
    assertThat(found).containsEntry("steady", 1L);
  }
}
