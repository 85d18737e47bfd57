package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.disky.order.Steps.Remainder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans of several sources, compared with what the orders of the mixes are. */
class MixPlanTest {
  private static final int IN_CHUNK = 50;
  private static final int SIZE = 100;
  private static final ShuffleMethod GLOBAL = new ShuffleMethod.Global();

  private static OrderSource source(int records, double weight, double repeat) {
    return new OrderSource(
        ListedChunks.equal(records / IN_CHUNK, IN_CHUNK, (long) SIZE * IN_CHUNK),
        weight,
        repeat,
        OrderSource.ALL);
  }

  private static OrderSpec spec(
      ShuffleMethod shuffle, MixMethod mix, Exhaustion exhaustion, OrderSource... sources) {
    return OrderSpec.mixed(List.of(sources), shuffle, mix, exhaustion, 1);
  }

  /** The plan of steps of 100 records for one rank; only sources with a cache have one. */
  private static OrderPlan plan(OrderSpec spec, long... caches) {
    List<PlanRequest.Source> sources = new ArrayList<>();
    for (int i = 0; i < spec.sourceCount(); i++) {
      sources.add(new PlanRequest.Source("s" + i, SIZE, i < caches.length ? caches[i] : 0));
    }
    Steps steps = new Steps(spec.length(0), 0, 100, 1, Remainder.EVEN);
    return OrderPlan.of(spec, new PlanRequest(sources, steps, 4, 0, 1L << 40));
  }

  /** The mean distance of neighbours of a chunk that come in the same pass. */
  private static double measuredDistance(OrderSpec spec, int length) {
    Picks picks = new Picks();
    spec.epoch(0).fill(0, length, picks);
    List<Map<Long, Integer>> last = new ArrayList<>();
    List<Map<Long, Long>> passes = new ArrayList<>();
    for (int i = 0; i < spec.sourceCount(); i++) {
      last.add(new HashMap<>());
      passes.add(new HashMap<>());
    }
    double sum = 0;
    long pairs = 0;
    for (int i = 0; i < length; i++) {
      int source = picks.source(i);
      long record = picks.record(i);
      long pass = passes.get(source).merge(record, 1L, Long::sum);
      last.get(source).put(record, i);
      for (long neighbour : new long[] {record - 1, record + 1}) {
        boolean sameChunk = neighbour >= 0 && neighbour / IN_CHUNK == record / IN_CHUNK;
        if (sameChunk && passes.get(source).getOrDefault(neighbour, 0L) == pass) {
          sum += i - last.get(source).get(neighbour);
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  @ParameterizedTest
  @CsvSource({
    // two equal sources
    "global, EXACT, DROP_OUT, 5000, 1, 1, 5000, 1, 1",
    "none, EXACT, DROP_OUT, 5000, 1, 1, 5000, 1, 1",
    "windowed, EXACT, DROP_OUT, 5000, 1, 1, 5000, 1, 1",
    "reservoir, EXACT, DROP_OUT, 5000, 1, 1, 5000, 1, 1",
    // a small source that drops out
    "global, EXACT, DROP_OUT, 30000, 9, 1, 500, 1, 1",
    "global, RANDOM, DROP_OUT, 30000, 9, 1, 500, 1, 1",
    "windowed, EXACT, DROP_OUT, 30000, 9, 1, 5000, 1, 1",
    "global, EXACT, DROP_OUT, 3000, 1, 1, 5000, 4, 1",
    "none, EXACT, DROP_OUT, 30000, 9, 1, 5000, 1, 1",
    // repeats
    "global, EXACT, DROP_OUT, 30000, 9, 1, 500, 1, 3",
    "global, EXACT, REPEAT_UNTIL_ALL_SEEN, 30000, 9, 1, 500, 1, 1",
    "global, RANDOM, REPEAT_UNTIL_ALL_SEEN, 30000, 9, 1, 500, 1, 1",
    "global, EXACT, REPEAT, 5000, 3, 1, 1000, 1, 1",
    // the large source ends early
    "global, EXACT, STOP, 30000, 9, 1, 500, 1, 1",
  })
  void theMixingDistanceIsNearTheTruth(
      String name,
      MixMethod mix,
      Exhaustion exhaustion,
      int firstRecords,
      double firstWeight,
      double firstRepeat,
      int secondRecords,
      double secondWeight,
      double secondRepeat) {
    ShuffleMethod shuffle =
        switch (name) {
          case "none" -> new ShuffleMethod.None();
          case "global" -> GLOBAL;
          case "windowed" -> new ShuffleMethod.Windowed(500L * SIZE);
          default -> new ShuffleMethod.Reservoir(300);
        };
    OrderSpec spec =
        spec(
            shuffle,
            mix,
            exhaustion,
            source(firstRecords, firstWeight, firstRepeat),
            source(secondRecords, secondWeight, secondRepeat));
    int length = (int) Math.min(spec.length(0), 200_000);
    double measured = measuredDistance(spec, length);
    assertThat(plan(spec).mixingDistance()).isCloseTo(measured, within(0.06 * measured));
  }

  /** Sources one after the other are shuffled as one sequence. */
  @Test
  void aSequenceHasTheDistanceOfOneSource() {
    List<ChunkLayout> layouts = List.of(source(5000, 1, 1).layout(), source(3000, 1, 1).layout());
    OrderSpec spec =
        OrderSpec.concatenated(layouts, 1, OrderSource.ALL, GLOBAL, Exhaustion.DROP_OUT, 1);
    assertThat(plan(spec).mixingDistance())
        .isCloseTo(measuredDistance(spec, 8000), within(100.0))
        .isCloseTo(8000 / 3.0, within(1.0));
  }

  /** How many chunks of one source the batches of a rank need, each batch by itself or together. */
  private static long needed(OrderSpec spec, int source, boolean cached) {
    Picks picks = new Picks();
    SpecifiedEpoch order = spec.epoch(0);
    Set<Long> chunks = new HashSet<>();
    long needed = 0;
    for (long begin = 0; begin < order.length(); begin += 100) {
      order.fill(begin, (int) Math.min(100, order.length() - begin), picks);
      for (int i = 0; i < picks.count(); i++) {
        if (picks.source(i) == source && chunks.add(picks.record(i) / IN_CHUNK)) {
          needed++;
        }
      }
      if (!cached) {
        chunks.clear();
      }
    }
    return needed;
  }

  /** Chunks are those of the files; the cached source is decoded once, the other one by batches. */
  @Test
  void aCacheOfOneSourceIsOfThisSource() {
    OrderSpec spec =
        spec(
            GLOBAL,
            MixMethod.EXACT,
            Exhaustion.REPEAT_UNTIL_ALL_SEEN,
            source(30_000, 9, 1),
            source(500, 1, 1));
    long small = 500L * SIZE;
    OrderPlan plan = plan(spec, 0, small);
    double needed = needed(spec, 0, false) + needed(spec, 1, true);
    assertThat(plan.chunks()).isEqualTo(610);
    assertThat(plan.epochChunks()).isEqualTo(670); // 600, and 10 in each of 7 passes
    assertThat((double) plan.decodes()).isCloseTo(needed, within(0.03 * needed));
    assertThat(plan.heldBytes()).isEqualTo(small);
    assertThat(plan.resumeBytes()).isEqualTo(small);
  }

  /** With all chunks in the cache, repeats decode nothing again. */
  @Test
  void repeatsOfCachedSourcesAreNotDecoded() {
    OrderSpec spec =
        spec(
            GLOBAL, MixMethod.EXACT, Exhaustion.DROP_OUT, source(1000, 1, 4), source(2000, 1, 1.5));
    OrderPlan cached = plan(spec, 1000L * SIZE, 2000L * SIZE);
    assertThat(cached.chunks()).isEqualTo(60);
    assertThat(cached.epochChunks()).isEqualTo(160); // 4 * 20 and 2 * 40
    assertThat(cached.decodes()).isEqualTo(60);
    assertThat(cached.readAmplification()).isCloseTo(60 / 160.0, within(0.01));
    OrderPlan uncached = plan(spec);
    double needed = needed(spec, 0, false) + needed(spec, 1, false);
    assertThat((double) uncached.decodes()).isCloseTo(needed, within(0.03 * needed));
  }

  /** The chunks of a source of which each pass needs a part. */
  @Test
  void chosenRecordsNeedAPartOfTheChunks() {
    OrderSource chosen = new OrderSource(ListedChunks.equal(100, 50, 5000), 1, 1, 50);
    OrderPlan global = plan(spec(GLOBAL, MixMethod.EXACT, Exhaustion.DROP_OUT, chosen), 500_000);
    double needed = needed(spec(GLOBAL, MixMethod.EXACT, Exhaustion.DROP_OUT, chosen), 0, true);
    assertThat(global.chunks()).isEqualTo(100);
    assertThat((double) global.decodes()).isCloseTo(needed, within(6.0));
    assertThat((double) global.epochChunks()).isCloseTo(needed, within(6.0));
    OrderPlan first =
        plan(spec(new ShuffleMethod.None(), MixMethod.EXACT, Exhaustion.DROP_OUT, chosen));
    assertThat(first.epochChunks()).isEqualTo(1);
  }

  @Test
  void aSourceThatDropsOutEarlyIsWarnedAbout() {
    OrderSource large = source(300_000, 0.9, 1);
    OrderSource small = source(5_000, 0.1, 1);
    assertThat(plan(spec(GLOBAL, MixMethod.EXACT, Exhaustion.DROP_OUT, large, small)).warnings())
        .filteredOn(warning -> warning.contains("no records left"))
        .singleElement()
        .asString()
        .startsWith("the source s1 has no records left after about 50000 of 305000 positions")
        .contains("Exhaustion.REPEAT_UNTIL_ALL_SEEN", "Exhaustion.STOP");
    for (Exhaustion other :
        List.of(Exhaustion.STOP, Exhaustion.REPEAT, Exhaustion.REPEAT_UNTIL_ALL_SEEN)) {
      assertThat(plan(spec(GLOBAL, MixMethod.EXACT, other, large, small)).warnings())
          .noneMatch(warning -> warning.contains("no records left"));
    }
    OrderSource fitting = source(33_000, 0.1, 1); // ends after 99 % of the epoch
    assertThat(plan(spec(GLOBAL, MixMethod.RANDOM, Exhaustion.DROP_OUT, large, fitting)).warnings())
        .noneMatch(warning -> warning.contains("no records left"));
  }

  /** An epoch without an end has the weights as the shares of a batch. */
  @Test
  void aBatchHasTheSharesOfTheWeights() {
    OrderSpec spec =
        spec(GLOBAL, MixMethod.EXACT, Exhaustion.REPEAT, source(30_000, 1, 1), source(500, 3, 1));
    List<PlanRequest.Source> sources =
        List.of(new PlanRequest.Source("a", 100, 0), new PlanRequest.Source("b", 500, 0));
    Steps steps = new Steps(Long.MAX_VALUE, 0, 100, 1, Remainder.EVEN);
    OrderPlan plan = OrderPlan.of(spec, new PlanRequest(sources, steps, 4, 0, 1L << 40));
    assertThat(plan.batchBytes()).isEqualTo(25 * 100 + 75 * 500);
  }
}
