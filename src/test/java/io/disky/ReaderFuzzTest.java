package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The inputs that fuzzing has found worth keeping: what holds for any input holds for these. */
class ReaderFuzzTest {
  private static final Path INPUTS = Path.of("src/test/resources/fuzz");

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void keptInputs(ReaderFuzz target) throws IOException {
    List<Path> inputs;
    try (Stream<Path> found = Files.list(INPUTS.resolve(target.name().toLowerCase(Locale.ROOT)))) {
      inputs = found.sorted().toList();
    }
    assertThat(inputs).hasSizeGreaterThan(3);
    for (Path input : inputs) {
      byte[] bytes = Files.readAllBytes(input);
      try {
        target.run(bytes, directory);
      } catch (AssertionError e) {
        throw new AssertionError(input.toString(), e);
      }
    }
  }
}
