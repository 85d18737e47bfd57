package io.disky.s3;

import static io.disky.s3.LocalS3.address;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.disky.Compression;
import io.disky.Container;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.WriterOptions;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteOptions;
import io.disky.testing.FaultyProxy.Fault;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** Records of objects: the right ones or an error, whatever the network does. */
@Timeout(120)
class S3RecordsTest {
  private static final int RECORDS = 3_000;
  private static final int SIZE = 2_000;

  private static LocalS3 s3;
  private static S3AsyncClient client;
  private static S3Store store;

  private final ReaderOptions options =
      ReaderOptions.defaults()
          .withRemote(RemoteOptions.defaults().withRequestSize(64 << 10).withMaxMemory(1 << 20));

  @BeforeAll
  static void start() throws Exception {
    s3 = new LocalS3();
    client = s3.client();
    store = S3Store.of(client);
    write("file", WriterOptions.defaults().withCompression(Compression.none()));
    write("array", WriterOptions.defaults().withContainer(Container.ARRAY_RECORD));
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    s3.close();
  }

  @BeforeEach
  void noFaults() {
    s3.proxy.faults(_ -> Fault.NONE);
  }

  private static void write(String key, WriterOptions written) throws IOException {
    RemoteTarget target = RemoteTarget.of(store, address(key));
    RecordWriter.writeAtomically(
        target,
        written,
        writer -> {
          for (int i = 0; i < RECORDS; i++) {
            writer.write(record(i));
          }
        });
  }

  private static byte[] record(int number) {
    byte[] bytes = new byte[SIZE];
    new Random(number).nextBytes(bytes);
    return bytes;
  }

  private void assertRecords() throws IOException {
    try (RecordReader reader = RecordReader.open(store.file(address("file")), options)) {
      for (int i = 0; i < RECORDS; i++) {
        assertThat(reader.next().toArray(JAVA_BYTE)).isEqualTo(record(i));
      }
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void recordsInOrder() throws IOException {
    assertRecords();
  }

  /** The first attempt at every third request fails. */
  @ParameterizedTest
  @ValueSource(strings = {"500", "503", "reset", "truncated", "cut head"})
  void recordsInOrderWithFaults(String kind) throws IOException {
    int[] gets = new int[1];
    s3.proxy.faults(request -> {
      synchronized (gets) {
        if (gets[0]++ % 3 != 0) {
          return Fault.NONE;
        }
      }
      return switch (kind) {
        case "500" -> Fault.status(500, "", "");
        case "503" -> Fault.status(503, "Retry-After: 0\r\n", "");
        case "reset" -> Fault.reset(100_000);
        case "truncated" -> Fault.truncated(100_000);
        default -> Fault.truncated(150);
      };
    });
    assertRecords();
    assertThat(gets[0]).isGreaterThan(10);
  }

  @Test
  void recordsByNumber() throws IOException {
    for (String key : List.of("array", "file")) {
      int before = s3.proxy.requests().size();
      try (RandomAccessReader reader = RandomAccessReader.open(store.file(address(key)))) {
        assertThat(reader.recordCount()).isEqualTo(RECORDS);
        if (key.equals("array")) {
          assertThat(s3.proxy.requests().size() - before).isEqualTo(2);
        }
        for (int i : new int[] {2_999, 0, 1_234}) {
          assertThat(reader.get(i)).isEqualTo(record(i));
        }
      }
    }
  }

  @Test
  void anObjectThatIsReplacedDuringReadingIsAnError() throws IOException {
    byte[] file = s3.get("file");
    s3.put("replaced", file);
    try (RecordReader reader = RecordReader.open(store.file(address("replaced")), options)) {
      assertThat(reader.next().toArray(JAVA_BYTE)).isEqualTo(record(0));
      file[file.length - 1]++;
      s3.put("replaced", file);
      assertThatExceptionOfType(RemoteFileChangedException.class)
          .isThrownBy(() -> {
            int number = 1;
            while (true) {
              var next = reader.next();
              assertThat(next).isNotNull();
              assertThat(next.toArray(JAVA_BYTE)).isEqualTo(record(number++));
            }
          })
          .withMessageContaining("s3://records/replaced");
    }
  }

  @Test
  void aFailureThatStaysIsAnError() {
    s3.proxy.faults(
        request -> request.method().equals("GET") ? Fault.status(403, "", "") : Fault.NONE);
    assertThatIOException()
        .isThrownBy(this::assertRecords)
        .withMessageContaining("s3://records/file");
  }

  /** Threads of the SDK end with the client, and so do the readers' requests. */
  @Test
  void noThreadIsLeft() throws Exception {
    assertRecords();
    long before = threads();
    try (S3AsyncClient own = s3.client();
        RecordReader reader = RecordReader.open(S3Store.of(own).file(address("file")), options)) {
      assertThat(reader.next()).isNotNull();
    }
    for (int i = 0; i < 500 && threads() > before; i++) {
      Thread.sleep(20); // the SDK does not wait for the ends of its threads
    }
    assertThat(threads()).isLessThanOrEqualTo(before);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("(disky|sdk|aws|idle-conn).*"))
        .count();
  }
}
