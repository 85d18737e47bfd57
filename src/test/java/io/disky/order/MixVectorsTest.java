package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.order.MixFixture.Pick;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The test vectors of mixes, steps and states, which src/test/python/mixing.py has computed. */
class MixVectorsTest {
  /** A line: arguments, and the result after an equals sign. */
  record Vector(List<String> arguments, String result) {
    static Vector of(String line) {
      int equals = line.indexOf(" =");
      String result = line.substring(Math.min(line.length(), equals + 3));
      return new Vector(List.of(line.substring(0, equals).split(" ")), result);
    }

    String argument(int index) {
      return arguments.get(index);
    }

    long number(int index) {
      return Long.parseLong(argument(index));
    }

    @Override
    public String toString() {
      String text = String.join(" ", arguments);
      return text.length() > 100 ? text.substring(0, 100) : text;
    }
  }

  private static List<String> lines(String name) throws IOException {
    try (InputStream file = MixVectorsTest.class.getResourceAsStream("/order/" + name + ".txt")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static List<Vector> vectors(String file, String kind) throws IOException {
    List<Vector> vectors =
        lines(file).stream()
            .filter(line -> line.startsWith(kind + " ") && line.contains(" ="))
            .map(Vector::of)
            .toList();
    assertThat(vectors).isNotEmpty();
    return vectors;
  }

  static List<Vector> integers() throws IOException {
    return vectors("mixes", "integers");
  }

  @ParameterizedTest
  @MethodSource
  void integers(Vector vector) {
    List<OrderSource> sources =
        vector.arguments().stream()
            .skip(1)
            .map(weight -> new OrderSource(layout(1), Double.parseDouble(weight)))
            .toList();
    assertThat(numbers(Weights.integers(sources, 1 << 20))).isEqualTo(vector.result());
  }

  private static String numbers(long[] numbers) {
    return Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(" "));
  }

  static List<Vector> turns() throws IOException {
    return vectors("mixes", "turns");
  }

  @ParameterizedTest
  @MethodSource
  void turns(Vector vector) {
    long[] weights =
        Arrays.stream(vector.argument(1).split(",", -1)).mapToLong(Long::parseLong).toArray();
    int[] turns = new int[vector.result().split(" ").length];
    new ExactSchedule(new ScheduleTable(weights)).next(turns, 0, turns.length);
    String text = Arrays.stream(turns).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    assertThat(text).isEqualTo(vector.result());
  }

  static List<Vector> mixes() throws IOException {
    return vectors("mixes", "mix");
  }

  @ParameterizedTest
  @MethodSource
  void mixes(Vector vector) {
    OrderSpec spec =
        OrderSpec.mixed(
            sources(vector.argument(6)),
            shuffle(vector.argument(3)),
            constant(MixMethod.class, vector.argument(1)),
            constant(Exhaustion.class, vector.argument(2)),
            vector.number(4));
    assertPicks(spec.epoch(vector.number(5)), vector.result());
  }

  static List<Vector> sequences() throws IOException {
    return vectors("mixes", "sequence");
  }

  @ParameterizedTest
  @MethodSource
  void sequences(Vector vector) {
    List<ChunkLayout> layouts = new ArrayList<>();
    for (String size : vector.argument(6).split(",", -1)) {
      layouts.add(layout(Long.parseLong(size)));
    }
    OrderSpec spec =
        OrderSpec.concatenated(
            layouts,
            Double.parseDouble(vector.argument(4)),
            choose(vector.argument(5)),
            shuffle(vector.argument(1)),
            Exhaustion.DROP_OUT,
            vector.number(2));
    assertPicks(spec.epoch(vector.number(3)), vector.result() + " end");
  }

  private static void assertPicks(SpecifiedEpoch order, String expected) {
    boolean ends = expected.endsWith(" end");
    String texts = ends ? expected.substring(0, expected.length() - 4) : expected;
    int count = texts.split(" ").length;
    if (ends) {
      assertThat(order.length()).isEqualTo(count);
    } else {
      assertThat(order.length()).isGreaterThan(count);
    }
    List<Pick> picks = MixFixture.picks(order, count);
    assertThat(
            picks.stream()
                .map(pick -> pick.source() + ":" + pick.record())
                .collect(Collectors.joining(" ")))
        .isEqualTo(texts);
  }

  private static List<OrderSource> sources(String text) {
    List<OrderSource> sources = new ArrayList<>();
    for (String source : text.split(",", -1)) {
      String[] parts = source.split("\\*", -1);
      sources.add(
          new OrderSource(
              layout(Long.parseLong(parts[0])),
              Double.parseDouble(parts[1]),
              Double.parseDouble(parts[2]),
              choose(parts[3])));
    }
    return sources;
  }

  /** All records in one chunk. */
  private static ChunkLayout layout(long records) {
    return ListedChunks.equal(records == 0 ? 0 : 1, records, 1);
  }

  private static long choose(String text) {
    return text.equals("all") ? OrderSource.ALL : Long.parseLong(text);
  }

  private static ShuffleMethod shuffle(String text) {
    return switch (text.charAt(0)) {
      case 'n' -> new ShuffleMethod.None();
      case 'g' -> new ShuffleMethod.Global();
      default ->
          new ShuffleMethod.Reservoir(Integer.parseInt(text.substring("reservoir:".length())));
    };
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  static List<Vector> steps() throws IOException {
    return vectors("steps", "steps");
  }

  @ParameterizedTest
  @MethodSource
  void steps(Vector vector) {
    Steps steps =
        new Steps(
            vector.number(1),
            vector.number(2),
            vector.number(3),
            Math.toIntExact(vector.number(4)),
            constant(Steps.Remainder.class, vector.argument(5)));
    StringBuilder text = new StringBuilder().append(steps.count());
    for (long step = Math.max(0, steps.count() - 2); step < steps.count(); step++) {
      for (int rank = 0; rank < steps.ranks(); rank++) {
        text.append(rank == 0 ? ' ' : ',');
        text.append(steps.begin(step, rank)).append('-').append(steps.end(step, rank));
      }
    }
    assertThat(text).hasToString(vector.result());
  }

  static List<Vector> fingerprints() throws IOException {
    return vectors("states", "fingerprint");
  }

  @ParameterizedTest
  @MethodSource
  void fingerprints(Vector vector) {
    List<byte[]> identities = new ArrayList<>();
    List<ChunkLayout> layouts = new ArrayList<>();
    for (String source : vector.arguments().subList(1, vector.arguments().size())) {
      String[] parts = source.split(":", -1);
      identities.add(HexFormat.of().parseHex(parts[0]));
      layouts.add(new CountsOnly(Long.parseLong(parts[1]), Long.parseLong(parts[2])));
    }
    assertThat(Fingerprint.of(identities, layouts)).hasToString(vector.result());
  }

  private record CountsOnly(long records, long chunks) implements ChunkLayout {
    @Override
    public long firstRecord(long chunk) {
      throw new AssertionError();
    }

    @Override
    public long chunkOf(long record) {
      throw new AssertionError();
    }

    @Override
    public long bytes(long chunk) {
      throw new AssertionError();
    }
  }

  static List<Vector> mixTexts() throws IOException {
    return vectors("states", "mixtext");
  }

  @ParameterizedTest
  @MethodSource
  void mixTexts(Vector vector) {
    OrderSpec spec =
        OrderSpec.mixed(
            sources(vector.argument(3)),
            new ShuffleMethod.None(),
            constant(MixMethod.class, vector.argument(1)),
            constant(Exhaustion.class, vector.argument(2)),
            0);
    assertThat(spec.mixText()).isEqualTo(vector.result());
  }

  static List<String> states() throws IOException {
    return lines("states").stream()
        .filter(line -> line.startsWith("state "))
        .map(line -> line.substring("state ".length()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource
  void states(String text) {
    assertThat(OrderState.parse(text)).hasToString(text);
  }
}
