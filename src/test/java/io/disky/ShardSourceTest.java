package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.ShardFixture.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sources of shards: shuffled ones, and sources that return the shards of another source. */
@Timeout(20)
class ShardSourceTest {
  private static final MultiThreadedReaderOptions DEFAULTS = MultiThreadedReaderOptions.defaults();
  private static final MultiThreadedReaderOptions IN_TURN = DEFAULTS.withDeterministic(true);

  @TempDir private Path directory;

  @AfterEach
  void noThreadIsLeft() {
    assertThat(ShardFixture.threads()).isEmpty();
  }

  @Test
  void shuffledShardsGoOnForEver() throws IOException {
    int[] chunks = {1, 2, 1, 3};
    Shards shards = ShardFixture.writeAll(directory, chunks);
    MultiThreadedReaderOptions options = IN_TURN.withNumShards(1).withParallelism(2);
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
  void shuffledShardsWithoutRecordsAreAnError() throws IOException {
    Shards empty = ShardFixture.writeAll(directory, 0, 0, 0, 0, 0);
    for (int open = 1; open <= 4; open++) {
      MultiThreadedReaderOptions options = DEFAULTS.withNumShards(open).withParallelism(2);
      for (boolean deterministic : new boolean[] {false, true}) {
        try (MultiThreadedReader reader =
            MultiThreadedReader.open(
                empty.shuffledForever(1), options.withDeterministic(deterministic))) {
          assertThatExceptionOfType(IOException.class)
              .isThrownBy(reader::nextBatch)
              .withMessageContaining("all shards are empty")
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
      MultiThreadedReaderOptions options = DEFAULTS.withNumShards(open).withParallelism(2);
      ShardSource lambda = empty.shuffledForever(1);
      for (ShardSource source :
          List.of(
              () -> Objects.requireNonNull(lambda.next()),
              new Relabelling(empty.shuffledForever(1)),
              new Prefetching(empty.shuffledForever(1)))) {
        try (MultiThreadedReader reader = MultiThreadedReader.open(source, options)) {
          assertThatExceptionOfType(IOException.class)
              .isThrownBy(reader::nextBatch)
              .withMessageContaining("all shards are empty");
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
              shards.shuffledForever(1), DEFAULTS.withNumShards(open).withParallelism(2))) {
        for (int i = 0; i < 50; i++) {
          reader.nextBatch().close();
        }
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
}
