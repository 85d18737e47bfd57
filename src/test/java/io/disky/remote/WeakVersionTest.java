package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.Compression;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.SavedIndex;
import io.disky.WriterOptions;
import io.disky.testing.LogCapture;
import io.disky.testing.MemoryRemoteFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * If a store states no version that differs whenever the contents differ, no later reader gets
 * bytes of an earlier version.
 */
@Timeout(60)
class WeakVersionTest {
  private static final String WARNING = "a replacement of the file while it is read";
  private static final String TEN = "Mon, 30 Nov 2026 10:00:00 GMT";
  private static final int RECORDS = 3_000;

  @TempDir private Path directory;

  /** A file of 3 MB, larger than the end that opening reads. */
  private static byte[] file(char letter) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (RecordWriter writer =
        RecordWriter.open(bytes, WriterOptions.defaults().withCompression(Compression.none()))) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(String.valueOf(letter).repeat(1_000));
      }
    }
    return bytes.toByteArray();
  }

  private RemoteOptions cached(RemoteMetrics metrics) throws IOException {
    RemoteCache cache = RemoteCache.open(directory.resolve("cache"), 1 << 30);
    return RemoteOptions.defaults().withCache(cache).withMetrics(metrics);
  }

  private long cachedBlocks() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("cache"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  /** Reads until everything but the end is in the cache, which other threads write. */
  private static void readToCache(RemoteFile file, RemoteOptions remote, RemoteMetrics metrics)
      throws IOException {
    long before;
    do {
      before = metrics.requests();
      read(file, remote);
    } while (metrics.requests() > before + 1);
  }

  /** The letters of all records. */
  private static String read(RemoteFile file, RemoteOptions remote) throws IOException {
    Set<Character> letters = new TreeSet<>();
    int records = 0;
    try (RecordReader reader =
        RecordReader.open(file, ReaderOptions.defaults().withRemote(remote))) {
      for (MemorySegment record : reader) {
        letters.add((char) record.get(ValueLayout.JAVA_BYTE, 0));
        letters.add((char) record.get(ValueLayout.JAVA_BYTE, 999));
        records++;
      }
    }
    assertThat(records).isEqualTo(RECORDS);
    return letters.toString();
  }

  /** The files of {@code server} are replaced between two readers that share a cache. */
  private void readTwice(String first, String second, boolean weak) throws Exception {
    RemoteMetrics metrics = new RemoteMetrics();
    RemoteOptions remote = cached(metrics);
    byte[][] contents = {file('a'), file('b')};
    assertThat(contents[0]).hasSameSizeAs(contents[1]);
    int[] current = {0};
    try (LogCapture log = new LogCapture();
        HttpStore store = new HttpStore();
        ScriptedServer server =
            new ScriptedServer(
                (request, reply) -> reply.range(request, contents[current[0]], first, second))) {
      RemoteFile file = store.file(server.address("/file"));
      assertThat(read(file, remote)).isEqualTo("[a]");
      if (weak) {
        current[0] = 1;
        assertThat(read(file, remote)).isEqualTo("[b]");
        assertThat(log.messages(WARNING)).hasSize(2);
        assertThat(log.messages(WARNING).getFirst()).startsWith("WARNING: " + file.name() + ": ");
        assertThat(metrics.cacheHits()).isZero();
        assertThat(cachedBlocks()).isZero();
      } else {
        readToCache(file, remote, metrics);
        assertThat(metrics.cacheHits()).isPositive();
        assertThat(log.messages(WARNING)).isEmpty();
      }
    }
    assertThat(metrics.weakVersions()).isEqualTo(weak ? 2 : 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X: y | X: z",
        "ETag: W/\"1\" | X: z",
        "ETag: W/\"1\" | Last-Modified: " + TEN,
        "Date: " + TEN + " | Last-Modified: " + TEN,
      })
  void theCacheIsNotUsedForAWeakVersion(String first, String second) throws Exception {
    readTwice(first, second, true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ETag: \"1\" | X: z",
        "Date: Mon, 30 Nov 2026 10:00:01 GMT | Last-Modified: " + TEN,
      })
  void theCacheIsUsedForAStrongVersion(String first, String second) throws Exception {
    readTwice(first, second, false);
  }

  private static void readAll(RecordReader reader) throws IOException {
    while (reader.next() != null) {}
  }

  /** A replacement that the time or the weak tag shows is noticed all the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ETag: W/\"1\" | ETag: W/\"2\"",
        "Last-Modified: " + TEN + " | Last-Modified: Mon, 30 Nov 2026 10:00:01 GMT",
      })
  void anotherWeakVersionIsNoticed(String before, String after) throws Exception {
    byte[] bytes = file('a');
    String[] header = {before};
    try (HttpStore store = new HttpStore();
        ScriptedServer server =
            new ScriptedServer((request, reply) -> reply.range(request, bytes, header[0]));
        RecordReader reader = RecordReader.open(store.file(server.address("/file")))) {
      header[0] = after;
      assertThatExceptionOfType(RemoteFileChangedException.class)
          .isThrownBy(() -> readAll(reader))
          .satisfies(e -> assertThat(e.getMessage()).containsOnlyOnce("http://"));
    }
  }

  /** The same for a remote file of the user, which is replaced by one with the same version. */
  @Test
  void anEmptyVersionIsWeak() throws Exception {
    RemoteMetrics metrics = new RemoteMetrics();
    RemoteOptions remote = cached(metrics);
    MemoryRemoteFile file = new MemoryRemoteFile("mem://file", file('a'));
    file.replace(file('a'), "");
    Path dump = directory.resolve("events.jfr");
    try (LogCapture log = new LogCapture();
        Recording recording = new Recording()) {
      recording.enable("io.disky.RemoteWeakVersion");
      recording.start();
      assertThat(read(file, remote)).isEqualTo("[a]");
      file.replace(file('b'), "");
      assertThat(read(file, remote)).isEqualTo("[b]");
      assertThat(log.messages("the store states no version, so " + WARNING)).hasSize(2);
      recording.stop();
      recording.dump(dump);
    }
    assertThat(RecordingFile.readAllEvents(dump))
        .hasSize(2)
        .allSatisfy(event -> assertThat(event.getString("file")).isEqualTo("mem://file"));
    assertThat(metrics.weakVersions()).isEqualTo(2);
    assertThat(cachedBlocks()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> new RemoteRange(0, 1, 1, "", false));
  }

  /** An index of the earlier contents is neither saved nor used. */
  @Test
  void noIndexIsSavedOrUsedForAWeakVersion() throws Exception {
    Path indexes = Files.createDirectory(directory.resolve("indexes"));
    RandomAccessOptions saving =
        RandomAccessOptions.defaults()
            .withIndexDirectory(indexes)
            .withSavedIndex(SavedIndex.LOAD_OR_SAVE);
    MemoryRemoteFile file = new MemoryRemoteFile("mem://file", file('a'));
    file.replace(file('a'), "");
    try (LogCapture log = new LogCapture();
        RandomAccessReader reader = RandomAccessReader.open(file, saving)) {
      assertThat(reader.recordCount()).isEqualTo(RECORDS);
      assertThat(indexes).isEmptyDirectory();
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(reader::saveIndex)
          .withMessageStartingWith("mem://file: the store states no version");
      assertThat(log.messages("")).hasSize(1);
    }
    MemoryRemoteFile never =
        new MemoryRemoteFile("mem://index", new byte[0])
            .withFault(_ -> new AssertionError("the index is not read"));
    try (LogCapture _ = new LogCapture();
        RandomAccessReader reader =
            RandomAccessReader.open(
                file, RandomAccessOptions.defaults().withRemoteIndex(_ -> never))) {
      assertThat(reader.get(RECORDS - 1)).hasSize(1_000);
    }
    assertThat(never.requests()).isEmpty();
  }

  /** Addresses that differ only after the question mark are different files. */
  @Test
  void theCacheDistinguishesTheQueriesOfAddresses() throws Exception {
    RemoteMetrics metrics = new RemoteMetrics();
    RemoteOptions remote = cached(metrics);
    byte[] a = file('a');
    byte[] b = file('b');
    try (HttpStore store = new HttpStore();
        ScriptedServer server =
            new ScriptedServer((request, reply) ->
                reply.range(request, request.path().endsWith("=a") ? a : b, "ETag: \"1\""))) {
      URI address = server.address("/file");
      RemoteFile first = store.file(URI.create(address + "?name=a"));
      RemoteFile second = store.file(URI.create(address + "?name=b"));
      readToCache(first, remote, metrics);
      assertThat(read(second, remote)).isEqualTo("[b]");
      readToCache(second, remote, metrics);
      assertThat(read(first, remote)).isEqualTo("[a]");
    }
  }
}
