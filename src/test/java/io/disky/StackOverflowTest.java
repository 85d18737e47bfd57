package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** At the end of the stack a call fails as such, and works again where there is more of it. */
class StackOverflowTest {
  @Test
  void whatIsFirstUsedAtTheEndOfTheStackWorksLater() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Frames of interpreted code are always of the same size.
                "-Xint",
                "-Dstdout.encoding=UTF-8",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPathRoot(RecordReader.class)
                    + System.getProperty("path.separator")
                    + classPathRoot(StackOverflowProbe.class)
                    + System.getProperty("path.separator")
                    + classPathRoot(org.assertj.core.api.Assertions.class),
                StackOverflowProbe.class.getName())
            .redirectError(Redirect.INHERIT)
            .start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();

    assertThat(process.waitFor()).as(lines.toString()).isZero();
    assertThat(lines).hasSize(11).allMatch(line -> line.endsWith(" works[]"));
  }

  private static Path classPathRoot(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
