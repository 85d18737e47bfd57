package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that reads its first remote record loads only the parts of the JDK that this needs. */
@Timeout(60)
class HttpStartTest {
  private static final String TAG = "ETag: \"v1\"";

  @TempDir private Path directory;

  /** Larger than the first request, so that the reader waits for a second one. */
  private byte[] file() throws IOException {
    Path file = directory.resolve("file");
    WriterOptions plain = WriterOptions.defaults().withCompression(Compression.none());
    try (RecordWriter writer = RecordWriter.open(file, plain)) {
      writer.write(new byte[1 << 20]);
    }
    return Files.readAllBytes(file);
  }

  @Test
  void noCertificatesAndNoRecorderAreLoaded() throws Exception {
    byte[] bytes = file();
    Path log = directory.resolve("classes");
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> reply.range(request, bytes, TAG))) {
      List<String> options = List.of("-Xlog:class+load:file=" + log);
      String address = server.address("/file").toString();
      assertThat(ChildJvm.run(HttpStartProbe.class, directory, options, address))
          .containsEntry("size", 1L << 20);
    }
    assertThat(Files.readAllLines(log))
        .anyMatch(line -> line.contains(" java.net.http.HttpClient "))
        .noneMatch(line -> line.contains(" sun.security.ssl."))
        .noneMatch(line -> line.contains(" jdk.jfr.Event "));
  }

  @Test
  void certificatesThatCannotBeReadConcernHttpsOnly() throws Exception {
    byte[] bytes = file();
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> reply.range(request, bytes, TAG))) {
      List<String> options = List.of("-Djavax.net.ssl.trustStoreType=none");
      String address = server.address("/file").toString();
      String secure = address.replace("http:", "https:");
      assertThat(ChildJvm.run(HttpStartProbe.class, directory, options, address, secure))
          .containsEntry("size", 1L << 20)
          .containsEntry("refused", 1L);
    }
  }
}
