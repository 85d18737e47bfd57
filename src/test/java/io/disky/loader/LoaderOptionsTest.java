package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoaderOptionsTest {
  private static final LoaderOptions DEFAULTS = LoaderOptions.defaults();

  @Test
  void eachOptionIsKeptAndPrinted() {
    List<LoaderOptions> changed =
        List.of(
            DEFAULTS.withSeed(5),
            DEFAULTS.withShuffle(Shuffle.global()),
            DEFAULTS.withBatchSize(7),
            DEFAULTS.withRank(1, 3),
            DEFAULTS.withRemainder(Remainder.PAD),
            DEFAULTS.withEpochs(9),
            DEFAULTS.withWorkers(0),
            DEFAULTS.withMemory(2 << 20),
            DEFAULTS.withFilter((_, _) -> true),
            DEFAULTS.withMap((_, record, output) -> output.write(record)),
            DEFAULTS.withMaxFilteredShare(0.5),
            DEFAULTS.withMaxSkipped(3, 0.25),
            DEFAULTS.withHoldTimeout(Duration.ofMillis(1)),
            DEFAULTS.withStallTimeout(Duration.ofMillis(2)));
    for (LoaderOptions options : changed) {
      assertThat(options).isNotEqualTo(DEFAULTS);
      assertThat(options.toString()).isNotEqualTo(DEFAULTS.toString());
    }
    assertThat(DEFAULTS)
        .isEqualTo(LoaderOptions.defaults())
        .hasSameHashCodeAs(LoaderOptions.defaults());
    LoaderOptions all =
        DEFAULTS.withRank(1, 3).withMaxSkipped(3, 0.25).withStallTimeout(Duration.ZERO);
    assertThat(all.rank()).isEqualTo(1);
    assertThat(all.worldSize()).isEqualTo(3);
    assertThat(all.maxSkippedRecords()).isEqualTo(3);
    assertThat(all.maxSkippedShare()).isEqualTo(0.25);
    assertThat(all.stallTimeout()).contains(Duration.ZERO);
    assertThat(DEFAULTS.stallTimeout()).isEmpty();
    assertThat(DEFAULTS.state()).isEmpty();
    assertThat(DEFAULTS.batchSize()).isEqualTo(BatchSize.records(256));
    assertThat(DEFAULTS.memory()).isEqualTo(256L << 20);
    assertThat(DEFAULTS.remainder()).isEqualTo(Remainder.EVEN);
    assertThat(DEFAULTS.epochs()).isEqualTo(1);
  }

  @Test
  void argumentsOutsideTheirRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withRank(2, 2))
        .withMessageContaining("rank 2 of 2");
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withRank(-1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withRank(0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withEpochs(0));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withWorkers(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withWorkers(LoaderOptions.MAX_WORKERS + 1));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withMemory((1 << 20) - 1));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withMaxFilteredShare(1.1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withMaxFilteredShare(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withMaxSkipped(-1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> DEFAULTS.withMaxSkipped(1, -0.1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withHoldTimeout(Duration.ofNanos(-1)));
    assertThatNullPointerException().isThrownBy(() -> DEFAULTS.withShuffle(null));
  }

  @Test
  void batchesByBytesNeedOneRankAndAllRecords() throws IOException {
    RecordSource source = RecordSource.of("none", 0, (_, _) -> {});
    LoaderOptions bytes = DEFAULTS.withBatchSize(BatchSize.bytes(10));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataLoader.open(source, bytes.withRank(0, 2)).close())
        .withMessageContaining("BatchSize.records");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataLoader.open(source, bytes.withRemainder(Remainder.DROP)).close());
  }

  @Test
  void sourcesWithoutRecordsDeliverNothing() throws IOException {
    RecordSource source = RecordSource.of("none", 0, (_, _) -> {});
    for (Shuffle shuffle :
        List.of(Shuffle.none(), Shuffle.global(), Shuffle.windowed(10), Shuffle.reservoir(3))) {
      LoaderOptions options = DEFAULTS.withShuffle(shuffle).withEpochs(Long.MAX_VALUE);
      try (DataLoader loader = DataLoader.open(source, options)) {
        assertThat(loader.next()).isNull();
        assertThat(loader.next()).isNull();
        assertThat(loader.recordsPerEpoch()).hasValue(0);
        assertThat(loader.stepsPerEpoch()).hasValue(0);
      }
      try (DataLoader loader =
          DataLoader.open(source, options.withBatchSize(BatchSize.bytes(10)))) {
        assertThat(loader.next()).isNull();
      }
    }
  }

  @Test
  void fewerRecordsThanABatchAreDroppedPaddedOrDelivered() throws IOException {
    RecordSource source =
        RecordSource.of("three", 3, (number, record) -> record.put(new byte[] {(byte) number}));
    for (Remainder remainder : Remainder.values()) {
      LoaderOptions options = DEFAULTS.withBatchSize(8).withRemainder(remainder).withEpochs(2);
      long records = 0;
      long padding = 0;
      try (DataLoader loader = DataLoader.open(source, options)) {
        for (LoadedBatch batch : loader) {
          records += batch.recordCount();
          padding += batch.paddingCount();
        }
      }
      assertThat(records)
          .isEqualTo(remainder == Remainder.DROP ? 0 : remainder == Remainder.PAD ? 16 : 6);
      assertThat(padding).isEqualTo(remainder == Remainder.PAD ? 10 : 0);
    }
  }

  @Test
  void aFilterThatKeepsNothingDeliversEmptyBatches() throws IOException {
    RecordSource source =
        RecordSource.of("few", 100, (number, record) -> record.put(new byte[] {(byte) number}));
    try (DataLoader loader =
        DataLoader.open(source, DEFAULTS.withBatchSize(10).withFilter((_, _) -> false))) {
      int batches = 0;
      for (LoadedBatch batch : loader) {
        assertThat(batch.recordCount()).isZero();
        assertThat(batch.data().byteSize()).isZero();
        batches++;
      }
      assertThat(batches).isEqualTo(10);
    }
  }
}
