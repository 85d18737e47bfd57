package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.order.ShuffleMethod;
import org.junit.jupiter.api.Test;

class ShuffleTest {
  @Test
  void shufflesHaveNamesAndParameters() {
    assertThat(Shuffle.none()).hasToString("none");
    assertThat(Shuffle.global()).hasToString("global");
    assertThat(Shuffle.windowed(4096)).hasToString("windowed(4096 bytes)");
    assertThat(Shuffle.reservoir(100)).hasToString("reservoir(100 records)");
    assertThat(Shuffle.windowed(7).method()).isEqualTo(new ShuffleMethod.Windowed(7));
  }

  @Test
  void shufflesWithTheSameParametersAreEqual() {
    assertThat(Shuffle.windowed(4096))
        .isEqualTo(Shuffle.windowed(4096))
        .hasSameHashCodeAs(Shuffle.windowed(4096))
        .isNotEqualTo(Shuffle.windowed(4097))
        .isNotEqualTo(Shuffle.reservoir(4096));
  }

  @Test
  void parametersAreAtLeastOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shuffle.windowed(0))
        .withMessageContaining("a window of 0 bytes is outside 1 to");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shuffle.reservoir(0))
        .withMessageContaining("a reservoir of 0 records is outside 1 to");
  }
}
