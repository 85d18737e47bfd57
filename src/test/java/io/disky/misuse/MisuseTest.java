package io.disky.misuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short campaign of misuse; {@code scripts/fuzz-api} runs long ones. The system property {@code
 * disky.misuse.operations} sets the number of operations, {@code disky.misuse.seed} the first seed.
 */
class MisuseTest {
  private static final long OPERATIONS = Long.getLong("disky.misuse.operations", 60_000);
  private static final long SEED = Long.getLong("disky.misuse.seed", 1);

  @TempDir private Path directory;

  @Test
  void misuseBreaksNoPromise() throws Exception {
    System.out.println("seed " + SEED);
    assertThat(new MisuseCampaign(SEED, directory, System.out).run(OPERATIONS)).isNull();
  }
}
