package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.order.MixFixture.Pick;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders of epochs over several sources. */
class OrderSpecTest {
  /** Mixes of all kinds, with few records. */
  private static List<OrderSpec> specs(SplittableRandom random, Exhaustion exhaustion) {
    List<OrderSpec> specs = new ArrayList<>();
    for (ShuffleMethod shuffle : MixFixture.SHUFFLES) {
      for (MixMethod mix : new MixMethod[] {MixMethod.EXACT, MixMethod.RANDOM}) {
        List<OrderSource> sources = MixFixture.sources(random, 1 + random.nextInt(5));
        specs.add(OrderSpec.mixed(sources, shuffle, mix, exhaustion, random.nextLong()));
      }
      List<ChunkLayout> layouts =
          MixFixture.sources(random, 1 + random.nextInt(4)).stream()
              .map(OrderSource::layout)
              .toList();
      double repeat = (1 + random.nextInt(30)) / 8.0;
      long choose = random.nextBoolean() ? OrderSource.ALL : 1;
      specs.add(OrderSpec.concatenated(layouts, 1, choose, shuffle, exhaustion, random.nextLong()));
      specs.add(
          OrderSpec.concatenated(
              layouts, repeat, OrderSource.ALL, shuffle, exhaustion, random.nextLong()));
    }
    return specs;
  }

  /** Each pass of a source has different records: all of them, unless fewer are chosen. */
  @ParameterizedTest
  @EnumSource(Exhaustion.class)
  void eachPassHasEachRecordOnce(Exhaustion exhaustion) {
    SplittableRandom random = new SplittableRandom(7);
    for (int trial = 0; trial < 20; trial++) {
      for (OrderSpec spec : specs(random, exhaustion)) {
        SpecifiedEpoch order = spec.epoch(2);
        assertThat(order.length()).isEqualTo(spec.length(2));
        List<Pick> picks = MixFixture.picks(order, MixFixture.positions(order));
        if (spec.mix() == MixMethod.CONCATENATED) {
          assertPasses(picks, spec.mixedSources().getFirst().passLength(), spec);
          continue;
        }
        for (int i = 0; i < spec.sourceCount(); i++) {
          int source = i;
          List<Pick> own = picks.stream().filter(pick -> pick.source() == source).toList();
          OrderSource stated = spec.mixedSources().get(i);
          assertPasses(own, stated.passLength(), spec);
          if (exhaustion == Exhaustion.DROP_OUT) {
            assertThat(own).as("%s", spec).hasSize(Math.toIntExact(stated.streamLength()));
          } else if (exhaustion == Exhaustion.REPEAT_UNTIL_ALL_SEEN) {
            assertThat((long) own.size()).isGreaterThanOrEqualTo(stated.streamLength());
          }
        }
      }
    }
  }

  private static void assertPasses(List<Pick> picks, long passLength, OrderSpec spec) {
    for (int from = 0; from < picks.size(); from += (int) passLength) {
      List<Pick> pass = picks.subList(from, (int) Math.min(picks.size(), from + passLength));
      assertThat(new HashSet<>(pass)).as("%s", spec).hasSameSizeAs(pass);
    }
  }

  /** Without a shuffle, sources one after the other are all records in their order. */
  @Test
  void aSequenceIsAllRecordsInOrder() {
    List<ChunkLayout> layouts =
        List.of(
            ListedChunks.equal(0, 1, 1),
            ListedChunks.equal(2, 3, 1),
            ListedChunks.equal(0, 1, 1),
            ListedChunks.equal(1, 2, 1));
    OrderSpec spec =
        OrderSpec.concatenated(
            layouts, 1, OrderSource.ALL, new ShuffleMethod.None(), Exhaustion.DROP_OUT, 1);
    assertThat(MixFixture.picks(spec.epoch(0), 8))
        .extracting(pick -> pick.source() + ":" + pick.record())
        .containsExactly("1:0", "1:1", "1:2", "1:3", "1:4", "1:5", "3:0", "3:1");
    OrderSpec shuffled =
        OrderSpec.concatenated(
            layouts, 1, OrderSource.ALL, new ShuffleMethod.Global(), Exhaustion.DROP_OUT, 1);
    assertThat(MixFixture.picks(shuffled.epoch(0), 8))
        .containsExactlyInAnyOrderElementsOf(MixFixture.picks(spec.epoch(0), 8))
        .isNotEqualTo(MixFixture.picks(spec.epoch(0), 8));
  }

  /** Chunks of a sequence have numbers in their own source. */
  @Test
  void chunksOfASequenceAreDoneAfterTheirRecords() {
    List<ChunkLayout> layouts =
        List.of(
            ListedChunks.equal(2, 3, 1), ListedChunks.equal(0, 1, 1), ListedChunks.equal(2, 2, 1));
    OrderSpec spec =
        OrderSpec.concatenated(
            layouts, 1, OrderSource.ALL, new ShuffleMethod.None(), Exhaustion.DROP_OUT, 1);
    SpecifiedEpoch order = spec.epoch(0);
    Picks picks = new Picks();
    order.fill(0, 7, picks);
    assertThat(order.isDone(0, 0)).isTrue();
    assertThat(order.isDone(0, 1)).isTrue();
    assertThat(order.isDone(2, 0)).isFalse();
    order.fill(7, 1, picks);
    assertThat(order.isDone(2, 0)).isTrue();
    assertThat(order.sharesChunks(2)).isTrue();
  }

  @Test
  void passesEpochsAndSourcesHaveOrdersOfTheirOwn() {
    ListedChunks chunks = ListedChunks.equal(10, 10, 1);
    List<OrderSource> sources =
        List.of(
            new OrderSource(chunks, 1, 2, OrderSource.ALL),
            new OrderSource(chunks, 1, 2, OrderSource.ALL));
    OrderSpec spec =
        OrderSpec.mixed(
            sources, new ShuffleMethod.Global(), MixMethod.EXACT, Exhaustion.DROP_OUT, 5);
    Set<List<Long>> orders = new HashSet<>();
    for (int epoch = 0; epoch < 3; epoch++) {
      List<Pick> picks = MixFixture.picks(spec.epoch(epoch), 400);
      for (int source = 0; source < 2; source++) {
        int number = source;
        List<Long> records =
            picks.stream().filter(pick -> pick.source() == number).map(Pick::record).toList();
        orders.add(records.subList(0, 100));
        orders.add(records.subList(100, 200));
      }
    }
    assertThat(orders).hasSize(12);
  }

  /** From each position and its checkpoint, the order goes on with the next record. */
  @ParameterizedTest
  @EnumSource(Exhaustion.class)
  void ordersAreRestoredAtEveryPosition(Exhaustion exhaustion) {
    SplittableRandom random = new SplittableRandom(8);
    for (OrderSpec spec : specs(random, exhaustion)) {
      SpecifiedEpoch order = spec.epoch(1);
      int count = Math.min(200, MixFixture.positions(order));
      List<Pick> expected = MixFixture.picks(order, count);
      SpecifiedEpoch other = spec.epoch(1);
      Picks picks = new Picks();
      for (int position = 0; position <= count; position++) {
        if (position > 0) {
          other.fill(position - 1, 1, picks);
        }
        SpecifiedEpoch restored = spec.epoch(1, position, other.checkpoint(position));
        assertThat(MixFixture.picks(restored, position, count - position))
            .as("%s from %d", spec, position)
            .isEqualTo(expected.subList(position, count));
        assertThat(restored.checkpoint(position)).isEqualTo(other.checkpoint(position));
      }
    }
  }

  /** Delivery is behind; each rank skips the records of the others. */
  @ParameterizedTest
  @EnumSource(Exhaustion.class)
  void checkpointsAreTheSameOnAllRanksAndForEarlierPositions(Exhaustion exhaustion) {
    SplittableRandom random = new SplittableRandom(9);
    for (OrderSpec spec : specs(random, exhaustion)) {
      SpecifiedEpoch one = spec.epoch(0);
      int count = MixFixture.positions(one);
      Map<Integer, long[]> expected = new HashMap<>();
      Picks picks = new Picks();
      for (int position = 0; position <= count; position++) {
        one.fill(Math.max(0, position - 1), Math.min(1, position), picks);
        expected.put(position, one.checkpoint(position));
      }
      int ranks = 1 + random.nextInt(4);
      Steps steps = new Steps(count, 0, 8, ranks, Steps.Remainder.DROP);
      for (int rank = 0; rank < ranks; rank++) {
        SpecifiedEpoch order = spec.epoch(0);
        for (long step = 0; step < steps.count(); step++) {
          long begin = steps.begin(step, rank);
          order.fill(begin, (int) (steps.end(step, rank) - begin), picks);
          int delivered = (int) Math.max(0, steps.stepEnd(step) - 8L * random.nextInt(4));
          assertThat(order.checkpoint(delivered))
              .as("%s at %d", spec, delivered)
              .isEqualTo(expected.get(delivered));
        }
      }
    }
  }

  /** Any parts, in any order, have the same records. */
  @Test
  void ranksGetTheRecordsOfTheSequence() {
    SplittableRandom random = new SplittableRandom(10);
    for (OrderSpec spec : specs(random, Exhaustion.DROP_OUT)) {
      SpecifiedEpoch order = spec.epoch(0);
      int count = MixFixture.positions(order);
      List<Pick> expected = MixFixture.picks(order, count);
      for (int i = 0; i < 20; i++) {
        int from = random.nextInt(count + 1);
        int part = random.nextInt(count - from + 1);
        assertThat(MixFixture.picks(order, from, part))
            .isEqualTo(expected.subList(from, from + part));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> order.fill(count, 1, new Picks()))
          .withMessageContaining("are outside an epoch of " + count);
    }
  }

  /**
   * A chunk is held from its first record in a pass to its last one there: no longer, so that
   * memory is bounded, and not shorter, so that it is not decoded twice.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 40})
  void chunksAreHeldWhileTheirPassNeedsThem(int part) {
    SplittableRandom random = new SplittableRandom(11);
    for (Exhaustion exhaustion : Exhaustion.values()) {
      for (OrderSpec spec : specs(random, exhaustion)) {
        if (spec.mix() != MixMethod.CONCATENATED
            && !(spec.shuffle() instanceof ShuffleMethod.Global)) {
          assertHolds(spec, part);
        }
      }
    }
  }

  private static void assertHolds(OrderSpec spec, int part) {
    SpecifiedEpoch order = spec.epoch(0);
    int count = MixFixture.positions(order);
    List<Pick> all = MixFixture.picks(spec.epoch(0), count);
    List<Set<Long>> held = new ArrayList<>();
    for (int i = 0; i < spec.sourceCount(); i++) {
      held.add(new HashSet<>());
      assertThat(order.sharesChunks(i)).isTrue();
    }
    Picks picks = new Picks();
    for (int position = 0; position < count; position += part) {
      order.fill(position, Math.min(part, count - position), picks);
      int end = position + picks.count();
      for (int i = 0; i < picks.count(); i++) {
        ChunkLayout layout = spec.mixedSources().get(picks.source(i)).layout();
        held.get(picks.source(i)).add(layout.chunkOf(picks.record(i)));
      }
      for (int source = 0; source < held.size(); source++) {
        int number = source;
        held.get(source).removeIf(chunk -> order.isDone(number, chunk));
        OrderSource stated = spec.mixedSources().get(source);
        Set<Long> needed = needed(all, source, end, stated);
        if (stated.choose() == OrderSource.ALL && all.size() > end + 100) {
          assertThat(held.get(source)).as("%s after %d", spec, end).isEqualTo(needed);
        } else {
          assertThat(held.get(source)).as("%s after %d", spec, end).containsAll(needed);
        }
      }
    }
  }

  /** The chunks that have records in the current pass before and after {@code end}. */
  private static Set<Long> needed(List<Pick> all, int source, int end, OrderSource stated) {
    List<Long> chunks = new ArrayList<>();
    int before = 0;
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).source() == source) {
        chunks.add(stated.layout().chunkOf(all.get(i).record()));
        before += i < end ? 1 : 0;
      }
    }
    int pass = before / (int) stated.passLength() * (int) stated.passLength();
    Set<Long> needed = new HashSet<>(chunks.subList(pass, before));
    int passEnd = Math.min(chunks.size(), pass + (int) stated.passLength());
    needed.retainAll(new HashSet<>(chunks.subList(before, passEnd)));
    return needed;
  }

  @Test
  void activeSourcesAndSharesFollowThePositions() {
    ListedChunks four = ListedChunks.equal(1, 4, 1);
    ListedChunks twelve = ListedChunks.equal(1, 12, 1);
    for (MixMethod mix : new MixMethod[] {MixMethod.EXACT, MixMethod.RANDOM}) {
      OrderSpec spec =
          OrderSpec.mixed(
              List.of(new OrderSource(four, 3), new OrderSource(twelve, 1)),
              new ShuffleMethod.None(),
              mix,
              Exhaustion.DROP_OUT,
              3);
      SpecifiedEpoch order = spec.epoch(0);
      assertThat(order.activeSources(0)).isEqualTo(2);
      assertThat(order.shares(0)).containsExactly(0.75, 0.25);
      assertThat(order.activeSources(15)).isEqualTo(1);
      assertThat(order.shares(15)).containsExactly(0, 1);
      assertThat(order.activeSources(16)).isZero();
      assertThat(order.shares(16)).containsExactly(0, 0);
      assertThat(order.activeSources(1)).isEqualTo(2);
    }
    OrderSpec sequence =
        OrderSpec.concatenated(
            List.of(four, twelve),
            1,
            OrderSource.ALL,
            new ShuffleMethod.None(),
            Exhaustion.DROP_OUT,
            3);
    assertThat(sequence.epoch(0).shares(3)).containsExactly(0.25, 0.75);
    assertThat(sequence.epoch(0).activeSources(16)).isZero();
  }

  @Test
  void ordersThatAreNotPossibleAreRefused() {
    OrderSource empty = new OrderSource(ListedChunks.equal(0, 1, 1), 1);
    OrderSource some = new OrderSource(ListedChunks.equal(1, 5, 1), 1);
    ShuffleMethod none = new ShuffleMethod.None();
    for (Exhaustion exhaustion :
        new Exhaustion[] {Exhaustion.REPEAT, Exhaustion.REPEAT_UNTIL_ALL_SEEN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> OrderSpec.mixed(List.of(some, empty), none, MixMethod.EXACT, exhaustion, 1))
          .withMessage("source 1 has no records and cannot be repeated: leave it out");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OrderSpec.mixed(List.of(), none, MixMethod.EXACT, Exhaustion.STOP, 1))
        .withMessageContaining("only of 1 to 256");
    OrderSource huge = new OrderSource(ListedChunks.equal(1, 1L << 61, 1), 1);
    OrderSource often = new OrderSource(ListedChunks.equal(1, 1L << 60, 1), 1, 2, OrderSource.ALL);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                OrderSpec.mixed(
                    List.of(often, often, often), none, MixMethod.EXACT, Exhaustion.DROP_OUT, 1))
        .withMessageContaining("the epoch has more than");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                OrderSpec.concatenated(
                    List.of(huge.layout(), huge.layout(), huge.layout()),
                    1,
                    OrderSource.ALL,
                    none,
                    Exhaustion.DROP_OUT,
                    1))
        .withMessageContaining("the sources have more than");
  }

  @Test
  void emptySourcesAreLeftOutIfOthersGoOn() {
    OrderSource empty = new OrderSource(ListedChunks.equal(0, 1, 1), 5);
    OrderSource some = new OrderSource(ListedChunks.equal(1, 5, 1), 1);
    for (MixMethod mix : new MixMethod[] {MixMethod.EXACT, MixMethod.RANDOM}) {
      for (ShuffleMethod shuffle : MixFixture.SHUFFLES) {
        OrderSpec spec =
            OrderSpec.mixed(List.of(empty, some, empty), shuffle, mix, Exhaustion.DROP_OUT, 1);
        SpecifiedEpoch order = spec.epoch(0);
        assertThat(MixFixture.picks(order, 5)).hasSize(5).allMatch(pick -> pick.source() == 1);
        assertThat(order.sharesChunks(0)).isFalse();
        assertThat(spec.epoch(0, 5, order.checkpoint(5)).length()).isEqualTo(5);
        OrderSpec nothing = OrderSpec.mixed(List.of(empty), shuffle, mix, Exhaustion.DROP_OUT, 1);
        assertThat(nothing.epoch(0).length()).isZero();
        assertThat(nothing.epoch(0).checkpoint(0)).isEqualTo(nothing.epoch(1).checkpoint(0));
      }
    }
  }

  @Test
  void checkpointsThatDoNotFitAreRefused() {
    SplittableRandom random = new SplittableRandom(12);
    List<OrderSource> sources = MixFixture.sources(random, 3);
    ShuffleMethod reservoir = new ShuffleMethod.Reservoir(4);
    OrderSpec mixed = OrderSpec.mixed(sources, reservoir, MixMethod.EXACT, Exhaustion.DROP_OUT, 1);
    SpecifiedEpoch order = mixed.epoch(0);
    MixFixture.picks(order, 5);
    long[] right = order.checkpoint(5);
    List<long[]> wrong =
        List.of(
            new long[0],
            Arrays.copyOf(right, right.length - 1),
            Arrays.copyOf(right, right.length + 1),
            new long[] {Long.MAX_VALUE, 0, 0},
            new long[] {-1, 0, 0});
    for (long[] checkpoint : wrong) {
      assertThatIllegalArgumentException().isThrownBy(() -> mixed.epoch(0, 5, checkpoint));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mixed.epoch(0, mixed.length(0) + 1, right))
        .withMessageContaining("are outside an epoch of " + mixed.length(0));
    OrderSpec pure =
        OrderSpec.mixed(
            sources, new ShuffleMethod.Global(), MixMethod.EXACT, Exhaustion.DROP_OUT, 1);
    assertThatIllegalArgumentException().isThrownBy(() -> pure.epoch(0, 5, new long[] {1}));
  }

  /** Filling allocates nothing but the orders of new passes. */
  @ParameterizedTest
  @EnumSource(MixMethod.class)
  void fillingAllocatesNothing(MixMethod mix) {
    ListedChunks chunks = ListedChunks.equal(1000, 1000, 1000);
    List<OrderSource> sources =
        List.of(new OrderSource(chunks, 5), new OrderSource(chunks, 3), new OrderSource(chunks, 2));
    OrderSpec spec =
        mix == MixMethod.CONCATENATED
            ? OrderSpec.concatenated(
                List.of(chunks, chunks, chunks),
                1,
                OrderSource.ALL,
                new ShuffleMethod.Global(),
                Exhaustion.DROP_OUT,
                1)
            : OrderSpec.mixed(sources, new ShuffleMethod.Global(), mix, Exhaustion.DROP_OUT, 1);
    SpecifiedEpoch order = spec.epoch(0);
    Picks picks = new Picks();
    int batch = 1000;
    for (int i = 0; i < 200; i++) {
      order.fill((long) i * batch, batch, picks);
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 200; i < 1200; i++) {
      order.fill((long) i * batch, batch, picks);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat((double) allocated / (1000 * batch)).isLessThan(0.01);
  }

  @Test
  void textsStateWhatTheOrderDependsOn() {
    ListedChunks chunks = ListedChunks.equal(10, 10, 1);
    OrderSpec spec =
        OrderSpec.mixed(
            List.of(new OrderSource(chunks, 0.75, 2.5, 7), new OrderSource(chunks, 0.25)),
            new ShuffleMethod.Windowed(4096),
            MixMethod.RANDOM,
            Exhaustion.REPEAT_UNTIL_ALL_SEEN,
            -3);
    assertThat(spec.shuffleText()).isEqualTo("windowed:4096");
    assertThat(spec.mixText()).isEqualTo("random/repeat-until-all-seen/3x2.5:7+1");
    assertThat(spec)
        .hasToString(
            "OrderSpec[random/repeat-until-all-seen/3x2.5:7+1, windowed:4096, records 100+100]");
  }
}
