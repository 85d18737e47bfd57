package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrderStateTest {
  private static final DataSet DATA =
      new DataSet(new Fingerprint(0x0123456789abcdefL, -2), 3, 1200);

  private static OrderState state(OrderSpec spec, long epoch, long position, long... checkpoint) {
    return new OrderState(
        DATA, spec.seed(), spec.shuffleText(), spec.mixText(), epoch, position, checkpoint);
  }

  private static OrderSpec spec(ShuffleMethod shuffle, MixMethod mix, long seed, double weight) {
    ListedChunks chunks = ListedChunks.equal(10, 10, 1);
    List<OrderSource> sources =
        List.of(new OrderSource(chunks, weight), new OrderSource(chunks, 1, 2.5, 9));
    return OrderSpec.mixed(sources, shuffle, mix, Exhaustion.DROP_OUT, seed);
  }

  private static OrderSpec spec() {
    return spec(new ShuffleMethod.Global(), MixMethod.EXACT, 7, 0.5);
  }

  @Test
  void aStateIsOneLine() {
    assertThat(state(spec(), 3, 41))
        .hasToString(
            "disky-loader-state/1 data=0123456789abcdeffffffffffffffffe files=3 records=1200"
                + " seed=7 shuffle=global mix=exact/drop-out/1+2x2.5:9 epoch=3 position=41 checkpoint=none"
                + " crc=f293ab16");
  }

  @Test
  void statesAreReadBack() {
    SplittableRandom random = new SplittableRandom(13);
    for (int trial = 0; trial < 200; trial++) {
      OrderSpec spec =
          spec(
              MixFixture.SHUFFLES.get(trial % 4),
              trial % 2 == 0 ? MixMethod.EXACT : MixMethod.RANDOM,
              random.nextLong(),
              1 + random.nextInt(100));
      OrderState state =
          state(
              spec,
              random.nextLong(Long.MAX_VALUE),
              random.nextLong(Long.MAX_VALUE),
              random.longs(random.nextInt(30)).toArray());
      String text = state.toString();
      assertThat(text).matches("[!-~]+( [!-~]+)*");
      assertThat(OrderState.parse(text))
          .isEqualTo(state)
          .hasToString(text)
          .hasSameHashCodeAs(state);
      state.requireFits(spec, DATA);
    }
  }

  /** The longest texts that the values allow. */
  @Test
  void tenSourcesFitIntoAKibibyte() {
    ListedChunks chunks = ListedChunks.equal(1, 1L << 31, 1);
    List<OrderSource> sources = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sources.add(
          new OrderSource(
              chunks, 0.12345678901234566 + i / 1e16, 1.2345678901234568E-5, (1L << 31) - i));
    }
    OrderSpec spec =
        OrderSpec.mixed(
            sources,
            new ShuffleMethod.Windowed(Long.MAX_VALUE),
            MixMethod.RANDOM,
            Exhaustion.REPEAT_UNTIL_ALL_SEEN,
            Long.MIN_VALUE);
    long[] checkpoint = new long[11];
    Arrays.fill(checkpoint, 1L << 59);
    String text = state(spec, Long.MAX_VALUE, Long.MAX_VALUE, checkpoint).toString();
    assertThat(text.length()).isLessThanOrEqualTo(1024);
  }

  /** Any change of a letter, any cut and anything more is noticed. */
  @Test
  void changedTextsAreRefused() {
    String text = state(spec(), 3, 41, 5, -6).toString();
    for (int i = 0; i < text.length(); i++) {
      String before = text.substring(0, i);
      String after = text.substring(i + 1);
      for (char letter : new char[] {' ', '0', '9', 'a', '=', '-', '+', 'é', '\u0660'}) {
        if (letter != text.charAt(i)) {
          assertRefused(before + letter + after);
        }
      }
      assertRefused(before);
      assertRefused(before + after);
    }
    assertRefused(text + " ");
    assertRefused(text + "\n");
    assertRefused(text + " x=1");
    assertRefused(" " + text);
  }

  private static void assertRefused(String text) {
    assertThatIllegalArgumentException().as(text).isThrownBy(() -> OrderState.parse(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seed=7|seed=seven|the field seed of the state is \"seven\", not a valid number",
        "seed=7|seed=+7|the field seed of the state is \"+7\", not a valid number",
        "seed=7|seed=|the field seed of the state is empty",
        "seed=7 s|s|the state has \"shuffle=global\" instead of the field seed",
        "epoch=3|epoch=-3|the field epoch of the state is \"-3\", not a valid number",
        "position=41|position=99999999999999999999|the field position of the state is",
        "checkpoint=none|checkpoint=1,,2|the field checkpoint of the state is \"\"",
        "files=3|files=-3|the field files of the state is \"-3\", not a valid number",
        "records=1200|records=x|the field records of the state is \"x\", not a valid number",
        "data=0|data=G|the fingerprint \"G12345",
        "state/1|state/2|the version of the state is \"2\", but this library knows version 1",
        "disky-loader|other|is not a state: it does not begin with disky-loader-state/",
        "position=41|position=42|the crc of the state is",
      })
  void messagesNameTheField(String from, String to, String message) {
    String text = state(spec(), 3, 41).toString();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OrderState.parse(text.replace(from, to)))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "disky-loader-state/1", "disky-loader-state/1 data=", "\0"})
  void otherTextsAreRefused(String text) {
    assertRefused(text);
  }

  @Test
  void whatDoesNotFitIsNamedWithBothValues() {
    OrderState state = state(spec(), 0, 0);
    state.requireFits(spec(), DATA);
    assertMisfit(
        state,
        spec(),
        new DataSet(new Fingerprint(1, 2), 1, 1),
        "data",
        "0123456789abcdeffffffffffffffffe (3 files, 1200 records)",
        "00000000000000010000000000000002 (1 file, 1 record)");
    assertMisfit(
        state, spec(new ShuffleMethod.Global(), MixMethod.EXACT, 8, 0.5), DATA, "seed", "7", "8");
    assertMisfit(
        state,
        spec(new ShuffleMethod.Windowed(5), MixMethod.EXACT, 7, 0.5),
        DATA,
        "shuffle",
        "global",
        "windowed:5");
    assertMisfit(
        state,
        spec(new ShuffleMethod.Global(), MixMethod.RANDOM, 7, 0.5),
        DATA,
        "mix",
        "exact/drop-out/1+2x2.5:9",
        "random/drop-out/1+2x2.5:9");
    assertMisfit(
        state,
        spec(new ShuffleMethod.Global(), MixMethod.EXACT, 7, 0.25),
        DATA,
        "mix",
        "exact/drop-out/1+2x2.5:9",
        "exact/drop-out/1+4x2.5:9");
  }

  private static void assertMisfit(
      OrderState state, OrderSpec spec, DataSet data, String field, String own, String other) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> state.requireFits(spec, data))
        .withMessageContaining("the state does not fit the loader: its " + field + " is " + own)
        .withMessageContaining("the one of the loader is " + other)
        .withMessageMatching(".*: (open|begin).*");
  }

  @Test
  void aPositionBeyondTheEpochIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> state(spec(), 2, 1000).restore(spec()))
        .withMessageContaining("its position is 1000 of epoch 2");
    assertThat(state(spec(), 2, 122).restore(spec()).length()).isEqualTo(122);
    assertThatIllegalArgumentException().isThrownBy(() -> state(spec(), 2, 123).restore(spec()));
  }

  /** A state holds references to what it is made from. */
  @Test
  void makingAStateAllocatesTheStateOnly() {
    OrderSpec spec = spec();
    String shuffle = spec.shuffleText();
    String mix = spec.mixText();
    long[] checkpoint = new long[100_000];
    OrderState[] states = new OrderState[1000];
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < states.length; i++) {
      states[i] = new OrderState(DATA, 7, shuffle, mix, 0, i, checkpoint);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated / states.length).isLessThan(200);
    assertThat(states[5].checkpoint()).isSameAs(checkpoint);
  }

  @Test
  void fingerprintsDependOnEverything() {
    byte[] a = {1, 2};
    byte[] b = {3};
    ListedChunks one = ListedChunks.equal(2, 3, 1);
    ListedChunks two = ListedChunks.equal(3, 2, 1);
    ListedChunks other = ListedChunks.equal(2, 4, 1);
    assertThat(
            List.of(
                Fingerprint.of(List.of(), List.of()),
                Fingerprint.of(List.of(a), List.of(one)),
                Fingerprint.of(List.of(b), List.of(one)),
                Fingerprint.of(List.of(a), List.of(two)),
                Fingerprint.of(List.of(a), List.of(other)),
                Fingerprint.of(List.of(a, b), List.of(one, one)),
                Fingerprint.of(List.of(b, a), List.of(one, one))))
        .doesNotHaveDuplicates();
    Fingerprint some = Fingerprint.of(List.of(a, b), List.of(one, two));
    assertThat(some.toString()).matches("[0-9a-f]{32}");
    assertThat(Fingerprint.parse(some.toString())).isEqualTo(some);
    assertRefusedFingerprint("");
    assertRefusedFingerprint(some.toString().substring(1));
    assertRefusedFingerprint("A" + some.toString().substring(1));
  }

  private static void assertRefusedFingerprint(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fingerprint.parse(text))
        .withMessageContaining("does not have 32 hexadecimal digits");
  }
}
