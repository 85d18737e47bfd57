package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.ShardFixture.Place;
import io.disky.lifetime.LifetimeAssert;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever fails while shards are read: every consumer gets to know, and which shard it was. */
@Timeout(20)
class ShardFailureTest {
  private static final MultiThreadedReaderOptions DEFAULTS = MultiThreadedReaderOptions.defaults();
  private static final MultiThreadedReaderOptions IN_TURN = DEFAULTS.withDeterministic(true);

  @TempDir private Path directory;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void damagedShardIsNamedEachTime() throws IOException {
    Shards shards = ShardFixture.writeAll(directory, 2, 3, 2);
    Path damaged = ShardFixture.truncate(Path.of(shards.list().get(1).name()));
    ShardEventLog events = new ShardEventLog();
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(shards, IN_TURN.withShardListener(events))) {
      // What comes before it in the order.
      List<Place> places = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        try (RecordBatch batch = reader.nextBatch()) {
          batch.forEach(record -> places.add(Place.of(record)));
        }
      }
      assertThat(places).isEqualTo(ShardFixture.chunks(0, 0, 1, 0, 0, 1, 1, 1));
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
    Path damaged = ShardFixture.truncate(Path.of(shards.list().get(1).name()));
    List<SkippedRegion> regions = Collections.synchronizedList(new ArrayList<>());
    ReaderOptions recover =
        ReaderOptions.defaults()
            .withCorruptionStrategy(CorruptionStrategy.RECOVER)
            .withSkippedRegionListener(regions::add);
    ShardEventLog events = new ShardEventLog();

    List<Place> places =
        ShardFixture.read(shards, DEFAULTS.withReaderOptions(recover).withShardListener(events));

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
          DEFAULTS.withOrder(order).withDeterministic(deterministic).withParallelism(2);
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(() -> ShardFixture.read(shards, options))
          .withMessageContaining(missing.toString())
          .withCauseInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void shardMayFailInAnyWay() {
    Shard failing =
        ShardFixture.shard(
            "strange",
            options -> {
              throw new UnsupportedOperationException("not today");
            });
    Shard without = ShardFixture.shard("without", options -> null);
    for (Shard shard : List.of(failing, without)) {
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(() -> ShardFixture.read(Shards.from(List.of(shard)), DEFAULTS))
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
            MultiThreadedReader.open(source, DEFAULTS.withParallelism(2))) {
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
                read, DEFAULTS.withParallelism(2).withShardListener(listener))) {
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
        .isThrownBy(() -> ShardFixture.read(shards, DEFAULTS.withShardListener(listener)))
        .withRootCauseInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
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

  /** A shard of the application says itself what has failed. */
  @Test
  void aShardMayThrowTheExceptionOfShards() {
    IOException cause = new IOException("the disk is on fire");
    for (String named : List.of("own", "another")) {
      Shard own =
          ShardFixture.shard(
              "own",
              options -> {
                throw new ShardException(named, cause);
              });
      assertThatExceptionOfType(ShardException.class)
          .isThrownBy(() -> ShardFixture.read(Shards.from(List.of(own)), DEFAULTS))
          .withMessage(
              named.equals("own")
                  ? "shard own: java.io.IOException: the disk is on fire"
                  : "shard own: io.disky.ShardException: shard another: java.io.IOException: the"
                      + " disk is on fire")
          .withRootCauseInstanceOf(IOException.class)
          .satisfies(e -> assertThat(e.shard()).isEqualTo("own"))
          .satisfies(e -> assertThat(rootCause(e)).isSameAs(cause));
    }
  }

  private static Throwable rootCause(Throwable failure) {
    return failure.getCause() == null ? failure : rootCause(failure.getCause());
  }
}
