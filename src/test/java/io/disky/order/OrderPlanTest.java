package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.disky.order.Steps.Remainder;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderPlanTest {
  private static final long MUCH = 1L << 40;
  private static final int ENTRY = 24;
  private static final PlanRequest.Source SIZED = new PlanRequest.Source("data", 100, 0);

  private static OrderSpec spec(ShuffleMethod shuffle, OrderSource... sources) {
    return OrderSpec.mixed(List.of(sources), shuffle, MixMethod.EXACT, Exhaustion.DROP_OUT, 1);
  }

  private static OrderSource source(int chunks, int inChunk) {
    return new OrderSource(ListedChunks.equal(chunks, inChunk, 100L * inChunk), 1);
  }

  private static OrderPlan plan(OrderSpec spec, int batch, int ranks, Remainder remainder) {
    Steps steps = new Steps(spec.length(0), 0, batch, ranks, remainder);
    return OrderPlan.of(
        spec,
        new PlanRequest(Collections.nCopies(spec.sourceCount(), SIZED), steps, 4, ENTRY, MUCH));
  }

  private static PlanRequest.Source cached(long cache) {
    return new PlanRequest.Source("data", 100, cache);
  }

  /** How many chunks the batches of all ranks really need, each batch for itself if so. */
  private static long needed(OrderSpec spec, int batch, int ranks, boolean perBatch) {
    SpecifiedEpoch order = spec.epoch(0);
    ChunkLayout layout = spec.mixedSources().getFirst().layout();
    Steps steps = new Steps(order.length(), 0, batch, ranks, Remainder.EVEN);
    Picks picks = new Picks();
    long needed = 0;
    for (int rank = 0; rank < ranks; rank++) {
      Set<Long> chunks = new HashSet<>();
      for (long step = 0; step < steps.count(); step++) {
        long begin = steps.begin(step, rank);
        order.fill(begin, (int) (steps.end(step, rank) - begin), picks);
        for (int i = 0; i < picks.count(); i++) {
          chunks.add(layout.chunkOf(picks.record(i)));
        }
        if (perBatch) {
          needed += chunks.size();
          chunks.clear();
        }
      }
      needed += chunks.size();
    }
    return needed;
  }

  /** The estimates are within 3 % of what the orders really need. */
  @ParameterizedTest
  @CsvSource({
    "global, 200, 50, 64, 1", "global, 200, 50, 64, 4", "global, 40, 250, 500, 2",
    "global, 10000, 1, 100, 2", "none, 200, 50, 64, 1", "none, 200, 50, 64, 4",
    "windowed, 200, 50, 64, 1", "windowed, 200, 50, 64, 4", "windowed, 1000, 3, 64, 4",
    "reservoir, 200, 50, 64, 1",
  })
  void expectedDecodesAreNearTheTruth(String name, int chunks, int inChunk, int batch, int ranks) {
    ShuffleMethod shuffle =
        switch (name) {
          case "global" -> new ShuffleMethod.Global();
          case "none" -> new ShuffleMethod.None();
          case "windowed" -> new ShuffleMethod.Windowed(20L * 100 * inChunk);
          default -> new ShuffleMethod.Reservoir(500);
        };
    OrderSpec spec = spec(shuffle, source(chunks, inChunk));
    OrderPlan plan = plan(spec, batch, ranks, Remainder.EVEN);
    long needed = needed(spec, batch, ranks, name.equals("global"));
    assertThat(plan.chunks()).isEqualTo(chunks);
    assertThat((double) plan.decodes()).isCloseTo((double) needed, within(0.03 * needed));
  }

  @Test
  void aGlobalShuffleOverLargeChunksIsWarnedAbout() {
    OrderPlan plan =
        plan(spec(new ShuffleMethod.Global(), source(1000, 500)), 100, 1, Remainder.PAD);
    assertThat(plan.readAmplification()).isCloseTo(475, within(5.0));
    assertThat(plan.warnings())
        .singleElement()
        .asString()
        .contains("each chunk is decoded about 47", "windowed", "groups of one record")
        .contains("`disky shuffle`");
    OrderPlan ones =
        plan(spec(new ShuffleMethod.Global(), source(50_000, 1)), 100, 1, Remainder.PAD);
    assertThat(ones.readAmplification()).isCloseTo(1, within(0.01));
    assertThat(ones.warnings()).isEmpty();
  }

  private static OrderPlan plan(OrderSpec spec, Steps steps, PlanRequest.Source source) {
    return OrderPlan.of(spec, new PlanRequest(List.of(source), steps, 4, ENTRY, MUCH));
  }

  /** With a cache for all chunks, each is decoded once. */
  @Test
  void aCacheSavesDecodes() {
    OrderSpec spec = spec(new ShuffleMethod.Global(), source(100, 500));
    Steps steps = new Steps(spec.length(0), 0, 100, 1, Remainder.PAD);
    long all = 100 * 500 * 100;
    OrderPlan half = plan(spec, steps, cached(all / 2));
    OrderPlan none = plan(spec, steps, cached(0));
    OrderPlan whole = plan(spec, steps, cached(all));
    assertThat(whole.decodes()).isEqualTo(100);
    assertThat(whole.readAmplification()).isEqualTo(1);
    assertThat((double) half.decodes()).isCloseTo(none.decodes() / 2.0, within(100.0));
  }

  @Test
  void stepsAndRecordsAreCounted() {
    OrderSpec spec = spec(new ShuffleMethod.None(), source(10, 100));
    OrderPlan drop = plan(spec, 64, 2, Remainder.DROP);
    assertThat(drop.steps()).isEqualTo(15);
    assertThat(drop.dropped()).isEqualTo(40);
    assertThat(drop.padded()).isZero();
    OrderPlan pad = plan(spec, 64, 2, Remainder.PAD);
    assertThat(pad.steps()).isEqualTo(16);
    assertThat(pad.padded()).isEqualTo(24);
    OrderPlan even = plan(spec, 64, 2, Remainder.EVEN);
    assertThat(even.steps()).isEqualTo(16);
    assertThat(even.padded() + even.dropped()).isZero();
    assertThat(even.positions()).isEqualTo(1000);
    assertThat(even.batchBytes()).isEqualTo(32 * (100 + ENTRY));
    assertThat(even.heapBytes()).isEqualTo(160);
    assertThat(even.memory(4)).isEqualTo(4 * 32 * (100 + ENTRY) + even.heldBytes());
  }

  @Test
  void endlessEpochsCountAPassOverEachSource() {
    OrderSpec spec =
        OrderSpec.mixed(
            List.of(source(10, 100), source(20, 100)),
            new ShuffleMethod.None(),
            MixMethod.RANDOM,
            Exhaustion.REPEAT,
            1);
    OrderPlan plan = plan(spec, 64, 2, Remainder.PAD);
    assertThat(plan.steps()).isEqualTo(Long.MAX_VALUE);
    assertThat(plan.padded() + plan.dropped()).isZero();
    assertThat(plan.chunks()).isEqualTo(30);
    assertThat(plan.resumeChoices()).isEqualTo(4096);
  }

  /** The distance of neighbours, compared with the orders. */
  @ParameterizedTest
  @CsvSource({"none, 1", "global, 3333", "windowed, 333", "reservoir, 500"})
  void mixingDistancesAreNearTheTruth(String name, int stated) {
    ShuffleMethod shuffle =
        switch (name) {
          case "global" -> new ShuffleMethod.Global();
          case "none" -> new ShuffleMethod.None();
          case "windowed" -> new ShuffleMethod.Windowed(100_000);
          default -> new ShuffleMethod.Reservoir(500);
        };
    OrderSpec spec = spec(shuffle, source(200, 50));
    OrderPlan plan = plan(spec, 64, 1, Remainder.EVEN);
    assertThat(plan.mixingDistance()).isCloseTo(stated, within(1.0));
    Picks picks = new Picks();
    spec.epoch(0).fill(0, 10_000, picks);
    long[] positions = new long[10_000];
    for (int i = 0; i < 10_000; i++) {
      positions[(int) picks.record(i)] = i;
    }
    double sum = 0;
    int neighbours = 0;
    for (int i = 1; i < 10_000; i++) {
      if (i % 50 != 0) {
        sum += Math.abs(positions[i] - positions[i - 1]);
        neighbours++;
      }
    }
    assertThat(sum / neighbours).isCloseTo(stated, within(0.06 * stated));
  }

  @Test
  void problemsAreNamedWithRemedies() {
    OrderSpec spec = spec(new ShuffleMethod.None(), source(10, 100));
    assertThat(plan(spec, 2000, 1, Remainder.DROP).warnings())
        .singleElement()
        .asString()
        .contains("no step is possible: the epoch has 1000 positions, fewer than a batch of 2000");
    assertThat(plan(spec, 600, 1, Remainder.DROP).warnings())
        .singleElement()
        .asString()
        .contains("the last 400 of 1000 positions are dropped");
    assertThat(plan(spec, 600, 1, Remainder.EVEN).warnings()).isEmpty();
    Steps steps = new Steps(1000, 0, 100, 1, Remainder.EVEN);
    assertThat(
            OrderPlan.of(spec, new PlanRequest(List.of(SIZED), steps, 4, ENTRY, 1000)).warnings())
        .singleElement()
        .asString()
        .contains("is above the limit of 1000 bytes: raise the limit");
    assertThat(
            plan(spec(new ShuffleMethod.Reservoir(50), source(10, 100)), 100, 1, Remainder.EVEN)
                .warnings())
        .singleElement()
        .asString()
        .contains("a reservoir of 50 records is smaller than a chunk");
    assertThat(
            plan(spec(new ShuffleMethod.Windowed(20_000), source(20, 100)), 100, 1, Remainder.EVEN)
                .warnings())
        .singleElement()
        .asString()
        .contains("holds fewer than 8 chunks");
    assertThat(
            plan(spec(new ShuffleMethod.None(), source(10, 100)), 16, 8, Remainder.EVEN).warnings())
        .singleElement()
        .asString()
        .contains("use fewer ranks or larger batches");
  }

  @Test
  void aSequenceOfSourcesHasTheMeanOfTheirSizes() {
    List<ChunkLayout> layouts =
        List.of(ListedChunks.equal(1, 300, 1), ListedChunks.equal(1, 100, 1));
    OrderSpec spec =
        OrderSpec.concatenated(
            layouts, 1, OrderSource.ALL, new ShuffleMethod.None(), Exhaustion.DROP_OUT, 1);
    Steps steps = new Steps(400, 0, 10, 1, Remainder.EVEN);
    List<PlanRequest.Source> sources =
        List.of(new PlanRequest.Source("small", 20, 0), new PlanRequest.Source("large", 60, 0));
    OrderPlan plan = OrderPlan.of(spec, new PlanRequest(sources, steps, 2, ENTRY, MUCH));
    assertThat(plan.batchBytes()).isEqualTo(10 * (30 + ENTRY));
    assertThat(plan.resumeChoices()).isZero();
  }
}
