package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.ShardFixture.Place;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads that take records from many shards decode while they would otherwise wait. In these tests
 * the only thread of the reader is held up by the user's code after it has opened the first shard.
 */
@Timeout(20)
class ConsumerDecodingTest {
  private static final MultiThreadedReaderOptions ONE_THREAD =
      MultiThreadedReaderOptions.defaults()
          .withOrder(ReadingOrder.DRAIN)
          .withDeterministic(true)
          .withQueueSize(1);
  private static final ReaderOptions RECOVER =
      ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);

  @TempDir private Path directory;
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch heldUp = new CountDownLatch(1);

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  /** Records on which threads it is called, and holds the first thread up before shard 1. */
  private final class Listener implements ShardListener {
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private void called(String event, String shard) {
      threads.add(Thread.currentThread().getName());
      events.add(event + " " + Path.of(shard).getFileName());
    }

    @Override
    public void opened(String shard) {
      called("opened", shard);
      if (shard.endsWith("_1")) {
        heldUp.countDown();
        ShardFixture.awaitQuietly(released);
      }
    }

    @Override
    public void finished(String shard, long records) {
      called("finished " + records, shard);
    }

    @Override
    public void failed(String shard, IOException failure) {
      called("failed", shard);
    }

    @Override
    public void skipped(String shard, SkippedRegion region) {
      called("skipped", shard);
    }

    /** The reader's thread has made all calls. */
    void check(String... expected) {
      assertThat(events).containsExactly(expected);
      assertThat(threads).allMatch(name -> name.startsWith("disky-read-"));
    }
  }

  private MultiThreadedReader open(Shards shards, MultiThreadedReaderOptions options)
      throws InterruptedException {
    MultiThreadedReader reader = MultiThreadedReader.open(shards, options);
    heldUp.await();
    return reader;
  }

  private static List<Place> take(MultiThreadedReader reader, int batches) throws IOException {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      try (RecordBatch batch = reader.nextBatch()) {
        batch.forEach(record -> places.add(Place.of(record)));
      }
    }
    return places;
  }

  /** Takes the rest on another thread, which finds nothing that it can decode at first. */
  private List<Place> takeRest(MultiThreadedReader reader) throws Exception {
    FutureTask<List<Place>> rest = new FutureTask<>(() -> ShardFixture.takeAll(reader));
    Thread consumer = Thread.ofPlatform().start(rest);
    while (consumer.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    released.countDown();
    return rest.get();
  }

  @Test
  void consumerDecodesInsteadOfWaiting() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 2);
    Listener listener = new Listener();
    try (MultiThreadedReader reader = open(shards, ONE_THREAD.withShardListener(listener))) {
      assertThat(take(reader, 20)).isEqualTo(ShardFixture.places(0, 20));
      assertThat(reader.queuedBytes()).isZero();
      assertThat(takeRest(reader)).isEqualTo(ShardFixture.places(1, 2));
    }
    listener.check(
        "opened shard_0", "opened shard_1", "finished 100 shard_0", "finished 10 shard_1");
  }

  @Test
  void damageIsSkippedByTheReadersThread() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 2);
    byte[] content = Files.readAllBytes(directory.resolve("shard_0"));
    content[content.length / 2] ^= 1;
    Files.write(directory.resolve("shard_0"), content);
    Listener listener = new Listener();
    List<Place> places;
    try (MultiThreadedReader reader =
        open(shards, ONE_THREAD.withReaderOptions(RECOVER).withShardListener(listener))) {
      places = take(reader, 5);
      places.addAll(takeRest(reader));
    }
    assertThat(places)
        .hasSizeBetween(90, 109)
        .startsWith(ShardFixture.places(0, 5).toArray(Place[]::new));
    assertThat(places).endsWith(ShardFixture.places(1, 2).toArray(Place[]::new));
    int first = places.size() - 10;
    listener.check(
        "opened shard_0",
        "opened shard_1",
        "skipped shard_0",
        "finished " + first + " shard_0",
        "finished 10 shard_1");
  }

  @Test
  void failureIsReportedByTheReadersThread() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 20, 2);
    ShardFixture.truncate(directory.resolve("shard_0"));
    Listener listener = new Listener();
    try (MultiThreadedReader reader = open(shards, ONE_THREAD.withShardListener(listener))) {
      assertThat(take(reader, 19)).isEqualTo(ShardFixture.places(0, 19));
      assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
          .isThrownBy(() -> takeRest(reader))
          .withCauseInstanceOf(ShardException.class);
    }
    assertThat(listener.events).contains("failed shard_0");
    assertThat(listener.threads).allMatch(name -> name.startsWith("disky-read-"));
  }

  /** The user's code supplies the bytes of a channel, so only the reader's thread reads it. */
  @Test
  void channelIsReadByTheReadersThread() throws Exception {
    List<Shard> files = ShardFixture.writeAll(directory, 20, 2).list();
    Set<String> threads = ConcurrentHashMap.newKeySet();
    Shard channel =
        ShardFixture.shard(
            files.getFirst().name(),
            options ->
                RecordReader.open(recording(directory.resolve("shard_0"), threads), options));
    Shards shards = Shards.from(List.of(channel, files.getLast()));
    try (MultiThreadedReader reader = open(shards, ONE_THREAD.withShardListener(new Listener()))) {
      List<Place> places = take(reader, 1);
      places.addAll(takeRest(reader));
      assertThat(places).isEqualTo(ShardFixture.allPlaces(20, 2));
    }
    assertThat(threads).isNotEmpty().allMatch(name -> name.startsWith("disky-read-"));
  }

  private static SeekableByteChannel recording(Path file, Set<String> threads) throws IOException {
    SeekableByteChannel channel = Files.newByteChannel(file);
    return (SeekableByteChannel)
        Proxy.newProxyInstance(
            ConsumerDecodingTest.class.getClassLoader(),
            new Class<?>[] {SeekableByteChannel.class},
            (_, method, arguments) -> {
              threads.add(Thread.currentThread().getName());
              try {
                return method.invoke(channel, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** A reader is closed at any moment while consumers decode. */
  @Test
  void isClosedWhileConsumersDecode() throws Exception {
    Shards shards = ShardFixture.writeAll(directory, 300, 2);
    MultiThreadedReader reader = open(shards, ONE_THREAD.withShardListener(new Listener()));
    CountDownLatch taking = new CountDownLatch(20);
    FutureTask<Boolean> consumer =
        new FutureTask<>(() -> {
          try {
            while (reader.isOpen()) {
              take(reader, 1);
              taking.countDown();
            }
            return true;
          } catch (IllegalStateException e) {
            return true;
          }
        });
    Thread.ofPlatform().start(consumer);
    taking.await();
    released.countDown();
    reader.close();
    assertThat(consumer.get()).isTrue();
  }
}
