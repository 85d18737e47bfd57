package io.disky.order;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Orders of small mixes, and what they deliver. */
final class MixFixture {
  /** The source and the record at a position. */
  record Pick(int source, long record) {}

  static final List<ShuffleMethod> SHUFFLES =
      List.of(
          new ShuffleMethod.None(),
          new ShuffleMethod.Global(),
          new ShuffleMethod.Windowed(30),
          new ShuffleMethod.Reservoir(5));

  private MixFixture() {}

  /** Sources with few records, some of them with repeats or a choice. */
  static List<OrderSource> sources(SplittableRandom random, int count) {
    List<OrderSource> sources = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ListedChunks chunks = ListedChunks.random(random, 1 + random.nextInt(6), 5, 20);
      double repeat = random.nextBoolean() ? 1 : (1 + random.nextInt(35)) / 10.0;
      boolean all = random.nextInt(3) > 0;
      long choose = all ? OrderSource.ALL : 1 + random.nextLong(chunks.records());
      double weight = (1 + random.nextInt(40)) / 8.0;
      OrderSource source = new OrderSource(chunks, weight, repeat, choose);
      sources.add(source.streamLength() == 0 ? new OrderSource(chunks, weight) : source);
    }
    return sources;
  }

  /** What an order delivers at positions 0 to {@code count} - 1, in parts of several sizes. */
  static List<Pick> picks(EpochOrder order, int count) {
    return picks(order, 0, count);
  }

  static List<Pick> picks(EpochOrder order, long position, int count) {
    List<Pick> delivered = new ArrayList<>();
    Picks picks = new Picks();
    for (int part = 1; delivered.size() < count; part = part % 9 + 1) {
      int here = Math.min(part, count - delivered.size());
      order.fill(position + delivered.size(), here, picks);
      add(picks, delivered);
    }
    return delivered;
  }

  static void add(Picks picks, List<Pick> delivered) {
    for (int i = 0; i < picks.count(); i++) {
      delivered.add(new Pick(picks.source(i), picks.record(i)));
    }
  }

  /** The length, or some positions of an epoch without an end. */
  static int positions(EpochOrder order) {
    return order.length() == Long.MAX_VALUE ? 150 : Math.toIntExact(order.length());
  }
}
