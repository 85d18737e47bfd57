package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.fetching.FetchedFile;
import io.disky.fetching.RemoteOpening;
import io.disky.remote.ScriptedServer.Script;
import io.disky.threads.Callbacks;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpStoreTest {
  private static final String TAG = "ETag: \"v1\"";

  private final HttpStore store = new HttpStore();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    store.close();
    arena.close();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static byte[] array(MemorySegment target, RemoteRange range) {
    return target.asSlice(0, range.length()).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The failure of {@code future}. */
  private static Throwable failure(CompletableFuture<?> future) throws InterruptedException {
    try {
      Object result = future.get();
      throw new AssertionError("no failure, but " + result);
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private Throwable failureOfReading(Script script) throws Exception {
    try (ScriptedServer server = new ScriptedServer(script)) {
      RemoteFile file = store.file(server.address("/dir/file?signature=secret"));
      Throwable failure = failure(file.read(100, arena.allocate(200), Optional.of("\"v1\"")));
      for (Throwable t = failure; t != null; t = t.getCause()) {
        assertThat(t.toString()).doesNotContain("secret");
      }
      assertThat(failure).hasMessageStartingWith("http://localhost:");
      assertThat(failure).hasMessageContaining("/dir/file: ");
      return failure;
    }
  }

  @Test
  void rangesAndTheEndAreRead() throws Exception {
    byte[] bytes = bytes(1000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> reply.range(request, bytes, TAG))) {
      RemoteFile file = store.file(server.address("/file"));
      MemorySegment target = arena.allocate(300);
      RemoteRange end = file.readEnd(target).get();
      assertThat(end).isEqualTo(new RemoteRange(700, 300, 1000, "\"v1\""));
      assertThat(array(target, end)).isEqualTo(Arrays.copyOfRange(bytes, 700, 1000));
      RemoteRange range = file.read(500, target, Optional.of("\"v1\"")).get();
      assertThat(range).isEqualTo(new RemoteRange(500, 300, 1000, "\"v1\""));
      assertThat(array(target, range)).isEqualTo(Arrays.copyOfRange(bytes, 500, 800));
      RemoteRange last = file.read(900, target, Optional.of("\"v1\"")).get();
      assertThat(last).isEqualTo(new RemoteRange(900, 100, 1000, "\"v1\""));
      assertThat(server.requests())
          .extracting(request -> request.headers().get("range"))
          .containsExactly("bytes=-300", "bytes=500-799", "bytes=900-1199");
      assertThat(server.requests())
          .allSatisfy(request ->
              assertThat(request.headers()).containsEntry("accept-encoding", "identity"));
      assertThat(server.requests())
          .extracting(request -> request.headers().get("if-match"))
          .containsExactly(null, "\"v1\"", "\"v1\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ETag: W/\"v1\" | Last-Modified: Mon, 30 Nov 2026 10:00:00 GMT"
            + " | Mon, 30 Nov 2026 10:00:00 GMT",
        "ETag: W/\"v1\" | X: z | W/\"v1\"",
        "X: y | X: z | ''",
      })
  void withoutAStrongTagTheVersionIsTheTime(String first, String second, String version)
      throws Exception {
    byte[] bytes = bytes(1000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> reply.range(request, bytes, first, second))) {
      RemoteFile file = store.file(server.address("/file"));
      MemorySegment target = arena.allocate(300);
      assertThat(file.readEnd(target).get().version()).isEqualTo(version);
      assertThat(file.read(0, target, Optional.of(version)).get().version()).isEqualTo(version);
      assertThat(server.requests())
          .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("if-match"));
      assertThat(failure(file.read(0, target, Optional.of("another"))))
          .isInstanceOf(RemoteFileChangedException.class)
          .hasMessageEndingWith(
              version.isEmpty()
                  ? ": the file has no version instead of version another"
                  : ": the file has version " + version + " instead of version another");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSmallFileIsReadFromAServerWithoutRanges(boolean chunked) throws Exception {
    byte[] bytes = bytes(250);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          if (chunked) {
            reply.head(200, TAG, "Transfer-Encoding: chunked");
            reply.body("fa\r\n".getBytes(StandardCharsets.US_ASCII), 0, 4);
            reply.body(bytes, 0, 250);
            reply.body("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII), 0, 7);
          } else {
            reply.head(200, TAG, "Content-Length: 250");
            reply.body(bytes, 0, 250);
          }
        })) {
      RemoteFile file = store.file(server.address("/file"));
      MemorySegment target = arena.allocate(300);
      RemoteRange range = file.readEnd(target).get();
      assertThat(range).isEqualTo(new RemoteRange(0, 250, 250, "\"v1\""));
      assertThat(array(target, range)).isEqualTo(bytes);
    }
  }

  @Test
  void aLargeFileOnAServerWithoutRangesIsRefused() throws Exception {
    byte[] bytes = bytes(300_000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          reply.head(200, TAG, "Content-Length: 300000");
          reply.body(bytes, 0, bytes.length);
        })) {
      RemoteFile file = store.file(server.address("/file"));
      MemorySegment target = arena.allocate(300);
      assertThat(file.readEnd(target).get())
          .isEqualTo(new RemoteRange(300_000, 0, 300_000, "\"v1\""));
      assertThat(failure(file.read(10, target, Optional.of("\"v1\""))))
          .isInstanceOf(RemoteRequestException.class)
          .matches(failure -> !((RemoteRequestException) failure).isRepeatable())
          .hasMessageContaining("the server does not support ranges");
    }
  }

  @Test
  void aChunkedBodyThatIsTooLongIsRefused() throws Exception {
    byte[] bytes = bytes(0x1000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          reply.head(200, TAG, "Transfer-Encoding: chunked");
          reply.body("1000\r\n".getBytes(StandardCharsets.US_ASCII), 0, 6);
          reply.body(bytes, 0, bytes.length);
        })) {
      assertThat(failure(store.file(server.address("/file")).readEnd(arena.allocate(300))))
          .isInstanceOf(RemoteRequestException.class)
          .hasMessageContaining("the server does not support ranges");
    }
  }

  @Test
  void anEmptyFileHasNoEnd() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            (request, reply) -> reply.status(416, TAG, "Content-Range: bytes */0"))) {
      assertThat(store.file(server.address("/file")).readEnd(arena.allocate(300)).get())
          .isEqualTo(new RemoteRange(0, 0, 0, "\"v1\""));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400,false", "405,false", "408,true", "416,false", "425,true", "429,true", "500,true",
    "501,false", "502,true", "503,true", "504,true", "505,false", "520,true", "304,false"
  })
  void aStatusIsRepeatableOrNot(int status, boolean repeatable) throws Exception {
    Throwable failure = failureOfReading((request, reply) -> reply.status(status));
    assertThat(failure)
        .isInstanceOf(RemoteRequestException.class)
        .hasMessageContaining(Integer.toString(status));
    assertThat(((RemoteRequestException) failure).isRepeatable()).isEqualTo(repeatable);
  }

  @Test
  void aMissingFileIsTheExceptionOfFiles() throws Exception {
    assertThat(failureOfReading((request, reply) -> reply.status(404)))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(failureOfReading((request, reply) -> reply.status(403)))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void aReplacedFileIsNoticed() throws Exception {
    assertThat(failureOfReading((request, reply) -> reply.status(412)))
        .isInstanceOf(RemoteFileChangedException.class)
        .hasMessageContaining("no longer has version \"v1\"");
    assertThat(failureOfReading((request, reply) -> reply.status(416, "Content-Range: bytes */50")))
        .isInstanceOf(RemoteFileChangedException.class)
        .hasMessageContaining("only 50 bytes");
    byte[] bytes = bytes(1000);
    assertThat(failureOfReading((request, reply) -> reply.range(request, bytes, "ETag: \"v2\"")))
        .isInstanceOf(RemoteFileChangedException.class)
        .hasMessageContaining("the file has version \"v2\" instead of version \"v1\"");
  }

  @Test
  void theServerStatesADelay() throws Exception {
    Throwable failure = failureOfReading((request, reply) -> reply.status(503, "Retry-After: 17"));
    assertThat(((RemoteRequestException) failure).delay()).contains(Duration.ofSeconds(17));
    failure =
        failureOfReading(
            (request, reply) -> reply.status(503, "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"));
    assertThat(((RemoteRequestException) failure).delay().orElseThrow().toDays())
        .isGreaterThan(1000);
    failure = failureOfReading((request, reply) -> reply.status(503, "Retry-After: soon"));
    assertThat(((RemoteRequestException) failure).delay()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Range: bytes 0-199/1000",
        "Content-Range: bytes 100-298/1000",
        "Content-Range: bytes 100-399/1000",
        "Content-Range: bytes 100-299/*",
        "Content-Range: bytes 100-299/200",
        "Content-Range: bytes 299-100/1000",
        "Content-Range: lines 100-299/1000",
        "X: no range",
        "Content-Range: bytes 100-299/1000\r\nContent-Encoding: gzip",
        "Content-Range: bytes 100-299/1000\r\nContent-Type: multipart/byteranges; boundary=x",
      })
  void wrongHeadersAreRefused(String header) throws Exception {
    byte[] bytes = bytes(200);
    assertThat(
            failureOfReading((request, reply) -> {
              reply.head(206, TAG, header, "Content-Length: 200");
              reply.body(bytes, 0, 200);
            }))
        .isInstanceOf(RemoteRequestException.class);
  }

  @Test
  void aBrokenConnectionMayBeRepeatedAndItsBytesAreUsed() throws Exception {
    byte[] bytes = bytes(1 << 20);
    int[] sent = {100};
    MemorySegment target = arena.allocate(500_000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          int[] range = request.range(bytes.length);
          reply.rangeHead(range, bytes.length, TAG);
          reply.body(bytes, range[0], range[0] + sent[0]);
          // The JDK's client drops bytes that come just before the end of a connection.
          while (sent[0] > 100 && target.get(ValueLayout.JAVA_BYTE, 200_000) != bytes[201_000]) {
            Thread.onSpinWait();
          }
          reply.close();
        })) {
      RemoteFile file = store.file(server.address("/file"));
      target.set(ValueLayout.JAVA_BYTE, 200_000, (byte) ~bytes[201_000]);
      Throwable failure = failure(file.read(1000, target, Optional.of("\"v1\"")));
      assertThat(((RemoteRequestException) failure).isRepeatable()).isTrue();
      sent[0] = 400_000;
      RemoteRange range = file.read(1000, target, Optional.of("\"v1\"")).get();
      assertThat(range.length()).isBetween(65_536L, 400_000L);
      assertThat(array(target, range))
          .isEqualTo(Arrays.copyOfRange(bytes, 1000, (int) (1000 + range.length())));
    }
  }

  @Test
  void aServerThatIsNotThereMayComeBack() throws Exception {
    URI address;
    try (ScriptedServer server = new ScriptedServer((request, reply) -> {})) {
      address = server.address("/file?signature=secret");
    }
    Throwable failure = failure(store.file(address).readEnd(arena.allocate(10)));
    assertThat(((RemoteRequestException) failure).isRepeatable()).isTrue();
    assertThat(failure).hasMessageStartingWith("http://localhost:");
  }

  @Test
  void redirectionsAreFollowedWithoutSecrets() throws Exception {
    byte[] bytes = bytes(1000);
    try (ScriptedServer target =
            new ScriptedServer((request, reply) -> {
              if (request.path().contains("denied")) {
                reply.status(500);
              } else {
                reply.range(request, bytes, TAG);
              }
            });
        ScriptedServer server =
            new ScriptedServer((request, reply) -> {
              String path = request.path();
              String location =
                  path.equals("/here") ? "/there" : target.address("/x?sig=secret") + path;
              if (path.equals("/there")) {
                reply.range(request, bytes, TAG);
              } else if (path.equals("/loop")) {
                reply.status(302, "Location: /loop");
              } else if (path.equals("/ftp")) {
                reply.status(302, "Location: ftp://secret/");
              } else if (path.equals("/bad")) {
                reply.status(302, "Location: http://a b/?secret");
              } else {
                reply.status(307, "Location: " + location);
              }
            });
        HttpClient client = HttpClient.newHttpClient();
        HttpStore own = HttpStore.of(client, Map.of("Authorization", "Bearer secret"))) {
      MemorySegment memory = arena.allocate(300);
      for (String path : List.of("/here", "/away")) {
        RemoteRange range = own.file(server.address(path)).readEnd(memory).get();
        assertThat(array(memory, range)).isEqualTo(Arrays.copyOfRange(bytes, 700, 1000));
      }
      assertThat(server.requests())
          .hasSize(3)
          .allSatisfy(request ->
              assertThat(request.headers()).containsEntry("authorization", "Bearer secret"));
      assertThat(target.requests())
          .singleElement()
          .satisfies(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
      for (String path : List.of("/denied", "/loop", "/ftp", "/bad")) {
        Throwable failure = failure(own.file(server.address(path)).readEnd(memory));
        assertThat(failure).isInstanceOf(RemoteRequestException.class);
        for (Throwable t = failure; t != null; t = t.getCause()) {
          assertThat(t.toString()).doesNotContain("secret").doesNotContain("sig=");
        }
      }
    }
  }

  @Test
  void theUserOfAnAddressIsSentAndNotShown() throws Exception {
    byte[] bytes = bytes(1000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> reply.range(request, bytes, TAG))) {
      URI plain = server.address("/file?key=1#fragment");
      URI address = URI.create(plain.toString().replace("//", "//user:secret@"));
      RemoteFile file = store.file(address);
      assertThat(file.name())
          .isEqualTo(file.toString())
          .isEqualTo(server.address("/file").toString());
      assertThat(file.cacheKey()).isEqualTo(server.address("/file?key=1").toString());
      file.readEnd(arena.allocate(10)).get();
      assertThat(server.requests().getFirst().headers())
          .containsEntry(
              "authorization",
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString("user:secret".getBytes(StandardCharsets.UTF_8)));
      assertThat(server.requests().getFirst().path()).isEqualTo("/file?key=1");
    }
  }

  @Test
  void wrongArgumentsAreRefusedWithoutSecrets() {
    for (String address : List.of("ftp://user:secret@x/", "https:///secret", "secret")) {
      assertThatThrownBy(() -> store.file(URI.create(address)))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .doesNotContain("secret");
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> HttpStore.of(client, Map.of("Name", "secret\n")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Name")
          .message()
          .doesNotContain("secret");
    }
    URI address = URI.create("https://x/dir/");
    assertThatThrownBy(() -> store.list(address)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> store.create(address, true))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void nothingIsWrittenAfterACancellation() throws Exception {
    byte[] bytes = bytes(1 << 20);
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch rest = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          reply.rangeHead(new int[] {0, bytes.length - 1}, bytes.length, TAG);
          reply.body(bytes, 0, 1000);
          half.countDown();
          try {
            rest.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          reply.body(bytes, 1000, bytes.length);
        })) {
      CompletableFuture<RemoteRange> future;
      try (Arena own = Arena.ofShared()) {
        future =
            store.file(server.address("/file")).read(0, own.allocate(1 << 20), Optional.empty());
        half.await();
        assertThat(future.cancel(true)).isTrue();
      } // Closing the arena throws if its memory is in use.
      rest.countDown();
      assertThat(future).isCancelled();
    }
  }

  private static List<String> clientThreads(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .map(Thread::getName)
        .filter(name -> name.startsWith("disky-http") || name.startsWith("HttpClient-"))
        .toList();
  }

  @Test
  void anAddressOfHttpsIsReadThroughTls() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int[] first = new int[1];
      Thread reading =
          Thread.ofPlatform()
              .start(() -> {
                try (Socket client = server.accept()) {
                  first[0] = client.getInputStream().read();
                } catch (IOException _) {
                  first[0] = -1;
                }
              });
      URI address = URI.create("https://localhost:" + server.getLocalPort() + "/file");
      Throwable failure = failure(store.file(address).readEnd(arena.allocate(10)));
      assertThat(failure).isInstanceOf(RemoteRequestException.class);
      reading.join();
      assertThat(first[0]).as("content type of a TLS handshake").isEqualTo(22);
    }
  }

  @Test
  void closingLeavesNoThread() throws Exception {
    byte[] bytes = bytes(1000);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          if (request.path().equals("/silent")) {
            return;
          }
          reply.range(request, bytes, TAG);
        })) {
      Set<Thread> before = Thread.getAllStackTraces().keySet();
      HttpStore own = new HttpStore();
      own.file(server.address("/file")).readEnd(arena.allocate(10)).get();
      CompletableFuture<RemoteRange> silent =
          own.file(server.address("/silent")).readEnd(arena.allocate(10));
      assertThat(clientThreads(before)).hasSizeGreaterThan(1);
      own.close();
      assertThat(failure(silent)).isInstanceOf(IOException.class);
      assertThat(clientThreads(before)).isEmpty();
    }
  }

  @Test
  void aFileIsReadThroughFaults() throws Exception {
    byte[] bytes = bytes(6 << 20);
    Random faults = new Random(5);
    try (ScriptedServer server =
        new ScriptedServer((request, reply) -> {
          int[] range = request.range(bytes.length);
          int fault;
          synchronized (faults) {
            fault = faults.nextInt(6);
          }
          switch (fault) {
            case 0 -> reply.status(503);
            case 1 -> {
              reply.rangeHead(range, bytes.length, TAG);
              reply.body(bytes, range[0], range[0] + (range[1] - range[0]) / 2);
              reply.reset();
            }
            case 2 -> {
              reply.rangeHead(new int[] {0, range[1] - range[0]}, bytes.length, TAG);
              reply.body(bytes, 0, range[1] - range[0] + 1);
            }
            default -> reply.range(request, bytes, TAG);
          }
        })) {
      RemoteMetrics metrics = new RemoteMetrics();
      RemoteOptions options =
          RemoteOptions.defaults()
              .withRequestSize(256 << 10)
              .withMaxMemory(4 << 20)
              .withMaxAttempts(30)
              .withMetrics(metrics);
      try (FetchedFile file =
              RemoteOpening.open(store.file(server.address("/file")), options, new Callbacks("x"));
          ByteSource source = file.source()) {
        byte[] read = new byte[bytes.length];
        for (int position = 0; position < read.length; ) {
          MemorySegment part = source.read(position, read.length);
          int size = (int) part.byteSize();
          MemorySegment.copy(part, ValueLayout.JAVA_BYTE, 0, read, position, size);
          position += size;
        }
        assertThat(Arrays.equals(read, bytes)).isTrue();
      }
      assertThat(metrics.retries()).isPositive();
      assertThat(metrics.requests()).isGreaterThan(24 + metrics.retries() / 2);
      assertThat(metrics.bytesUsed()).isEqualTo(bytes.length);
      assertThat(metrics.toString()).contains("retries=" + metrics.retries());
    }
  }
}
