package io.disky.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.MarkdownSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/guides/remote.md, with the store of the environment. */
@Timeout(120)
class RemoteGuideTest {
  @TempDir private Path directory;

  private static Path guide() {
    Path root = Path.of(System.getProperty("basedir", "stores/s3")).resolve("../..");
    return root.resolve("docs/guides/remote.md");
  }

  @Test
  void theFirstProgramPrintsWhatThePageSays() throws Exception {
    Path program = directory.resolve("RemoteRecords.java");
    Files.writeString(program, MarkdownSamples.of(guide()).getFirst());
    try (LocalS3 s3 = new LocalS3()) {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "--enable-native-access=ALL-UNNAMED",
              "-Dio.disky.library.dir=" + System.getProperty("io.disky.library.dir"),
              "-cp",
              System.getProperty("java.class.path"),
              program.toString(),
              directory.toString());
      builder.environment().put("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + s3.serverPort());
      builder.environment().put("AWS_REGION", "us-east-1");
      builder.environment().put("AWS_ACCESS_KEY_ID", LocalS3.KEY_ID);
      builder.environment().put("AWS_SECRET_ACCESS_KEY", LocalS3.SECRET);
      Path errors = directory.resolve("errors");
      Process process = builder.redirectError(errors.toFile()).start();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
      assertThat(printed).isEqualTo(output());
      assertThat(s3.keys()).containsExactly("train.disky");
    }
  }

  private static String output() throws IOException {
    Matcher block =
        Pattern.compile("```text\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(guide()));
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  @Test
  void theOtherSamplesCompile() throws Exception {
    List<String> samples =
        MarkdownSamples.of(guide()).stream().filter(sample -> !sample.contains("class ")).toList();
    String methods =
        samples.stream()
            .map(sample ->
                "static void sample"
                    + samples.indexOf(sample)
                    + "() throws Exception {"
                    + sample
                    + "}")
            .collect(Collectors.joining("\n"));
    var _ =
        MarkdownSamples.compile(
            """
            import io.disky.*;
            import io.disky.remote.*;
            import java.net.URI;
            import java.nio.file.Path;
            class Sample {
              static RemoteStore store;
              static URI address;
              static byte[] bytes;
            %s
            }
            """
                .formatted(methods),
            directory,
            List.of());
    assertThat(samples).hasSize(3);
  }
}
