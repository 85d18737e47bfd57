package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.files.Origin;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UnsupportedFormatExceptionTest {
  @Test
  void positionSurvivesSerialization() throws Exception {
    Path file = Path.of("records");
    UnsupportedFormatException copy =
        CorruptFileExceptionTest.copy(
            new UnsupportedFormatException(Origin.of(file), 64, "unknown"));

    assertThat(copy.path()).contains(file);
    assertThat(copy.position()).isEqualTo(64);
    assertThat(copy).hasMessage("unknown").isInstanceOf(IOException.class);
  }
}
