package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.remote.RemoteOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A class whose static initialisation fails, because the stack is exhausted, can never be used
 * again. Options are often the first that a program uses, so they have no such initialisation.
 */
class OptionsInitializationTest {
  @ParameterizedTest
  @ValueSource(
      classes = {
        Compression.class,
        MultiThreadedReaderOptions.class,
        MultiThreadedWriterOptions.class,
        RandomAccessOptions.class,
        ReaderOptions.class,
        RemoteOptions.class,
        RotationOptions.class,
        WriterOptions.class
      })
  void optionsHaveNoStaticInitialisation(Class<?> options) throws IOException {
    try (InputStream file = options.getResourceAsStream(options.getSimpleName() + ".class")) {
      assertThat(new String(file.readAllBytes(), StandardCharsets.ISO_8859_1))
          .contains("<init>")
          .doesNotContain("<clinit>");
    }
  }
}
