package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.files.Origin;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ChunkTooLargeExceptionTest {
  @Test
  void sizesSurviveSerialization() throws Exception {
    Path file = Path.of("records");
    ChunkTooLargeException copy =
        CorruptFileExceptionTest.copy(
            new ChunkTooLargeException(Origin.of(file), 64, -1, 1L << 30, "too large"));

    assertThat(copy.path()).contains(file);
    assertThat(copy.position()).isEqualTo(64);
    assertThat(copy.size()).isEqualTo(-1);
    assertThat(copy.limit()).isEqualTo(1L << 30);
    assertThat(copy).hasMessage("too large").isInstanceOf(IOException.class);
  }
}
