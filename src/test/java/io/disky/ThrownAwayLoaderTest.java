package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application server loads the library in class loaders that it later throws away. Kept memory
 * ({@link io.disky.memory.KeptMemory}) is softly reachable, so the JVM of this test clears soft
 * references at once.
 */
class ThrownAwayLoaderTest {

  @TempDir private Path directory;

  @Test
  void classLoadersThatUsedTheLibraryAreCollected() throws Exception {
    Map<String, Long> numbers =
        ChildJvm.run(
            ThrownAwayLoaderProbe.class,
            directory,
            List.of("-Xmx256m", "-XX:SoftRefLRUPolicyMSPerMB=0"),
            "3");

    assertThat(numbers).isEqualTo(Map.of("loaders", 3L, "collected", 3L));
  }
}
