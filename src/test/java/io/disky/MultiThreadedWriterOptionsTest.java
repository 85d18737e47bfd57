package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MultiThreadedWriterOptionsTest {
  private static final MultiThreadedWriterOptions DEFAULTS = MultiThreadedWriterOptions.defaults();

  @Test
  void defaults() {
    assertThat(DEFAULTS.prefix()).isEqualTo("shard");
    assertThat(DEFAULTS.numShards()).isEqualTo(2);
    assertThat(DEFAULTS.parallelism()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(DEFAULTS.maxBytesPerWriter()).isEqualTo(10_000_000_000L);
    assertThat(DEFAULTS.autoSharding()).isTrue();
    assertThat(DEFAULTS.taskQueueCapacity()).isEqualTo(2000);
    assertThat(DEFAULTS.taskQueueBytes()).isEqualTo(64 << 20);
    assertThat(DEFAULTS.append()).isTrue();
    assertThat(DEFAULTS.startIndex()).isZero();
    assertThat(DEFAULTS.writerOptions()).isEqualTo(WriterOptions.defaults());
    assertThat(DEFAULTS.shardListener()).isEmpty();
  }

  @Test
  void eachOptionChangesItselfAlone() {
    ShardListener listener = new ShardListener() {};
    List<UnaryOperator<MultiThreadedWriterOptions>> changes =
        List.of(
            options -> options.withPrefix("part"),
            options -> options.withNumShards(7),
            options -> options.withParallelism(777),
            options -> options.withMaxBytesPerWriter(77),
            options -> options.withAutoSharding(false),
            options -> options.withTaskQueueCapacity(5),
            options -> options.withTaskQueueBytes(55),
            options -> options.withAppend(false),
            options -> options.withStartIndex(9),
            options -> options.withWriterOptions(WriterOptions.defaults().withChunkSize(99)),
            options -> options.withShardListener(listener));
    MultiThreadedWriterOptions all = DEFAULTS;
    for (UnaryOperator<MultiThreadedWriterOptions> change : changes) {
      MultiThreadedWriterOptions changed = change.apply(DEFAULTS);
      assertThat(changed).isNotEqualTo(DEFAULTS).isEqualTo(change.apply(DEFAULTS));
      assertThat(changed).hasSameHashCodeAs(change.apply(DEFAULTS));
      assertThat(changed.toString()).isNotEqualTo(DEFAULTS.toString());
      all = change.apply(all);
    }
    assertThat(all.prefix()).isEqualTo("part");
    assertThat(all.numShards()).isEqualTo(7);
    assertThat(all.parallelism()).isEqualTo(777);
    assertThat(all.maxBytesPerWriter()).isEqualTo(77);
    assertThat(all.autoSharding()).isFalse();
    assertThat(all.taskQueueCapacity()).isEqualTo(5);
    assertThat(all.taskQueueBytes()).isEqualTo(55);
    assertThat(all.append()).isFalse();
    assertThat(all.startIndex()).isEqualTo(9);
    assertThat(all.writerOptions().chunkSize()).isEqualTo(99);
    assertThat(all.shardListener()).contains(listener);
    assertThat(all.withCompression(Compression.none()).writerOptions())
        .isEqualTo(WriterOptions.defaults().withChunkSize(99).withCompression(Compression.none()));
    assertThat(DEFAULTS).isEqualTo(MultiThreadedWriterOptions.defaults());
  }

  @Test
  void shardsAreNotCreatedAtomically() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DEFAULTS.withWriterOptions(WriterOptions.defaults().withAtomicCreation(true)))
        .withMessageContaining("flushed before")
        .withMessageContaining("leave out withAtomicCreation");
  }

  @Test
  void ranges() {
    List<Runnable> wrong =
        List.of(
            () -> DEFAULTS.withNumShards(0),
            () -> DEFAULTS.withNumShards(MultiThreadedWriterOptions.MAX_SHARDS + 1),
            () -> DEFAULTS.withParallelism(-1),
            () -> DEFAULTS.withParallelism(MultiThreadedWriterOptions.MAX_PARALLELISM + 1),
            () -> DEFAULTS.withMaxBytesPerWriter(0),
            () -> DEFAULTS.withTaskQueueCapacity(0),
            () -> DEFAULTS.withTaskQueueBytes(0),
            () -> DEFAULTS.withStartIndex(-1));
    for (Runnable call : wrong) {
      assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContaining("outside");
    }
  }

  @Test
  void oneBoundForTheParallelismOfAllOptions() {
    assertThat(DEFAULTS.withParallelism(0).parallelism()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withParallelism(1025))
        .withMessage("parallelism 1025 is outside 0 to 1024 threads");
    assertThat(MultiThreadedWriterOptions.MAX_PARALLELISM)
        .isEqualTo(MultiThreadedReaderOptions.MAX_PARALLELISM)
        .isEqualTo(WriterOptions.MAX_PARALLELISM)
        .isEqualTo(RandomAccessOptions.MAX_PARALLELISM);
  }

  @Test
  void textHasEachOption() {
    assertThat(DEFAULTS.withPrefix("a").withParallelism(3))
        .hasToString(
            "MultiThreadedWriterOptions[prefix=a, numShards=2, parallelism=3,"
                + " maxBytesPerWriter=10000000000, autoSharding=true, taskQueueCapacity=2000,"
                + " taskQueueBytes=67108864, append=true, startIndex=0, writerOptions="
                + WriterOptions.defaults()
                + ", shardListener=none]");
  }
}
