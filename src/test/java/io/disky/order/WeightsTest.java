package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  private static List<OrderSource> sources(double... weights) {
    ListedChunks chunks = ListedChunks.equal(1, 10, 1);
    return Arrays.stream(weights).mapToObj(weight -> new OrderSource(chunks, weight)).toList();
  }

  @Test
  void weightsAreTheirShortestDecimals() {
    assertThat(Weights.integers(sources(0.1, 0.2, 0.3), 100)).containsExactly(1, 2, 3);
    assertThat(Weights.integers(sources(2000, 300), 100)).containsExactly(20, 3);
    assertThat(Weights.integers(sources(1e-3, 12.5), 20_000)).containsExactly(1, 12_500);
    assertThat(Weights.integers(sources(1 / 3.0, 2 / 3.0), 3)).containsExactly(1, 2);
    assertThat(Weights.integers(sources(1e300, 2e300), 3)).containsExactly(1, 2);
    assertThat(Weights.integers(sources(Double.MIN_VALUE), 1)).containsExactly(1);
  }

  @Test
  void aSumAboveTheLimitIsRefusedWithARemedy() {
    assertThat(Weights.integers(sources(1, 99), 100)).containsExactly(1, 99);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.integers(sources(1, 100), 100))
        .withMessage(
            "as integers with the same ratios, the weights [1.0, 100.0] have the sum 101, but at"
                + " most 100 is possible: round the weights to fewer digits, for example to 6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.integers(sources(1e-300, 1e300), Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, -0.0, Double.NaN, Double.POSITIVE_INFINITY})
  void weightsArePositiveAndFinite(double weight) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sources(weight))
        .withMessage("the weight " + weight + " is not positive and finite");
  }

  @Test
  void streamsAreAsLongAsTheirDecimalsSay() {
    ListedChunks ten = ListedChunks.equal(2, 5, 1);
    assertThat(new OrderSource(ten, 1, 0.3, OrderSource.ALL).streamLength()).isEqualTo(3);
    assertThat(new OrderSource(ten, 1, 1.25, OrderSource.ALL).streamLength()).isEqualTo(12);
    assertThat(new OrderSource(ten, 1, 2.5, 4).streamLength()).isEqualTo(10);
    assertThat(new OrderSource(ten, 1, 0.05, OrderSource.ALL).streamLength()).isZero();
    assertThat(new OrderSource(ten, 1, 1, 10).passLength()).isEqualTo(10);
  }

  @Test
  void impossibleSourcesAreRefused() {
    ListedChunks ten = ListedChunks.equal(2, 5, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OrderSource(ten, 1, 1, 11))
        .withMessageContaining("cannot choose 11 records of a source that has 10");
    assertThatIllegalArgumentException().isThrownBy(() -> new OrderSource(ten, 1, 1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OrderSource(ten, 1, 0, OrderSource.ALL))
        .withMessage("repeat 0.0 is not above 0 and at most 1000000000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OrderSource(ten, 1, Double.NaN, OrderSource.ALL));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OrderSource(ten, 1, 1.1e9, OrderSource.ALL));
    ListedChunks many = ListedChunks.equal(1, 1L << 61, 1);
    assertThat(new OrderSource(many, 1, 2, OrderSource.ALL).streamLength()).isEqualTo(1L << 62);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OrderSource(many, 1, 2.1, OrderSource.ALL))
        .withMessageContaining("are more than " + (1L << 62));
  }
}
