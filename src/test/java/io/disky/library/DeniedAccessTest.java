package io.disky.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A JVM that denies native access: whatever is called first, and each time, the exception says
 * which flag grants it.
 */
@EnabledForJreRange(min = JRE.JAVA_24)
class DeniedAccessTest {
  /** That many public static methods and shards, each called twice. */
  private static final int LEAST_CALLS = 2 * 30;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"class-path, ALL-UNNAMED", "module-path, io.disky"})
  void everyEntryPointNamesTheFlag(String path, String flag) throws Exception {
    List<String> lines = run(path).lines().toList();

    assertThat(lines).hasSizeGreaterThanOrEqualTo(LEAST_CALLS);
    assertThat(lines)
        .allSatisfy(line ->
            assertThat(line)
                .contains(": [java.lang.IllegalCallerException: disky needs native access")
                .contains("start java with --enable-native-access=" + flag));
    // Nothing was created or changed on the way.
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("in.disky", "shard_0");
    assertThat(directory.resolve("in.disky")).isEmptyFile();
  }

  private String run(String path) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dstdout.encoding=UTF-8");
    command.add("--illegal-native-access=deny");
    command.add("-cp");
    command.add(classPathRoot(DeniedAccessProbe.class).toString());
    command.add(DeniedAccessProbe.class.getName());
    command.add(path);
    command.add(classPathRoot(NativeLibrary.class).toString());
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static Path classPathRoot(Class<?> type) throws URISyntaxException, IOException {
    Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
    int names = Path.of(type.getName().replace('.', '/')).getNameCount();
    return file.getRoot().resolve(file.subpath(0, file.getNameCount() - names));
  }
}
