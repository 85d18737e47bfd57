package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultiThreadedReaderOptionsTest {
  private static final MultiThreadedReaderOptions DEFAULTS = MultiThreadedReaderOptions.defaults();

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertThat(DEFAULTS.numShards()).isEqualTo(2);
    assertThat(DEFAULTS.parallelism()).isEqualTo(1);
    assertThat(DEFAULTS.queueSize()).isEqualTo(64 << 20);
    assertThat(DEFAULTS.order()).isEqualTo(ReadingOrder.ROUND_ROBIN);
    assertThat(DEFAULTS.deterministic()).isFalse();
    assertThat(DEFAULTS.readerOptions()).isEqualTo(ReaderOptions.defaults());
    assertThat(DEFAULTS.shardListener()).isEmpty();
    assertThat(DEFAULTS)
        .hasToString(
            "MultiThreadedReaderOptions[numShards=2, parallelism=1, queueSize=67108864,"
                + " order=ROUND_ROBIN, deterministic=false, readerOptions="
                + ReaderOptions.defaults()
                + ", shardListener=none]");
  }

  @Test
  void eachChangeIsOneOption() {
    ShardListener listener = new ShardListener() {};
    List<UnaryOperator<MultiThreadedReaderOptions>> changes =
        List.of(
            options -> options.withNumShards(7),
            options -> options.withParallelism(8),
            options -> options.withQueueSize(9),
            options -> options.withOrder(ReadingOrder.DRAIN),
            options -> options.withDeterministic(true),
            options -> options.withReaderOptions(ReaderOptions.defaults().withMaxChunkSize(5)),
            options -> options.withShardListener(listener));
    MultiThreadedReaderOptions all = DEFAULTS;
    for (UnaryOperator<MultiThreadedReaderOptions> change : changes) {
      MultiThreadedReaderOptions changed = change.apply(DEFAULTS);
      assertThat(changed).isNotEqualTo(DEFAULTS);
      assertThat(changed)
          .isEqualTo(change.apply(DEFAULTS))
          .hasSameHashCodeAs(change.apply(DEFAULTS));
      all = change.apply(all);
    }
    assertThat(all.numShards()).isEqualTo(7);
    assertThat(all.parallelism()).isEqualTo(8);
    assertThat(all.queueSize()).isEqualTo(9);
    assertThat(all.order()).isEqualTo(ReadingOrder.DRAIN);
    assertThat(all.deterministic()).isTrue();
    assertThat(all.readerOptions().maxChunkSize()).isEqualTo(5);
    assertThat(all.shardListener()).containsSame(listener);
    assertThat(DEFAULTS).isEqualTo(MultiThreadedReaderOptions.defaults());
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0})
  void numbersThatAreNone(int number) {
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withNumShards(number));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withParallelism(number));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withQueueSize(number));
  }

  /** Threads that take records do not decode. */
  @Test
  void parallelismIsAtLeastOne() {
    int max = MultiThreadedReaderOptions.MAX_PARALLELISM;
    assertThat(DEFAULTS.withParallelism(max).parallelism()).isEqualTo(max);
    for (int threads : new int[] {0, max + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DEFAULTS.withParallelism(threads))
          .withMessage("parallelism " + threads + " is outside 1 to 1024 threads");
    }
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withOrder(null));
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withReaderOptions(null));
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withShardListener(null));
  }

  @Test
  void shardsThatGrowAreNotFollowed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withReaderOptions(ReaderOptions.defaults().withFollow(true)))
        .withMessageContaining("RecordReader");
  }

  @Test
  void shardsHaveNoThreadsOfTheirOwn() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withReaderOptions(ReaderOptions.defaults().withParallelism(1)))
        .withMessageContaining("MultiThreadedReaderOptions.withParallelism");
  }

  /**
   * The chunks that open shards decode along with another chunk take a quarter of the queue size.
   */
  @Test
  void openShardsShareAQuarterOfTheQueueForChunksAhead() {
    assertThat(DEFAULTS.aheadOfShard()).isEqualTo(8 << 20);
    assertThat(DEFAULTS.withNumShards(16).aheadOfShard()).isEqualTo(1 << 20);
    assertThat(DEFAULTS.withQueueSize(1).aheadOfShard()).isEqualTo(1);
  }
}
