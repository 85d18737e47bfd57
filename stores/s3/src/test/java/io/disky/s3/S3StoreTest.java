package io.disky.s3;

import static io.disky.s3.LocalS3.address;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.Compression;
import io.disky.MultiThreadedWriter;
import io.disky.MultiThreadedWriterOptions;
import io.disky.OpenMode;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.ShardTarget;
import io.disky.WriterOptions;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteStore;
import io.disky.testing.FaultyProxy.Fault;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** Objects on a server of S3, through a proxy that plants faults. */
@Timeout(120)
class S3StoreTest {
  private static final WriterOptions PLAIN =
      WriterOptions.defaults().withCompression(Compression.none());
  private static final int RECORD_SIZE = 100_000;

  private static LocalS3 s3;
  private static S3AsyncClient client;

  private final S3Store store = S3Store.of(client).withPartSize(5 << 20);
  private final URI address = address("file");
  private final RemoteTarget target = RemoteTarget.of(store, address);

  @BeforeAll
  static void start() throws Exception {
    s3 = new LocalS3();
    client = s3.client();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    s3.close();
  }

  @AfterEach
  void tidyUp() {
    s3.proxy.faults(_ -> Fault.NONE);
    for (String key : s3.keys()) {
      s3.delete(key);
    }
    assertThat(s3.keys()).isEmpty();
    assertThat(s3.uploads()).isEmpty();
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static void write(RecordWriter writer, int records) throws IOException {
    for (int i = 0; i < records; i++) {
      writer.write(random(RECORD_SIZE + i));
    }
  }

  /** Checks that the object has the first records and nothing else. */
  private static void assertRecords(int records) throws IOException {
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(s3.get("file")))) {
      for (int i = 0; i < records; i++) {
        assertThat(reader.next().toArray(JAVA_BYTE)).isEqualTo(random(RECORD_SIZE + i));
      }
      assertThat(reader.next()).isNull();
    }
  }

  /** Reads with a target of {@code size} bytes. */
  private static byte[] read(
      RemoteFile file, long position, int size, Optional<String> version, long fileSize)
      throws Throwable {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(size);
      RemoteRange range = joined(file.read(position, bytes, version));
      assertThat(range.position()).isEqualTo(position);
      assertThat(range.fileSize()).isEqualTo(fileSize);
      return bytes.asSlice(0, range.length()).toArray(JAVA_BYTE);
    }
  }

  private static <T> T joined(CompletableFuture<T> future) throws Throwable {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause();
    }
  }

  @Test
  void rangesOfAnObject() throws Throwable {
    byte[] object = random(300_000);
    s3.put("file", object);
    RemoteFile file = store.file(address);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment end = arena.allocate(1_000);
      RemoteRange range = joined(file.readEnd(end));
      assertThat(range.position()).isEqualTo(299_000);
      assertThat(range.length()).isEqualTo(1_000);
      assertThat(range.fileSize()).isEqualTo(300_000);
      assertThat(end.toArray(JAVA_BYTE)).isEqualTo(Arrays.copyOfRange(object, 299_000, 300_000));

      Optional<String> version = Optional.of(range.version());
      assertThat(read(file, 0, 100_000, version, 300_000))
          .isEqualTo(Arrays.copyOf(object, 100_000));
      assertThat(read(file, 123_456, 7, version, 300_000))
          .isEqualTo(Arrays.copyOfRange(object, 123_456, 123_463));
      assertThat(read(file, 299_999, 10, version, 300_000)).containsExactly(object[299_999]);

      MemorySegment large = arena.allocate(400_000);
      RemoteRange all = joined(file.readEnd(large));
      assertThat(all.position()).isZero();
      assertThat(all.length()).isEqualTo(300_000);
      assertThat(large.asSlice(0, 300_000).toArray(JAVA_BYTE)).isEqualTo(object);
    }
  }

  @Test
  void anEmptyObject() throws Throwable {
    s3.put("file", new byte[0]);
    try (Arena arena = Arena.ofShared()) {
      RemoteRange range = joined(store.file(address).readEnd(arena.allocate(10)));
      assertThat(range.fileSize()).isZero();
      assertThat(range.length()).isZero();
    }
  }

  @Test
  void anObjectThatIsReplacedIsAnError() throws Throwable {
    s3.put("file", random(1_000));
    RemoteFile file = store.file(address);
    try (Arena arena = Arena.ofShared()) {
      String version = joined(file.readEnd(arena.allocate(10))).version();
      s3.put("file", random(1_001));
      assertThatExceptionOfType(RemoteFileChangedException.class)
          .isThrownBy(() -> read(file, 0, 10, Optional.of(version), 1_000))
          .withMessageContaining("s3://records/file");
    }
  }

  @Test
  void aMissingObjectOrBucket() {
    for (URI missing : List.of(address, URI.create("s3://no-such-bucket/file"))) {
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(() -> read(store.file(missing), 0, 10, Optional.empty(), 0))
          .withMessageContaining(missing.toString())
          .withMessageContaining("s3:GetObject");
    }
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> store.list(URI.create("s3://no-such-bucket/file")));
  }

  @Test
  void messagesContainNoSecret() {
    try (S3AsyncClient wrong = s3.client("another/secret")) {
      RemoteFile file = S3Store.of(wrong).file(address);
      assertThatExceptionOfType(AccessDeniedException.class)
          .isThrownBy(() -> read(file, 0, 10, Optional.empty(), 0))
          .withMessageContaining("403")
          .satisfies(e ->
              assertThat(e.toString() + e.getCause())
                  .doesNotContain("another/secret", LocalS3.KEY_ID));
    }
  }

  @Test
  void addressesThatAreNone() {
    for (String wrong :
        List.of(
            "s3://records",
            "s3:file",
            "gs://records/file",
            "s3://id:secret@records/file",
            "s3://records/file?x",
            "file")) {
      assertThatIllegalArgumentException()
          .as(wrong)
          .isThrownBy(() -> store.file(URI.create(wrong)))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret@"));
    }
  }

  @Test
  void listsAPrefix() throws IOException {
    for (String key : List.of("train/shard_0", "train/shard_10", "train/a b%é?#*", "train/", "x")) {
      s3.put(key, new byte[1]);
    }
    List<URI> found = store.list(address("train/"));
    assertThat(found)
        .hasSize(3)
        .contains(address("train/shard_0"), address("train/shard_10"))
        .contains(URI.create("s3://records/train/a%20b%25%C3%A9%3F%23*"))
        .isSortedAccordingTo((a, b) -> a.getPath().compareTo(b.getPath()));
    assertThat(store.list(address("train/shard_1"))).containsExactly(address("train/shard_10"));
    assertThat(store.list(address("none"))).isEmpty();
    for (URI each : found) {
      assertThat(catchRead(each)).hasSize(1);
    }
  }

  /** The beginning of an answer is not taken for an empty list. */
  @Test
  void listingSurvivesFaults() throws IOException {
    s3.put("file", new byte[1]);
    for (long bytes : new long[] {20, 100, 150, 300, 400}) {
      s3.proxy.faults(request -> request.number() > 1 ? Fault.NONE : Fault.truncated(bytes));
      assertThat(store.list(address("f"))).as("%s bytes", bytes).containsExactly(address);
    }
  }

  private byte[] catchRead(URI each) {
    try {
      return read(store.file(each), 0, 10, Optional.empty(), 1);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 52, 160})
  void aWriterMakesAnObject(int records) throws IOException {
    try (RecordWriter writer = RecordWriter.open(target, PLAIN)) {
      write(writer, records);
      assertThat(s3.keys()).isEmpty();
    }
    assertRecords(records);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 160})
  void aDiscardedWriterLeavesNothing(int records) throws IOException {
    RecordWriter writer = RecordWriter.open(target, PLAIN);
    write(writer, records);
    writer.discard();
    assertThat(s3.keys()).isEmpty();
    assertThat(s3.uploads()).isEmpty();
    assertThatIOException()
        .isThrownBy(() ->
            RecordWriter.writeAtomically(
                target,
                PLAIN,
                failing -> {
                  write(failing, records);
                  throw new IOException("planted");
                }));
    assertThat(s3.keys()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void anExistingObjectIsReplacedOnlyOnRequest(int records) throws IOException {
    s3.put("file", new byte[7]);
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> RecordWriter.open(target, PLAIN));
    RecordWriter.writeAtomically(
        target, PLAIN.withOpenMode(OpenMode.OVERWRITE), writer -> write(writer, records));
    assertRecords(records);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void anObjectThatHasAppearedMeanwhileStays(int records) throws IOException {
    RecordWriter writer = RecordWriter.open(target, PLAIN);
    write(writer, records);
    s3.put("file", new byte[7]);
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(writer::close);
    assertThat(s3.get("file")).hasSize(7);
  }

  @Test
  void readingReportsFaults() {
    s3.put("file", random(100_000));
    RemoteFile file = store.file(address);
    s3.proxy.faults(request ->
        switch (request.number()) {
          case 1 -> Fault.status(503, "Retry-After: 7\r\n", "");
          case 2 -> Fault.status(500, "", "<Error><Code>InternalError</Code></Error>");
          case 3 -> Fault.reset(50_000);
          case 4 -> Fault.truncated(50_000);
          case 5 -> Fault.reset(0);
          case 6 -> Fault.truncated(20);
          case 7 -> Fault.truncated(120);
          case 8 -> Fault.truncated(200);
          default -> Fault.status(429, "Retry-After: soon\r\n", "");
        });
    for (int fault = 1; fault <= 9; fault++) {
      Optional<Duration> delay = fault == 1 ? Optional.of(Duration.ofSeconds(7)) : Optional.empty();
      assertThatExceptionOfType(RemoteRequestException.class)
          .as("fault %s", fault)
          .isThrownBy(() -> read(file, 0, 100_000, Optional.empty(), 100_000))
          .satisfies(e -> {
            assertThat(e.isRepeatable()).isTrue();
            assertThat(e.delay()).isEqualTo(delay);
            assertThat(e.getMessage()).startsWith("s3://records/file: s3:GetObject: ");
          });
    }
  }

  /** The first attempt at each request fails. The third kind has reached the server. */
  @ParameterizedTest
  @ValueSource(strings = {"throttled", "reset before", "reset after"})
  void writingSurvivesFaults(String kind) throws IOException {
    s3.proxy.faults(request ->
        request.number() > 1
                || (request.method().equals("POST") && request.target().contains("uploads"))
            ? Fault.NONE
            : switch (kind) {
              case "throttled" -> Fault.status(503, "", "<Error><Code>SlowDown</Code></Error>");
              case "reset before" -> Fault.reset(0);
              default -> Fault.truncated(20);
            });
    for (int records : new int[] {3, 160}) {
      RecordWriter.writeAtomically(
          target, PLAIN.withOpenMode(OpenMode.OVERWRITE), writer -> write(writer, records));
      assertRecords(records);
      assertThat(s3.uploads()).isEmpty();
    }
  }

  /** The answer that the object is complete is lost: the repeated request finds its own object. */
  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void aLostAnswerIsNotAFailure(int records) throws IOException {
    s3.proxy.faults(request -> {
      boolean last =
          (request.method().equals("POST") && request.target().contains("uploadId="))
              || (request.method().equals("PUT") && !request.target().contains("uploadId="));
      return last && request.number() == 1 ? Fault.truncated(10) : Fault.NONE;
    });
    RecordWriter.writeAtomically(target, PLAIN, writer -> write(writer, records));
    assertRecords(records);
  }

  @Test
  void aFailureThatStaysLeavesNothing() {
    s3.proxy.faults(request ->
        request.target().contains("partNumber=2")
            ? Fault.status(403, "", "<Error><Code>AccessDenied</Code></Error>")
            : Fault.NONE);
    assertThatIOException()
        .isThrownBy(() -> RecordWriter.writeAtomically(target, PLAIN, writer -> write(writer, 160)))
        .withMessageContaining("s3://records/file: part 1 (bytes 5242880 to 10485760)")
        .withMessageContaining("s3:PutObject")
        .withCauseInstanceOf(AccessDeniedException.class);
    assertThat(s3.keys()).isEmpty();
    assertThat(s3.uploads()).isEmpty();
  }

  @Test
  void shardsOfManyThreads() throws IOException {
    ShardTarget shards =
        ShardTarget.inStore(store, address("train/shard"), RemoteOptions.defaults());
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults().withNumShards(2).withWriterOptions(PLAIN);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(shards, options)) {
      for (int i = 0; i < 40; i++) {
        writer.write(random(RECORD_SIZE + i));
      }
    }
    List<Long> sizes = new ArrayList<>();
    for (URI shard : store.list(address("train/shard_"))) {
      MemorySegment bytes = MemorySegment.ofArray(s3.get(shard.getPath().substring(1)));
      try (RecordReader reader = RecordReader.open(bytes)) {
        reader.stream().forEach(record -> sizes.add(record.byteSize()));
      }
    }
    assertThat(sizes).hasSize(40).doesNotHaveDuplicates();
    shards.clear();
    assertThat(s3.keys()).isEmpty();
  }

  /** After its future is complete, a cancelled request does not touch its memory. */
  @Test
  void aCancelledRequestLeavesItsMemoryAlone() throws Exception {
    s3.put("file", random(8 << 20));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(8 << 20);
      for (int i = 0; i < 20; i++) {
        CompletableFuture<RemoteRange> range = store.file(address).read(0, bytes, Optional.empty());
        long begun = System.nanoTime();
        while (!range.isDone() && System.nanoTime() - begun < i * 1_000_000L) {
          Thread.onSpinWait();
        }
        if (range.cancel(true)) {
          bytes.fill((byte) 0);
          Thread.sleep(5);
          assertThat(bytes.mismatch(arena.allocate(8 << 20))).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void partsGrowToFiveTebibytes() {
    PartSizes sizes = PartSizes.growing();
    assertThat(sizes.largestFile()).isBetween(5L << 40, (5L << 40) + (1L << 38));
    assertThat(sizes.size(0)).isEqualTo(8 << 20);
    assertThat(sizes.size(PartSizes.MAX_PARTS - 1)).isLessThan(5L << 30);
    assertThatThrownBy(() -> store.withPartSize(1 << 20))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void dates() {
    assertThat(S3Failures.delay("120")).isEqualTo(Duration.ofMinutes(2));
    assertThat(S3Failures.delay("Wed, 21 Oct 2015 07:28:00 GMT")).isEqualTo(Duration.ZERO);
    assertThat(S3Failures.delay("later")).isNull();
  }

  @Test
  void theServiceLoaderFindsIt() {
    assertThat(ServiceLoader.load(RemoteStore.class).stream().map(ServiceLoader.Provider::type))
        .contains(S3Store.class);
    try (S3Store found = new S3Store()) { // makes no client
      assertThat(found.schemes()).containsExactly("s3");
    }
  }
}
