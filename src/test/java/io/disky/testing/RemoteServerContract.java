package io.disky.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteStore;
import io.disky.testing.FaultyProxy.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises of a store whose files are read from a server, through a proxy with faults. */
public interface RemoteServerContract extends RemoteFileContract {
  FaultyProxy proxy();

  /** A header by which an answer states the version of a file, with its line end. */
  String versionHeader();

  /** A store that sends {@link #secrets} to the same server. */
  RemoteStore secretStore();

  /** An address of a file for {@link #secretStore}, which may contain secrets. */
  URI secretAddress(String key);

  /** What must not be shown. */
  List<String> secrets();

  /** Reports of requests that failed or can fail, as a user sees them. */
  interface Report {
    void add(Throwable failure);
  }

  /** Makes further requests of the store that fail. */
  default void failFurther(RemoteStore store, Report report) {}

  @Test
  default void readingReportsFaults() throws IOException {
    put("file", RemoteFileContract.random(100_000));
    RemoteFile file = store().file(address("file"));
    proxy()
        .faults(request ->
            switch (request.number()) {
              case 1 -> Fault.status(503, "Retry-After: 7\r\n", "");
              case 2 -> Fault.status(500, "", "");
              case 3 -> Fault.reset(50_000);
              case 4 -> Fault.truncated(50_000);
              case 5 -> Fault.reset(0);
              case 6 -> Fault.truncated(20);
              case 7 -> Fault.truncated(120);
              case 8 -> Fault.status(520, "", "");
              default -> Fault.status(429, "Retry-After: soon\r\n", "");
            });
    for (int fault = 1; fault <= 9; fault++) {
      Optional<Duration> delay = fault == 1 ? Optional.of(Duration.ofSeconds(7)) : Optional.empty();
      assertThatExceptionOfType(RemoteRequestException.class)
          .as("fault %s", fault)
          .isThrownBy(() -> RemoteFileContract.read(file, 0, 100_000, Optional.empty()))
          .satisfies(e -> {
            assertThat(e.isRepeatable()).isTrue();
            assertThat(e.delay()).isEqualTo(delay);
            assertThat(e.getMessage()).startsWith(file.name() + ": ");
          });
    }
  }

  /** Bytes that were not requested are refused, and no more are kept than were requested. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "206 Content-Range: bytes 0-199/1000",
        "206 Content-Range: bytes 100-299/1000",
        "206 Content-Range: bytes 100-298/1000",
        "206 Content-Range: bytes 101-200/1000",
        "206 Content-Range: bytes 100-199/150",
        "206 Content-Range: bytes 100-299/*",
        "206 Content-Range: bytes 299-100/1000",
        "206 Content-Range: lines 100-199/1000",
        "206 Content-Range: bytes */1000",
        "206 X: no range",
        "200 X: the complete file",
      })
  default void anAnswerThatLies(String answer) {
    RemoteFile file = store().file(address("file"));
    int status = Integer.parseInt(answer.substring(0, 3));
    String headers = answer.substring(4) + "\r\n" + versionHeader();
    proxy().faults(_ -> Fault.status(status, headers, "x".repeat(200)));
    assertThat(catchThrowable(() -> RemoteFileContract.read(file, 100, 100, Optional.empty())))
        .isInstanceOf(RemoteRequestException.class)
        .hasMessageStartingWith(file.name() + ": ");
  }

  /** The library asks for the rest. */
  @Test
  default void anAnswerThatIsShort() throws Throwable {
    RemoteFile file = store().file(address("file"));
    String headers = "Content-Range: bytes 100-149/1000\r\n" + versionHeader();
    proxy().faults(_ -> Fault.status(206, headers, "x".repeat(50)));
    assertThat(RemoteFileContract.read(file, 100, 100, Optional.empty()))
        .hasSize(50)
        .containsOnly('x');
  }

  @Test
  default void recordsAreReadThroughFaults() throws IOException {
    byte[] bytes = RemoteFileContract.random(3 << 20);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    try (RecordWriter writer = RecordWriter.open(written, WriterOptions.defaults())) {
      writer.write(bytes);
      writer.write("end");
    }
    put("file", written.toByteArray());
    proxy()
        .faults(request ->
            switch (request.number()) {
              case 1, 4 -> Fault.reset(30_000);
              case 2, 7 -> Fault.status(503, "", "");
              default -> Fault.NONE;
            });
    try (RecordReader reader = RecordReader.open(store().file(address("file")))) {
      assertThat(Arrays.equals(reader.next().toArray(JAVA_BYTE), bytes)).isTrue();
      assertThat(reader.next().byteSize()).isEqualTo(3);
      assertThat(reader.next()).isNull();
    }
  }

  /** Exceptions with their causes, texts of objects, log lines and events contain no secret. */
  @Test
  default void secretsAreNeverShown() throws Throwable {
    StringWriter shown = new StringWriter();
    Report report =
        failure -> {
          assertThat(failure).isNotNull();
          failure.printStackTrace(new PrintWriter(shown));
        };
    Handler handler = logged(shown);
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    Path dump = Files.createTempFile("disky-secrets", ".jfr");
    try (Recording recording = new Recording();
        RemoteStore store = secretStore()) {
      recording.enable("io.disky.RemoteWait").withoutThreshold();
      recording.start();
      RemoteFile file = store.file(secretAddress("file"));
      shown.append(store.toString()).append(file.toString()).append(file.name());
      for (Fault fault :
          List.of(
              Fault.status(400, "", ""),
              Fault.status(401, "", ""),
              Fault.status(403, "Content-Type: application/json\r\n", "{\"error\":{\"code\":403}}"),
              Fault.status(404, "", ""),
              Fault.status(500, "", "broken"),
              Fault.status(206, "Content-Range: none\r\n" + versionHeader(), "x"),
              Fault.reset(0),
              Fault.truncated(20))) {
        proxy().faults(_ -> fault);
        report.add(catchThrowable(() -> RemoteFileContract.read(file, 7, 10, Optional.empty())));
        report.add(catchThrowable(() -> RemoteFileContract.end(file, 10)));
      }
      failWhileReading(file, report);
      failFurther(store, report);
      recording.stop();
      recording.dump(dump);
      RecordingFile.readAllEvents(dump).forEach(event -> shown.append(event.toString()));
    } finally {
      root.removeHandler(handler);
      Files.delete(dump);
    }
    assertThat(shown.toString()).contains("/file: ", "RemoteWait");
    List<String> shownSecrets =
        shown
            .toString()
            .lines()
            .filter(line -> secrets().stream().anyMatch(line::contains))
            .toList();
    assertThat(shownSecrets).isEmpty();
  }

  /** The end can be read, so that a reader waits for the beginning. */
  private void failWhileReading(RemoteFile file, Report report) {
    String end = "Content-Range: bytes 999000-999423/999424\r\n" + versionHeader();
    AtomicInteger requests = new AtomicInteger();
    proxy()
        .faults(_ ->
            requests.getAndIncrement() == 0
                ? Fault.status(206, end, "x".repeat(424))
                : Fault.status(403, "", ""));
    report.add(
        catchThrowable(() -> {
          try (RecordReader reader = RecordReader.open(file)) {
            reader.next();
          }
        }));
  }

  private static Handler logged(StringWriter shown) {
    return new Handler() {
      @Override
      public synchronized void publish(LogRecord record) {
        shown.append(record.getMessage()).append(Arrays.toString(record.getParameters()));
        if (record.getThrown() != null) {
          record.getThrown().printStackTrace(new PrintWriter(shown));
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
