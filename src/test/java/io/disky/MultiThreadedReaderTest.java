package io.disky;

import static io.disky.LifetimeAssert.assertEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.disky.ShardFixture.Place;
import io.disky.oracle.GoldenManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(20)
class MultiThreadedReaderTest {
  private static final MultiThreadedReaderOptions DEFAULTS = MultiThreadedReaderOptions.defaults();
  private static final MultiThreadedReaderOptions IN_TURN = DEFAULTS.withDeterministic(true);

  @TempDir private Path directory;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  static Stream<MultiThreadedReaderOptions> options() {
    List<MultiThreadedReaderOptions> all = new ArrayList<>();
    for (ReadingOrder order : ReadingOrder.values()) {
      for (boolean deterministic : new boolean[] {false, true}) {
        for (int shards : new int[] {1, 2, 5}) {
          for (int threads : new int[] {1, 2, 4}) {
            for (long queueSize : new long[] {1, 3000, 64 << 20}) {
              all.add(
                  DEFAULTS
                      .withOrder(order)
                      .withDeterministic(deterministic)
                      .withNumShards(shards)
                      .withWorkerThreads(threads)
                      .withQueueSize(queueSize));
            }
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("options")
  void goldenShardsHaveTheirRecords(MultiThreadedReaderOptions options) throws IOException {
    GoldenManifest.Entry entry = GoldenManifest.entry("disky/shards");
    List<byte[]> records = new ArrayList<>();
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(entry.location(), "shard", options)) {
      for (MemorySegment record : reader) {
        records.add(record.toArray(ValueLayout.JAVA_BYTE));
      }
      assertThat(reader.isAtEnd()).isTrue();
    }
    assertThat(records).hasSize((int) entry.records());
    assertThat(entry.digestOf(records)).isEqualTo(entry.digest());
  }

  @ParameterizedTest
  @MethodSource("options")
  void everyRecordComesOnceAndThoseOfAShardInOrder(MultiThreadedReaderOptions options)
      throws IOException {
    int[] chunks = {3, 0, 7, 1, 1, 0, 4};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    List<Place> places;
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      places = ShardFixture.takeAll(reader);
    }
    assertThat(places).containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
    for (int shard = 0; shard < chunks.length; shard++) {
      int number = shard;
      assertThat(places.stream().filter(place -> place.shard() == number))
          .isEqualTo(ShardFixture.places(shard, chunks[shard]));
    }
  }

  private List<Place> read(Shards shards, MultiThreadedReaderOptions options) throws IOException {
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      return ShardFixture.takeAll(reader);
    }
  }

  private static List<Place> chunks(int... shardAndChunk) {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < shardAndChunk.length; i += 2) {
      int chunk = shardAndChunk[i + 1];
      places.addAll(ShardFixture.places(shardAndChunk[i], chunk, chunk + 1));
    }
    return places;
  }

  /** Shard 1 ends first, so shard 2 takes its seat. */
  @Test
  void deterministicRoundRobinGoesRound() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3, 1, 2);
    for (int threads = 1; threads <= 3; threads++) {
      assertThat(read(shards, IN_TURN.withWorkerThreads(threads)))
          .isEqualTo(chunks(0, 0, 1, 0, 0, 1, 2, 0, 0, 2, 2, 1));
    }
  }

  @Test
  void deterministicDrainingIsOneShardAfterTheOther() throws IOException {
    int[] chunks = {3, 1, 0, 2};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    for (int threads = 1; threads <= 3; threads++) {
      MultiThreadedReaderOptions options =
          IN_TURN.withOrder(ReadingOrder.DRAIN).withNumShards(3).withWorkerThreads(threads);
      assertThat(read(shards, options)).isEqualTo(ShardFixture.allPlaces(chunks));
    }
  }

  @Test
  void oneThreadGoesRoundTheShardsThatAreOpen() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3, 3, 1);

    assertThat(read(shards, DEFAULTS)).isEqualTo(chunks(0, 0, 1, 0, 0, 1, 1, 1, 0, 2, 1, 2, 2, 0));
  }

  @Test
  void oneThreadDrainsOneShardAfterTheOther() throws IOException {
    int[] chunks = {3, 1, 0, 2};
    Shards shards = ShardFixture.writeAll(directory, chunks);

    assertThat(read(shards, DEFAULTS.withOrder(ReadingOrder.DRAIN).withNumShards(3)))
        .isEqualTo(ShardFixture.allPlaces(chunks));
  }

  /** What a listener was told. */
  private static final class Events implements ShardListener {
    private final List<String> all = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();

    @Override
    public void opened(String shard) {
      all.add("opened " + shard);
      mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    }

    @Override
    public void finished(String shard, long records) {
      all.add("finished " + shard + " " + records);
      open.decrementAndGet();
    }

    @Override
    public void failed(String shard, IOException failure) {
      all.add("failed " + shard + " " + failure.getMessage());
    }

    @Override
    public void skipped(String shard, SkippedRegion region) {
      all.add("skipped " + shard + " " + region.begin() + " to " + region.end());
    }
  }

  @Test
  void numShardsAreOpenAtOnce() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 2, 2, 2, 2, 2, 2, 2);
    for (int open = 1; open <= 4; open++) {
      Events events = new Events();
      read(shards, DEFAULTS.withNumShards(open).withWorkerThreads(4).withShardListener(events));
      assertThat(events.mostOpen).hasValue(open);
    }
  }

  @Test
  void listenerIsToldOfEachShard() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 0, 1);
    List<String> names = shards.list().stream().map(Shard::name).toList();
    Events events = new Events();

    read(shards, DEFAULTS.withNumShards(1).withShardListener(events));

    assertThat(events.all)
        .containsExactly(
            "opened " + names.get(0),
            "finished " + names.get(0) + " 10",
            "opened " + names.get(1),
            "finished " + names.get(1) + " 0",
            "opened " + names.get(2),
            "finished " + names.get(2) + " 5");
  }

  @Test
  void logTellsOfEachShardAtItsLevel() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2);
    String name = shards.list().getFirst().name();
    Logger logger = Logger.getLogger("io.disky");
    try (LogCapture log = new LogCapture()) {
      read(shards, DEFAULTS);
      assertThat(log.messages(name)).isEmpty();
      logger.setLevel(Level.FINE);
      read(shards, DEFAULTS);
      assertThat(log.messages(name))
          .containsExactly(
              "FINE: shard " + name + " was opened",
              "FINE: shard " + name + " was read: 10 records");
    } finally {
      logger.setLevel(null);
    }
  }

  @Test
  void workersAreAsManyAsHaveWork() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 20, 20);
    for (int threads = 1; threads <= 4; threads++) {
      MultiThreadedReaderOptions options =
          DEFAULTS.withNumShards(3).withWorkerThreads(threads).withQueueSize(1);
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        assertThat(ShardFixture.threads()).hasSize(Math.min(3, threads));
        assertThat(reader.isOpen()).isTrue();
      }
    }
  }

  private static long largest(Shards shards) throws IOException {
    long largest = 0;
    for (Shard shard : shards.list()) {
      try (RecordReader reader = shard.open(ReaderOptions.defaults())) {
        largest =
            Math.max(
                largest,
                reader.batches().mapToLong(batch -> batch.chunk().byteSize()).max().orElse(0));
      }
    }
    return largest;
  }

  @ParameterizedTest
  @MethodSource("options")
  void queueIsBoundedInBytes(MultiThreadedReaderOptions options) throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 20, 20, 20);
    long largest = largest(shards);
    long limit = Math.min(options.queueSize(), 3000);
    int threads = Math.min(options.workerThreads(), options.numShards());
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(shards, options.withQueueSize(limit))) {
      assertThat(reader.queueSize()).isEqualTo(limit);
      assertFills(reader, limit + (threads + 1) * largest);
      assertThat(reader.queuedBytes()).isGreaterThan(8 * reader.queuedRecords());
      assertThat(reader.queuedRecords()).isPositive();
      reader.setQueueSize(2 * limit + 3000);
      assertThat(reader.queueSize()).isEqualTo(2 * limit + 3000);
      assertFills(reader, 2 * limit + 3000 + (threads + 1) * largest);
      assertThat(ShardFixture.takeAll(reader)).hasSize(400);
      assertThat(reader.queuedBytes()).isZero();
      assertThat(reader.queuedRecords()).isZero();
      assertThatIllegalArgumentException().isThrownBy(() -> reader.setQueueSize(0));
    }
  }

  /** Nobody takes anything meanwhile. */
  private static void assertFills(MultiThreadedReader reader, long most)
      throws InterruptedException {
    while (reader.queuedBytes() < reader.queueSize()) {
      Thread.sleep(1);
    }
    for (int i = 0; i < 10; i++) {
      Thread.sleep(1);
      assertThat(reader.queuedBytes()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void memoryIsUsedAgain() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 200, 200);
    Set<Long> addresses = new HashSet<>();
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(shards, DEFAULTS.withQueueSize(2000))) {
      reader.visitBatches(batch -> addresses.add(batch.data().address()));
    }
    assertThat(addresses).hasSizeLessThan(40);
  }

  private Path truncate(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 10);
    }
    return file;
  }

  @Test
  void damagedShardIsNamedEachTime() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 3, 2);
    Path damaged = truncate(Path.of(shards.list().get(1).name()));
    Events events = new Events();
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(shards, IN_TURN.withShardListener(events))) {
      // What comes before it in the order.
      List<Place> places = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        try (RecordBatch batch = reader.nextBatch()) {
          batch.forEach(record -> places.add(Place.of(record)));
        }
      }
      assertThat(places).isEqualTo(chunks(0, 0, 1, 0, 0, 1, 1, 1));
      try (RecordBatch batch = reader.nextBatch()) {
        assertThat(Place.of(batch.get(0))).isEqualTo(new Place(2, 0));
      }
      for (int i = 0; i < 3; i++) {
        assertThatExceptionOfType(ShardException.class)
            .isThrownBy(reader::nextBatch)
            .withMessageContaining("shard " + damaged)
            .withCauseInstanceOf(CorruptFileException.class)
            .satisfies(e -> assertThat(e.shard()).isEqualTo(damaged.toString()))
            .satisfies(e ->
                assertThat(e.getStackTrace()[1].getClassName())
                    .startsWith(MultiThreadedReader.class.getName()));
        assertThatExceptionOfType(ShardException.class).isThrownBy(reader::tryNextBatch);
        assertThatExceptionOfType(ShardException.class).isThrownBy(reader::next);
        assertThatExceptionOfType(ShardException.class).isThrownBy(reader::tryNext);
        assertThatExceptionOfType(UncheckedIOException.class)
            .isThrownBy(reader.iterator()::hasNext)
            .withCauseInstanceOf(ShardException.class);
        assertThatExceptionOfType(UncheckedIOException.class)
            .isThrownBy(() -> reader.stream().forEach(record -> {}));
      }
      assertThat(reader.isAtEnd()).isFalse();
    }
    assertThat(events.all)
        .anyMatch(event -> event.startsWith("failed " + damaged + " shard " + damaged + ": byte "));
  }

  @Test
  void damageIsSkippedWhereThatIsWanted() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 3, 2);
    Path damaged = truncate(Path.of(shards.list().get(1).name()));
    List<SkippedRegion> regions = Collections.synchronizedList(new ArrayList<>());
    ReaderOptions recover =
        ReaderOptions.defaults()
            .withCorruptionStrategy(CorruptionStrategy.RECOVER)
            .withSkippedRegionListener(regions::add);
    Events events = new Events();

    List<Place> places =
        read(shards, DEFAULTS.withReaderOptions(recover).withShardListener(events));

    assertThat(places).containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(2, 2, 2));
    assertThat(regions).hasSize(1);
    assertThat(events.all)
        .contains(
            "skipped "
                + damaged
                + " "
                + regions.getFirst().begin()
                + " to "
                + regions.getFirst().end());
  }

  @ParameterizedTest
  @EnumSource
  void missingShardIsNamed(ReadingOrder order) throws IOException {
    Path missing = directory.resolve("missing");
    Shards shards = Shards.of(List.of(ShardFixture.write(directory, 0, 3), missing));
    for (boolean deterministic : new boolean[] {false, true}) {
      MultiThreadedReaderOptions options =
          DEFAULTS.withOrder(order).withDeterministic(deterministic).withWorkerThreads(2);
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(() -> read(shards, options))
          .withMessageContaining(missing.toString())
          .withCauseInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void shardMayFailInAnyWay() {
    Shard failing =
        shard(
            "strange",
            options -> {
              throw new UnsupportedOperationException("not today");
            });
    Shard without = shard("without", options -> null);
    for (Shard shard : List.of(failing, without)) {
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(() -> read(Shards.from(List.of(shard)), DEFAULTS))
          .withMessageContaining("shard " + shard.name())
          .withCauseInstanceOf(RuntimeException.class);
    }
  }

  /** A shard of which a method throws something. */
  private record Failing(String method, Throwable thrown) implements Shard {
    @SuppressWarnings("unchecked") // Sneaky, as some languages are.
    private <X extends Throwable> void perhaps(String here) throws X {
      if (here.equals(method)) {
        throw (X) thrown;
      }
    }

    @Override
    public String name() {
      this.<RuntimeException>perhaps("name");
      return "failing";
    }

    @Override
    public RecordReader open(ReaderOptions options) {
      this.<RuntimeException>perhaps("open");
      throw new UnsupportedOperationException();
    }

    @Override
    public String toString() {
      this.<RuntimeException>perhaps("toString");
      return "Failing";
    }
  }

  /** Its text is code of somebody's, too. */
  private static final class Wordless extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  private static Stream<Failing> failingShards() {
    return Stream.of("name", "open", "toString")
        .flatMap(method ->
            Stream.of(
                new Failing(method, new IllegalStateException("strange")),
                new Failing(method, new AssertionError("strange")),
                new Failing(method, new IOException("strange")),
                new Failing(method, new Wordless())));
  }

  /** However a worker ends, nobody waits for it. */
  @Test
  void everyConsumerLearnsOfAnyFailure() throws Exception {
    for (Failing shard : failingShards().toList()) {
      for (ShardSource source :
          List.of(Shards.from(List.of(shard)).inOrder(), failing(shard.thrown()))) {
        try (MultiThreadedReader reader =
            MultiThreadedReader.open(source, DEFAULTS.withWorkerThreads(2))) {
          List<Throwable> thrown = WorkerThreads.race(3, reader::nextBatch);
          assertThat(thrown).hasSize(3).allMatch(IOException.class::isInstance);
          assertThat(reader.isAtEnd()).isFalse();
        }
      }
    }
  }

  private static ShardSource failing(Throwable thrown) {
    return () -> {
      new Failing("here", thrown).<RuntimeException>perhaps("here");
      return null;
    };
  }

  /** Whichever method throws, even the failure that it was told of. */
  @Test
  void listenersThatThrow() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 2, 2);
    Shard missing = Shard.of(directory.resolve("missing"));
    for (Throwable thrown : List.of(new AssertionError("enough"), new Wordless())) {
      ShardListener listener =
          new ShardListener() {
            @Override
            public void opened(String shard) {
              new Failing("here", thrown).<RuntimeException>perhaps("here");
            }

            @Override
            public void failed(String shard, IOException failure) {
              new Failing("here", failure).<RuntimeException>perhaps("here");
            }
          };
      for (Shards read : List.of(shards, Shards.from(List.of(missing)))) {
        try (MultiThreadedReader reader =
            MultiThreadedReader.open(
                read, DEFAULTS.withWorkerThreads(2).withShardListener(listener))) {
          List<Throwable> failures = WorkerThreads.race(3, reader::nextBatch);
          assertThat(failures).hasSize(3).allMatch(IOException.class::isInstance);
        }
      }
      for (Shard shard : shards.list()) {
        assertThat(LifetimeAssert.descriptors(Path.of(shard.name()))).isZero();
      }
    }
  }

  @Test
  void shuffledShardsWithoutRecordsAreAnError() throws IOException {
    Shards empty = ShardFixture.writeAll(directory, 0, 0, 0, 0, 0);
    for (int open = 1; open <= 4; open++) {
      MultiThreadedReaderOptions options = DEFAULTS.withNumShards(open).withWorkerThreads(2);
      for (boolean deterministic : new boolean[] {false, true}) {
        try (MultiThreadedReader reader =
            MultiThreadedReader.open(
                empty.shuffledForever(1), options.withDeterministic(deterministic))) {
          assertThatExceptionOfType(IOException.class)
              .isThrownBy(reader::nextBatch)
              .withMessageContaining("a whole epoch had no record")
              .withMessageContaining(empty.list().get(0).name())
              .withMessageContaining(empty.list().get(2).name())
              .withMessageContaining("and 2 more");
        }
      }
    }
  }

  /** Hands on what another source gives and what becomes of it, in shards of its own. */
  private record Relabelling(ShardSource source) implements ShardSource {
    private record Relabelled(Shard shard) implements Shard {
      @Override
      public String name() {
        return "relabelled " + shard.name();
      }

      @Override
      public RecordReader open(ReaderOptions options) throws IOException {
        return shard.open(options);
      }
    }

    @Override
    public Shard next() throws IOException {
      return new Relabelled(source.next());
    }
  }

  /** Hands out shards that were taken before, and so has to pass on what becomes of them. */
  private static final class Prefetching implements ShardSource {
    private final ShardSource source;
    private Shard prefetched;

    Prefetching(ShardSource source) {
      this.source = source;
    }

    @Override
    public Shard next() throws IOException {
      Shard given = prefetched == null ? source.next() : prefetched;
      prefetched = source.next();
      return given;
    }

    @Override
    public void finished(Shard shard, long records) {
      source.finished(shard, records);
    }
  }

  @Test
  void shuffledShardsWithoutRecordsAreAnErrorBehindOtherSources() throws IOException {
    Shards empty = ShardFixture.writeAll(directory, 0, 0, 0);
    for (int open = 1; open <= 4; open++) {
      MultiThreadedReaderOptions options = DEFAULTS.withNumShards(open).withWorkerThreads(2);
      ShardSource lambda = empty.shuffledForever(1);
      for (ShardSource source :
          List.of(
              () -> Objects.requireNonNull(lambda.next()),
              new Relabelling(empty.shuffledForever(1)),
              new Prefetching(empty.shuffledForever(1)))) {
        try (MultiThreadedReader reader = MultiThreadedReader.open(source, options)) {
          assertThatExceptionOfType(IOException.class)
              .isThrownBy(reader::nextBatch)
              .withMessageContaining("a whole epoch had no record");
        }
      }
    }
  }

  /** That empty ones come again before the only other one is read says nothing. */
  @Test
  void shuffledShardsOfWhichOneHasRecordsGoOn() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 0, 0, 1, 0);
    for (int open = 1; open <= 4; open++) {
      try (MultiThreadedReader reader =
          MultiThreadedReader.open(
              shards.shuffledForever(1), DEFAULTS.withNumShards(open).withWorkerThreads(2))) {
        for (int i = 0; i < 50; i++) {
          reader.nextBatch().close();
        }
      }
    }
  }

  private interface Opening {
    RecordReader open(ReaderOptions options) throws IOException;
  }

  private static Shard shard(String name, Opening opening) {
    return new Shard() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public RecordReader open(ReaderOptions options) throws IOException {
        return opening.open(options);
      }
    };
  }

  @Test
  void ownShardsReadFromTheReadersPosition() throws IOException {
    Path file = ShardFixture.write(directory, 0, 3);
    Shard rest =
        shard(
            "rest",
            options -> {
              RecordReader reader = RecordReader.open(file, options);
              reader.nextBatch().close();
              return reader;
            });
    assertThat(read(Shards.from(List.of(rest)), DEFAULTS)).isEqualTo(ShardFixture.places(0, 1, 3));

    Shard started =
        shard(
            "started",
            options -> {
              RecordReader reader = RecordReader.open(file, options);
              reader.iterator().next();
              return reader;
            });
    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(() -> read(Shards.from(List.of(started)), DEFAULTS))
        .withCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void sourceMayFail() throws IOException {
    ShardSource source = ShardFixture.writeAll(directory, 1, 1).inOrder();
    ShardSource failing =
        () -> {
          Shard shard = source.next();
          if (shard == null) {
            throw new IOException("no list");
          }
          return shard;
        };
    for (boolean deterministic : new boolean[] {false, true}) {
      try (MultiThreadedReader reader =
          MultiThreadedReader.open(failing, DEFAULTS.withDeterministic(deterministic))) {
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> ShardFixture.takeAll(reader))
            .withMessageContaining("source of shards")
            .withMessageContaining("no list");
      }
    }
  }

  @Test
  void sourceWithoutShardsHasNoRecords() throws IOException {
    try (MultiThreadedReader reader = MultiThreadedReader.open(() -> null)) {
      assertThat(reader.next()).isNull();
      assertThat(reader.isAtEnd()).isTrue();
    }
  }

  @Test
  void listenerThatThrowsFailsTheReader() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 2);
    ShardListener listener =
        new ShardListener() {
          @Override
          public void finished(String shard, long records) {
            throw new IllegalArgumentException("enough");
          }

          @Override
          public void failed(String shard, IOException failure) {
            throw new IllegalArgumentException("again");
          }
        };
    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(() -> read(shards, DEFAULTS.withShardListener(listener)))
        .withRootCauseInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
  }

  @Test
  void noShardIsAnErrorThatNamesDirectoryAndPrefix() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> MultiThreadedReader.open(directory, "train"))
        .withMessageContaining(directory.toString())
        .withMessageContaining("train_");
  }

  @Test
  void recordIsValidUntilTheNextOne() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      MemorySegment first = reader.next();
      for (int i = 1; i < 5; i++) {
        reader.next();
      }
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(records.hasNext()).isTrue();
      assertThat(Place.of(first)).isEqualTo(new Place(0, 0));
      assertThat(Place.of(reader.tryNext())).isEqualTo(new Place(0, 5));
      assertEnded(first);
      MemorySegment last = null;
      while (records.hasNext()) {
        last = records.next();
      }
      assertThat(reader.next()).isNull();
      assertThat(reader.tryNext()).isNull();
      assertThat(reader.isAtEnd()).isTrue();
      assertThat(Place.of(last)).isEqualTo(new Place(0, 9));
      reader.close();
      assertEnded(last);
    }
  }

  @Test
  void eachThreadHasBatchesOfItsOwn() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 2);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards);
        WorkerThread other = WorkerThread.virtual()) {
      MemorySegment mine = reader.next();
      assertThat(other.call(() -> Place.of(reader.next()))).isEqualTo(new Place(0, 5));
      assertThat(Place.of(mine)).isEqualTo(new Place(0, 0));
      assertThat(Place.of(reader.next())).isEqualTo(new Place(0, 1));
      Iterator<MemorySegment> records = reader.iterator();
      assertThat(other.thrownBy(records::next)).isInstanceOf(WrongThreadException.class);
      assertThat(other.call(() -> Place.of(reader.iterator().next()))).isEqualTo(new Place(0, 6));
    }
  }

  @Test
  void nothingNowIsNotTheEnd() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    Path file = ShardFixture.write(directory, 0, 1);
    Shard slow =
        shard(
            "slow",
            options -> {
              awaitQuietly(latch);
              return RecordReader.open(file, options);
            });
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.from(List.of(slow)))) {
      assertThat(reader.tryNext()).isNull();
      assertThat(reader.tryNextBatch()).isNull();
      assertThat(reader.isAtEnd()).isFalse();
      latch.countDown();
      List<Place> places = new ArrayList<>();
      while (!reader.isAtEnd() || places.size() < 5) {
        MemorySegment record = reader.tryNext();
        if (record != null) {
          places.add(Place.of(record));
        }
      }
      assertThat(places).isEqualTo(ShardFixture.places(0, 1));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new InterruptedIOException());
    }
  }

  @Test
  void streamsHaveEveryRecord() throws IOException {
    int[] chunks = {30, 10, 20, 0, 1};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    MultiThreadedReaderOptions options = DEFAULTS.withWorkerThreads(2).withQueueSize(2000);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      assertThat(reader.stream().map(Place::of).toList())
          .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
    }
    for (int i = 0; i < 10; i++) {
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        assertThat(reader.stream().parallel().map(Place::of).toList())
            .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
      }
      Set<Place> places = ConcurrentHashMap.newKeySet();
      try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
        reader
            .batches()
            .parallel()
            .forEach(batch -> {
              try (batch) {
                batch.forEach(record -> assertThat(places.add(Place.of(record))).isTrue());
              }
            });
      }
      assertThat(places).hasSize(61 * 5);
    }
  }

  @Test
  void streamThatIsCutShortGivesItsBatchBack() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      List<MemorySegment> records = reader.stream().limit(2).toList();
      records.forEach(LifetimeAssert::assertEnded);
      assertThat(reader.isOpen()).isTrue();
    }
  }

  @Test
  void batchesOutliveTheReader() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3);
    RecordBatch batch;
    RecordBatch untouched;
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      batch = reader.nextBatch();
      assertThat(Place.of(batch.get(0))).isEqualTo(new Place(0, 0));
      untouched = reader.nextBatch();
    }
    assertThat(Place.of(batch.get(4))).isEqualTo(new Place(0, 4));
    assertThat(Place.of(untouched.get(4))).isEqualTo(new Place(0, 9));
    batch.close();
    untouched.close();
    assertEnded(batch);
    assertEnded(untouched);
  }

  @Test
  @SuppressWarnings("ReturnValueIgnored") // What matters is that it throws.
  void everythingButClosingThrowsOnceItIsClosed() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 3);
    MultiThreadedReader reader = MultiThreadedReader.open(shards);
    Iterator<MemorySegment> records = reader.iterator();
    try (WorkerThread other = new WorkerThread()) {
      MemorySegment theirs = other.call(reader::next);
      other.run(() -> assertThat(Place.of(theirs).shard()).isZero());
      reader.close();
      other.run(() -> assertThat(Place.of(theirs).shard()).isZero());
      assertThat(other.thrownBy(reader::next)).isInstanceOf(IllegalStateException.class);
      other.run(() -> assertEnded(theirs));
    }
    reader.close();
    assertThat(reader.isOpen()).isFalse();
    for (WorkerThread.Task use :
        List.<WorkerThread.Task>of(
            reader::nextBatch,
            reader::tryNextBatch,
            reader::next,
            reader::tryNext,
            reader::iterator,
            records::hasNext,
            records::next,
            () -> reader.stream().forEach(record -> {}),
            () -> reader.batches().forEach(RecordBatch::close),
            () -> reader.visitBatches(batch -> {}))) {
      assertThat(WorkerThreads.thrownBy(use)).isInstanceOf(IllegalStateException.class);
    }
    assertThat(reader.queuedBytes()).isZero();
    assertThat(reader.queuedRecords()).isZero();
  }

  @Test
  void whoWaitsIsToldOfTheClosing() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ShardSource source =
        () -> {
          awaitQuietly(never);
          return null;
        };
    MultiThreadedReader reader = MultiThreadedReader.open(source);
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
    List<Thread> consumers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      consumers.add(
          Thread.ofPlatform().start(() -> thrown.add(WorkerThreads.thrownBy(reader::nextBatch))));
    }
    awaitWaiting(consumers);
    // Which interrupts the source, too.
    reader.close();
    for (Thread consumer : consumers) {
      consumer.join();
    }
    assertThat(thrown).hasSize(4).allMatch(IllegalStateException.class::isInstance);
  }

  private static void awaitWaiting(List<Thread> threads) throws InterruptedException {
    while (!threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING)) {
      Thread.sleep(1);
    }
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ShardSource source =
        () -> {
          awaitQuietly(never);
          return null;
        };
    try (MultiThreadedReader reader = MultiThreadedReader.open(source)) {
      List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
      AtomicInteger interrupted = new AtomicInteger();
      Thread consumer =
          Thread.ofPlatform()
              .start(() -> {
                thrown.add(WorkerThreads.thrownBy(reader::nextBatch));
                interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
              });
      awaitWaiting(List.of(consumer));
      consumer.interrupt();
      consumer.join();
      assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
      assertThat(interrupted).hasValue(1);
    }
  }

  @Test
  void interruptedThreadMayClose() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 3, 3);
    MultiThreadedReader reader = MultiThreadedReader.open(shards);
    Thread.currentThread().interrupt();
    reader.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void listenerMayClose() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 3, 3);
    List<MultiThreadedReader> readers = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch opened = new CountDownLatch(1);
    ShardListener listener =
        new ShardListener() {
          @Override
          public void finished(String shard, long records) {
            awaitQuietly(opened);
            readers.getFirst().close();
          }
        };
    MultiThreadedReader reader =
        MultiThreadedReader.open(shards, DEFAULTS.withShardListener(listener));
    readers.add(reader);
    opened.countDown();
    while (reader.isOpen()) {
      Thread.sleep(1);
    }
    reader.close();
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void filesAreClosedWithTheReader() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 9, 9, 9);
    List<RecordReader> readers = Collections.synchronizedList(new ArrayList<>());
    List<Shard> recording =
        shards.list().stream()
            .map(shard ->
                shard(
                    shard.name(),
                    options -> {
                      RecordReader reader = shard.open(options);
                      readers.add(reader);
                      return reader;
                    }))
            .toList();
    MultiThreadedReader reader =
        MultiThreadedReader.open(
            Shards.from(recording), DEFAULTS.withNumShards(3).withQueueSize(1));
    reader.nextBatch().close();
    reader.close();
    assertThat(readers).isNotEmpty().noneMatch(RecordReader::isOpen);
  }

  @Test
  void threadsEndWhenEverythingIsRead() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 3, 3);
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards)) {
      while (!ShardFixture.threads().isEmpty()) {
        Thread.sleep(1);
      }
      assertThat(ShardFixture.takeAll(reader)).hasSize(30);
    }
  }

  @Test
  void shuffledShardsGoOnForEver() throws IOException {
    int[] chunks = {1, 2, 1, 3};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    MultiThreadedReaderOptions options = IN_TURN.withNumShards(1).withWorkerThreads(2);
    List<List<Place>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      List<Place> places = new ArrayList<>();
      try (MultiThreadedReader reader =
          MultiThreadedReader.open(shards.shuffledForever(5), options)) {
        for (int i = 0; i < 3 * 35; i++) {
          places.add(Place.of(reader.next()));
        }
        assertThat(reader.isAtEnd()).isFalse();
      }
      runs.add(places);
    }
    assertThat(runs.get(1)).isEqualTo(runs.get(0));
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(runs.getFirst().subList(epoch * 35, epoch * 35 + 35))
          .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(chunks));
    }
  }

  @Test
  void forgottenReaderIsShutDownAndReported() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 9, 9);
    try (LogCapture log = new LogCapture()) {
      MemorySegment record = firstRecordOf(shards);
      assertThat(
              GarbageCollection.leadsTo(() ->
                  ShardFixture.threads().isEmpty()
                      && !log.messages("MultiThreadedReader was never closed").isEmpty()))
          .isTrue();
      assertThat(Place.of(record).number()).isZero();
    }
  }

  private static MemorySegment firstRecordOf(Shards shards) throws IOException {
    return MultiThreadedReader.open(shards, DEFAULTS.withQueueSize(1)).next();
  }

  @Test
  void iteratorKeepsItsReader() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 9);
    MultiThreadedReader reader = MultiThreadedReader.open(shards, DEFAULTS.withQueueSize(1));
    WeakReference<MultiThreadedReader> reference = new WeakReference<>(reader);
    Iterator<MemorySegment> records = reader.iterator();
    reader = null;
    GarbageCollection.run();
    int count = 0;
    while (records.hasNext()) {
      records.next();
      count++;
    }
    assertThat(count).isEqualTo(45);
    MultiThreadedReader found = reference.get();
    assertThat(found).isNotNull();
    found.close();
    assertThat(records).isNotNull();
  }

  @Test
  void emptyFilesAreShardsWithoutRecords() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThatNoException().isThrownBy(() -> Records.count(empty));
    assertThat(read(Shards.of(List.of(empty, empty)), DEFAULTS)).isEmpty();
  }

  @Test
  void ownReaderCanOnlyBeClosed() throws IOException {
    RecordReader reader = RecordReader.open(ShardFixture.write(directory, 0, 2));
    reader.lend();
    assertThatIllegalStateException().isThrownBy(reader::nextBatch);
    assertThatIllegalStateException().isThrownBy(reader::lend);
    reader.close();
  }

  /** Its native part must not be freed under a thread that is about to read with it. */
  @Test
  void ownReaderIsClosedBetweenTwoChunks() throws Exception {
    byte[] file = Files.readAllBytes(ShardFixture.write(directory, 0, 3));
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    RecordReader own =
        RecordReader.open(
            new ByteArrayInputStream(file) {
              @Override
              public synchronized int read(byte[] bytes, int offset, int length) {
                reading.countDown();
                awaitQuietly(closing);
                return super.read(bytes, offset, length);
              }
            });
    Shard shard = shard("own", _ -> own);
    try (MultiThreadedReader reader = MultiThreadedReader.open(Shards.from(List.of(shard)))) {
      reading.await();
      Thread closer = Thread.ofPlatform().start(own::close);
      while (closer.isAlive() && closer.getState() != Thread.State.BLOCKED) {
        Thread.sleep(1);
      }
      closing.countDown();
      reader.nextBatch().close();
      closer.join();
    }
  }
}
